// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Commands of a 16-bit SDR SDRAM with 4 banks of 8,192 rows of 512 columns (32 MiB; of larger chips this part of each
/// row): it is set up, refreshed, and read and written column by column. docs/board-sdram.md.
///
/// A column a cycle within a row, bursts of length 1, CAS latency 2. One row is open at a time and stays open; another
/// one costs TRp + TRcd cycles, a refresh TRp + TRfc + TRcd, a write behind a read two. A column's data come three
/// cycles after it was taken, in order. Refresh comes first, between any two columns.
///
/// What goes to the chip are registers of clk_i, what comes from it, too. The chip's clock is clk_i inverted.
module kpu_sdram_ctrl #(
  /// Cycles of rest after reset; the chip wants 100 to 200 us.
  parameter int unsigned PowerCycles   = 5000,
  /// Cycles from one refresh to the next: 64 ms / 8,192. At most PowerCycles.
  parameter int unsigned RefreshCycles = 195,
  /// Refreshes before the mode is set.
  parameter int unsigned InitRefreshes = 8,
  // Cycles between commands, 1..8 each. The chip's tRC has to fit in TRas + TRp.
  /// From a row's opening to its columns.
  parameter int unsigned TRcd          = 1,
  /// From closing to what comes then.
  parameter int unsigned TRp           = 1,
  /// From opening to closing.
  parameter int unsigned TRas          = 2,
  /// From a refresh to what comes then.
  parameter int unsigned TRfc          = 2,
  /// From the last written column to closing.
  parameter int unsigned TWr           = 2,
  /// From setting the mode to what comes then.
  parameter int unsigned TMrd          = 2
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  // Columns
  input  logic        req_valid_i,
  output logic        req_ready_o,
  input  logic        req_write_i,
  /// {row, bank, column}: the halfword's number.
  input  logic [23:0] req_addr_i,
  input  logic [15:0] req_data_i,
  /// Bytes to write.
  input  logic [1:0]  req_strb_i,
  /// What a read column holds. Cannot wait.
  output logic        rsp_valid_o,
  output logic [15:0] rsp_data_o,
  // The chip; CKE is high and CS# low all the time
  output logic        sdram_rasn_o,
  output logic        sdram_casn_o,
  output logic        sdram_wen_o,
  output logic [1:0]  sdram_ba_o,
  output logic [12:0] sdram_a_o,
  output logic [1:0]  sdram_dqm_o,
  output logic [15:0] sdram_d_o,
  output logic        sdram_oe_o,
  /// The data pins, from a register of clk_i at the pins.
  input  logic [15:0] sdram_d_i
);

  localparam int unsigned TimerW = $clog2(PowerCycles + 1);
  localparam int unsigned InitW  = $clog2(InitRefreshes + 1);
  // Cycles from a read to a write: the read's data leave the bus half a cycle before the write's come.
  localparam int unsigned Turn   = 3;

  // {RAS#, CAS#, WE#}
  typedef enum logic [2:0] {
    CmdMode = 3'b000, CmdRefresh = 3'b001, CmdPrecharge = 3'b010, CmdActivate = 3'b011,
    CmdWrite = 3'b100, CmdRead = 3'b101, CmdNone = 3'b111
  } cmd_e;

  // Bursts of length 1, in sequence, CAS latency 2.
  localparam logic [12:0] Mode     = 13'h020;
  localparam logic [12:0] AllBanks = 13'h400;

  typedef enum logic [2:0] {StPower, StInitClose, StInitRefresh, StMode, StIdle, StOpen} state_e;

  state_e            state_d, state_q;
  cmd_e              cmd;
  logic [TimerW-1:0] timer_q;
  logic              tick, due_q;            // time for a refresh; one is due
  logic [InitW-1:0]  init_q;                 // refreshes left before the mode is set
  logic [2:0]        wait_d, wait_q;         // cycles until there may be any command
  logic [2:0]        keep_d, keep_q;         // cycles until the row may be closed
  logic [1:0]        turn_d, turn_q;         // cycles until there may be a write
  logic [14:0]       row_q;                  // open: {row, bank}
  logic [2:0]        read_q;                 // reads on their way
  logic              hit, ready;

  // ---- Time --------------------------------------------------------------------------------------
  assign tick = timer_q == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)   timer_q <= TimerW'(PowerCycles);
    else if (tick) timer_q <= TimerW'(RefreshCycles - 1);
    else           timer_q <= timer_q - TimerW'(1);
  end

  // ---- Commands ----------------------------------------------------------------------------------
  assign hit   = row_q == req_addr_i[23:9];
  assign ready = wait_q == '0;

  always_comb begin
    state_d     = state_q;
    cmd         = CmdNone;
    req_ready_o = 1'b0;
    wait_d      = ready ? 3'd0 : wait_q - 3'd1;
    keep_d      = keep_q == '0 ? 3'd0 : keep_q - 3'd1;
    turn_d      = turn_q == '0 ? 2'd0 : turn_q - 2'd1;
    if (ready) begin
      unique case (state_q)
        // Waits until the chip has had power and clock for long enough.
        StPower: if (tick) state_d = StInitClose;
        // Closes all rows.
        StInitClose: begin
          cmd     = CmdPrecharge;
          wait_d  = 3'(TRp - 1);
          state_d = StInitRefresh;
        end
        // Refreshes until none is left.
        StInitRefresh: begin
          cmd    = CmdRefresh;
          wait_d = 3'(TRfc - 1);
          if (init_q == InitW'(1)) state_d = StMode;
        end
        // Sets the mode.
        StMode: begin
          cmd     = CmdMode;
          wait_d  = 3'(TMrd - 1);
          state_d = StIdle;
        end
        // No row is open. Waits for the time to refresh, or for a column, whose row is opened.
        StIdle: begin
          if (due_q) begin
            cmd    = CmdRefresh;
            wait_d = 3'(TRfc - 1);
          end else if (req_valid_i) begin
            cmd     = CmdActivate;
            wait_d  = 3'(TRcd - 1);
            keep_d  = 3'(TRas - 1);
            state_d = StOpen;
          end
        end
        // A row is open. Takes its columns until it is time to refresh or another row is asked for.
        StOpen: begin
          if (due_q || (req_valid_i && !hit)) begin
            if (keep_q == '0) begin
              cmd     = CmdPrecharge;
              wait_d  = 3'(TRp - 1);
              state_d = StIdle;
            end
          end else if (req_valid_i && !(req_write_i && turn_q != '0)) begin
            req_ready_o = 1'b1;
            cmd         = req_write_i ? CmdWrite : CmdRead;
            if (req_write_i) begin
              if (32'(keep_d) < TWr - 1) keep_d = 3'(TWr - 1);
            end else begin
              turn_d = 2'(Turn - 1);
            end
          end
        end
        default: state_d = StPower;
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StPower;
      due_q   <= 1'b0;
      init_q  <= InitW'(InitRefreshes);
      wait_q  <= '0;
      keep_q  <= '0;
      turn_q  <= '0;
      read_q  <= '0;
    end else begin
      state_q <= state_d;
      wait_q  <= wait_d;
      keep_q  <= keep_d;
      turn_q  <= turn_d;
      read_q  <= {read_q[1:0], cmd == CmdRead};
      if (tick && state_q != StPower)                    due_q <= 1'b1;
      else if (cmd == CmdRefresh && state_q == StIdle)   due_q <= 1'b0;
      if (cmd == CmdRefresh && state_q == StInitRefresh) init_q <= init_q - InitW'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (cmd == CmdActivate) row_q <= req_addr_i[23:9];
  end

  // ---- The chip's pins ---------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {sdram_rasn_o, sdram_casn_o, sdram_wen_o} <= CmdNone;
      sdram_dqm_o <= 2'b11;
      sdram_oe_o  <= 1'b0;
    end else begin
      {sdram_rasn_o, sdram_casn_o, sdram_wen_o} <= cmd;
      sdram_oe_o <= cmd == CmdWrite;
      if (state_q != StIdle && state_q != StOpen) sdram_dqm_o <= 2'b11;
      else                                        sdram_dqm_o <= cmd == CmdWrite ? ~req_strb_i : 2'b00;
    end
  end

  always_ff @(posedge clk_i) begin
    sdram_ba_o <= req_addr_i[10:9];
    sdram_d_o  <= req_data_i;
    unique case (cmd)
      CmdMode: begin
        sdram_ba_o <= 2'b00;
        sdram_a_o  <= Mode;
      end
      CmdPrecharge: sdram_a_o <= AllBanks;
      CmdActivate:  sdram_a_o <= req_addr_i[23:11];
      default:      sdram_a_o <= 13'(req_addr_i[8:0]);
    endcase
  end

  // At the end of the cycle after the command's the data are on the pins, half a cycle after the chip's clock.
  assign rsp_data_o  = sdram_d_i;
  assign rsp_valid_o = read_q[2];

  // ---- Assertions --------------------------------------------------------------------------------
  if (PowerCycles < RefreshCycles || RefreshCycles < 32 || InitRefreshes < 2) begin : gen_check_cycles
    $error("kpu_sdram_ctrl: PowerCycles from RefreshCycles, RefreshCycles from 32, InitRefreshes from 2");
  end
  if (TRcd < 1 || TRcd > 8 || TRp < 1 || TRp > 8 || TRas < 1 || TRas > 8 || TRfc < 1 || TRfc > 8 || TWr < 1 || TWr > 8
      || TMrd < 1 || TMrd > 8) begin : gen_check_distances
    $error("kpu_sdram_ctrl: TRcd, TRp, TRas, TRfc, TWr and TMrd from 1 to 8");
  end
  `ASSERT(RefreshedInTime, !(tick && due_q && state_q == StOpen))
  `ASSERT(ColumnsOfTheOpenRow, !req_ready_o || (state_q == StOpen && hit && !due_q))

endmodule
