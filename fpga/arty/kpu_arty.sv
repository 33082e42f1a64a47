// SPDX-License-Identifier: Apache-2.0

/// `kpu_board` on an Arty A7-100 (XC7A100T); fpga/arty/board.json. Its 100 MHz oscillator makes 50 MHz by the
/// part's PLL; reset lasts until that has locked. Port names are those of the board's master constraints.
module kpu_arty #(
  /// 50 MHz / 50 = 1 Mbit/s.
  parameter int unsigned ClksPerBit     = 50,
  /// 42 ms.
  parameter int unsigned IdleCycles     = 1 << 21,
  /// 96 KiB.
  parameter int unsigned SramBytes      = 98304,
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
  input  logic       CLK100MHZ,
  /// BTN0, high when pressed: reset.
  input  logic       btn0,
  input  logic       uart_txd_in,
  output logic       uart_rxd_out,
  output logic [3:0] led
);

  // ---- Clock: 100 MHz x 10 / 20 ------------------------------------------------------------------
  logic clk_pll, clk, feedback, locked;

  PLLE2_BASE #(.CLKIN1_PERIOD(10.0), .CLKFBOUT_MULT(10), .CLKOUT0_DIVIDE(20)) u_pll (
    .CLKIN1(CLK100MHZ), .CLKFBIN(feedback), .CLKFBOUT(feedback), .RST(1'b0), .PWRDWN(1'b0),
    .CLKOUT0(clk_pll), .LOCKED(locked)
  );
  BUFG u_clk (.I(clk_pll), .O(clk));

  // ---- System ------------------------------------------------------------------------------------
  logic        unused_sram, unused_rasn, unused_casn, unused_wen, unused_oe;
  logic [1:0]  unused_ba, unused_dqm;
  logic [12:0] unused_a;
  logic [15:0] unused_d;

  kpu_board #(
    .ClksPerBit(ClksPerBit), .IdleCycles(IdleCycles), .ClkMhz(50), .SramBytes(SramBytes), .Lanes(Lanes), .PostLanes(PostLanes),
    .WeightRows(WeightRows), .AiLines(AiLines), .AccLines(AccLines), .MaxOutstanding(MaxOutstanding), .Perf(Perf),
    .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBits(WeightBits), .SkipRows(SkipRows),
    .DrainPass(DrainPass), .PassGap(PassGap), .KernelPort(KernelPort), .StartCycles(StartCycles), .StreamGap(StreamGap),
    .AiPorts(AiPorts), .AiBanks(AiBanks), .AiGap(AiGap), .Pool(Pool), .StreamOut(StreamOut), .Weights16(Weights16),
    .PackRows(PackRows), .Overlap(Overlap), .LayerFifo(LayerFifo), .OutFifo(OutFifo), .DmaChannels(DmaChannels), .BusBytes(BusBytes)
  ) u_board (
    .clk_i(clk), .button_i(btn0 || !locked), .rx_i(uart_txd_in), .tx_o(uart_rxd_out), .led_o({unused_sram, led}),
    .sdram_rasn_o(unused_rasn), .sdram_casn_o(unused_casn), .sdram_wen_o(unused_wen), .sdram_ba_o(unused_ba), .sdram_a_o(unused_a),
    .sdram_dqm_o(unused_dqm), .sdram_d_o(unused_d), .sdram_oe_o(unused_oe), .sdram_d_i(16'd0)
  );

endmodule
