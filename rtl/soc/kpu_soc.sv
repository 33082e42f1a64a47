// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// The KPU in its system: KPU, DMA controller, DMA select and interconnect at the K210's addresses.
/// Wiring only; docs/system.md has the picture and the address map.
///
/// s_axi is the processor (any address, answers in order), m_axi the memory behind SRAM: byte 0 is
/// the first byte of SRAM in both aliases, the ID is the number of the master (0 CPU, 1 DMAC,
/// 2 KPU), a beat BusBytes wide. Addresses 0x5xxx_xxxx of devices that are not in here leave by m_axi as they are.
module kpu_soc #(
  // Shape of the KPU, see kpu_top
  parameter  int unsigned Lanes          = 64,
  parameter  int unsigned PostLanes      = Lanes,
  parameter  int unsigned WeightRows     = 2048,
  parameter  int unsigned AccLines       = 32,
  parameter  int unsigned TileChannels   = 16,
  parameter  int unsigned PointChannels  = 8,
  parameter  int unsigned WeightBits     = 8,
  parameter  int unsigned AiLines        = 32768,
  parameter  int unsigned AiPorts        = 1,
  parameter  int unsigned AiBanks        = 0,
  parameter  int unsigned AiGap          = 0,
  parameter  int unsigned MaxOutstanding = 4,
  parameter  int unsigned Perf           = 1,
  parameter  int unsigned PackRows       = 0,
  parameter  int unsigned Overlap        = 0,
  parameter  int unsigned Pool           = 1,
  parameter  int unsigned StreamOut      = 1,
  parameter  int unsigned Weights16      = 1,
  parameter  int unsigned LayerFifo      = 16,
  parameter  int unsigned OutFifo        = 16,
  parameter  int unsigned SkipRows       = 1,
  parameter  int unsigned DrainPass      = 0,
  parameter  int unsigned PassGap        = 0,
  parameter  int unsigned KernelPort     = 0,
  parameter  int unsigned StartCycles    = 0,
  parameter  int unsigned StreamGap      = 0,
  /// Channels of the DMA controller, 1..6.
  parameter  int unsigned DmaChannels    = 6,
  /// Bytes of a beat at the memory port: 4, 8 or 16. All inside is 8 bytes wide.
  parameter  int unsigned BusBytes       = 8,
  localparam int unsigned IdW            = kpu_axi_pkg::IdW
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  /// Bit 0 KPU, bits 1 on the DMA channels.
  output logic [DmaChannels:0] irq_o,
  // DMA requests from outside: the request line that channel c listens to, at [6c +: 6]; items that
  // the device at that line holds, at [8c +: 8]
  output logic [6*DmaChannels-1:0] dma_select_o,
  input  logic [8*DmaChannels-1:0] dma_items_i,
  // Processor
  input  logic                 s_axi_awvalid_i,
  output logic                 s_axi_awready_o,
  input  logic [31:0]          s_axi_awaddr_i,
  input  logic [7:0]           s_axi_awlen_i,
  input  logic [2:0]           s_axi_awsize_i,
  input  logic [1:0]           s_axi_awburst_i,
  input  logic                 s_axi_wvalid_i,
  output logic                 s_axi_wready_o,
  input  logic [63:0]          s_axi_wdata_i,
  input  logic [7:0]           s_axi_wstrb_i,
  input  logic                 s_axi_wlast_i,
  output logic                 s_axi_bvalid_o,
  input  logic                 s_axi_bready_i,
  output logic [1:0]           s_axi_bresp_o,
  input  logic                 s_axi_arvalid_i,
  output logic                 s_axi_arready_o,
  input  logic [31:0]          s_axi_araddr_i,
  input  logic [7:0]           s_axi_arlen_i,
  input  logic [2:0]           s_axi_arsize_i,
  input  logic [1:0]           s_axi_arburst_i,
  output logic                 s_axi_rvalid_o,
  input  logic                 s_axi_rready_i,
  output logic [63:0]          s_axi_rdata_o,
  output logic [1:0]           s_axi_rresp_o,
  output logic                 s_axi_rlast_o,
  // Memory
  output logic                 m_axi_awvalid_o,
  input  logic                 m_axi_awready_i,
  output logic [31:0]          m_axi_awaddr_o,
  output logic [IdW-1:0]       m_axi_awid_o,
  output logic [7:0]           m_axi_awlen_o,
  output logic [2:0]           m_axi_awsize_o,
  output logic [1:0]           m_axi_awburst_o,
  output logic                 m_axi_wvalid_o,
  input  logic                 m_axi_wready_i,
  output logic [8*BusBytes-1:0] m_axi_wdata_o,
  output logic [BusBytes-1:0]  m_axi_wstrb_o,
  output logic                 m_axi_wlast_o,
  input  logic                 m_axi_bvalid_i,
  output logic                 m_axi_bready_o,
  input  logic [IdW-1:0]       m_axi_bid_i,
  input  logic [1:0]           m_axi_bresp_i,
  output logic                 m_axi_arvalid_o,
  input  logic                 m_axi_arready_i,
  output logic [31:0]          m_axi_araddr_o,
  output logic [IdW-1:0]       m_axi_arid_o,
  output logic [7:0]           m_axi_arlen_o,
  output logic [2:0]           m_axi_arsize_o,
  output logic [1:0]           m_axi_arburst_o,
  input  logic                 m_axi_rvalid_i,
  output logic                 m_axi_rready_o,
  input  logic [8*BusBytes-1:0] m_axi_rdata_i,
  input  logic [IdW-1:0]       m_axi_rid_i,
  input  logic [1:0]           m_axi_rresp_i,
  input  logic                 m_axi_rlast_i
);

  localparam int unsigned M   = kpu_axi_pkg::Masters;
  localparam int unsigned S   = kpu_axi_pkg::Slaves;
  localparam int unsigned B   = kpu_axi_pkg::Blocks;
  localparam int unsigned AxW = kpu_axi_pkg::AxW;
  localparam int unsigned WW  = kpu_axi_pkg::WW;
  localparam int unsigned RW  = kpu_axi_pkg::RW;

  localparam int unsigned Cpu  = kpu_axi_pkg::MasterCpu;
  localparam int unsigned Dmac = kpu_axi_pkg::MasterDmac;
  localparam int unsigned Kpu  = kpu_axi_pkg::MasterKpu;
  localparam int unsigned Sram = kpu_axi_pkg::SlaveSram;
  localparam int unsigned Ai   = kpu_axi_pkg::SlaveAiRam;
  localparam int unsigned Regs = kpu_axi_pkg::SlaveRegs;

  localparam int unsigned BKpu    = kpu_axi_pkg::BlockKpu;
  localparam int unsigned BDmac   = kpu_axi_pkg::BlockDmac;
  localparam int unsigned BSelect = kpu_axi_pkg::BlockSelect;

  // ---- Interconnect -----------------------------------------------------------------------------
  logic [M-1:0]     m_awvalid, m_awready, m_wvalid, m_wready, m_bvalid, m_bready;
  logic [M-1:0]     m_arvalid, m_arready, m_rvalid, m_rready;
  logic [AxW*M-1:0] m_aw, m_ar;
  logic [WW*M-1:0]  m_w;
  logic [2*M-1:0]   m_bresp;
  logic [RW*M-1:0]  m_r;
  logic [S-1:0]     s_awvalid, s_awready, s_wvalid, s_wready, s_bvalid, s_bready;
  logic [S-1:0]     s_arvalid, s_arready, s_rvalid, s_rready;
  logic [AxW*S-1:0] s_aw, s_ar;
  logic [WW*S-1:0]  s_w;
  logic [IdW*S-1:0] s_awid, s_bid, s_arid, s_rid;
  logic [2*S-1:0]   s_bresp;
  logic [RW*S-1:0]  s_r;

  kpu_xbar u_xbar (
    .clk_i, .rst_ni,
    .m_awvalid_i(m_awvalid), .m_awready_o(m_awready), .m_aw_i(m_aw), .m_wvalid_i(m_wvalid),
    .m_wready_o(m_wready), .m_w_i(m_w), .m_bvalid_o(m_bvalid), .m_bready_i(m_bready),
    .m_bresp_o(m_bresp), .m_arvalid_i(m_arvalid), .m_arready_o(m_arready), .m_ar_i(m_ar),
    .m_rvalid_o(m_rvalid), .m_rready_i(m_rready), .m_r_o(m_r),
    .s_awvalid_o(s_awvalid), .s_awready_i(s_awready), .s_aw_o(s_aw), .s_awid_o(s_awid),
    .s_wvalid_o(s_wvalid), .s_wready_i(s_wready), .s_w_o(s_w), .s_bvalid_i(s_bvalid),
    .s_bready_o(s_bready), .s_bid_i(s_bid), .s_bresp_i(s_bresp), .s_arvalid_o(s_arvalid),
    .s_arready_i(s_arready), .s_ar_o(s_ar), .s_arid_o(s_arid), .s_rvalid_i(s_rvalid),
    .s_rready_o(s_rready), .s_rid_i(s_rid), .s_r_i(s_r)
  );

  // ---- Processor --------------------------------------------------------------------------------
  kpu_axi_slice u_cpu_slice (
    .clk_i, .rst_ni,
    .s_awvalid_i(s_axi_awvalid_i), .s_awready_o(s_axi_awready_o),
    .s_aw_i({s_axi_awaddr_i, s_axi_awlen_i, s_axi_awsize_i, s_axi_awburst_i}),
    .s_wvalid_i(s_axi_wvalid_i), .s_wready_o(s_axi_wready_o),
    .s_w_i({s_axi_wdata_i, s_axi_wstrb_i, s_axi_wlast_i}),
    .s_bvalid_o(s_axi_bvalid_o), .s_bready_i(s_axi_bready_i), .s_b_o(s_axi_bresp_o),
    .s_arvalid_i(s_axi_arvalid_i), .s_arready_o(s_axi_arready_o),
    .s_ar_i({s_axi_araddr_i, s_axi_arlen_i, s_axi_arsize_i, s_axi_arburst_i}),
    .s_rvalid_o(s_axi_rvalid_o), .s_rready_i(s_axi_rready_i),
    .s_r_o({s_axi_rdata_o, s_axi_rresp_o, s_axi_rlast_o}),
    .m_awvalid_o(m_awvalid[Cpu]), .m_awready_i(m_awready[Cpu]), .m_aw_o(m_aw[AxW*Cpu +: AxW]),
    .m_wvalid_o(m_wvalid[Cpu]), .m_wready_i(m_wready[Cpu]), .m_w_o(m_w[WW*Cpu +: WW]),
    .m_bvalid_i(m_bvalid[Cpu]), .m_bready_o(m_bready[Cpu]), .m_b_i(m_bresp[2*Cpu +: 2]),
    .m_arvalid_o(m_arvalid[Cpu]), .m_arready_i(m_arready[Cpu]), .m_ar_o(m_ar[AxW*Cpu +: AxW]),
    .m_rvalid_i(m_rvalid[Cpu]), .m_rready_o(m_rready[Cpu]), .m_r_i(m_r[RW*Cpu +: RW])
  );

  // ---- Memory -----------------------------------------------------------------------------------
  // Behind its slice, 8 bytes wide; IDs in front.
  logic               mem_awvalid, mem_awready, mem_wvalid, mem_wready, mem_bvalid, mem_bready;
  logic               mem_arvalid, mem_arready, mem_rvalid, mem_rready;
  logic [IdW+AxW-1:0] mem_aw, mem_ar;
  logic [WW-1:0]      mem_w;
  logic [IdW+1:0]     mem_b;
  logic [IdW+RW-1:0]  mem_r;
  logic [31:0]        sram_awaddr, sram_araddr;

  kpu_axi_slice #(.AxW(IdW + AxW), .BW(IdW + 2), .RW(IdW + RW)) u_sram_slice (
    .clk_i, .rst_ni,
    .s_awvalid_i(s_awvalid[Sram]), .s_awready_o(s_awready[Sram]),
    .s_aw_i({s_awid[IdW*Sram +: IdW], s_aw[AxW*Sram +: AxW]}),
    .s_wvalid_i(s_wvalid[Sram]), .s_wready_o(s_wready[Sram]), .s_w_i(s_w[WW*Sram +: WW]),
    .s_bvalid_o(s_bvalid[Sram]), .s_bready_i(s_bready[Sram]),
    .s_b_o({s_bid[IdW*Sram +: IdW], s_bresp[2*Sram +: 2]}),
    .s_arvalid_i(s_arvalid[Sram]), .s_arready_o(s_arready[Sram]),
    .s_ar_i({s_arid[IdW*Sram +: IdW], s_ar[AxW*Sram +: AxW]}),
    .s_rvalid_o(s_rvalid[Sram]), .s_rready_i(s_rready[Sram]),
    .s_r_o({s_rid[IdW*Sram +: IdW], s_r[RW*Sram +: RW]}),
    .m_awvalid_o(mem_awvalid), .m_awready_i(mem_awready), .m_aw_o(mem_aw),
    .m_wvalid_o(mem_wvalid), .m_wready_i(mem_wready), .m_w_o(mem_w),
    .m_bvalid_i(mem_bvalid), .m_bready_o(mem_bready), .m_b_i(mem_b),
    .m_arvalid_o(mem_arvalid), .m_arready_i(mem_arready), .m_ar_o(mem_ar),
    .m_rvalid_i(mem_rvalid), .m_rready_o(mem_rready), .m_r_i(mem_r)
  );

  kpu_axi_port_width #(.BusBytes(BusBytes), .Bursts((MaxOutstanding > 8) ? MaxOutstanding : 8)) u_port_width (
    .clk_i, .rst_ni,
    .s_awvalid_i(mem_awvalid), .s_awready_o(mem_awready), .s_aw_i(mem_aw),
    .s_wvalid_i(mem_wvalid), .s_wready_o(mem_wready), .s_w_i(mem_w),
    .s_bvalid_o(mem_bvalid), .s_bready_i(mem_bready), .s_b_o(mem_b),
    .s_arvalid_i(mem_arvalid), .s_arready_o(mem_arready), .s_ar_i(mem_ar),
    .s_rvalid_o(mem_rvalid), .s_rready_i(mem_rready), .s_r_o(mem_r),
    .m_awvalid_o(m_axi_awvalid_o), .m_awready_i(m_axi_awready_i),
    .m_aw_o({m_axi_awid_o, sram_awaddr, m_axi_awlen_o, m_axi_awsize_o, m_axi_awburst_o}),
    .m_wvalid_o(m_axi_wvalid_o), .m_wready_i(m_axi_wready_i),
    .m_w_o({m_axi_wdata_o, m_axi_wstrb_o, m_axi_wlast_o}),
    .m_bvalid_i(m_axi_bvalid_i), .m_bready_o(m_axi_bready_o), .m_b_i({m_axi_bid_i, m_axi_bresp_i}),
    .m_arvalid_o(m_axi_arvalid_o), .m_arready_i(m_axi_arready_i),
    .m_ar_o({m_axi_arid_o, sram_araddr, m_axi_arlen_o, m_axi_arsize_o, m_axi_arburst_o}),
    .m_rvalid_i(m_axi_rvalid_i), .m_rready_o(m_axi_rready_o),
    .m_r_i({m_axi_rid_i, m_axi_rdata_i, m_axi_rresp_i, m_axi_rlast_i})
  );
  // Both aliases of SRAM have bit 28 clear.
  assign m_axi_awaddr_o = sram_awaddr[28] ? sram_awaddr : {9'd0, sram_awaddr[22:0]};
  assign m_axi_araddr_o = sram_araddr[28] ? sram_araddr : {9'd0, sram_araddr[22:0]};

  // ---- Register blocks --------------------------------------------------------------------------
  logic [B-1:0]    b_awvalid, b_awready, b_wvalid, b_bvalid, b_arvalid, b_arready, b_rvalid;
  logic [B-1:0]    b_rready;
  logic [64*B-1:0] b_rdata;
  logic [11:0]     b_awaddr, b_araddr;
  logic [63:0]     b_wdata;
  logic [7:0]      b_wstrb;

  kpu_axi_to_axil u_registers (
    .clk_i, .rst_ni,
    .awvalid_i(s_awvalid[Regs]), .awready_o(s_awready[Regs]), .aw_i(s_aw[AxW*Regs +: AxW]),
    .awid_i(s_awid[IdW*Regs +: IdW]), .wvalid_i(s_wvalid[Regs]), .wready_o(s_wready[Regs]),
    .w_i(s_w[WW*Regs +: WW]), .bvalid_o(s_bvalid[Regs]), .bready_i(s_bready[Regs]),
    .bid_o(s_bid[IdW*Regs +: IdW]), .arvalid_i(s_arvalid[Regs]), .arready_o(s_arready[Regs]),
    .ar_i(s_ar[AxW*Regs +: AxW]), .arid_i(s_arid[IdW*Regs +: IdW]), .rvalid_o(s_rvalid[Regs]),
    .rready_i(s_rready[Regs]), .r_o(s_r[RW*Regs +: RW]), .rid_o(s_rid[IdW*Regs +: IdW]),
    .awvalid_o(b_awvalid), .awready_i(b_awready), .awaddr_o(b_awaddr), .wvalid_o(b_wvalid),
    .wdata_o(b_wdata), .wstrb_o(b_wstrb), .bvalid_i(b_bvalid), .arvalid_o(b_arvalid),
    .arready_i(b_arready), .araddr_o(b_araddr), .rvalid_i(b_rvalid), .rready_o(b_rready),
    .rdata_i(b_rdata)
  );
  assign s_bresp[2*Regs +: 2] = 2'b00;

  // ---- KPU --------------------------------------------------------------------------------------
  localparam int unsigned OutCntW = $clog2(OutFifo + 1);

  kpu_axi_pkg::ax_t   ai_aw, ai_ar;
  kpu_axi_pkg::w_t    ai_w;
  logic [OutCntW-1:0] out_count;
  logic               out_end, kpu_irq;
  logic [31:0]        kpu_araddr;
  logic [7:0]         kpu_arlen;
  logic [2:0]         kpu_arsize;
  logic [1:0]         kpu_arburst;
  kpu_axi_pkg::r_t    kpu_r;
  logic [B-1:0]       unused_wready;
  logic [2*B-1:0]     unused_bresp, unused_rresp;
  logic               unused_req;

  assign ai_aw = s_aw[AxW*Ai +: AxW];
  assign ai_ar = s_ar[AxW*Ai +: AxW];
  assign ai_w  = s_w[WW*Ai +: WW];
  assign kpu_r = m_r[RW*Kpu +: RW];
  assign m_ar[AxW*Kpu +: AxW] = {kpu_araddr, kpu_arlen, kpu_arsize, kpu_arburst};
  // It only reads.
  assign m_awvalid[Kpu]       = 1'b0;
  assign m_aw[AxW*Kpu +: AxW] = '0;
  assign m_wvalid[Kpu]        = 1'b0;
  assign m_w[WW*Kpu +: WW]    = '0;
  assign m_bready[Kpu]        = 1'b1;

  kpu_top #(
    .Lanes(Lanes), .PostLanes(PostLanes), .WeightRows(WeightRows), .AiLines(AiLines),
    .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBits(WeightBits), .SkipRows(SkipRows),
    .DrainPass(DrainPass), .PassGap(PassGap), .KernelPort(KernelPort), .StartCycles(StartCycles), .StreamGap(StreamGap),
    .AiPorts(AiPorts), .AiBanks(AiBanks), .AiGap(AiGap), .Pool(Pool), .StreamOut(StreamOut), .Weights16(Weights16),
    .AccLines(AccLines), .MaxOutstanding(MaxOutstanding), .Perf(Perf), .PackRows(PackRows), .Overlap(Overlap), .LayerFifo(LayerFifo), .OutFifo(OutFifo),
    .IdW(IdW)
  ) u_kpu (
    .clk_i, .rst_ni,
    .irq_o            (kpu_irq),
    .dma_req_o        (unused_req),
    .out_count_o      (out_count),
    .dma_end_o        (out_end),
    .s_axil_awvalid_i (b_awvalid[BKpu]),
    .s_axil_awready_o (b_awready[BKpu]),
    .s_axil_awaddr_i  (b_awaddr),
    .s_axil_wvalid_i  (b_wvalid[BKpu]),
    .s_axil_wready_o  (unused_wready[BKpu]),
    .s_axil_wdata_i   (b_wdata),
    .s_axil_wstrb_i   (b_wstrb),
    .s_axil_bvalid_o  (b_bvalid[BKpu]),
    .s_axil_bready_i  (1'b1),
    .s_axil_bresp_o   (unused_bresp[2*BKpu +: 2]),
    .s_axil_arvalid_i (b_arvalid[BKpu]),
    .s_axil_arready_o (b_arready[BKpu]),
    .s_axil_araddr_i  (b_araddr),
    .s_axil_rvalid_o  (b_rvalid[BKpu]),
    .s_axil_rready_i  (b_rready[BKpu]),
    .s_axil_rdata_o   (b_rdata[64*BKpu +: 64]),
    .s_axil_rresp_o   (unused_rresp[2*BKpu +: 2]),
    .m_axi_arvalid_o  (m_arvalid[Kpu]),
    .m_axi_arready_i  (m_arready[Kpu]),
    .m_axi_araddr_o   (kpu_araddr),
    .m_axi_arlen_o    (kpu_arlen),
    .m_axi_arsize_o   (kpu_arsize),
    .m_axi_arburst_o  (kpu_arburst),
    .m_axi_rvalid_i   (m_rvalid[Kpu]),
    .m_axi_rready_o   (m_rready[Kpu]),
    .m_axi_rdata_i    (kpu_r.data),
    .m_axi_rresp_i    (kpu_r.resp),
    .m_axi_rlast_i    (kpu_r.last),
    .s_axi_awvalid_i  (s_awvalid[Ai]),
    .s_axi_awready_o  (s_awready[Ai]),
    .s_axi_awaddr_i   (ai_aw.addr[20:0]),
    .s_axi_awid_i     (s_awid[IdW*Ai +: IdW]),
    .s_axi_awlen_i    (ai_aw.len),
    .s_axi_awsize_i   (ai_aw.size),
    .s_axi_awburst_i  (ai_aw.burst),
    .s_axi_wvalid_i   (s_wvalid[Ai]),
    .s_axi_wready_o   (s_wready[Ai]),
    .s_axi_wdata_i    (ai_w.data),
    .s_axi_wstrb_i    (ai_w.strb),
    .s_axi_wlast_i    (ai_w.last),
    .s_axi_bvalid_o   (s_bvalid[Ai]),
    .s_axi_bready_i   (s_bready[Ai]),
    .s_axi_bid_o      (s_bid[IdW*Ai +: IdW]),
    .s_axi_bresp_o    (s_bresp[2*Ai +: 2]),
    .s_axi_arvalid_i  (s_arvalid[Ai]),
    .s_axi_arready_o  (s_arready[Ai]),
    .s_axi_araddr_i   (ai_ar.addr[20:0]),
    .s_axi_arid_i     (s_arid[IdW*Ai +: IdW]),
    .s_axi_arlen_i    (ai_ar.len),
    .s_axi_arsize_i   (ai_ar.size),
    .s_axi_arburst_i  (ai_ar.burst),
    .s_axi_rvalid_o   (s_rvalid[Ai]),
    .s_axi_rready_i   (s_rready[Ai]),
    .s_axi_rdata_o    (s_r[RW*Ai + 3 +: 64]),
    .s_axi_rid_o      (s_rid[IdW*Ai +: IdW]),
    .s_axi_rresp_o    (s_r[RW*Ai + 1 +: 2]),
    .s_axi_rlast_o    (s_r[RW*Ai])
  );

  // ---- DMA controller ---------------------------------------------------------------------------
  // A channel hears the KPU's output stream if its select field names it, else what is outside.
  localparam logic [5:0] RequestKpu = 6'd22;

  logic [35:0]              dma_select;
  logic [8*DmaChannels-1:0] hs_items;
  logic [DmaChannels-1:0]   hs_end, dma_irq;
  logic                     unused_common;
  logic [31:0]              dma_awaddr, dma_araddr;
  logic [7:0]               dma_awlen, dma_arlen, dma_wstrb;
  logic [2:0]               dma_awsize, dma_arsize;
  logic [1:0]               dma_awburst, dma_arburst;
  logic [63:0]              dma_wdata;
  logic                     dma_wlast;
  kpu_axi_pkg::r_t          dma_r;

  assign dma_select_o = dma_select[6*DmaChannels-1:0];

  always_comb begin
    for (int unsigned c = 0; c < DmaChannels; c++) begin
      hs_items[8*c +: 8] = (dma_select[6*c +: 6] == RequestKpu) ? 8'(out_count)
                                                                : dma_items_i[8*c +: 8];
      hs_end[c]          = dma_select[6*c +: 6] == RequestKpu && out_end;
    end
  end

  assign m_aw[AxW*Dmac +: AxW] = {dma_awaddr, dma_awlen, dma_awsize, dma_awburst};
  assign m_ar[AxW*Dmac +: AxW] = {dma_araddr, dma_arlen, dma_arsize, dma_arburst};
  assign m_w[WW*Dmac +: WW]    = {dma_wdata, dma_wstrb, dma_wlast};
  assign dma_r                 = m_r[RW*Dmac +: RW];

  kpu_dmac #(.Channels(DmaChannels)) u_dmac (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i (b_awvalid[BDmac]),
    .s_axil_awready_o (b_awready[BDmac]),
    .s_axil_awaddr_i  (b_awaddr),
    .s_axil_wvalid_i  (b_wvalid[BDmac]),
    .s_axil_wready_o  (unused_wready[BDmac]),
    .s_axil_wdata_i   (b_wdata),
    .s_axil_wstrb_i   (b_wstrb),
    .s_axil_bvalid_o  (b_bvalid[BDmac]),
    .s_axil_bready_i  (1'b1),
    .s_axil_bresp_o   (unused_bresp[2*BDmac +: 2]),
    .s_axil_arvalid_i (b_arvalid[BDmac]),
    .s_axil_arready_o (b_arready[BDmac]),
    .s_axil_araddr_i  (b_araddr),
    .s_axil_rvalid_o  (b_rvalid[BDmac]),
    .s_axil_rready_i  (b_rready[BDmac]),
    .s_axil_rdata_o   (b_rdata[64*BDmac +: 64]),
    .s_axil_rresp_o   (unused_rresp[2*BDmac +: 2]),
    .m_axi_awvalid_o  (m_awvalid[Dmac]),
    .m_axi_awready_i  (m_awready[Dmac]),
    .m_axi_awaddr_o   (dma_awaddr),
    .m_axi_awlen_o    (dma_awlen),
    .m_axi_awsize_o   (dma_awsize),
    .m_axi_awburst_o  (dma_awburst),
    .m_axi_wvalid_o   (m_wvalid[Dmac]),
    .m_axi_wready_i   (m_wready[Dmac]),
    .m_axi_wdata_o    (dma_wdata),
    .m_axi_wstrb_o    (dma_wstrb),
    .m_axi_wlast_o    (dma_wlast),
    .m_axi_bvalid_i   (m_bvalid[Dmac]),
    .m_axi_bready_o   (m_bready[Dmac]),
    .m_axi_bresp_i    (m_bresp[2*Dmac +: 2]),
    .m_axi_arvalid_o  (m_arvalid[Dmac]),
    .m_axi_arready_i  (m_arready[Dmac]),
    .m_axi_araddr_o   (dma_araddr),
    .m_axi_arlen_o    (dma_arlen),
    .m_axi_arsize_o   (dma_arsize),
    .m_axi_arburst_o  (dma_arburst),
    .m_axi_rvalid_i   (m_rvalid[Dmac]),
    .m_axi_rready_o   (m_rready[Dmac]),
    .m_axi_rdata_i    (dma_r.data),
    .m_axi_rresp_i    (dma_r.resp),
    .hs_items_i       (hs_items),
    .hs_end_i         (hs_end),
    .irq_o            (dma_irq),
    .irq_common_o     (unused_common)
  );

  kpu_dma_select u_dma_select (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i (b_awvalid[BSelect]),
    .s_axil_awready_o (b_awready[BSelect]),
    .s_axil_awaddr_i  (b_awaddr),
    .s_axil_wvalid_i  (b_wvalid[BSelect]),
    .s_axil_wready_o  (unused_wready[BSelect]),
    .s_axil_wdata_i   (b_wdata),
    .s_axil_wstrb_i   (b_wstrb),
    .s_axil_bvalid_o  (b_bvalid[BSelect]),
    .s_axil_bready_i  (1'b1),
    .s_axil_bresp_o   (unused_bresp[2*BSelect +: 2]),
    .s_axil_arvalid_i (b_arvalid[BSelect]),
    .s_axil_arready_o (b_arready[BSelect]),
    .s_axil_araddr_i  (b_araddr),
    .s_axil_rvalid_o  (b_rvalid[BSelect]),
    .s_axil_rready_i  (b_rready[BSelect]),
    .s_axil_rdata_o   (b_rdata[64*BSelect +: 64]),
    .s_axil_rresp_o   (unused_rresp[2*BSelect +: 2]),
    .select_o         (dma_select)
  );

  assign irq_o = {dma_irq, kpu_irq};

  logic unused_bits;
  assign unused_bits = ^{unused_wready, unused_bresp, unused_rresp, unused_req, unused_common,
                         m_awready[Kpu], m_wready[Kpu], m_bvalid[Kpu], m_bresp[2*Kpu +: 2],
                         ai_aw, ai_ar, dma_r,
                         dma_select};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(ReadInSram, !m_axi_arvalid_o || m_axi_araddr_o < 32'h0060_0000 ||
          m_axi_araddr_o[31:28] == kpu_axi_pkg::PagesOutside)
  `ASSERT(WriteInSram, !m_axi_awvalid_o || m_axi_awaddr_o < 32'h0060_0000 ||
          m_axi_awaddr_o[31:28] == kpu_axi_pkg::PagesOutside)

endmodule
