// SPDX-License-Identifier: Apache-2.0

/// kpu_ulx3s with the two directions of its data pins apart, which Verilator 5.006 does not do for a top. The macro
/// KPU_ULX3S_PARAMETERS holds the parameters.
module kpu_ulx3s_bench (
  input  logic        clk_25mhz,
  input  logic        ftdi_txd,
  output logic        ftdi_rxd,
  input  logic        btn_fire1,
  output logic [7:0]  led,
  output logic        sdram_clk,
  output logic        sdram_cke,
  output logic        sdram_csn,
  output logic        sdram_rasn,
  output logic        sdram_casn,
  output logic        sdram_wen,
  output logic [1:0]  sdram_ba,
  output logic [12:0] sdram_a,
  output logic [1:0]  sdram_dqm,
  /// What is on the pins, and whether the board's part drives them.
  output logic [15:0] sdram_d_o,
  output logic        sdram_driven_o,
  /// What the chip drives; counts if the board's part does not.
  input  logic [15:0] sdram_d_i
);

  logic       unused_wifi;
  wire [15:0] pins;

  kpu_ulx3s #(`KPU_ULX3S_PARAMETERS) u_top (
    .clk_25mhz, .ftdi_txd, .ftdi_rxd, .btn_fire1, .led, .wifi_gpio0(unused_wifi),
    .sdram_clk, .sdram_cke, .sdram_csn, .sdram_rasn, .sdram_casn, .sdram_wen, .sdram_ba, .sdram_a, .sdram_dqm, .sdram_d(pins)
  );

  assign sdram_driven_o = u_top.sdram_oe;
  assign pins           = sdram_driven_o ? 16'hzzzz : sdram_d_i;
  assign sdram_d_o      = pins;

endmodule
