// SPDX-License-Identifier: Apache-2.0

/// Batch norm and weight term for one quarter of the lanes, delayed to the stages that need them.
///
/// The buffer gives the entries of four consecutive channels. A depthwise layer that packs channels in
/// a word takes another one for each quarter of the lanes, all other layers entry `oc` for all lanes
/// (docs/architecture.md, "Weights"). en_i[n] clocks data from stage n of kpu_post into n + 1; the
/// buffer's output belongs to stage 1.
module kpu_post_param (
  input  logic                              clk_i,
  input  logic [3:1]                        en_i,
  input  kpu_pkg::layer_cfg_t               cfg_i,
  // Stage 1
  input  logic [1:0]                        quarter_i,  // of the lanes, in the line
  input  kpu_pkg::line_tag_t                tag_i,
  input  logic [4*kpu_pkg::BnW-1:0]         par_bn_i,
  input  logic [4*kpu_pkg::KTermW-1:0]      par_k_i,
  // Stage 2
  output logic [kpu_pkg::KTermW-1:0]        kterm_o,
  // Stage 3
  output logic [kpu_pkg::NormMulW-1:0]      norm_mul_o,
  // Stage 4
  output logic [3:0]                        norm_shift_o,
  output logic [31:0]                       norm_add_o
);

  logic [1:0]               bank;
  logic [kpu_pkg::BnW-1:0]  bn_q2;
  logic [kpu_pkg::BnW-kpu_pkg::NormMulW-1:0] bn_q3;

  always_ff @(posedge clk_i) begin
    if (en_i[1]) begin
      bank = tag_i.oc[1:0];
      if (cfg_i.depthwise && cfg_i.grp_l2 == 2'd1) bank = {tag_i.oc[1], quarter_i[1]};
      if (cfg_i.depthwise && cfg_i.grp_l2 == 2'd2) bank = quarter_i;
      kterm_o <= par_k_i[32'(bank)*kpu_pkg::KTermW +: kpu_pkg::KTermW];
      bn_q2   <= par_bn_i[32'(bank)*kpu_pkg::BnW +: kpu_pkg::BnW];
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i[2]) {bn_q3, norm_mul_o} <= bn_q2;
  end

  always_ff @(posedge clk_i) begin
    if (en_i[3]) {norm_shift_o, norm_add_o} <= bn_q3;
  end

endmodule
