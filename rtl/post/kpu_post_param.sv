// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Batch norm and weight term for one quarter of the lanes, delayed to the stages that need them.
///
/// The buffer gives the entries of four consecutive channels, with 16 lanes that of `oc` alone. A depthwise
/// layer that packs channels in a word takes another one for each quarter of the lanes, all other layers entry
/// `oc` for all lanes (docs/architecture.md, "Weights"). en_i[n] clocks data from stage n of kpu_post into
/// n + 1; the buffer's output belongs to stage 1.
module kpu_post_param #(
  parameter int unsigned Lanes = 64
) (
  input  logic                              clk_i,
  input  logic [4:1]                        en_i,
  input  logic                              depthwise_i,
  input  logic [1:0]                        grp_l2_i,
  // Stage 1
  input  logic [1:0]                        quarter_i,  // of the lanes, in the line
  input  kpu_pkg::line_tag_t                tag_i,
  input  logic [4*kpu_pkg::BnW-1:0]         par_bn_i,
  input  logic [4*kpu_pkg::KTermW-1:0]      par_k_i,
  // Stage 2
  output logic [kpu_pkg::KTermW-1:0]        kterm_o,
  // Stage 3
  output logic [kpu_pkg::NormMulW-1:0]      norm_mul_o,
  // Stage 5
  output logic [3:0]                        norm_shift_o,
  output logic [31:0]                       norm_add_o
);

  localparam int unsigned BnW    = kpu_pkg::BnW;
  localparam int unsigned KTermW = kpu_pkg::KTermW;

  logic [1:0]                       grp_l2, bank;
  logic [BnW-1:0]                   bn_q2;
  logic [BnW-kpu_pkg::NormMulW-1:0] bn_q3, bn_q4;

  assign grp_l2 = grp_l2_i & kpu_pkg::grp_mask(Lanes);

  always_ff @(posedge clk_i) begin
    if (en_i[1]) begin
      bank = tag_i.oc[1:0];
      if (kpu_pkg::grp_mask(Lanes) == '0) bank = 2'd0;
      if (depthwise_i && grp_l2 == 2'd1) bank = {tag_i.oc[1], quarter_i[1]};
      if (depthwise_i && grp_l2 == 2'd2) bank = quarter_i;
      unique case (bank)
        2'd0:    {bn_q2, kterm_o} <= {par_bn_i[0*BnW +: BnW], par_k_i[0*KTermW +: KTermW]};
        2'd1:    {bn_q2, kterm_o} <= {par_bn_i[1*BnW +: BnW], par_k_i[1*KTermW +: KTermW]};
        2'd2:    {bn_q2, kterm_o} <= {par_bn_i[2*BnW +: BnW], par_k_i[2*KTermW +: KTermW]};
        default: {bn_q2, kterm_o} <= {par_bn_i[3*BnW +: BnW], par_k_i[3*KTermW +: KTermW]};
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i[2]) {bn_q3, norm_mul_o} <= bn_q2;
  end

  always_ff @(posedge clk_i) begin
    if (en_i[3]) bn_q4 <= bn_q3;
  end

  always_ff @(posedge clk_i) begin
    if (en_i[4]) {norm_shift_o, norm_add_o} <= bn_q4;
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_HELD(TermHeld, en_i[1], kterm_o)
  `ASSERT_HELD(FactorHeld, en_i[2], norm_mul_o)
  `ASSERT_HELD(OffsetHeld, en_i[4], {norm_shift_o, norm_add_o})

endmodule
