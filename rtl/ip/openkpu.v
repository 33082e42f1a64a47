// SPDX-License-Identifier: Apache-2.0

/// The KPU for other people's designs: kpu_top with the signal names of AXI, in plain Verilog. Wiring,
/// a reset synchroniser and a bridge only; docs/integration.md has the rules of each port.
///
///   s_axi_ctrl  AXI4-Lite slave, 32 bits: the registers of docs/registers.md
///   s_axi_ram   AXI4 slave, 64 bits: AI RAM, byte 0 of line 0 at address 0
///   m_axi       AXI4 master, 64 bits, read only: weights and tables, bursts of up to 16 beats, id 0
///   irq         level, high while an unmasked interrupt is pending
///   out_*       for a DMA controller that empties fifo_data_out: words there are, how many, end of a stream
///
/// One clock. aresetn may come at any time and begin at once; inside it ends two cycles after it ends here, and
/// until then no port takes anything. Inputs that AXI has and this machine does not look at (prot, cache, lock,
/// qos, region, rid) are in an `unused` wire.
module openkpu #(
  // Shape of the machine, as in kpu_top; docs/architecture.md, "Configurations", says what may be.
  parameter Lanes          = 64,
  parameter PostLanes      = 64,
  parameter WeightRows     = 2048,
  parameter AiLines        = 32768,
  parameter AiPorts        = 1,
  parameter AiBanks        = 0,
  parameter AiGap          = 0,
  parameter AccLines       = 32,
  parameter TileChannels   = 16,
  parameter PointChannels  = 8,
  parameter WeightBits     = 8,
  parameter MaxOutstanding = 4,
  parameter Perf           = 1,
  parameter PackRows       = 0,
  parameter Overlap        = 0,
  parameter Pool           = 1,
  parameter StreamOut      = 1,
  parameter Weights16      = 1,
  parameter LayerFifo      = 16,
  parameter OutFifo        = 16,
  parameter SkipRows       = 1,
  parameter DrainPass      = 0,
  parameter PassGap        = 0,
  parameter KernelPort     = 0,
  parameter StartCycles    = 0,
  parameter StreamGap      = 0,
  // Bits of an id on s_axi_ram, and of the one on m_axi.
  parameter RamIdWidth     = 4,
  parameter MasterIdWidth  = 1
) (
  (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axi_ctrl:s_axi_ram:m_axi, ASSOCIATED_RESET aresetn" *)
  input  wire                     aclk,
  input  wire                     aresetn,
  output wire                     irq,
  output wire                     out_req,
  output wire [7:0]               out_count,
  output wire                     out_end,
  // Registers
  input  wire                     s_axi_ctrl_awvalid,
  output wire                     s_axi_ctrl_awready,
  input  wire [11:0]              s_axi_ctrl_awaddr,
  input  wire [2:0]               s_axi_ctrl_awprot,
  input  wire                     s_axi_ctrl_wvalid,
  output wire                     s_axi_ctrl_wready,
  input  wire [31:0]              s_axi_ctrl_wdata,
  input  wire [3:0]               s_axi_ctrl_wstrb,
  output wire                     s_axi_ctrl_bvalid,
  input  wire                     s_axi_ctrl_bready,
  output wire [1:0]               s_axi_ctrl_bresp,
  input  wire                     s_axi_ctrl_arvalid,
  output wire                     s_axi_ctrl_arready,
  input  wire [11:0]              s_axi_ctrl_araddr,
  input  wire [2:0]               s_axi_ctrl_arprot,
  output wire                     s_axi_ctrl_rvalid,
  input  wire                     s_axi_ctrl_rready,
  output wire [31:0]              s_axi_ctrl_rdata,
  output wire [1:0]               s_axi_ctrl_rresp,
  // AI RAM
  input  wire                     s_axi_ram_awvalid,
  output wire                     s_axi_ram_awready,
  input  wire [RamIdWidth-1:0]    s_axi_ram_awid,
  input  wire [20:0]              s_axi_ram_awaddr,
  input  wire [7:0]               s_axi_ram_awlen,
  input  wire [2:0]               s_axi_ram_awsize,
  input  wire [1:0]               s_axi_ram_awburst,
  input  wire                     s_axi_ram_awlock,
  input  wire [3:0]               s_axi_ram_awcache,
  input  wire [2:0]               s_axi_ram_awprot,
  input  wire [3:0]               s_axi_ram_awqos,
  input  wire                     s_axi_ram_wvalid,
  output wire                     s_axi_ram_wready,
  input  wire [63:0]              s_axi_ram_wdata,
  input  wire [7:0]               s_axi_ram_wstrb,
  input  wire                     s_axi_ram_wlast,
  output wire                     s_axi_ram_bvalid,
  input  wire                     s_axi_ram_bready,
  output wire [RamIdWidth-1:0]    s_axi_ram_bid,
  output wire [1:0]               s_axi_ram_bresp,
  input  wire                     s_axi_ram_arvalid,
  output wire                     s_axi_ram_arready,
  input  wire [RamIdWidth-1:0]    s_axi_ram_arid,
  input  wire [20:0]              s_axi_ram_araddr,
  input  wire [7:0]               s_axi_ram_arlen,
  input  wire [2:0]               s_axi_ram_arsize,
  input  wire [1:0]               s_axi_ram_arburst,
  input  wire                     s_axi_ram_arlock,
  input  wire [3:0]               s_axi_ram_arcache,
  input  wire [2:0]               s_axi_ram_arprot,
  input  wire [3:0]               s_axi_ram_arqos,
  output wire                     s_axi_ram_rvalid,
  input  wire                     s_axi_ram_rready,
  output wire [RamIdWidth-1:0]    s_axi_ram_rid,
  output wire [63:0]              s_axi_ram_rdata,
  output wire [1:0]               s_axi_ram_rresp,
  output wire                     s_axi_ram_rlast,
  // Weights and tables
  output wire                     m_axi_arvalid,
  input  wire                     m_axi_arready,
  output wire [MasterIdWidth-1:0] m_axi_arid,
  output wire [31:0]              m_axi_araddr,
  output wire [7:0]               m_axi_arlen,
  output wire [2:0]               m_axi_arsize,
  output wire [1:0]               m_axi_arburst,
  output wire                     m_axi_arlock,
  output wire [3:0]               m_axi_arcache,
  output wire [2:0]               m_axi_arprot,
  output wire [3:0]               m_axi_arqos,
  input  wire                     m_axi_rvalid,
  output wire                     m_axi_rready,
  input  wire [MasterIdWidth-1:0] m_axi_rid,
  input  wire [63:0]              m_axi_rdata,
  input  wire [1:0]               m_axi_rresp,
  input  wire                     m_axi_rlast
);

  // ---- Reset: no port takes anything before the machine behind it runs ---------------------------
  wire rst_n;
  wire ram_awready, ram_wready, ram_arready;

  kpu_reset_sync u_reset (.clk_i(aclk), .rst_ni(aresetn), .rst_no(rst_n));

  assign s_axi_ram_awready = ram_awready && rst_n;
  assign s_axi_ram_wready  = ram_wready && rst_n;
  assign s_axi_ram_arready = ram_arready && rst_n;

  // ---- Registers ---------------------------------------------------------------------------------
  wire        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  wire [11:0] awaddr, araddr;
  wire [63:0] wdata, rdata;
  wire [7:0]  wstrb;
  wire [1:0]  bresp, rresp;

  kpu_axil_narrow u_narrow (
    .clk_i(aclk), .rst_ni(rst_n),
    .s_axil_awvalid_i (s_axi_ctrl_awvalid),
    .s_axil_awready_o (s_axi_ctrl_awready),
    .s_axil_awaddr_i  (s_axi_ctrl_awaddr),
    .s_axil_wvalid_i  (s_axi_ctrl_wvalid),
    .s_axil_wready_o  (s_axi_ctrl_wready),
    .s_axil_wdata_i   (s_axi_ctrl_wdata),
    .s_axil_wstrb_i   (s_axi_ctrl_wstrb),
    .s_axil_bvalid_o  (s_axi_ctrl_bvalid),
    .s_axil_bready_i  (s_axi_ctrl_bready),
    .s_axil_bresp_o   (s_axi_ctrl_bresp),
    .s_axil_arvalid_i (s_axi_ctrl_arvalid),
    .s_axil_arready_o (s_axi_ctrl_arready),
    .s_axil_araddr_i  (s_axi_ctrl_araddr),
    .s_axil_rvalid_o  (s_axi_ctrl_rvalid),
    .s_axil_rready_i  (s_axi_ctrl_rready),
    .s_axil_rdata_o   (s_axi_ctrl_rdata),
    .s_axil_rresp_o   (s_axi_ctrl_rresp),
    .m_axil_awvalid_o (awvalid),
    .m_axil_awready_i (awready),
    .m_axil_awaddr_o  (awaddr),
    .m_axil_wvalid_o  (wvalid),
    .m_axil_wready_i  (wready),
    .m_axil_wdata_o   (wdata),
    .m_axil_wstrb_o   (wstrb),
    .m_axil_bvalid_i  (bvalid),
    .m_axil_bready_o  (bready),
    .m_axil_bresp_i   (bresp),
    .m_axil_arvalid_o (arvalid),
    .m_axil_arready_i (arready),
    .m_axil_araddr_o  (araddr),
    .m_axil_rvalid_i  (rvalid),
    .m_axil_rready_o  (rready),
    .m_axil_rdata_i   (rdata),
    .m_axil_rresp_i   (rresp)
  );

  // ---- The machine -------------------------------------------------------------------------------
  localparam OutCountWidth = $clog2(OutFifo + 1);

  wire [OutCountWidth-1:0] count;
  wire [OutCountWidth+7:0] wide_count;

  assign wide_count = {8'd0, count};
  assign out_count  = wide_count[7:0];

  // Normal, not bufferable or cacheable further on; data, not secure, not privileged.
  assign m_axi_arid    = {MasterIdWidth{1'b0}};
  assign m_axi_arlock  = 1'b0;
  assign m_axi_arcache = 4'b0011;
  assign m_axi_arprot  = 3'b000;
  assign m_axi_arqos   = 4'b0000;

  kpu_top #(
    .Lanes(Lanes), .PostLanes(PostLanes), .WeightRows(WeightRows), .AiLines(AiLines), .AccLines(AccLines),
    .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBits(WeightBits), .SkipRows(SkipRows),
    .DrainPass(DrainPass), .PassGap(PassGap), .KernelPort(KernelPort), .StartCycles(StartCycles), .StreamGap(StreamGap),
    .AiPorts(AiPorts), .AiBanks(AiBanks), .AiGap(AiGap), .Pool(Pool), .StreamOut(StreamOut), .Weights16(Weights16),
    .MaxOutstanding(MaxOutstanding), .Perf(Perf), .PackRows(PackRows), .Overlap(Overlap), .LayerFifo(LayerFifo), .OutFifo(OutFifo), .IdW(RamIdWidth)
  ) u_kpu (
    .clk_i(aclk), .rst_ni(rst_n),
    .irq_o            (irq),
    .dma_req_o        (out_req),
    .out_count_o      (count),
    .dma_end_o        (out_end),
    .s_axil_awvalid_i (awvalid),
    .s_axil_awready_o (awready),
    .s_axil_awaddr_i  (awaddr),
    .s_axil_wvalid_i  (wvalid),
    .s_axil_wready_o  (wready),
    .s_axil_wdata_i   (wdata),
    .s_axil_wstrb_i   (wstrb),
    .s_axil_bvalid_o  (bvalid),
    .s_axil_bready_i  (bready),
    .s_axil_bresp_o   (bresp),
    .s_axil_arvalid_i (arvalid),
    .s_axil_arready_o (arready),
    .s_axil_araddr_i  (araddr),
    .s_axil_rvalid_o  (rvalid),
    .s_axil_rready_i  (rready),
    .s_axil_rdata_o   (rdata),
    .s_axil_rresp_o   (rresp),
    .m_axi_arvalid_o  (m_axi_arvalid),
    .m_axi_arready_i  (m_axi_arready),
    .m_axi_araddr_o   (m_axi_araddr),
    .m_axi_arlen_o    (m_axi_arlen),
    .m_axi_arsize_o   (m_axi_arsize),
    .m_axi_arburst_o  (m_axi_arburst),
    .m_axi_rvalid_i   (m_axi_rvalid),
    .m_axi_rready_o   (m_axi_rready),
    .m_axi_rdata_i    (m_axi_rdata),
    .m_axi_rresp_i    (m_axi_rresp),
    .m_axi_rlast_i    (m_axi_rlast),
    .s_axi_awvalid_i  (s_axi_ram_awvalid && rst_n),
    .s_axi_awready_o  (ram_awready),
    .s_axi_awaddr_i   (s_axi_ram_awaddr),
    .s_axi_awid_i     (s_axi_ram_awid),
    .s_axi_awlen_i    (s_axi_ram_awlen),
    .s_axi_awsize_i   (s_axi_ram_awsize),
    .s_axi_awburst_i  (s_axi_ram_awburst),
    .s_axi_wvalid_i   (s_axi_ram_wvalid && rst_n),
    .s_axi_wready_o   (ram_wready),
    .s_axi_wdata_i    (s_axi_ram_wdata),
    .s_axi_wstrb_i    (s_axi_ram_wstrb),
    .s_axi_wlast_i    (s_axi_ram_wlast),
    .s_axi_bvalid_o   (s_axi_ram_bvalid),
    .s_axi_bready_i   (s_axi_ram_bready),
    .s_axi_bid_o      (s_axi_ram_bid),
    .s_axi_bresp_o    (s_axi_ram_bresp),
    .s_axi_arvalid_i  (s_axi_ram_arvalid && rst_n),
    .s_axi_arready_o  (ram_arready),
    .s_axi_araddr_i   (s_axi_ram_araddr),
    .s_axi_arid_i     (s_axi_ram_arid),
    .s_axi_arlen_i    (s_axi_ram_arlen),
    .s_axi_arsize_i   (s_axi_ram_arsize),
    .s_axi_arburst_i  (s_axi_ram_arburst),
    .s_axi_rvalid_o   (s_axi_ram_rvalid),
    .s_axi_rready_i   (s_axi_ram_rready),
    .s_axi_rdata_o    (s_axi_ram_rdata),
    .s_axi_rid_o      (s_axi_ram_rid),
    .s_axi_rresp_o    (s_axi_ram_rresp),
    .s_axi_rlast_o    (s_axi_ram_rlast)
  );

  wire unused = ^{s_axi_ctrl_awprot, s_axi_ctrl_arprot, s_axi_ram_awlock, s_axi_ram_awcache, s_axi_ram_awprot,
                  s_axi_ram_awqos, s_axi_ram_arlock, s_axi_ram_arcache, s_axi_ram_arprot, s_axi_ram_arqos, m_axi_rid,
                  wide_count[OutCountWidth+7:8]};

endmodule
