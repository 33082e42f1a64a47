// SPDX-License-Identifier: Apache-2.0

/// kpu_layer_decode with words of 16 lanes and a weight ring of 64 rows, so small that layers do not fit; of
/// the decoded layer the fields that follow from the ring.
module kpu_decode_bench (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        word_valid_i,
  output logic        word_ready_o,
  input  logic [63:0] word_i,
  input  logic        eight_bit_i,
  output logic        valid_o,
  input  logic        ready_i,
  output logic [7:0]  reason_o,
  output logic [3:0]  tile_oc_m1_o,
  output logic [9:0]  oc_rows_o
);

  kpu_pkg::layer_cfg_t cfg;
  kpu_pkg::param_job_t job;

  kpu_layer_decode #(.Lanes(16), .WeightRows(64)) u_decode (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .word_valid_i, .word_ready_o, .word_i, .eight_bit_i,
    .valid_o, .ready_i, .cfg_o(cfg), .job_o(job), .reason_o
  );

  assign tile_oc_m1_o = cfg.tile_oc_m1;
  assign oc_rows_o    = cfg.oc_rows;

  logic unused_bits;
  assign unused_bits = ^{cfg, job};

endmodule
