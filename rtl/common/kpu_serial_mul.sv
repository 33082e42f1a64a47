// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Bit-serial multiplier for numbers that are needed once per layer: product_o = a_i * b_i - Less, modulo
/// 2^OutW.
///
/// start_i takes the operands; product_o is right BBits cycles after the cycle of start_i and holds until the next
/// start. a_i is signed or zero-extended by the caller to OutW bits, b_i is unsigned.
module kpu_serial_mul #(
  parameter int unsigned BBits = 10,
  parameter int unsigned OutW  = 25,
  parameter int unsigned Less  = 0
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             start_i,
  input  logic [OutW-1:0]  a_i,
  input  logic [BBits-1:0] b_i,
  output logic [OutW-1:0]  product_o
);

  logic [OutW-1:0]  a_q, sum_q;
  logic [BBits-1:0] b_q;

  assign product_o = sum_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      b_q <= '0;
    end else begin
      if (start_i) b_q <= b_i;
      else         b_q <= b_q >> 1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      a_q   <= a_i;
      sum_q <= OutW'(0) - OutW'(Less);
    end else if (b_q != '0) begin
      a_q <= a_q << 1;
      if (b_q[0]) sum_q <= sum_q + a_q;
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (BBits < 1) begin : gen_check_bits
    $error("kpu_serial_mul: BBits must be at least 1");
  end
  `ASSERT_KEPT(ProductHeld, !start_i && b_q == '0, 1'b1, product_o)

endmodule
