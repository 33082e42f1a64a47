// SPDX-License-Identifier: Apache-2.0

/// kpu_post_lane at full width against conv and norm computed in 64 bits: where neither is reported as
/// too wide, norm is exact; where one does not fit 36 bits, it is reported. The two factors are multiplied in two
/// parts of 17 bits, unsigned, and 7 bits, signed; the parts take the values 0..3 and -2..1, so that no
/// multiplier has to be proved equal to another one.
module post_lane_proof (
  input logic clk_i
);
  (* anyconst *) logic [37:0] psum;
  (* anyconst *) logic [21:0] sumx;
  (* anyconst *) logic [1:0]  x_low, x_high;
  (* anyconst *) logic [3:0]  shr_x;
  (* anyconst *) logic [48:0] kterm;
  (* anyconst *) logic [1:0]  norm_low, norm_high;
  (* anyconst *) logic [3:0]  norm_shift;
  (* anyconst *) logic [31:0] norm_add;

  logic [23:0]        arg_x, norm_mul;
  logic signed [35:0] norm;
  logic               conv_ovf, norm_ovf;

  assign arg_x    = {7'(signed'(x_high)), 17'(x_low)};
  assign norm_mul = {7'(signed'(norm_high)), 17'(norm_low)};

  // value * {high, low} in those parts
  function automatic logic signed [63:0] times(
    input logic signed [63:0] value, input logic [1:0] high, input logic [1:0] low
  );
    times = value * 64'(signed'({1'b0, low})) + ((value * 64'(signed'(high))) <<< 17);
  endfunction

  kpu_post_lane u_dut (
    .clk_i, .en_i(6'b111111),
    .psum_i(psum), .sumx_i(sumx), .arg_x_i(arg_x), .shr_x_i(shr_x), .kterm_i(kterm),
    .norm_mul_i(norm_mul), .norm_shift_i(norm_shift), .norm_add_i(norm_add),
    .norm_o(norm), .conv_ovf_o(conv_ovf), .norm_ovf_o(norm_ovf)
  );

  logic signed [63:0] product_x, conv, product, want;
  logic               conv_fits, norm_fits;

  assign product_x = times(signed'(64'(sumx)), x_high, x_low);
  assign conv      = (signed'(64'(psum)) + 64'(signed'(kterm))) + (product_x >>> shr_x);
  assign conv_fits = conv == 64'(signed'(conv[35:0]));
  assign product   = times(64'(signed'(conv[35:0])), norm_high, norm_low);
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
