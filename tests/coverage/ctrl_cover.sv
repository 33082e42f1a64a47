// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// The layer that computes and the one whose parameters load: every move, an abort in every state.
module layer_ctrl_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       abort_i,
  input logic [2:0] state_i,
  input logic [2:0] next_i,
  input logic [1:0] nx_state_i,
  input logic [1:0] nx_next_i,
  input logic       running_i,   // a layer computes
  input logic       fail_next_i  // the layer whose fetch failed is the next one
);
  localparam logic [2:0] Idle = 0, Start = 1, Run = 2, Fail = 3, Clear = 4, Drain = 5, End = 6;
  localparam logic [1:0] NxIdle = 0, NxIssue = 1, NxWait = 2;
  `MOVE(Idle, Start)
  `MOVE(Idle, Fail)
  `MOVE(Start, Run)
  `MOVE(Run, End)
  `MOVE(Run, Fail)
  `MOVE(Fail, Clear)
  `MOVE(Clear, Drain)
  `MOVE(Drain, Idle)
  `MOVE(Drain, End)
  `MOVE(End, Idle)
  `POINT(abort_in_idle, abort_i && state_i == Idle)
  `POINT(abort_in_start, abort_i && state_i == Start)
  `POINT(abort_in_run, abort_i && state_i == Run)
  `POINT(abort_in_drain, abort_i && state_i == Drain)
  `POINT(abort_in_end, abort_i && state_i == End)
  `POINT(next_taken, nx_state_i == NxIdle && nx_next_i == NxIssue)
  `POINT(next_issued, nx_state_i == NxIssue && nx_next_i == NxWait)
  `POINT(next_starts, nx_state_i == NxWait && nx_next_i == NxIdle && !abort_i)
  `POINT(next_issued_while_running, nx_state_i == NxIssue && nx_next_i == NxWait && running_i)
  `POINT(next_waits_for_parameters, nx_state_i == NxWait && running_i)
  `POINT(abort_of_taken_next, nx_state_i == NxIssue && abort_i)
  `POINT(abort_of_issued_next, nx_state_i == NxWait && abort_i)
  `POINT(next_fails_while_running, fail_next_i && running_i)
endmodule

bind kpu_layer_ctrl layer_ctrl_cover u_cover (
  .clk_i, .rst_ni, .abort_i,
  .state_i     (state_q),
  .next_i      (state_d),
  .nx_state_i  (nx_state_q),
  .nx_next_i   (nx_state_d),
  .running_i   (running_o),
  .fail_next_i (failed_q && next_fetch)
);

/// Decoding: every move, every reason to refuse a layer, a flush in every state.
module layer_decode_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear_i,
  input logic [1:0] state_i,
  input logic [1:0] next_i,
  input logic [3:0] cnt_i,
  input logic       taken_i,
  input logic [7:0] reason_i
);
  localparam logic [1:0] Words = 0, Start = 1, Products = 2, Valid = 3;
  `MOVE(Words, Start)
  `MOVE(Start, Products)
  `MOVE(Products, Valid)
  `MOVE(Valid, Words)
  `POINT(clear_between_words, clear_i && state_i == Words && cnt_i != 0)
  `POINT(clear_in_start, clear_i && state_i == Start)
  `POINT(clear_in_products, clear_i && state_i == Products)
  `POINT(clear_in_valid, clear_i && state_i == Valid)
  for (genvar r = 1; r <= 15; r++) begin : gen_reason
    `POINT(refused, taken_i && reason_i == r)
  end
endmodule

bind kpu_layer_decode layer_decode_cover u_cover (
  .clk_i, .rst_ni, .clear_i,
  .state_i  (state_q),
  .next_i   (state_d),
  .cnt_i    (cnt_q),
  .taken_i  (valid_o && ready_i),
  .reason_i (reason_o)
);

/// Every class of cycles (docs/registers.md, performance counters): each cause of a stall.
module perf_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       running_i,
  input logic [3:0] class_i
);
  `POINT(array_busy, running_i && class_i == 1)
  `POINT(wait_weights, running_i && class_i == 2)
  `POINT(wait_reads, running_i && class_i == 3)
  `POINT(wait_writeback, running_i && class_i == 4)
  `POINT(wait_post, running_i && class_i == 5)
  `POINT(wait_stream, running_i && class_i == 6)
  `POINT(startup, running_i && class_i == 7)
  `POINT(drain, running_i && class_i == 8)
endmodule

bind kpu_perf perf_cover u_cover (.clk_i, .rst_ni, .running_i, .class_i (cls));
