// SPDX-License-Identifier: Apache-2.0
//
// Ports of the Xilinx cells that kpu_arty uses, for lint; the clock passes as it is.

module PLLE2_BASE #(
  parameter real         CLKIN1_PERIOD  = 0.0,
  parameter int unsigned CLKFBOUT_MULT  = 5,
  parameter int unsigned CLKOUT0_DIVIDE = 1
) (
  input  logic CLKIN1,
  input  logic CLKFBIN,
  input  logic RST,
  input  logic PWRDWN,
  output logic CLKFBOUT,
  output logic CLKOUT0,
  output logic LOCKED
);
  logic unused_inputs;
  assign CLKFBOUT      = CLKIN1;
  assign CLKOUT0       = CLKIN1;
  assign LOCKED        = 1'b1;
  assign unused_inputs = ^{CLKFBIN, RST, PWRDWN, CLKIN1_PERIOD != 0.0, 1'(CLKFBOUT_MULT), 1'(CLKOUT0_DIVIDE)};
endmodule

module BUFG (
  input  logic I,
  output logic O
);
  assign O = I;
endmodule
