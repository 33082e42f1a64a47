// SPDX-License-Identifier: Apache-2.0

/// kpu_layer_ctrl by itself: of a layer its number, which travels as the address of its weights.
module kpu_layer_ctrl_bench (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        abort_i,
  input  logic        next_valid_i,
  output logic        next_ready_o,
  input  logic [31:0] next_number_i,
  input  logic [7:0]  next_reason_i,
  output logic        job_valid_o,
  input  logic        job_ready_i,
  output logic [31:0] job_number_o,
  input  logic        job_err_i,
  output logic        start_o,
  output logic        clear_o,
  input  logic        written_i,
  input  logic        streamed_i,
  input  logic        out_empty_i,
  output logic        running_o,
  output logic        layer_done_o,
  output logic [4:0]  state_o
);

  kpu_pkg::layer_cfg_t next_cfg, cfg;
  kpu_pkg::param_job_t next_job, job;
  logic                streaming, calc_done, unsupported, bus_err;
  logic [7:0]          reason;
  logic [1:0]          bus_err_src;

  always_comb begin
    next_cfg               = '0;
    next_cfg.send_data_out = next_number_i[0];
    next_job               = '0;
    next_job.tables.w_addr = next_number_i;
  end

  kpu_layer_ctrl u_ctrl (
    .clk_i, .rst_ni, .abort_i, .next_valid_i, .next_ready_o,
    .next_cfg_i    (next_cfg),
    .next_job_i    (next_job),
    .next_reason_i, .job_valid_o, .job_ready_i,
    .job_o         (job),
    .job_err_i,
    .job_err_src_i (2'd1),
    .start_o,
    .cfg_o         (cfg),
    .clear_o, .written_i, .streamed_i, .out_empty_i, .running_o,
    .streaming_o   (streaming),
    .layer_done_o,
    .calc_done_o   (calc_done),
    .unsupported_o (unsupported),
    .reason_o      (reason),
    .bus_err_o     (bus_err),
    .bus_err_src_o (bus_err_src),
    .state_o
  );

  assign job_number_o = job.tables.w_addr;

  logic unused_bits;
  assign unused_bits = ^{cfg, job, streaming, calc_done, unsupported, reason, bus_err, bus_err_src};

endmodule
