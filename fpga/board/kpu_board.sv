// SPDX-License-Identifier: Apache-2.0

/// The KPU's system on an FPGA board with a clock and a serial port: `kpu_soc`, block memory or a chip of SDRAM as SRAM,
/// the serial port as the processor. docs/board.md. A board's top joins it to the pins by their names and makes the clock.
/// The shape that a part has room for is a file of configs/, whose parameters synthesis sets; the
/// defaults here are those of `kpu_soc`.
module kpu_board #(
  /// Clock cycles of a bit on the serial line.
  parameter int unsigned ClksPerBit     = 25,
  /// Cycles of rest after which a packet counts as broken off.
  parameter int unsigned IdleCycles     = 1 << 20,
  /// Frequency of clk_i, for SDRAM.
  parameter int unsigned ClkMhz         = 25,
  /// 1: SRAM is a chip of SDRAM; 0: block memory.
  parameter int unsigned Sdram          = 0,
  /// Bytes of SRAM. kpu_soc has addresses for 6 MiB.
  parameter int unsigned SramBytes      = 49152,
  /// As in kpu_soc.
  parameter int unsigned Lanes          = 64,
  parameter int unsigned PostLanes      = Lanes,
  parameter int unsigned WeightRows     = 2048,
  parameter int unsigned AiLines        = 32768,
  parameter int unsigned AiPorts        = 1,
  parameter int unsigned AiBanks        = 0,
  parameter int unsigned AiGap          = 0,
  parameter int unsigned AccLines       = 32,
  parameter int unsigned TileChannels   = 16,
  parameter int unsigned PointChannels  = 8,
  parameter int unsigned WeightBits     = 8,
  parameter int unsigned MaxOutstanding = 4,
  parameter int unsigned Perf           = 1,
  parameter int unsigned PackRows       = 0,
  parameter int unsigned Overlap        = 0,
  parameter int unsigned Pool           = 1,
  parameter int unsigned StreamOut      = 1,
  parameter int unsigned Weights16      = 1,
  parameter int unsigned LayerFifo      = 16,
  parameter int unsigned OutFifo        = 16,
  parameter int unsigned SkipRows       = 1,
  parameter int unsigned DrainPass      = 0,
  parameter int unsigned PassGap        = 0,
  parameter int unsigned KernelPort     = 0,
  parameter int unsigned StartCycles    = 0,
  parameter int unsigned StreamGap      = 0,
  parameter int unsigned DmaChannels    = 6,
  parameter int unsigned BusBytes       = 8
) (
  input  logic        clk_i,
  /// High: reset; from a button, in no relation to the clock.
  input  logic        button_i,
  input  logic        rx_i,
  output logic        tx_o,
  /// 0 alive, 1 serial traffic, 2 serial error since reset, 3 KPU interrupt, 4 reads of SRAM
  output logic [4:0]  led_o,
  // SDRAM, as in kpu_sdram_ctrl; its clock is clk_i inverted
  output logic        sdram_rasn_o,
  output logic        sdram_casn_o,
  output logic        sdram_wen_o,
  output logic [1:0]  sdram_ba_o,
  output logic [12:0] sdram_a_o,
  output logic [1:0]  sdram_dqm_o,
  output logic [15:0] sdram_d_o,
  output logic        sdram_oe_o,
  input  logic [15:0] sdram_d_i
);

  localparam int unsigned IdW = kpu_axi_pkg::IdW;

  if (BusBytes != 8) begin : gen_check_bus
    $error("kpu_board: BusBytes must be 8, as its memories are");
  end

  // ---- Reset: 2^8 cycles from configuration, which sets registers to zero, or from the button ----
  logic       rst_n;
  logic [7:0] reset_q;
  logic [1:0] button_q;

  initial begin
    rst_n    = 1'b0;
    reset_q  = 8'd0;
    button_q = 2'b00;
  end

  // Not always_ff, which would forbid the initial values.
  always @(posedge clk_i) begin
    button_q <= {button_q[0], button_i};
    rst_n    <= reset_q == 8'hFF;
    if (button_q[1])           reset_q <= 8'd0;
    else if (reset_q != 8'hFF) reset_q <= reset_q + 8'd1;
  end

  // ---- Serial port as the processor --------------------------------------------------------------
  logic [DmaChannels:0] irq;
  logic        uart_busy, uart_error;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [31:0] addr;
  logic [2:0]  size;
  logic [63:0] wdata, rdata;
  logic [7:0]  wstrb;
  logic [1:0]  bresp, rresp;
  logic        unused_rlast;
  logic [6*DmaChannels-1:0] unused_select;

  kpu_uart_bridge #(.ClksPerBit(ClksPerBit), .IdleCycles(IdleCycles)) u_bridge (
    .clk_i, .rst_ni(rst_n), .rx_i, .tx_o,
    .state_i         ({32'(SramBytes), 32'(irq)}),
    .busy_o          (uart_busy),
    .error_o         (uart_error),
    .m_axi_awvalid_o (awvalid),
    .m_axi_awready_i (awready),
    .m_axi_wvalid_o  (wvalid),
    .m_axi_wready_i  (wready),
    .m_axi_wdata_o   (wdata),
    .m_axi_wstrb_o   (wstrb),
    .m_axi_bvalid_i  (bvalid),
    .m_axi_bready_o  (bready),
    .m_axi_bresp_i   (bresp),
    .m_axi_arvalid_o (arvalid),
    .m_axi_arready_i (arready),
    .m_axi_rvalid_i  (rvalid),
    .m_axi_rready_o  (rready),
    .m_axi_rdata_i   (rdata),
    .m_axi_rresp_i   (rresp),
    .m_axi_addr_o    (addr),
    .m_axi_size_o    (size)
  );

  // ---- System ------------------------------------------------------------------------------------
  logic           m_awvalid, m_awready, m_wvalid, m_wready, m_wlast, m_bvalid, m_bready;
  logic           m_arvalid, m_arready, m_rvalid, m_rready, m_rlast;
  logic [31:0]    m_awaddr, m_araddr;
  logic [IdW-1:0] m_awid, m_bid, m_arid, m_rid;
  logic [7:0]     m_arlen, m_wstrb, unused_awlen;
  logic [2:0]     unused_awsize, unused_arsize;
  logic [1:0]     unused_awburst, unused_arburst, m_bresp, m_rresp;
  logic [63:0]    m_wdata, m_rdata;

  kpu_soc #(
    .Lanes(Lanes), .PostLanes(PostLanes), .WeightRows(WeightRows), .AiLines(AiLines), .AccLines(AccLines),
    .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBits(WeightBits), .SkipRows(SkipRows),
    .DrainPass(DrainPass), .PassGap(PassGap), .KernelPort(KernelPort), .StartCycles(StartCycles), .StreamGap(StreamGap),
    .AiPorts(AiPorts), .AiBanks(AiBanks), .AiGap(AiGap), .Pool(Pool), .StreamOut(StreamOut), .Weights16(Weights16),
    .MaxOutstanding(MaxOutstanding), .Perf(Perf), .PackRows(PackRows), .Overlap(Overlap), .LayerFifo(LayerFifo), .OutFifo(OutFifo), .DmaChannels(DmaChannels),
    .BusBytes(BusBytes)
  ) u_soc (
    .clk_i, .rst_ni(rst_n), .irq_o(irq),
    .dma_select_o    (unused_select),
    .dma_items_i     ({8 * DmaChannels{1'b0}}),
    .s_axi_awvalid_i (awvalid),
    .s_axi_awready_o (awready),
    .s_axi_awaddr_i  (addr),
    .s_axi_awlen_i   (8'd0),
    .s_axi_awsize_i  (size),
    .s_axi_awburst_i (2'b01),
    .s_axi_wvalid_i  (wvalid),
    .s_axi_wready_o  (wready),
    .s_axi_wdata_i   (wdata),
    .s_axi_wstrb_i   (wstrb),
    .s_axi_wlast_i   (1'b1),
    .s_axi_bvalid_o  (bvalid),
    .s_axi_bready_i  (bready),
    .s_axi_bresp_o   (bresp),
    .s_axi_arvalid_i (arvalid),
    .s_axi_arready_o (arready),
    .s_axi_araddr_i  (addr),
    .s_axi_arlen_i   (8'd0),
    .s_axi_arsize_i  (size),
    .s_axi_arburst_i (2'b01),
    .s_axi_rvalid_o  (rvalid),
    .s_axi_rready_i  (rready),
    .s_axi_rdata_o   (rdata),
    .s_axi_rresp_o   (rresp),
    .s_axi_rlast_o   (unused_rlast),
    .m_axi_awvalid_o (m_awvalid),
    .m_axi_awready_i (m_awready),
    .m_axi_awaddr_o  (m_awaddr),
    .m_axi_awid_o    (m_awid),
    .m_axi_awlen_o   (unused_awlen),
    .m_axi_awsize_o  (unused_awsize),
    .m_axi_awburst_o (unused_awburst),
    .m_axi_wvalid_o  (m_wvalid),
    .m_axi_wready_i  (m_wready),
    .m_axi_wdata_o   (m_wdata),
    .m_axi_wstrb_o   (m_wstrb),
    .m_axi_wlast_o   (m_wlast),
    .m_axi_bvalid_i  (m_bvalid),
    .m_axi_bready_o  (m_bready),
    .m_axi_bid_i     (m_bid),
    .m_axi_bresp_i   (m_bresp),
    .m_axi_arvalid_o (m_arvalid),
    .m_axi_arready_i (m_arready),
    .m_axi_araddr_o  (m_araddr),
    .m_axi_arid_o    (m_arid),
    .m_axi_arlen_o   (m_arlen),
    .m_axi_arsize_o  (unused_arsize),
    .m_axi_arburst_o (unused_arburst),
    .m_axi_rvalid_i  (m_rvalid),
    .m_axi_rready_o  (m_rready),
    .m_axi_rdata_i   (m_rdata),
    .m_axi_rid_i     (m_rid),
    .m_axi_rresp_i   (m_rresp),
    .m_axi_rlast_i   (m_rlast)
  );

  kpu_board_sram #(.Sdram(Sdram), .Bytes(SramBytes), .IdW(IdW), .ClkMhz(ClkMhz)) u_sram (
    .clk_i, .rst_ni(rst_n),
    .sdram_rasn_o, .sdram_casn_o, .sdram_wen_o, .sdram_ba_o, .sdram_a_o, .sdram_dqm_o, .sdram_d_o, .sdram_oe_o, .sdram_d_i,
    .s_axi_awvalid_i (m_awvalid),
    .s_axi_awready_o (m_awready),
    .s_axi_awaddr_i  (m_awaddr),
    .s_axi_awid_i    (m_awid),
    .s_axi_wvalid_i  (m_wvalid),
    .s_axi_wready_o  (m_wready),
    .s_axi_wdata_i   (m_wdata),
    .s_axi_wstrb_i   (m_wstrb),
    .s_axi_wlast_i   (m_wlast),
    .s_axi_bvalid_o  (m_bvalid),
    .s_axi_bready_i  (m_bready),
    .s_axi_bid_o     (m_bid),
    .s_axi_bresp_o   (m_bresp),
    .s_axi_arvalid_i (m_arvalid),
    .s_axi_arready_o (m_arready),
    .s_axi_araddr_i  (m_araddr),
    .s_axi_arid_i    (m_arid),
    .s_axi_arlen_i   (m_arlen),
    .s_axi_rvalid_o  (m_rvalid),
    .s_axi_rready_i  (m_rready),
    .s_axi_rdata_o   (m_rdata),
    .s_axi_rid_o     (m_rid),
    .s_axi_rresp_o   (m_rresp),
    .s_axi_rlast_o   (m_rlast)
  );

  // ---- Lights ------------------------------------------------------------------------------------
  logic [23:0] alive_q;
  logic        error_q;

  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      alive_q <= '0;
      error_q <= 1'b0;
    end else begin
      alive_q <= alive_q + 24'd1;
      if (uart_error) error_q <= 1'b1;
    end
  end
  // Registers, so that a board's longest way to a pin (docs/board.md) is not one of these.
  always_ff @(posedge clk_i) led_o <= {m_rvalid, irq[0], error_q, uart_busy, alive_q[23]};

  logic unused_bits;
  assign unused_bits = ^{unused_rlast, unused_select, unused_awlen, unused_awsize, unused_arsize, unused_awburst, unused_arburst};

endmodule
