// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// The KPU: register file, AI RAM with its arbiter and AXI4 slave, and the core. Wiring only.
///
/// Buses: s_axil (64-bit AXI4-Lite, the registers of docs/registers.md), m_axi (64-bit AXI4 read
/// master for weights and tables, one id), s_axi (64-bit AXI4 slave, AI RAM). irq_o is the level of
/// the unmasked interrupts. For a DMA controller: dma_req_o tells that fifo_data_out has words,
/// out_count_o how many, dma_end_o that a layer's stream is over. The parameters are the shape of
/// the machine; they are named together in docs/architecture.md, "Configurations".
module kpu_top #(
  /// Bytes of a word: pixels that the array takes in a cycle. A power of two, 8 to 256.
  parameter  int unsigned Lanes          = 64,
  /// Pixels that post-processing takes in a cycle, a power of two up to Lanes.
  parameter  int unsigned PostLanes      = Lanes,
  /// Rows of 36 bytes in the weight ring, a power of two, 64 to 4096.
  parameter  int unsigned WeightRows     = 2048,
  /// Lines of 64 bytes in AI RAM, a power of two up to 32768.
  parameter  int unsigned AiLines        = 32768,
  /// Read ports of AI RAM, 1 or 2: with two, the line fetch has one alone.
  parameter  int unsigned AiPorts        = 1,
  /// Banks of AI RAM with one port each for reads and writes, a power of two up to 8; 0: reads and writes have ports of their own.
  parameter  int unsigned AiBanks        = 0,
  /// Cycles that a port of AI RAM rests after an access, 0 to 3.
  parameter  int unsigned AiGap          = 0,
  /// Lines of partial sums beside the array, a power of two, 2 to 512.
  parameter  int unsigned AccLines       = 32,
  /// Output channels that compute side by side, a power of two, 1 to 32; at most AccLines.
  parameter  int unsigned TileChannels   = 16,
  /// Channel groups that a 1x1 layer takes in a cycle, each with a multiplier of a lane's nine: 1, 2, 4 or 8.
  parameter  int unsigned PointChannels  = 8,
  /// Bits of a weight that the array takes in a cycle: 8, 16-bit weights take two; 16, an array of twice the size;
  /// 4, multipliers of half the size, 8-bit weights take two cycles, 16-bit ones four.
  parameter  int unsigned WeightBits     = 8,
  /// Parameter bursts outstanding on m_axi.
  parameter  int unsigned MaxOutstanding = 4,
  /// 1: cycles of every layer are counted by what they are spent on. 0: the counters read as zero.
  parameter  int unsigned Perf           = 1,
  /// 1: pixels of consecutive rows share a line in 1x1 layers (docs/architecture.md, "Filling the lanes").
  parameter  int unsigned PackRows       = 0,
  /// 1: a layer begins with its first weights, its output leaves with its first channels (.., "Overlapping ends").
  parameter  int unsigned Overlap        = 0,
  /// 0: no pooling: pool_type and first_stride are 0 in every layer that runs.
  parameter  int unsigned Pool           = 1,
  /// 0: no output stream: results are read from AI RAM, fifo_data_out is always empty.
  parameter  int unsigned StreamOut      = 1,
  /// 0: no 16-bit weights.
  parameter  int unsigned Weights16      = 1,
  /// Layers in the layer FIFO, words in the output FIFO.
  parameter  int unsigned LayerFifo      = 16,
  parameter  int unsigned OutFifo        = 16,
  /// What follows makes a machine like the K210 of this one (docs/k210.md); the values here leave all of it out.
  /// 0: rows that a pool drops are computed, too.
  parameter  int unsigned SkipRows       = 1,
  /// 1: sums leave in a pass of their own, while the array does nothing else.
  parameter  int unsigned DrainPass      = 0,
  /// Cycles in which the array rests before a pass, 0 to 255.
  parameter  int unsigned PassGap        = 0,
  /// Bytes of kernels that enter the array a cycle before a pass, a power of two up to 64; 0: that takes no time.
  parameter  int unsigned KernelPort     = 0,
  /// Cycles from a layer's end to the fetch of the next one's parameters; 0: they are fetched while it computes.
  parameter  int unsigned StartCycles    = 0,
  /// Cycles between words of the output stream.
  parameter  int unsigned StreamGap      = 0,
  /// Bits of an id on s_axi.
  parameter  int unsigned IdW            = 4,
  localparam int unsigned OutCntW        = $clog2(OutFifo + 1)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  output logic               irq_o,
  output logic               dma_req_o,
  output logic [OutCntW-1:0] out_count_o,
  output logic               dma_end_o,
  // Registers
  input  logic               s_axil_awvalid_i,
  output logic               s_axil_awready_o,
  input  logic [11:0]        s_axil_awaddr_i,
  input  logic               s_axil_wvalid_i,
  output logic               s_axil_wready_o,
  input  logic [63:0]        s_axil_wdata_i,
  input  logic [7:0]         s_axil_wstrb_i,
  output logic               s_axil_bvalid_o,
  input  logic               s_axil_bready_i,
  output logic [1:0]         s_axil_bresp_o,
  input  logic               s_axil_arvalid_i,
  output logic               s_axil_arready_o,
  input  logic [11:0]        s_axil_araddr_i,
  output logic               s_axil_rvalid_o,
  input  logic               s_axil_rready_i,
  output logic [63:0]        s_axil_rdata_o,
  output logic [1:0]         s_axil_rresp_o,
  // Parameters
  output logic               m_axi_arvalid_o,
  input  logic               m_axi_arready_i,
  output logic [31:0]        m_axi_araddr_o,
  output logic [7:0]         m_axi_arlen_o,
  output logic [2:0]         m_axi_arsize_o,
  output logic [1:0]         m_axi_arburst_o,
  input  logic               m_axi_rvalid_i,
  output logic               m_axi_rready_o,
  input  logic [63:0]        m_axi_rdata_i,
  input  logic [1:0]         m_axi_rresp_i,
  input  logic               m_axi_rlast_i,
  // AI RAM
  input  logic               s_axi_awvalid_i,
  output logic               s_axi_awready_o,
  input  logic [20:0]        s_axi_awaddr_i,
  input  logic [IdW-1:0]     s_axi_awid_i,
  input  logic [7:0]         s_axi_awlen_i,
  input  logic [2:0]         s_axi_awsize_i,
  input  logic [1:0]         s_axi_awburst_i,
  input  logic               s_axi_wvalid_i,
  output logic               s_axi_wready_o,
  input  logic [63:0]        s_axi_wdata_i,
  input  logic [7:0]         s_axi_wstrb_i,
  input  logic               s_axi_wlast_i,
  output logic               s_axi_bvalid_o,
  input  logic               s_axi_bready_i,
  output logic [IdW-1:0]     s_axi_bid_o,
  output logic [1:0]         s_axi_bresp_o,
  input  logic               s_axi_arvalid_i,
  output logic               s_axi_arready_o,
  input  logic [20:0]        s_axi_araddr_i,
  input  logic [IdW-1:0]     s_axi_arid_i,
  input  logic [7:0]         s_axi_arlen_i,
  input  logic [2:0]         s_axi_arsize_i,
  input  logic [1:0]         s_axi_arburst_i,
  output logic               s_axi_rvalid_o,
  input  logic               s_axi_rready_i,
  output logic [63:0]        s_axi_rdata_o,
  output logic [IdW-1:0]     s_axi_rid_o,
  output logic [1:0]         s_axi_rresp_o,
  output logic               s_axi_rlast_o
);

  localparam int unsigned VecW   = Lanes * kpu_pkg::PixelW;
  localparam int unsigned CoreAw = kpu_pkg::LineAw + $clog2(kpu_pkg::line_words(Lanes));
  localparam int unsigned RamAw  = kpu_pkg::idx_width(AiLines * kpu_pkg::line_words(Lanes));

  // ---- Registers ---------------------------------------------------------------------------------
  logic             arg_valid, arg_ready, out_valid, out_ready, out_last, eight_bit, flush_core, flush_cfg;
  logic [63:0]      arg_word, out_data, unit_state;
  logic             layer_done, calc_done, unsupported, bus_err, conv_ovf, norm_ovf;
  logic [7:0]       reason;
  logic [1:0]       bus_err_src;
  logic [16*40-1:0] perf;

  kpu_regs #(
    .Lanes(Lanes), .Lines(AiLines), .RingRows(WeightRows), .PostLanes(PostLanes),
    .LayerFifo(LayerFifo), .OutFifo(OutFifo), .Perf(Perf), .Pool(Pool), .StreamOut(StreamOut), .Weights16(Weights16)
  ) u_regs (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_awaddr_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_wdata_i,
    .s_axil_wstrb_i, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_bresp_o, .s_axil_arvalid_i, .s_axil_arready_o,
    .s_axil_araddr_i, .s_axil_rvalid_o, .s_axil_rready_i, .s_axil_rdata_o, .s_axil_rresp_o,
    .irq_o,
    .arg_valid_o        (arg_valid),
    .arg_ready_i        (arg_ready),
    .arg_word_o         (arg_word),
    .out_valid_i        (out_valid),
    .out_ready_o        (out_ready),
    .out_data_i         (out_data),
    .out_last_i         (out_last),
    .out_count_o, .dma_req_o, .dma_end_o,
    .eight_bit_o        (eight_bit),
    .flush_core_o       (flush_core),
    .flush_cfg_o        (flush_cfg),
    .layer_done_i       (layer_done),
    .calc_done_i        (calc_done),
    .unsupported_i      (unsupported),
    .unsupported_code_i (reason),
    .conv_overflow_i    (conv_ovf),
    .norm_overflow_i    (norm_ovf),
    .bus_error_i        (bus_err),
    .bus_error_src_i    (bus_err_src),
    .perf_i             (perf),
    .unit_state_i       (unit_state)
  );

  // ---- Core --------------------------------------------------------------------------------------
  logic              ram_clear;
  logic              conv_rd_valid, conv_rd_ready, conv_rsp_valid, conv_rsp_ready;
  logic              str_rd_valid, str_rd_ready, str_rsp_valid;
  logic [CoreAw-1:0] conv_rd_addr, str_rd_addr, wb_wr_addr;
  logic              wb_wr_valid, wb_wr_ready;
  logic [Lanes-1:0]  wb_wr_be;
  logic [VecW-1:0]   wb_wr_data, rd_data;
  logic [kpu_pkg::line_lanes(Lanes)*8-1:0] str_data;
  logic [7:0]        rd_left, rd_right;

  kpu_core #(
    .Lanes(Lanes), .PostLanes(PostLanes), .WeightRows(WeightRows), .AiLines(AiLines),
    .AccLines(AccLines), .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBits(WeightBits),
    .MaxOutstanding(MaxOutstanding), .Perf(Perf), .PackRows(PackRows), .Overlap(Overlap),
    .SkipRows(SkipRows), .DrainPass(DrainPass), .PassGap(PassGap), .KernelPort(KernelPort), .StartCycles(StartCycles), .StreamGap(StreamGap),
    .Pool(Pool), .StreamOut(StreamOut), .Weights16(Weights16)
  ) u_core (
    .clk_i, .rst_ni,
    .abort_i          (flush_core || flush_cfg),
    .eight_bit_i      (eight_bit),
    .arg_valid_i      (arg_valid),
    .arg_ready_o      (arg_ready),
    .arg_word_i       (arg_word),
    .m_axi_arvalid_o, .m_axi_arready_i, .m_axi_araddr_o, .m_axi_arlen_o, .m_axi_arsize_o, .m_axi_arburst_o,
    .m_axi_rvalid_i, .m_axi_rready_o, .m_axi_rdata_i, .m_axi_rresp_i, .m_axi_rlast_i,
    .ram_clear_o      (ram_clear),
    .conv_rd_valid_o  (conv_rd_valid),
    .conv_rd_ready_i  (conv_rd_ready),
    .conv_rd_addr_o   (conv_rd_addr),
    .conv_rsp_valid_i (conv_rsp_valid),
    .conv_rsp_ready_o (conv_rsp_ready),
    .str_rd_valid_o   (str_rd_valid),
    .str_rd_ready_i   (str_rd_ready),
    .str_rd_addr_o    (str_rd_addr),
    .str_rsp_valid_i  (str_rsp_valid),
    .str_data_i       (str_data),
    .rd_data_i        (rd_data),
    .rd_left_i        (rd_left),
    .rd_right_i       (rd_right),
    .wb_wr_valid_o    (wb_wr_valid),
    .wb_wr_ready_i    (wb_wr_ready),
    .wb_wr_addr_o     (wb_wr_addr),
    .wb_wr_be_o       (wb_wr_be),
    .wb_wr_data_o     (wb_wr_data),
    .out_valid_o      (out_valid),
    .out_ready_i      (out_ready),
    .out_empty_i      (!dma_req_o),
    .out_data_o       (out_data),
    .out_last_o       (out_last),
    .layer_done_o     (layer_done),
    .calc_done_o      (calc_done),
    .unsupported_o    (unsupported),
    .reason_o         (reason),
    .bus_err_o        (bus_err),
    .bus_err_src_o    (bus_err_src),
    .conv_ovf_o       (conv_ovf),
    .norm_ovf_o       (norm_ovf),
    .unit_state_o     (unit_state),
    .perf_o           (perf)
  );

  // ---- AI RAM ------------------------------------------------------------------------------------
  kpu_ai_mem #(
    .Lanes(Lanes), .Lines(AiLines), .Ports(AiPorts), .Banks(AiBanks), .Gap(AiGap), .Prompt(PackRows), .IdW(IdW), .AxiAddrW(21)
  ) u_ai_mem (
    .clk_i, .rst_ni,
    .clear_i          (ram_clear),
    .conv_rd_valid_i  (conv_rd_valid),
    .conv_rd_ready_o  (conv_rd_ready),
    .conv_rd_addr_i   (conv_rd_addr[RamAw-1:0]),
    .conv_rsp_valid_o (conv_rsp_valid),
    .conv_rsp_ready_i (conv_rsp_ready),
    .str_rd_valid_i   (str_rd_valid),
    .str_rd_ready_o   (str_rd_ready),
    .str_rd_addr_i    (str_rd_addr[RamAw-1:0]),
    .str_rsp_valid_o  (str_rsp_valid),
    .str_data_o       (str_data),
    .rd_data_o        (rd_data),
    .rd_left_o        (rd_left),
    .rd_right_o       (rd_right),
    .wb_wr_valid_i    (wb_wr_valid),
    .wb_wr_ready_o    (wb_wr_ready),
    .wb_wr_addr_i     (wb_wr_addr[RamAw-1:0]),
    .wb_wr_be_i       (wb_wr_be),
    .wb_wr_data_i     (wb_wr_data),
    .s_axi_awvalid_i, .s_axi_awready_o, .s_axi_awaddr_i, .s_axi_awid_i, .s_axi_awlen_i, .s_axi_awsize_i,
    .s_axi_awburst_i, .s_axi_wvalid_i, .s_axi_wready_o, .s_axi_wdata_i, .s_axi_wstrb_i, .s_axi_wlast_i,
    .s_axi_bvalid_o, .s_axi_bready_i, .s_axi_bid_o, .s_axi_bresp_o, .s_axi_arvalid_i, .s_axi_arready_o,
    .s_axi_araddr_i, .s_axi_arid_i, .s_axi_arlen_i, .s_axi_arsize_i, .s_axi_arburst_i, .s_axi_rvalid_o,
    .s_axi_rready_i, .s_axi_rdata_o, .s_axi_rid_o, .s_axi_rresp_o, .s_axi_rlast_o
  );

  logic unused_bits;
  assign unused_bits = ^{conv_rd_addr, str_rd_addr, wb_wr_addr};

  // ---- Assertions --------------------------------------------------------------------------------
  if (AiLines > 32768 || (AiLines & (AiLines - 1)) != 0) begin : gen_check_ai_lines
    $error("kpu_top: AiLines must be a power of two up to 32768");
  end
  if (Lanes > kpu_pkg::LineBytes && (AiPorts != 1 || AiBanks != 0)) begin : gen_check_wide
    $error("kpu_top: more than 64 lanes go with AiPorts = 1 and AiBanks = 0");
  end
  if (AiPorts < 1 || AiPorts > 2 || AiBanks > 8 || AiGap > 3 || (AiBanks != 0 && (AiPorts != 1 || AiGap != 0))) begin : gen_check_ai_ports
    $error("kpu_top: AiPorts must be 1 or 2, AiBanks 0 or a power of two up to 8, AiGap at most 3; AiBanks goes with one port and no gap");
  end
  if (WeightRows < 64 || WeightRows > 4096 || (WeightRows & (WeightRows - 1)) != 0) begin : gen_check_weight_rows
    $error("kpu_top: WeightRows must be a power of two, 64 to 4096");
  end

  if (PackRows != 0 && (Lanes < 16 || Lanes > 64 || TileChannels != 16 || PointChannels != 8 || WeightBits != 8 || SkipRows != 1 || DrainPass != 0))
  begin : gen_check_pack
    $error("kpu_top: PackRows = 1 goes with 16 to 64 lanes and the defaults of TileChannels, PointChannels, WeightBits, SkipRows, DrainPass");
  end

  `ASSERT(FetchInside, !conv_rd_valid || 32'(conv_rd_addr) < AiLines * kpu_pkg::line_words(Lanes))
  `ASSERT(StreamInside, !str_rd_valid || 32'(str_rd_addr) < AiLines * kpu_pkg::line_words(Lanes))
  `ASSERT(WriteInside, !wb_wr_valid || 32'(wb_wr_addr) < AiLines * kpu_pkg::line_words(Lanes))

endmodule
