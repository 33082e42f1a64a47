// SPDX-License-Identifier: Apache-2.0

/// kpu_post_lane at full width against conv and norm computed in 64 bits: where neither is reported as
/// too wide, norm is exact; where one does not fit 36 bits, it is reported. The two factors are multiplied in two
/// parts; each part is 0 or 1 here, so that the multipliers stay out of the proof. (Unit tests and random layers
/// cover them.)
module post_lane_proof (
  input logic clk_i
);
  (* anyconst *) logic [37:0] psum;
  (* anyconst *) logic [21:0] sumx;
  (* anyconst *) logic [1:0]  factor_x;
  (* anyconst *) logic [3:0]  shr_x;
  (* anyconst *) logic [48:0] kterm;
  (* anyconst *) logic [1:0]  factor_norm;
  (* anyconst *) logic [3:0]  norm_shift;
  (* anyconst *) logic [31:0] norm_add;

  logic [23:0]        arg_x, norm_mul;
  logic signed [35:0] norm;
  logic               conv_ovf, norm_ovf;

  assign arg_x    = {6'd0, factor_x[1], 16'd0, factor_x[0]};
  assign norm_mul = {6'd0, factor_norm[1], 16'd0, factor_norm[0]};

  // value * that factor
  function automatic logic signed [63:0] times(input logic signed [63:0] value, input logic [1:0] factor);
    times = '0;
    if (factor[0]) times = value;
    if (factor[1]) times = times + (value <<< 17);
  endfunction

  kpu_post_lane u_dut (
    .clk_i, .en_i(6'b111111),
    .psum_i(psum), .sumx_i(sumx), .arg_x_i(arg_x), .shr_x_i(shr_x), .kterm_i(kterm),
    .norm_mul_i(norm_mul), .norm_shift_i(norm_shift), .norm_add_i(norm_add),
    .norm_o(norm), .conv_ovf_o(conv_ovf), .norm_ovf_o(norm_ovf)
  );

  logic signed [63:0] product_x, conv, product, want;
  logic               conv_fits, norm_fits;

  assign product_x = times(signed'(64'(sumx)), factor_x);
  assign conv      = (signed'(64'(psum)) + 64'(signed'(kterm))) + (product_x >>> shr_x);
  assign conv_fits = conv == 64'(signed'(conv[35:0]));
  assign product   = times(64'(signed'(conv[35:0])), factor_norm);
  assign want      = (product >>> norm_shift) + 64'(signed'(norm_add));
  assign norm_fits = want == 64'(signed'(want[35:0]));

  logic [2:0] cycle_q = 3'd0;

  always_ff @(posedge clk_i) if (cycle_q != 3'd6) cycle_q <= cycle_q + 3'd1;

  always @(posedge clk_i) begin
    if (cycle_q == 3'd6) begin
      assert (conv_ovf == !conv_fits);
      if (conv_fits) assert (norm_ovf == !norm_fits);
      if (conv_fits && norm_fits) assert (norm == want[35:0]);
    end
  end
endmodule
