// SPDX-License-Identifier: Apache-2.0

/// `kpu_board` on a ULX3S (ECP5-85F), from its 25 MHz oscillator; fpga/ulx3s/board.json. Port names are those
/// of the board; ftdi_txd is an input.
module kpu_ulx3s #(
  /// 25 MHz / 25 = 1 Mbit/s.
  parameter int unsigned ClksPerBit     = 25,
  /// 42 ms.
  parameter int unsigned IdleCycles     = 1 << 20,
  /// 48 KiB, what the part's block memories leave.
  parameter int unsigned SramBytes      = 49152,
  /// As in kpu_soc.
  parameter int unsigned Lanes          = 64,
  parameter int unsigned PostLanes      = Lanes,
  parameter int unsigned WeightRows     = 2048,
  parameter int unsigned AiLines        = 32768,
  parameter int unsigned AccLines       = 32,
  parameter int unsigned TileChannels   = 16,
  parameter int unsigned PointChannels  = 8,
  parameter int unsigned WeightBytes    = 1,
  parameter int unsigned MaxOutstanding = 4,
  parameter int unsigned Perf           = 1,
  parameter int unsigned PackRows       = 0,
  parameter int unsigned LayerFifo      = 16,
  parameter int unsigned OutFifo        = 16,
  parameter int unsigned SkipRows       = 1,
  parameter int unsigned DrainPass      = 0,
  parameter int unsigned PassGap        = 0,
  parameter int unsigned KernelPort     = 0,
  parameter int unsigned StartCycles    = 0,
  parameter int unsigned StreamGap      = 0,
  parameter int unsigned DmaChannels    = 6
) (
  input  logic       clk_25mhz,
  input  logic       ftdi_txd,
  output logic       ftdi_rxd,
  /// FIRE1, high when pressed: reset.
  input  logic       btn_fire1,
  output logic [7:0] led,
  /// High keeps the board's other processor from taking the board over.
  output logic       wifi_gpio0
);

  assign wifi_gpio0 = 1'b1;
  assign led[7:5]   = 3'b000;

  kpu_board #(
    .ClksPerBit(ClksPerBit), .IdleCycles(IdleCycles), .SramBytes(SramBytes), .Lanes(Lanes), .PostLanes(PostLanes),
    .WeightRows(WeightRows), .AiLines(AiLines), .AccLines(AccLines), .MaxOutstanding(MaxOutstanding), .Perf(Perf),
    .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBytes(WeightBytes), .SkipRows(SkipRows),
    .DrainPass(DrainPass), .PassGap(PassGap), .KernelPort(KernelPort), .StartCycles(StartCycles), .StreamGap(StreamGap),
    .PackRows(PackRows), .LayerFifo(LayerFifo), .OutFifo(OutFifo), .DmaChannels(DmaChannels)
  ) u_board (
    .clk_i(clk_25mhz), .button_i(btn_fire1), .rx_i(ftdi_txd), .tx_o(ftdi_rxd), .led_o(led[4:0])
  );

endmodule
