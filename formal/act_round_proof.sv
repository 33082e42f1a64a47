// SPDX-License-Identifier: Apache-2.0

/// kpu_act_lane, rounding, bias and clamp: for all values and starts of 36 bits, shifts 0..255 and biases.
/// The slope is -2..1, so that the multiplier stays out of the proof. All sixteen segments are the same.
///
/// The reference takes the rule word for word: quotient and remainder, remainder against one half, and a
/// step that follows the sign of the value.
module act_round_proof (
  input logic clk_i
);
  localparam int unsigned NormW = 36;
  localparam int unsigned MulW  = 2;
  localparam int unsigned Segs  = 16;
  localparam int unsigned W     = 44;

  (* anyconst *) logic signed [NormW-1:0] norm;
  (* anyconst *) logic signed [NormW-1:0] start;
  (* anyconst *) logic [7:0]              shift;
  (* anyconst *) logic [7:0]              bias;
  (* anyconst *) logic signed [MulW-1:0]  mul;

  logic [7:0] y;

  kpu_act_lane #(.NormW(NormW), .MulW(MulW)) u_dut (
    .clk_i,
    .en_i         (6'b111111),
    .act_key_i    ({Segs{start}}),
    .act_start0_i (start),
    .act_mul_i    ({Segs{mul}}),
    .act_shift_i  ({Segs{shift}}),
    .act_bias_i   ({Segs{bias}}),
    .norm_i       (norm),
    .y_o          (y)
  );

  logic signed [W-1:0] v, q, r, sum;
  logic [W-1:0]        f, half;
  logic [7:0]          sh;

  always_comb begin
    v    = (W'(norm) - W'(start)) * W'(mul);
    sh   = (shift > 8'd43) ? 8'd43 : shift;  // 2^43 is more than any product: larger shifts change nothing
    q    = v >>> sh;
    f    = W'(v) - (W'(q) << sh);
    half = (sh == 8'd0) ? '0 : W'(1) << (sh - 8'd1);
    r    = q;
    if (sh != 8'd0 && (f > half || (f == half && q[0]))) r = (v < 0) ? q - W'(1) : q + W'(1);
    sum = r + signed'(W'(bias));
  end

  logic [2:0] cycle_q = 3'd0;

  always_ff @(posedge clk_i) if (cycle_q != 3'd6) cycle_q <= cycle_q + 3'd1;

  always @(posedge clk_i) begin
    if (cycle_q == 3'd6) assert (y == ((sum < 0) ? 8'd0 : (sum > 255) ? 8'd255 : sum[7:0]));
  end
endmodule
