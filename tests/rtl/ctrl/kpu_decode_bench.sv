// SPDX-License-Identifier: Apache-2.0

/// kpu_layer_decode; of the decoded layer the fields that say how it is cut (kpu::sim::Schedule). The ring is so
/// small by default that layers do not fit.
module kpu_decode_bench #(
  parameter int unsigned Lanes         = 16,
  parameter int unsigned WeightRows    = 64,
  parameter int unsigned TileChannels  = 16,
  parameter int unsigned PointChannels = 8,
  parameter int unsigned WeightBits    = 8,
  parameter int unsigned SkipRows      = 1,
  parameter int unsigned PackRows      = 0,
  parameter int unsigned Overlap       = 0,
  parameter int unsigned Pool          = 1,
  parameter int unsigned StreamOut     = 1,
  parameter int unsigned Weights16     = 1
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        word_valid_i,
  output logic        word_ready_o,
  input  logic [63:0] word_i,
  input  logic        eight_bit_i,
  output logic        valid_o,
  input  logic        ready_i,
  output logic [7:0]  reason_o,
  output logic [1:0]  grp_l2_o,
  output logic [9:0]  icg_m1_o,
  output logic [6:0]  seg_m1_o,
  output logic [8:0]  seg_last_px_o,
  output logic [8:0]  rows_m1_o,
  output logic [1:0]  step_l2_o,
  output logic        pack_o,
  output logic        pack_pick_o,
  output logic        pack_odd_o,
  output logic [8:0]  pack_rows_m1_o,
  output logic [6:0]  pack_last_px_o,
  output logic [4:0]  tile_oc_m1_o,
  output logic [9:0]  oc_rows_o
);

  kpu_pkg::layer_cfg_t cfg;
  kpu_pkg::param_job_t job;

  kpu_layer_decode #(
    .Lanes(Lanes), .WeightRows(WeightRows), .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBits(WeightBits),
    .SkipRows(SkipRows), .PackRows(PackRows), .Overlap(Overlap), .Pool(Pool), .StreamOut(StreamOut), .Weights16(Weights16)
  ) u_decode (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .word_valid_i, .word_ready_o, .word_i, .eight_bit_i,
    .valid_o, .ready_i, .cfg_o(cfg), .job_o(job), .reason_o
  );

  assign grp_l2_o      = cfg.src.grp_l2;
  assign icg_m1_o      = cfg.walk.icg_m1;
  assign seg_m1_o      = cfg.segs.last;
  assign seg_last_px_o = cfg.segs.last_px;
  assign rows_m1_o     = cfg.walk.rows_m1;
  assign step_l2_o     = cfg.walk.step_l2;
  assign pack_o         = cfg.pack.on;
  assign pack_pick_o    = cfg.pack.pick;
  assign pack_odd_o     = cfg.pack.odd;
  assign pack_rows_m1_o = cfg.pack.rows_m1;
  assign pack_last_px_o = cfg.pack.last_px;
  assign tile_oc_m1_o  = cfg.walk.tile_oc_m1;
  assign oc_rows_o     = cfg.walk.oc_rows;

  logic unused_bits;
  assign unused_bits = ^{cfg, job};

endmodule
