// SPDX-License-Identifier: Apache-2.0
//
// The Lattice cells that kpu_ulx3s uses, for lint and simulation: function without delays.

/// A pin that is driven while T is low.
module TRELLIS_IO #(
  parameter DIR = "BIDIR"
) (
  input  logic I,
  input  logic T,
  output logic O,
  inout  wire  B
);
  assign B = (T || DIR != "BIDIR") ? 1'bz : I;
  assign O = B;
endmodule

/// The flip-flop of a pin.
module IFS1P3DX (
  input  logic D,
  input  logic SP,
  input  logic SCLK,
  input  logic CD,
  output logic Q
);
  always_ff @(posedge SCLK or posedge CD) begin
    if (CD)      Q <= 1'b0;
    else if (SP) Q <= D;
  end
endmodule

/// D0 in the half of a cycle in which SCLK is high, D1 in the other one. The cell has a latency, which does not
/// show with constants.
module ODDRX1F (
  input  logic SCLK,
  input  logic RST,
  input  logic D0,
  input  logic D1,
  output logic Q
);
  assign Q = !RST && (SCLK ? D0 : D1);
endmodule
