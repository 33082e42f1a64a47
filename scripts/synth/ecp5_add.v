// SPDX-License-Identifier: Apache-2.0

// Techmap for Yosys: every adder becomes a carry chain of its own. Yosys would merge a + b + c into one
// cell and build it from a row of full adders, which take two LUTs a bit beside the carry chain that
// follows; two chains take one LUT a bit each and are as fast, as the second one starts with the low bits of the first.
(* techmap_celltype = "$add" *)
module add_to_chain (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;

  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  wire [Y_WIDTH-1:0] unused_x, unused_co;

  \$alu #(
    .A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(A_WIDTH), .B_WIDTH(B_WIDTH), .Y_WIDTH(Y_WIDTH)
  ) chain (
    .A(A), .B(B), .BI(1'b0), .CI(1'b0), .X(unused_x), .Y(Y), .CO(unused_co)
  );
endmodule
