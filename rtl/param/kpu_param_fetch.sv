// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// List of the fetches of one job: activation table, batch norm, then the weights load by load.
///
/// Runs ahead of those who take the data: commands wait only for the reader. The number of weight
/// loads follows from the output channels, so that a wrong load count can never leave a layer
/// waiting for weights. docs/architecture.md, "Weights".
module kpu_param_fetch (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  /// Drops the rest of the list.
  input  logic                  clear_i,
  // Job: stable from start_i until its last byte has arrived
  input  logic                  start_i,
  input  kpu_pkg::tables_t      tables_i,
  // Commands to the reader
  output logic                  cmd_valid_o,
  input  logic                  cmd_ready_i,
  output logic [31:0]           cmd_addr_o,
  output logic [24:0]           cmd_bytes_o,
  /// What is fetched: 1 batch norm, 2 activation table, 3 weights.
  output logic [1:0]            cmd_kind_o
);

  localparam logic [1:0]  KindBn      = 2'd1;
  localparam logic [1:0]  KindAct     = 2'd2;
  localparam logic [1:0]  KindWeights = 2'd3;
  localparam int unsigned ActBytes    = 8 * kpu_pkg::ActWords;

  typedef enum logic [2:0] {StIdle, StAct, StBn, StCount, StSize, StLoad} state_e;

  state_e      state_d, state_q;
  logic [31:0] addr_q;      // of the next load
  logic [9:0]  oc_left_q;   // output channels not asked for, minus one
  logic [24:0] bytes_q;     // of the next load
  logic        load_last;   // the next load brings all that is left
  logic [9:0]  load_oc_m1;  // output channels it brings, minus one
  logic [10:0] load_oc_q;   // .. and as they are multiplied
  logic        load_fire;

  assign load_last   = oc_left_q <= tables_i.load_oc_m1;
  assign load_oc_m1  = load_last ? oc_left_q : tables_i.load_oc_m1;
  assign load_fire   = state_q == StLoad && cmd_ready_i;

  always_comb begin
    state_d     = state_q;
    cmd_valid_o = 1'b1;
    cmd_addr_o  = addr_q;
    cmd_bytes_o = bytes_q;
    cmd_kind_o  = KindWeights;
    unique case (state_q)
      // Waiting for a job.
      StIdle: begin
        cmd_valid_o = 1'b0;
        if (start_i) state_d = tables_i.load_act ? StAct : StBn;
      end
      // Waiting for the reader to take the activation table's fetch.
      StAct: begin
        cmd_addr_o  = tables_i.act_addr;
        cmd_bytes_o = 25'(ActBytes);
        cmd_kind_o  = KindAct;
        if (cmd_ready_i) state_d = StBn;
      end
      // Waiting for the reader to take the batch-norm fetch.
      StBn: begin
        cmd_addr_o  = tables_i.bn_addr;
        cmd_bytes_o = (25'(tables_i.oc_m1) + 25'd1) << 3;
        cmd_kind_o  = KindBn;
        if (cmd_ready_i) state_d = StCount;
      end
      // One cycle: the output channels of the next load are counted.
      StCount: begin
        cmd_valid_o = 1'b0;
        state_d     = StSize;
      end
      // One cycle: the size of the next load is multiplied.
      StSize: begin
        cmd_valid_o = 1'b0;
        state_d     = StLoad;
      end
      // Waiting for the reader to take a load of weights.
      StLoad: begin
        if (cmd_ready_i) state_d = load_last ? StIdle : StCount;
      end
      default: begin
        cmd_valid_o = 1'b0;
        state_d     = StIdle;
      end
    endcase
    if (clear_i) state_d = StIdle;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= StIdle;
    else         state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      addr_q    <= tables_i.w_addr;
      oc_left_q <= tables_i.oc_m1;
    end else if (load_fire) begin
      addr_q    <= addr_q + 32'(tables_i.load_bytes);
      oc_left_q <= oc_left_q - tables_i.load_oc_m1 - 10'd1;
    end
    if (state_q == StCount) load_oc_q <= 11'(load_oc_m1) + 11'd1;
    if (state_q == StSize)  bytes_q   <= 25'(load_oc_q) * 25'(tables_i.oc_bytes);
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(StartWhenIdle, !start_i || state_q == StIdle)
  `ASSERT_KEPT(CmdHeld, cmd_valid_o && !cmd_ready_i && !clear_i, cmd_valid_o, {cmd_addr_o, cmd_bytes_o})

endmodule
