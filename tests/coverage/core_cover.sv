// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// Every stream between the units has to wait; every report of a layer.
module core_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic [7:0] valid_i,   // in the order of the points
  input logic [7:0] ready_i,
  input logic       parameters_wait_i,
  input logic       layer_waits_i,
  input logic       r_waits_i,
  input logic       conv_ovf_i,
  input logic       norm_ovf_i,
  input logic       bus_err_i,
  input logic [1:0] bus_err_src_i,
  input logic       done_i,
  input logic       calc_done_i
);
  logic [7:0] waits;
  assign waits = valid_i & ~ready_i;
  `POINT(read_request_waits, waits[0])
  `POINT(read_answer_waits, waits[1])
  `POINT(sums_wait, waits[2])
  `POINT(pixels_wait, waits[3])
  `POINT(pooled_line_waits, waits[4])
  `POINT(write_waits, waits[5])
  `POINT(stream_read_waits, waits[6])
  `POINT(stream_word_waits, waits[7])
  `POINT(parameter_job_waits, parameters_wait_i)
  `POINT(decoded_layer_waits, layer_waits_i)
  `POINT(parameter_beat_waits, r_waits_i)
  `POINT(conv_overflow, conv_ovf_i)
  `POINT(norm_overflow, norm_ovf_i)
  `POINT(bus_error_batch_norm, bus_err_i && bus_err_src_i == 1)
  `POINT(bus_error_activation, bus_err_i && bus_err_src_i == 2)
  `POINT(bus_error_weights, bus_err_i && bus_err_src_i == 3)
  `POINT(done_without_interrupt, done_i && !calc_done_i)
  `POINT(done_with_interrupt, done_i && calc_done_i)
endmodule

bind kpu_core core_cover u_cover (
  .clk_i, .rst_ni,
  .valid_i ({out_valid_o, str_rd_valid_o, wb_wr_valid_o, pool_valid,
             pix_valid, line_valid, conv_rsp_valid_i, conv_rd_valid_o}),
  .ready_i ({out_ready_i, str_rd_ready_i, wb_wr_ready_i, pool_ready,
             pix_ready, line_ready, conv_rsp_ready_o, conv_rd_ready_i}),
  .parameters_wait_i (job_valid && !job_ready),
  .layer_waits_i     (next_valid && !next_ready),
  .r_waits_i         (m_axi_rvalid_i && !m_axi_rready_o),
  .conv_ovf_i        (conv_ovf_o),
  .norm_ovf_i        (norm_ovf_o),
  .bus_err_i         (bus_err_o),
  .bus_err_src_i     (bus_err_src_o),
  .done_i            (layer_done_o),
  .calc_done_i       (calc_done_o)
);
