// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// Tables and weights of a layer: every move; an error response and a clear in every table.
module param_ctrl_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear_i,
  input logic       err_i,      // the reader met an error response
  input logic       job_err_i,
  input logic [2:0] state_i,
  input logic [2:0] next_i
);
  localparam logic [2:0] Idle = 0, ActOpen = 1, Act = 2, BnOpen = 3, Bn = 4, Weights = 5, Drain = 6, First = 7;
  `MOVE(Idle, ActOpen)
  `MOVE(Idle, BnOpen)
  `MOVE(ActOpen, Act)
  `MOVE(Act, BnOpen)
  `MOVE(BnOpen, Bn)
  `MOVE(Bn, Weights)
  `MOVE(Weights, Idle)
  `MOVE(Drain, Idle)
  `MOVE(Idle, First)
  `MOVE(First, ActOpen)
  `MOVE(First, BnOpen)
  `POINT(job_fails, job_err_i)
  `POINT(clear_in_act, clear_i && state_i == Act)
  `POINT(clear_in_bn, clear_i && state_i == Bn)
  `POINT(clear_in_weights, clear_i && state_i == Weights)
  `POINT(error_in_act, err_i && state_i == Act)
  `POINT(error_in_bn, err_i && state_i == Bn)
  `POINT(clear_in_first, clear_i && state_i == First)
  `POINT(error_in_first, err_i && state_i == First)
  `POINT(error_in_weights, err_i && state_i == Weights)
endmodule

bind kpu_param_ctrl param_ctrl_cover u_cover (
  .clk_i, .rst_ni, .clear_i,
  .err_i     (reader_err_i),
  .job_err_i (job_err_o),
  .state_i   (state_q),
  .next_i    (state_d)
);

/// The order of fetches: every move.
module param_fetch_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear_i,
  input logic [2:0] state_i,
  input logic [2:0] next_i
);
  localparam logic [2:0] Idle = 0, Act = 1, Bn = 2, Count = 3, Size = 4, Load = 5;
  `MOVE(Idle, Act)
  `MOVE(Idle, Bn)
  `MOVE(Act, Bn)
  `MOVE(Bn, Count)
  `MOVE(Count, Size)
  `MOVE(Size, Load)
  `MOVE(Load, Count)
  `MOVE(Load, Idle)
  `MOVE(Idle, Count)
  `MOVE(Load, Act)
  `MOVE(Load, Bn)
  `MOVE(Bn, Idle)
  `POINT(clear_in_bn, clear_i && state_i == Bn)
  `POINT(clear_in_load, clear_i && state_i == Load)
endmodule

bind kpu_param_fetch param_fetch_cover u_cover (
  .clk_i, .rst_ni, .clear_i, .state_i (state_q), .next_i (state_d)
);

/// Bursts: every move and every cause to wait.
module axi_reader_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       drop_i,
  input logic       last_i,
  input logic       at_page_i,   // a burst ends at a 4 KiB boundary before its command does
  input logic       slot_free_i,
  input logic [1:0] state_i,
  input logic [1:0] next_i
);
  localparam logic [1:0] Idle = 0, Size = 1, Issue = 2;
  `MOVE(Idle, Size)
  `MOVE(Size, Issue)
  `MOVE(Size, Idle)
  `MOVE(Issue, Size)
  `MOVE(Issue, Idle)
  `POINT(dropped_before_the_last_burst, state_i == Issue && next_i == Idle && drop_i && !last_i)
  `POINT(address_waits, state_i == Issue && next_i == Issue)
  `POINT(too_many_outstanding, state_i == Size && !slot_free_i)
  `POINT(page_boundary, state_i == Size && next_i == Issue && at_page_i)
endmodule

bind kpu_axi_reader axi_reader_cover u_cover (
  .clk_i, .rst_ni,
  .drop_i      (drop),
  .last_i      (last_q),
  .at_page_i   (!last && len_page < burst_max),
  .slot_free_i (slot_free),
  .state_i     (state_q),
  .next_i      (state_d)
);

/// Loads of weights: every move, and the full ring.
module weight_seq_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear_i,
  input logic       space_i,
  input logic [1:0] state_i,
  input logic [1:0] next_i
);
  localparam logic [1:0] Idle = 0, Open = 1, Run = 2, Pause = 3;
  `MOVE(Idle, Open)
  `MOVE(Open, Run)
  `MOVE(Run, Open)
  `MOVE(Run, Idle)
  `MOVE(Run, Pause)
  `MOVE(Pause, Open)
  `MOVE(Pause, Idle)
  `POINT(clear_in_run, clear_i && state_i == Run)
  `POINT(ring_full, state_i == Run && !space_i)
endmodule

bind kpu_weight_seq weight_seq_cover u_cover (
  .clk_i, .rst_ni, .clear_i, .space_i (space_q), .state_i (state_q), .next_i (state_d)
);
