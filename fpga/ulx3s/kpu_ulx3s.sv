// SPDX-License-Identifier: Apache-2.0

/// `kpu_board` on a ULX3S (ECP5-85F), from its 25 MHz oscillator; fpga/ulx3s/board.json. Port names are those
/// of the board; ftdi_txd is an input. The board's SDRAM is SRAM: docs/board-sdram.md has its budget of time.
module kpu_ulx3s #(
  /// 25 MHz / 25 = 1 Mbit/s.
  parameter int unsigned ClksPerBit     = 25,
  /// 42 ms.
  parameter int unsigned IdleCycles     = 1 << 20,
  /// 0: block memory in the place of the SDRAM; 48 KiB is what the part's leave.
  parameter int unsigned Sdram          = 1,
  /// 6 MiB, all that kpu_soc has addresses for.
  parameter int unsigned SramBytes      = 6291456,
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
  input  logic        clk_25mhz,
  input  logic        ftdi_txd,
  output logic        ftdi_rxd,
  /// FIRE1, high when pressed: reset.
  input  logic        btn_fire1,
  output logic [7:0]  led,
  /// High keeps the board's other processor from taking the board over.
  output logic        wifi_gpio0,
  // SDRAM
  output logic        sdram_clk,
  output logic        sdram_cke,
  output logic        sdram_csn,
  output logic        sdram_rasn,
  output logic        sdram_casn,
  output logic        sdram_wen,
  output logic [1:0]  sdram_ba,
  output logic [12:0] sdram_a,
  output logic [1:0]  sdram_dqm,
  inout  wire  [15:0] sdram_d
);

  assign wifi_gpio0 = 1'b1;
  assign led[7:5]   = 3'b000;

  // ---- SDRAM: its clock is ours inverted; registers at the pins -------------------------------
  logic [15:0] sdram_out, sdram_pins, sdram_in;
  logic        sdram_oe;

  assign sdram_cke = 1'b1;
  assign sdram_csn = 1'b0;

  ODDRX1F u_sdram_clk (.SCLK(clk_25mhz), .RST(1'b0), .D0(1'b0), .D1(1'b1), .Q(sdram_clk));

  for (genvar i = 0; i < 16; i++) begin : gen_sdram_d
    TRELLIS_IO #(.DIR("BIDIR")) u_pin (.B(sdram_d[i]), .I(sdram_out[i]), .T(!sdram_oe), .O(sdram_pins[i]));
    IFS1P3DX u_in (.D(sdram_pins[i]), .SP(1'b1), .SCLK(clk_25mhz), .CD(1'b0), .Q(sdram_in[i]));
  end

  // ---- System ------------------------------------------------------------------------------------
  kpu_board #(
    .ClksPerBit(ClksPerBit), .IdleCycles(IdleCycles), .ClkMhz(25), .Sdram(Sdram), .SramBytes(SramBytes), .Lanes(Lanes), .PostLanes(PostLanes),
    .WeightRows(WeightRows), .AiLines(AiLines), .AccLines(AccLines), .MaxOutstanding(MaxOutstanding), .Perf(Perf),
    .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBits(WeightBits), .SkipRows(SkipRows),
    .DrainPass(DrainPass), .PassGap(PassGap), .KernelPort(KernelPort), .StartCycles(StartCycles), .StreamGap(StreamGap),
    .AiPorts(AiPorts), .AiBanks(AiBanks), .AiGap(AiGap), .Pool(Pool), .StreamOut(StreamOut), .Weights16(Weights16),
    .PackRows(PackRows), .Overlap(Overlap), .LayerFifo(LayerFifo), .OutFifo(OutFifo), .DmaChannels(DmaChannels), .BusBytes(BusBytes)
  ) u_board (
    .clk_i(clk_25mhz), .button_i(btn_fire1), .rx_i(ftdi_txd), .tx_o(ftdi_rxd), .led_o(led[4:0]),
    .sdram_rasn_o(sdram_rasn), .sdram_casn_o(sdram_casn), .sdram_wen_o(sdram_wen), .sdram_ba_o(sdram_ba),
    .sdram_a_o(sdram_a), .sdram_dqm_o(sdram_dqm), .sdram_d_o(sdram_out), .sdram_oe_o(sdram_oe), .sdram_d_i(sdram_in)
  );

endmodule
