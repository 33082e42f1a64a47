// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// One parameter job from its acceptance to done or error.
///
/// Takes the words of the activation table and of the batch-norm table from the funnel itself (one
/// a cycle), then lets the weight sequencer take the weights until the last row counts: a row of
/// weights that counts says that the tables before it are complete. With Overlap = 1, and not of a depthwise layer,
/// weights of the first output channels come before the tables, and tables_done_o says it.
///
/// After a read error or `clear_i` the units are flushed and the job ends as soon as the reader has
/// drained its bursts; only a read error is told (`job_err_o`).
module kpu_param_ctrl #(
  /// 1: the first weights come before the tables.
  parameter int unsigned Overlap = 0
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clear_i,
  // Jobs
  input  logic                  job_valid_i,
  output logic                  job_ready_o,
  input  kpu_pkg::param_job_t   job_i,
  output logic                  job_done_o,
  output logic                  job_err_o,
  /// With job_err_o: 1 batch norm, 2 activation table, 3 weights.
  output logic [1:0]            job_err_src_o,
  // To the units: the job at work, stable from start_o on
  output kpu_pkg::param_job_t   job_o,
  output logic                  start_o,
  /// Drop what is in flight.
  output logic                  flush_o,
  // Reader
  input  logic                  reader_idle_i,
  input  logic                  reader_err_i,
  input  logic [1:0]            reader_err_kind_i,
  // Funnel, for the two tables
  output logic                  weights_turn_o,  // what is opened and taken are weights, not a table
  output logic                  open_o,
  output logic [2:0]            open_off_o,
  output logic                  take_valid_o,
  input  logic                  take_ready_i,
  output logic                  take_last_o,
  // Words of the tables, at the funnel's output in the cycle of act_wr_o or bn_wr_o
  input  logic                  act_full_i,  // no word of the activation table yet
  output logic                  act_wr_o,
  output logic                  bn_wr_o,
  output logic [9:0]            word_idx_o,
  /// Both tables of the job accepted last are complete.
  output logic                  tables_done_o,
  // Weights
  output logic                  weights_start_o,
  output logic                  weights_first_o,   // some of them come before the tables
  input  logic                  weights_paused_i,  // .. and have been taken
  output logic                  weights_resume_o,
  input  logic                  weights_done_i     // pulse: the last row counts
);

  localparam logic [9:0] ActWordsM1 = 10'(kpu_pkg::ActWords - 1);

  typedef enum logic [2:0] {
    StIdle, StActOpen, StAct, StBnOpen, StBn, StWeights, StDrain, StFirst
  } state_e;

  state_e     state_d, state_q;
  logic       accept, accept_first, take, bn_last, err_d, err_q;
  logic       counted_q;  // the last row of weights counted before the tables were complete
  logic [9:0] idx_q, idx_next, idx_last;

  assign job_ready_o = state_q == StIdle && reader_idle_i && !clear_i;
  assign accept      = job_valid_i && job_ready_o;
  assign flush_o     = clear_i || reader_err_i;

  // Depthwise layers need their batch norm with the first line, and all of their weights are no more than that.
  assign accept_first     = Overlap != 0 && !job_i.kind.depthwise;
  assign weights_first_o  = Overlap != 0 && !job_o.kind.depthwise;
  assign weights_resume_o = state_q == StWeights;

  assign take_valid_o = (state_q == StAct && !act_full_i) || state_q == StBn;
  // A register, as the size of a take is.
  assign idx_next     = open_o ? '0 : idx_q + 10'd1;
  assign idx_last     = (state_q == StActOpen || state_q == StAct) ? ActWordsM1 : job_o.tables.oc_m1;
  assign take         = take_valid_o && take_ready_i;
  assign bn_last      = take && take_last_o && state_q == StBn && !flush_o;
  assign open_o       = state_q == StActOpen || state_q == StBnOpen;
  assign open_off_o   = state_q == StActOpen ? job_o.tables.act_addr[2:0] : job_o.tables.bn_addr[2:0];

  always_comb begin
    state_d    = state_q;
    err_d      = err_q;
    job_done_o = 1'b0;
    job_err_o  = 1'b0;
    unique case (state_q)
      // Waiting for a job.
      StIdle: if (accept) state_d = accept_first ? StFirst : job_i.tables.load_act ? StActOpen : StBnOpen;
      // Waiting for the weights of the first output channels to be taken.
      StFirst: if (weights_paused_i) state_d = job_o.tables.load_act ? StActOpen : StBnOpen;
      // One cycle: the funnel learns where the table starts in its first beat.
      StActOpen: state_d = StAct;
      // Taking the activation table, once the one before has left.
      StAct: if (take && take_last_o) state_d = StBnOpen;
      // One cycle, as StActOpen.
      StBnOpen: state_d = StBn;
      // Taking the batch-norm table.
      StBn: if (take && take_last_o) state_d = StWeights;
      // Waiting for the last row of weights to count.
      StWeights: begin
        if (weights_done_i || counted_q) begin
          job_done_o = 1'b1;
          state_d    = StIdle;
        end
      end
      // Waiting for the reader to drop the outstanding bursts.
      StDrain: begin
        if (reader_idle_i) begin
          job_err_o = err_q;
          err_d     = 1'b0;
          state_d   = StIdle;
        end
      end
      default: state_d = StIdle;
    endcase
    if (reader_err_i) begin
      state_d = StDrain;
      err_d   = 1'b1;
    end
    if (clear_i) begin
      state_d    = StDrain;
      err_d      = 1'b0;
      job_done_o = 1'b0;
      job_err_o  = 1'b0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q         <= StIdle;
      weights_turn_o  <= 1'b0;
      err_q           <= 1'b0;
      start_o         <= 1'b0;
      act_wr_o        <= 1'b0;
      bn_wr_o         <= 1'b0;
      weights_start_o <= 1'b0;
      tables_done_o   <= 1'b0;
    end else begin
      state_q         <= state_d;
      weights_turn_o  <= state_d == StWeights || (Overlap != 0 && state_d == StFirst);
      err_q           <= err_d;
      start_o         <= accept;
      tables_done_o   <= Overlap != 0 && ((tables_done_o && !accept) || bn_last);
      act_wr_o        <= take && state_q == StAct && !flush_o;
      bn_wr_o         <= take && state_q == StBn;
      weights_start_o <= (accept && accept_first) || (bn_last && !weights_first_o);
    end
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      job_o <= job_i;
      if (Overlap == 0) job_o.tables.tile_oc_m1 <= '0;
    end
    if (accept)              counted_q <= 1'b0;
    else if (weights_done_i) counted_q <= weights_first_o;
    if (open_o || take) begin
      idx_q       <= idx_next;
      take_last_o <= idx_next == idx_last;
    end
    if (take) word_idx_o <= idx_q;
    if (reader_err_i) job_err_src_o <= reader_err_kind_i;
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(NoErrorWhenIdle, !(reader_err_i && state_q == StIdle))
  `ASSERT(DoneOrError, !(job_done_o && job_err_o))

endmodule
