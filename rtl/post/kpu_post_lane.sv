// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// One lane from its sums to batch norm (K210 KPU arithmetic; widths: docs/architecture.md).
///
///   conv = psum + ((arg_x * sumx) >>> shr_x) + K
///   norm = ((conv * norm_mul) >>> norm_shift) + norm_add
///
/// Five stages; en_i[n] clocks data from stage n into n + 1. Each operand is taken in the stage that
/// its port group names. The overflow bits follow norm_o by one stage, clocked by en_i[5]; one that is set
/// says that conv or norm did not fit ConvW bits, norm_o then meant nothing.
module kpu_post_lane (
  input  logic                              clk_i,
  input  logic [kpu_pkg::PostLaneStages:0]  en_i,
  // Stage 0
  input  logic [kpu_pkg::PsumW-1:0]         psum_i,
  input  logic [kpu_pkg::PixSumW-1:0]       sumx_i,
  input  logic [23:0]                       arg_x_i,
  // Stage 1
  input  logic [3:0]                        shr_x_i,
  input  logic [kpu_pkg::KTermW-1:0]        kterm_i,
  // Stage 2
  input  logic [kpu_pkg::NormMulW-1:0]      norm_mul_i,
  // Stage 4
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
  // arg_x and norm_mul are 17 unsigned and 7 signed bits; each part fits one side of an 18 x 18 multiplier.
  localparam int unsigned LowW      = 17;
  localparam int unsigned ProdLowW  = kpu_pkg::ConvW + LowW + 1;
  localparam int unsigned ProdHighW = kpu_pkg::ConvW + kpu_pkg::NormMulW - LowW;

  // ---- Stage 0: pixel term -----------------------------------------------------------------------
  logic [kpu_pkg::PsumW-1:0] psum_q1;
  logic signed [ProdXW-1:0]  prodx_q1;

  always_ff @(posedge clk_i) begin
    if (en_i[0]) begin
      psum_q1  <= psum_i;
      prodx_q1 <= ProdXW'(signed'({1'b0, sumx_i})) * ProdXW'(signed'({1'b0, arg_x_i[LowW-1:0]}))
                + ((ProdXW'(signed'({1'b0, sumx_i})) * ProdXW'(signed'(arg_x_i[23:LowW]))) <<< LowW);
    end
  end

  // ---- Stage 1: conv -----------------------------------------------------------------------------
  logic signed [SumW-1:0]  conv_sum_q2;
  logic signed [ConvW-1:0] conv_q2;

  assign conv_q2 = conv_sum_q2[ConvW-1:0];

  always_ff @(posedge clk_i) begin
    if (en_i[1]) begin
      conv_sum_q2 <= (signed'(SumW'(psum_q1)) + SumW'(signed'(kterm_i))) + (SumW'(prodx_q1) >>> shr_x_i);
    end
  end

  // ---- Stage 2: batch norm, products with the low and the high part of the factor ----------------
  logic signed [ProdLowW-1:0]  prod_low_q3;
  logic signed [ProdHighW-1:0] prod_high_q3;
  logic                        conv_ovf_q3;

  always_ff @(posedge clk_i) begin
    if (en_i[2]) begin
      prod_low_q3  <= ProdLowW'(conv_q2) * ProdLowW'(signed'({1'b0, norm_mul_i[LowW-1:0]}));
      prod_high_q3 <= ProdHighW'(conv_q2) * ProdHighW'(signed'(norm_mul_i[kpu_pkg::NormMulW-1:LowW]));
      conv_ovf_q3  <= !(&conv_sum_q2[SumW-1:ConvW-1]) && (|conv_sum_q2[SumW-1:ConvW-1]);
    end
  end

  // ---- Stage 3: batch norm, product --------------------------------------------------------------
  logic signed [NormW-1:0] prod_q4;
  logic                    conv_ovf_q4;

  always_ff @(posedge clk_i) begin
    if (en_i[3]) begin
      prod_q4     <= NormW'(prod_low_q3) + (NormW'(prod_high_q3) <<< LowW);
      conv_ovf_q4 <= conv_ovf_q3;
    end
  end

  // ---- Stage 4: batch norm, shift and offset -----------------------------------------------------
  logic signed [NormW-1:0] norm_sum_q5;
  logic                    conv_ovf_q5;

  always_ff @(posedge clk_i) begin
    if (en_i[4]) begin
      norm_sum_q5 <= (prod_q4 >>> norm_shift_i) + NormW'(signed'(norm_add_i));
      conv_ovf_q5 <= conv_ovf_q4;
    end
  end

  assign norm_o = norm_sum_q5[ConvW-1:0];

  // ---- Stage 5: overflow -------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (en_i[5]) begin
      norm_ovf_o <= !(&norm_sum_q5[NormW-1:ConvW-1]) && (|norm_sum_q5[NormW-1:ConvW-1]);
      conv_ovf_o <= conv_ovf_q5;
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_HELD(NormHeld, en_i[4], norm_o)
  `ASSERT_HELD(OverflowHeld, en_i[5], {conv_ovf_o, norm_ovf_o})

endmodule
