// SPDX-License-Identifier: Apache-2.0

/// One lane from its sums to batch norm (K210 KPU arithmetic; widths: docs/architecture.md).
///
///   conv = psum + ((arg_x * sumx) >>> shr_x) + K
///   norm = ((conv * norm_mul) >>> norm_shift) + norm_add
///
/// Four stages; en_i[n] clocks data from stage n into n + 1. Each operand is taken in the stage that
/// its port group names. norm_o and the overflow bits are registered and belong to the same value; an
/// overflow bit says that conv or norm did not fit ConvW bits, norm_o then means nothing.
module kpu_post_lane (
  input  logic                              clk_i,
  input  logic [3:0]                        en_i,
  // Stage 0
  input  logic [kpu_pkg::PsumW-1:0]         psum_i,
  input  logic [kpu_pkg::PixSumW-1:0]       sumx_i,
  input  logic [23:0]                       arg_x_i,
  // Stage 1
  input  logic [3:0]                        shr_x_i,
  input  logic [kpu_pkg::KTermW-1:0]        kterm_i,
  // Stage 2
  input  logic [kpu_pkg::NormMulW-1:0]      norm_mul_i,
  // Stage 3
  input  logic [3:0]                        norm_shift_i,
  input  logic [31:0]                       norm_add_i,
  // Result
  output logic signed [kpu_pkg::ConvW-1:0]  norm_o,
  output logic                              conv_ovf_o,
  output logic                              norm_ovf_o
);

  localparam int unsigned ProdXW = 24 + kpu_pkg::PixSumW;
  localparam int unsigned SumW   = kpu_pkg::KTermW + 1;
  localparam int unsigned ConvW  = kpu_pkg::ConvW;
  localparam int unsigned NormW  = kpu_pkg::ConvW + kpu_pkg::NormMulW;

  // ---- Stage 0: pixel term -----------------------------------------------------------------------
  logic [kpu_pkg::PsumW-1:0] psum_q1;
  logic signed [ProdXW-1:0]  prodx_q1;

  always_ff @(posedge clk_i) begin
    if (en_i[0]) begin
      psum_q1  <= psum_i;
      prodx_q1 <= ProdXW'(signed'({1'b0, sumx_i})) * ProdXW'(signed'(arg_x_i));
    end
  end

  // ---- Stage 1: conv -----------------------------------------------------------------------------
  logic signed [SumW-1:0]  conv_sum;
  logic signed [ConvW-1:0] conv_q2;
  logic                    conv_ovf_q2;

  always_ff @(posedge clk_i) begin
    if (en_i[1]) begin
      conv_sum = signed'(SumW'(psum_q1)) + (SumW'(prodx_q1) >>> shr_x_i) + SumW'(signed'(kterm_i));
      conv_q2     <= conv_sum[ConvW-1:0];
      conv_ovf_q2 <= !(&conv_sum[SumW-1:ConvW-1]) && (|conv_sum[SumW-1:ConvW-1]);
    end
  end

  // ---- Stage 2: batch norm, product --------------------------------------------------------------
  logic signed [NormW-1:0] prod_q3;
  logic                    conv_ovf_q3;

  always_ff @(posedge clk_i) begin
    if (en_i[2]) begin
      prod_q3     <= NormW'(conv_q2) * NormW'(signed'(norm_mul_i));
      conv_ovf_q3 <= conv_ovf_q2;
    end
  end

  // ---- Stage 3: batch norm, shift and offset -----------------------------------------------------
  logic signed [NormW-1:0] norm_sum;

  always_ff @(posedge clk_i) begin
    if (en_i[3]) begin
      norm_sum = (prod_q3 >>> norm_shift_i) + NormW'(signed'(norm_add_i));
      norm_o     <= norm_sum[ConvW-1:0];
      norm_ovf_o <= !(&norm_sum[NormW-1:ConvW-1]) && (|norm_sum[NormW-1:ConvW-1]);
      conv_ovf_o <= conv_ovf_q3;
    end
  end

endmodule
