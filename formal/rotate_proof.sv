// SPDX-License-Identifier: Apache-2.0

/// kpu_rotate: each lane takes the byte of the lane `by` behind it in its part, around the part's end. With a pick,
/// each takes the byte of twice its index in its half of a part, or of the lane behind that where `by` is odd. Any lane, any bytes,
/// parts of 64, 32 or 16 of 64 lanes.
module rotate_proof (
  input logic         clk_i,
  input logic [5:0]   lane_i,  // the one that is watched
  input logic [1:0]   grp_l2_i,
  input logic         pick_i,
  input logic [5:0]   by_i,
  input logic [511:0] word_i
);
  logic [511:0] turned;
  logic [5:0]   mask, from;  // lanes of a part; the lane that the byte comes from
  logic [5:0]   slot;        // in its half of a part

  kpu_rotate #(.Lanes(64)) u_dut (.clk_i, .rst_ni(1'b1), .grp_l2_i, .pick_i, .by_i, .word_i, .word_o(turned));

  assign mask = 6'h3F >> grp_l2_i;
  assign slot = lane_i & (mask >> 1);
  assign from = (lane_i & ~mask) | ((pick_i ? (slot << 1) + 6'(by_i[0]) : lane_i + by_i) & mask);

  always @(posedge clk_i) begin
    assume (grp_l2_i != 2'd3 && by_i <= mask);
    assert (turned[lane_i*8 +: 8] == word_i[from*8 +: 8]);
  end
endmodule
