// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Second stage of pooling: combines the rows of a window.
///
/// The rows of up to TileChannels output channels come interleaved (tag.m); one line of each is held between them. With
/// PackRows = 1 the words of a row come before those of the next row: one line of each is held for each word, in a
/// memory with a clocked read, which begins when the line enters the stage before.
///
/// | pooling          | takes       | gives                                                              |
/// |------------------|-------------|--------------------------------------------------------------------|
/// | max, mean        | 2 or 4 rows | one line of 12-bit slots, sums or maxima                           |
/// | max, mean, slide | row r       | row r - 1 and r combined (r > 0); after the last row also that row |
/// |                  |             | combined with itself; slots of 9 bits, one per lane                |
/// | pick             | 1 row       | the line; with SkipRows = 0: 2 or 4 rows, or those that there are, and the first's line |
///
/// tag.row becomes the output row. One line a cycle, except for the second line after a last row; one cycle
/// of latency.
module kpu_pool_rows #(
  parameter  int unsigned Lanes        = 64,
  parameter  int unsigned TileChannels = 16,
  /// 0: rows that a pick drops come, too.
  parameter  int unsigned SkipRows     = 1,
  parameter  int unsigned PackRows     = 0,
  localparam int unsigned TileW        = kpu_pkg::idx_width(TileChannels),
  localparam int unsigned SlotW        = 12,
  localparam int unsigned EdgeW        = 9
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  kpu_pkg::pool_t         pool_i,
  // A line enters kpu_pool_cols
  input  logic                   early_fire_i,
  input  kpu_pkg::line_tag_t     early_tag_i,
  // .. and comes from it
  input  logic                   in_valid_i,
  output logic                   in_ready_o,
  input  logic [Lanes*8-1:0]     in_line_i,
  input  kpu_pkg::line_tag_t     in_tag_i,
  // Rows of the output
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output logic [Lanes*EdgeW-1:0] out_line_o,
  output kpu_pkg::line_tag_t     out_tag_o
);

  // ---- The line that is held ---------------------------------------------------------------------
  localparam int unsigned IdxW = TileW + ((PackRows != 0) ? $clog2(kpu_pkg::PoolPixels / Lanes) : 0);

  (* no_rw_check *)
  logic [Lanes*8-1:0] held [1 << IdxW];
  logic [Lanes*8-1:0] held_line;
  logic [Lanes*8-1:0] written_q;            // what was held last
  logic [IdxW-1:0]    idx;
  logic               hold;                 // the line, or what becomes of it, is held for the next row
  logic               fire;
  logic               unused_early;

  assign idx          = IdxW'({in_tag_i.seg, in_tag_i.m[TileW-1:0]});
  assign unused_early = ^{early_tag_i, written_q};

  if (PackRows != 0) begin : gen_memory
    logic [IdxW-1:0]    early_idx;
    logic [Lanes*8-1:0] memory_line;
    logic               same, same_q;       // the line before is held in its place

    assign early_idx = IdxW'({early_tag_i.seg, early_tag_i.m[TileW-1:0]});
    assign same      = fire && hold && early_idx == idx;
    assign held_line = same_q ? written_q : memory_line;

    always_ff @(posedge clk_i) begin
      if (early_fire_i) begin
        memory_line <= held[early_idx];
        same_q      <= same;
      end
    end
  end else begin : gen_registers
    assign held_line = held[idx];
  end

  // ---- What this line does -----------------------------------------------------------------------
  logic       window, slide, mean;  // kind of pooling
  logic       pick;                 // a window of which the first row counts
  logic [1:0] row_mask;             // bits of the row that count inside a window
  logic       first_d, first_q, last_d, last_q;  // row of the window; registers: pooling's ready hangs on them
  logic       second_q;             // the line is there for the second time, to be combined with itself
  logic       again;                // it has to come a second time
  logic       adv;

  assign slide    = pool_i.slide;
  assign pick     = SkipRows == 0 && pool_i.op == kpu_pkg::PoolPick && pool_i.stride_l2 != '0;
  assign window   = (pool_i.op != kpu_pkg::PoolPick && !slide) || pick;
  assign mean     = pool_i.op == kpu_pkg::PoolMean;
  assign row_mask = {window && pool_i.stride_l2[1], window};

  always_comb begin
    if (slide) begin
      first_d = early_tag_i.row == '0;
      last_d  = !first_d || early_tag_i.row_last;
    end else begin
      first_d = (early_tag_i.row[1:0] & row_mask) == 2'b00;
      last_d  = (early_tag_i.row[1:0] & row_mask) == row_mask || (pick && early_tag_i.row_last);
    end
  end

  always_ff @(posedge clk_i) begin
    if (early_fire_i) begin
      first_q <= first_d;
      last_q  <= last_d;
    end
  end

  assign again      = slide && in_tag_i.row_last && !first_q && !second_q;
  assign adv        = !out_valid_o || out_ready_i;
  assign fire       = in_valid_i && adv;
  assign in_ready_o = adv && !again;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      out_valid_o <= 1'b0;
      second_q    <= 1'b0;
    end else if (clear_i) begin
      out_valid_o <= 1'b0;
      second_q    <= 1'b0;
    end else if (adv) begin
      out_valid_o <= in_valid_i && last_q;
      if (in_valid_i) second_q <= again;
    end
  end

  // ---- The result --------------------------------------------------------------------------------
  logic [Lanes*8-1:0] old_line, new_line;
  logic [SlotW-1:0]   old_slot, new_slot;
  logic [EdgeW-1:0]   old_px, new_px;
  kpu_pkg::line_tag_t tag;

  assign hold = (window && !last_q) || slide;

  always_ff @(posedge clk_i) begin
    if (fire) begin
      old_line = second_q ? in_line_i : held_line;
      new_line = in_line_i;

      if (window && !first_q) begin
        for (int unsigned s = 0; s < Lanes / 2; s++) begin
          old_slot = old_line[s*SlotW +: SlotW];
          new_slot = in_line_i[s*SlotW +: SlotW];
          if (mean)                             new_slot = new_slot + old_slot;
          else if (pick || old_slot > new_slot) new_slot = old_slot;
          new_line[s*SlotW +: SlotW] = new_slot;
        end
      end
      if (hold) begin
        held[idx] <= new_line;
        written_q <= new_line;
      end

      if (last_q) begin
        out_line_o <= (Lanes*EdgeW)'(new_line);
        if (slide) begin
          for (int unsigned l = 0; l < Lanes; l++) begin
            new_px = EdgeW'(in_line_i[l*8 +: 8]);
            old_px = first_q ? new_px : EdgeW'(old_line[l*8 +: 8]);
            if (mean)                 new_px = new_px + old_px;
            else if (old_px > new_px) new_px = old_px;
            out_line_o[l*EdgeW +: EdgeW] <= new_px;
          end
        end

        tag = in_tag_i;
        if (window) tag.row = row_mask[1] ? in_tag_i.row >> 2 : in_tag_i.row >> 1;
        if (slide && !first_q && !second_q) tag.row = in_tag_i.row - 9'd1;
        if (again) begin
          tag.row_last   = 1'b0;
          tag.tile_last  = 1'b0;
          tag.layer_last = 1'b0;
        end
        out_tag_o <= tag;
      end
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_KEPT(OutHeld, out_valid_o && !out_ready_i && !clear_i, out_valid_o, {out_line_o, out_tag_o})
  `ASSERT(WindowsComplete, !(in_valid_i && window && in_tag_i.row_last) || last_q)

endmodule
