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
  localparam int unsigned W     = 44;

  (* anyconst *) logic signed [NormW-1:0] norm;
  (* anyconst *) logic signed [NormW-1:0] start;
  (* anyconst *) logic [7:0]              shift;
  (* anyconst *) logic [7:0]              bias;
  (* anyconst *) logic signed [MulW-1:0]  mul;

  // The entries are written in cycles 0 to 15, the value stands still: seven stages later the output is its.
  localparam logic [4:0] Settled = 5'd23;

  logic [4:0] cycle_q = 5'd0;

  always_ff @(posedge clk_i) if (cycle_q != Settled) cycle_q <= cycle_q + 5'd1;

  logic [7:0] y;

  kpu_act_lane #(.NormW(NormW), .MulW(MulW)) u_dut (
    .clk_i,
    .en_i          (7'b1111111),
    .entry_valid_i (!cycle_q[4]),
    .entry_idx_i   (cycle_q[3:0]),
    .entry_key_i   (start),
    .entry_start_i (start),
    .entry_mul_i   (mul),
    .entry_shift_i (shift),
    .entry_bias_i  (bias),
    .norm_i        (norm),
    .y_o           (y)
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

  always @(posedge clk_i) begin
    if (cycle_q == Settled) assert (y == ((sum < 0) ? 8'd0 : (sum > 255) ? 8'd255 : sum[7:0]));
  end
endmodule
