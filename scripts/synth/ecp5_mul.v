// SPDX-License-Identifier: Apache-2.0

// Techmap for Yosys: signed products of 19..36 x 7..18 bits from multipliers of 18 x 18 bits whose sides are signed
// or not, each for itself. `mul2dsp` knows only products with both sides alike, takes 17 bits for each part and
// builds what is left over from LUTs. A part of less than 7 bits is left to LUTs here, too.
(* techmap_celltype = "$mul" *)
module wide_signed_mul (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;

  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  localparam HighW = (A_WIDTH > 18) ? A_WIDTH - 18 : 1;

  generate
    if (!A_SIGNED || !B_SIGNED) begin
      wire _TECHMAP_FAIL_ = 1;
    end else if (B_WIDTH > 18 && B_WIDTH <= 36 && A_WIDTH >= 7 && A_WIDTH <= 18) begin
      \$mul #(
        .A_SIGNED(1), .B_SIGNED(1), .A_WIDTH(B_WIDTH), .B_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)
      ) swapped (.A(B), .B(A), .Y(Y));
    end else if (A_WIDTH > 18 && A_WIDTH <= 36 && B_WIDTH >= 7 && B_WIDTH <= 18) begin
      wire signed [17:0] b = $signed(B);
      wire signed [35:0] low, high;

      \$__MUL18X18 #(.A_SIGNED(0), .B_SIGNED(1)) low_part (.A(A[17:0]), .B(b), .Y(low));
      if (HighW >= 7) begin
        wire signed [17:0] a = $signed(A[A_WIDTH-1:18]);
        \$__MUL18X18 #(.A_SIGNED(1), .B_SIGNED(1)) high_part (.A(a), .B(b), .Y(high));
      end else begin
        wire [HighW+B_WIDTH-1:0] product;
        \$__soft_mul #(
          .A_SIGNED(1), .B_SIGNED(1), .A_WIDTH(HighW), .B_WIDTH(B_WIDTH), .Y_WIDTH(HighW + B_WIDTH)
        ) high_part (.A(A[A_WIDTH-1:18]), .B(B), .Y(product));
        assign high = $signed(product);
      end
      wire signed [35:0] upper = high + (low >>> 18);
      wire signed [53:0] whole = {upper, low[17:0]};
      assign Y = whole;
    end else begin
      wire _TECHMAP_FAIL_ = 1;
    end
  endgenerate
endmodule
