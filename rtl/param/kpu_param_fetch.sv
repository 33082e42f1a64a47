// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// List of the fetches of one job: activation table, batch norm, then the weights load by load. With first_i the
/// weights of the first output channels come before: of a full tile, or of the first load if that has fewer. What the
/// first load has beyond them is a fetch of its own behind the tables.
///
/// Runs ahead of those who take the data: commands wait only for the reader. The number of weight
/// loads follows from the output channels, so that a wrong load count can never leave a layer
/// waiting for weights. docs/architecture.md, "Weights".
module kpu_param_fetch #(
  /// 0: first_i is 0.
  parameter int unsigned Overlap = 0
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  /// Drops the rest of the list.
  input  logic                  clear_i,
  // Job: stable from start_i until its last byte has arrived
  input  logic                  start_i,
  input  kpu_pkg::tables_t      tables_i,
  input  logic                  first_i,
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
  // Bits of the bytes that come before the tables: a tile's, which fit the largest ring of 4096 rows of 36 bytes.
  localparam int unsigned FirstW      = 18;

  typedef enum logic [2:0] {StIdle, StAct, StBn, StCount, StSize, StLoad} state_e;
  // What the next fetch of weights is: a whole load; what comes before the tables; what that left of its load; a whole
  // load behind this, whose address is still to be added up.
  typedef enum logic [1:0] {LdWhole, LdFirst, LdRest, LdNext} load_e;

  state_e      state_d, state_q;
  load_e       load, load_q;
  logic [31:0] addr_q;      // of the next load
  logic [9:0]  oc_left_q;   // output channels not asked for, minus one
  logic [24:0] bytes_q;     // of the next load
  logic        load_last;   // the next load brings all that is left
  logic [9:0]  load_oc_m1;  // output channels it brings, minus one
  logic        split, split_q;  // .. of which the first ones come alone
  logic [10:0] load_oc_q;   // .. and as they are multiplied
  logic [9:0]  count_m1;
  logic [10:0] count_less;
  logic        load_fire, part_fire, load_next;
  logic [FirstW-1:0] addr_step;
  logic        all_q;       // no weights are left behind the tables

  assign split       = load_oc_m1 > 10'(tables_i.tile_oc_m1);
  assign load_last   = oc_left_q <= tables_i.load_oc_m1;
  assign load_oc_m1  = load_last ? oc_left_q : tables_i.load_oc_m1;
  // One adder each for the channels and the address.
  assign count_m1    = (load == LdFirst && split) ? 10'(tables_i.tile_oc_m1) : load_oc_m1;
  assign count_less  = (load == LdRest) ? 11'(tables_i.tile_oc_m1) : 11'h7FF;
  assign addr_step   = part_fire ? bytes_q[FirstW-1:0] : FirstW'(tables_i.load_bytes);

  assign load        = (Overlap != 0) ? load_q : LdWhole;
  assign part_fire   = state_q == StLoad && cmd_ready_i && load == LdFirst && split_q;
  assign load_next   = state_q == StCount && load == LdNext;
  assign load_fire   = state_q == StLoad && cmd_ready_i && !part_fire;

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
        if (start_i) state_d = first_i ? StCount : tables_i.load_act ? StAct : StBn;
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
        if (cmd_ready_i) state_d = (Overlap != 0 && all_q) ? StIdle : StCount;
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
        if (cmd_ready_i) begin
          if (load == LdFirst) state_d = tables_i.load_act ? StAct : StBn;
          else                 state_d = load_last ? StIdle : StCount;
        end
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
    if (start_i || (load_fire && load == LdRest)) addr_q <= tables_i.w_addr;
    else if (part_fire || load_fire || load_next) addr_q <= addr_q + 32'(addr_step);
    if (start_i)        oc_left_q <= tables_i.oc_m1;
    else if (load_fire) oc_left_q <= oc_left_q - tables_i.load_oc_m1 - 10'd1;
    if (state_q == StCount) begin
      load_oc_q <= 11'(count_m1) - count_less;
      split_q   <= split;
    end
    if (state_q == StSize)  bytes_q   <= 25'(load_oc_q) * 25'(tables_i.oc_bytes);
  end

  always_ff @(posedge clk_i) begin
    if (start_i)        load_q <= first_i ? LdFirst : LdWhole;
    else if (part_fire) load_q <= LdRest;
    else if (load_fire) load_q <= (load == LdRest) ? LdNext : LdWhole;
    if (start_i)        all_q <= 1'b0;
    else if (load_fire) all_q <= load == LdFirst && load_last;
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(StartWhenIdle, !start_i || state_q == StIdle)
  `ASSERT(FirstInRing, !part_fire || bytes_q >> FirstW == '0)
  `ASSERT_KEPT(CmdHeld, cmd_valid_o && !cmd_ready_i && !clear_i, cmd_valid_o, {cmd_addr_o, cmd_bytes_o})

endmodule
