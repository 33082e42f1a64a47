// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Runs layers one after the other: one computes (cfg_o) while the parameters of the next one load.
///
/// A layer starts when the one before has ended. It ends when its last line is in AI RAM and, with send_data_out, the
/// output FIFO has been read to its end, or flushed. A layer that cannot run (unsupported arguments, error response
/// while its parameters load) ends at once, with its status bit and calc_done; its output is not written. abort_i
/// drops the layer in progress and everything fetched for the next one; the layers still in the FIFO are not touched.
/// clear_o resets all units of the data path; it lasts until the parameter fetch has drained its bursts.
module kpu_layer_ctrl #(
  /// Cycles from a layer's end to the fetch of the next one's parameters; 0: they are fetched while it computes.
  parameter int unsigned StartCycles = 0,
  /// 0: no fetch looks at a tile's channels.
  parameter int unsigned Overlap     = 0
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                abort_i,           // level
  // Decoded layers
  input  logic                next_valid_i,
  output logic                next_ready_o,
  input  kpu_pkg::layer_cfg_t next_cfg_i,
  input  kpu_pkg::param_job_t next_job_i,
  input  logic [7:0]          next_reason_i,
  // Parameter fetch
  output logic                job_valid_o,
  input  logic                job_ready_i,
  output kpu_pkg::param_job_t job_o,
  input  logic                job_err_i,
  input  logic [1:0]          job_err_src_i,
  // Data path
  output logic                start_o,           // pulse; cfg_o is new in this cycle
  output kpu_pkg::layer_cfg_t cfg_o,
  output logic                clear_o,
  input  logic                written_i,         // pulse: last line of the layer is in AI RAM
  input  logic                streamed_i,        // pulse: last output word has entered the output FIFO
  input  logic                out_empty_i,       // the output FIFO holds no word
  // Status
  output logic                running_o,
  output logic                streaming_o,       // all written, output words are still to be taken
  output logic                layer_done_o,      // pulse: the layer has ended, well or not
  output logic                calc_done_o,       // the same if its int_en is set
  output logic                unsupported_o,     // pulse with reason_o
  output logic [7:0]          reason_o,
  output logic                bus_err_o,         // pulse with bus_err_src_o
  output logic [1:0]          bus_err_src_o,
  output logic [4:0]          state_o            // {next layer, this layer} for the unit state register
);

  // ---- The layer whose parameters load -----------------------------------------------------------
  typedef enum logic [1:0] {NxIdle, NxIssue, NxWait} next_state_e;

  next_state_e         nx_state_d, nx_state_q;
  kpu_pkg::layer_cfg_t nx_cfg_q;
  kpu_pkg::param_job_t nx_job_q;
  logic [7:0]          nx_reason_q;
  logic                nx_take, nx_start;
  logic                paused, pause_over; // the layer before has ended, and StartCycles ago
  logic                half_q;             // half of the parameter buffers for the next layer to load

  // ---- The layer that computes -------------------------------------------------------------------
  typedef enum logic [2:0] {StIdle, StStart, StRun, StFail, StClear, StDrain, StEnd} state_e;

  state_e              state_d, state_q;
  kpu_pkg::layer_cfg_t cfg_q;
  logic [7:0]          reason_q;
  logic                written_d, written_q;
  logic                streamed_d, streamed_q;
  logic                quiet_d, quiet_q;          // aborted: ends without calc_done
  logic                start_q, clear_q;          // in StStart, in StClear; registers of their own, they go everywhere
  logic                failed_d, failed_q;        // a parameter fetch met a bus error ..
  logic                next_fetch;                // .. the next layer's: its fetch begins when this one's has ended
  logic [1:0]          err_src_q;

  assign next_ready_o = nx_state_q == NxIdle && !abort_i;
  assign nx_take      = next_valid_i && next_ready_o;
  assign nx_start     = nx_state_q == NxWait && state_q == StIdle && !abort_i;

  // Not in StStart, in which the running layer claims its activation table and looks whether its tables are complete.
  assign job_valid_o = nx_state_q == NxIssue && nx_reason_q == '0 && !failed_q && !abort_i && pause_over
                    && (state_q == StIdle || (StartCycles == 0 && state_q == StRun));
  assign next_fetch  = nx_state_q == NxWait && nx_reason_q == '0;
  assign job_o       = nx_job_q;

  if (StartCycles == 0) begin : gen_no_pause
    assign paused     = 1'b0;
    assign pause_over = 1'b1;
  end else begin : gen_pause
    localparam int unsigned PauseW = $clog2(StartCycles + 1);
    logic [PauseW-1:0] pause_q;
    assign paused     = nx_state_q != NxIdle && state_q == StIdle;
    assign pause_over = pause_q == PauseW'(StartCycles);
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)          pause_q <= '0;
      else if (!paused)     pause_q <= '0;
      else if (!pause_over) pause_q <= pause_q + PauseW'(1);
    end
  end

  always_comb begin
    nx_state_d = nx_state_q;
    unique case (nx_state_q)
      // Waiting for a decoded layer.
      NxIdle:  if (nx_take) nx_state_d = NxIssue;
      // Waiting for the parameter fetch to take the job; a layer that cannot run needs none.
      NxIssue: if ((job_valid_o && job_ready_i) || nx_reason_q != '0) nx_state_d = NxWait;
      // Waiting for the layer before to end.
      NxWait:  if (nx_start) nx_state_d = NxIdle;
      default: nx_state_d = NxIdle;
    endcase
    if (abort_i) nx_state_d = NxIdle;
  end

  always_comb begin
    state_d    = state_q;
    written_d  = written_q || written_i;
    streamed_d = streamed_q || streamed_i;
    quiet_d    = quiet_q;
    failed_d   = failed_q || job_err_i;

    unique case (state_q)
      // Waiting for a layer whose parameter fetch has begun.
      StIdle: begin
        written_d  = 1'b0;
        streamed_d = 1'b0;
        quiet_d    = 1'b0;
        if (nx_start) state_d = (nx_reason_q != '0 || failed_d) ? StFail : StStart;
      end
      // One cycle: all units take the new configuration.
      StStart: state_d = StRun;
      // Waiting for the last line to be written and the last output word to be read.
      StRun: begin
        if (written_q && ((streamed_q && out_empty_i) || !cfg_q.send_data_out)) state_d = StEnd;
        else if (failed_q && !next_fetch)                               state_d = StFail;
      end
      // One cycle: the status of a layer that cannot run or go on is set.
      StFail: state_d = StClear;
      // All units drop what they hold; abort_i (below) keeps it.
      StClear: begin
        failed_d = 1'b0;
        state_d  = StDrain;
      end
      // Waiting for the last beats of dropped bursts.
      StDrain: if (job_ready_i) state_d = quiet_q ? StIdle : StEnd;
      // One cycle: the layer has ended.
      StEnd: state_d = StIdle;
      default: state_d = StIdle;
    endcase

    if (abort_i) begin
      quiet_d = 1'b1;
      state_d = StClear;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      nx_state_q <= NxIdle;
      state_q    <= StIdle;
      start_q    <= 1'b0;
      clear_q    <= 1'b0;
      written_q  <= 1'b0;
      streamed_q <= 1'b0;
      quiet_q    <= 1'b0;
      failed_q   <= 1'b0;
      half_q     <= 1'b0;
    end else begin
      nx_state_q <= nx_state_d;
      state_q    <= state_d;
      start_q    <= state_d == StStart;
      clear_q    <= state_d == StClear;
      written_q  <= written_d;
      streamed_q <= streamed_d;
      quiet_q    <= quiet_d;
      failed_q   <= failed_d;
      if (nx_take) half_q <= !half_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (nx_take) begin
      nx_cfg_q               <= next_cfg_i;
      nx_cfg_q.post.par_half <= half_q;
      nx_job_q               <= next_job_i;
      nx_job_q.par_half      <= half_q;
      if (Overlap == 0) nx_job_q.tables.tile_oc_m1 <= '0;
      nx_reason_q            <= next_reason_i;
    end
    if (nx_start) begin
      cfg_q    <= nx_cfg_q;
      reason_q <= nx_reason_q;
    end
    if (job_err_i) err_src_q <= job_err_src_i;
  end

  // ---- Outputs -----------------------------------------------------------------------------------
  assign start_o       = start_q;
  assign cfg_o         = cfg_q;
  assign clear_o       = clear_q;
  assign running_o     = state_q == StStart || state_q == StRun || paused;
  assign streaming_o   = state_q == StRun && written_q;
  assign layer_done_o  = state_q == StEnd;
  assign calc_done_o   = state_q == StEnd && cfg_q.int_en;
  assign unsupported_o = state_q == StFail && reason_q != '0;
  assign reason_o      = reason_q;
  assign bus_err_o     = state_q == StFail && reason_q == '0;
  assign bus_err_src_o = err_src_q;
  assign state_o       = {nx_state_q, state_q};

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(ProgressOnlyInRun, !(written_i || streamed_i) || state_q == StRun || state_q == StClear)
  `ASSERT(HalvesApart, !(running_o && !paused && nx_state_q != NxIdle) || nx_cfg_q.post.par_half != cfg_q.post.par_half)
  `ASSERT_KEPT(JobHeld, job_valid_o && !job_ready_i, 1'b1, job_o)

endmodule
