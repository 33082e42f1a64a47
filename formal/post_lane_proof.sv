// SPDX-License-Identifier: Apache-2.0

/// kpu_post_lane at full width against conv and norm computed in 64 bits: where neither is reported as
/// too wide, norm is exact; where one does not fit 36 bits, it is reported. The two factors are multiplied in two
/// parts; the lower is 0 or 1 here, the upper -1, 0 or 1, so that the multipliers stay out of the proof. (Unit
/// tests and random layers cover them.) Half by half: with Norm = 0 batch norm hands on what the convolution
/// gives, all of whose inputs are free; with Norm = 1 the convolution hands on the partial sum, which takes all
/// values of a result.
module post_lane_proof #(
  parameter bit Norm = 0
) (
  input logic clk_i
);
  (* anyconst *) logic [37:0] psum;
  (* anyconst *) logic [21:0] any_sumx;
  (* anyconst *) logic [2:0]  factor_x;
  (* anyconst *) logic [3:0]  shr_x;
  (* anyconst *) logic [48:0] any_kterm;
  (* anyconst *) logic [2:0]  any_factor_norm;
  (* anyconst *) logic [3:0]  any_norm_shift;
  (* anyconst *) logic [31:0] any_norm_add;

  logic [21:0]        sumx;
  logic [48:0]        kterm;
  logic [2:0]         factor_norm;
  logic [3:0]         norm_shift;
  logic [31:0]        norm_add;
  logic [23:0]        arg_x, norm_mul;
  logic signed [35:0] norm;
  logic               conv_ovf, norm_ovf;

  assign sumx        = Norm ? '0 : any_sumx;
  assign kterm       = Norm ? '0 : any_kterm;
  assign factor_norm = Norm ? any_factor_norm : 3'b001;
  assign norm_shift  = Norm ? any_norm_shift : '0;
  assign norm_add    = Norm ? any_norm_add : '0;

  assign arg_x    = {{6{factor_x[2]}}, factor_x[2] || factor_x[1], 16'd0, factor_x[0]};
  assign norm_mul = {{6{factor_norm[2]}}, factor_norm[2] || factor_norm[1], 16'd0, factor_norm[0]};

  // value * that factor
  function automatic logic signed [63:0] times(input logic signed [63:0] value, input logic [2:0] factor);
    times = '0;
    if (factor[0]) times = value;
    if (factor[2]) times = times - (value <<< 17);
    else if (factor[1]) times = times + (value <<< 17);
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
