// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Pooling a pixel a cycle, for post-processing that gives no more (docs/architecture.md, "A pixel a cycle").
///
/// Takes and gives what kpu_pool does, for words of one channel (Lanes = 8 or 16). A line stays at the input until its
/// last pixel is taken. One operation joins columns and rows: a pixel meets what its slot holds, which is the pixel
/// before it or, in a slot's first column, the result of the row above from a memory. Sliding windows join two rows in
/// this way and two columns in a second one, a pixel behind.
///
/// A line takes a cycle a pixel; with a window or a slide it takes a multiple of four, with a stride of four of eight, so
/// that a slot has been written before the row below reads it. The last row of a slide takes its cycles twice. Five cycles
/// of latency, behind a line's last pixel.
module kpu_pool_serial #(
  parameter  int unsigned Lanes        = 16,
  parameter  int unsigned TileChannels = 16,
  parameter  int unsigned SkipRows     = 1,
  parameter  int unsigned PackRows     = 0,
  localparam int unsigned LaneW        = $clog2(Lanes),
  localparam int unsigned TileW        = kpu_pkg::idx_width(TileChannels),
  localparam int unsigned SlideW       = $clog2(kpu_pkg::SlideOc),
  localparam int unsigned SlotW        = 12,
  localparam int unsigned EdgeW        = 9
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  kpu_pkg::pool_t      pool_i,
  input  kpu_pkg::segs_t      segs_i,
  input  logic                half_i,      // of words, half of the lanes have pixels
  // Lines of pixels
  input  logic                pix_valid_i,
  output logic                pix_ready_o,
  input  logic [Lanes*8-1:0]  pix_line_i,
  input  logic [LaneW-1:0]    pix_at_i,    // lane of its first pixel, lane 0 follows the last one (PackRows = 1)
  input  kpu_pkg::line_tag_t  pix_tag_i,
  // Lines of the output image
  output logic                pool_valid_o,
  input  logic                pool_ready_i,
  output logic [Lanes*8-1:0]  pool_line_o,
  output kpu_pkg::line_tag_t  pool_tag_o
);

  if (Lanes != 8 && Lanes != 16) begin : gen_check_lanes
    $error("kpu_pool_serial: Lanes must be 8 or 16");
  end

  // ---- Kind of pooling ---------------------------------------------------------------------------
  logic             slide, pick, mean, quad;
  logic             rows;           // the rows of a window come; of a pick the first one counts
  logic [1:0]       row_mask;       // bits of the row inside a window
  logic [LaneW-1:0] col_mask;       // bits of the column inside a slot
  logic [LaneW-1:0] last_px_q;      // column of the image's last pixel, in its segment
  logic [LaneW-1:0] last_step_q;    // last pixel that is taken of it

  assign slide    = pool_i.slide;
  assign pick     = pool_i.op == kpu_pkg::PoolPick;
  assign mean     = pool_i.op == kpu_pkg::PoolMean;
  assign quad     = pool_i.stride_l2[1];
  assign rows     = !slide && (!pick || (SkipRows == 0 && pool_i.stride_l2 != '0));
  assign row_mask = {rows && quad, rows};
  assign col_mask = LaneW'({quad, pool_i.stride_l2 != '0});

  // Stable long before the layer's first line.
  always_ff @(posedge clk_i) begin
    last_px_q   <= LaneW'(segs_i.last_px - 9'd1);
    last_step_q <= LaneW'(segs_i.last_px - 9'd1) | LaneW'({quad, {2{slide || pool_i.stride_l2 != '0}}});
  end

  // ---- Step 0: a pixel of the line, and what happens to it ---------------------------------------
  localparam int unsigned HeldColW = (PackRows != 0) ? $clog2(kpu_pkg::PoolPixels / 2) : LaneW;
  localparam int unsigned HeldW    = TileW + HeldColW;

  logic             advance;        // all steps move on, or none
  logic [LaneW-1:0] lane_q, from;   // pixel of the line, lane that it comes from
  logic             second_q;       // slide: the line is taken for the second time, to meet itself
  logic             again;          // it will be
  logic             last_seg, row_zero, top, line_last, slot_first, fire;
  kpu_pkg::pool_step_t step_d, step_q1, step_q2, step_q3, step_q4;
  logic             valid_q1, valid_q2, valid_q3, valid_q4;
  logic             joins_q1, joins_q2;    // the slot holds the result of the pixel before
  logic             fresh_q1, fresh_q2;    // the slot holds nothing
  logic             chosen_q1, chosen_q2;  // the pixel that a pick takes
  logic [7:0]       px, px_q1, px_q2;
  logic [HeldW-1:0] held_idx, held_idx_q1, held_idx_q2;
  logic [SlotW-1:0] held, held_q2;

  assign advance     = !pool_valid_o || pool_ready_i;
  assign fire        = pix_valid_i && advance;
  assign last_seg    = pix_tag_i.seg == segs_i.last;
  assign row_zero    = pix_tag_i.row == '0;
  assign again       = slide && pix_tag_i.row_last && !row_zero && !second_q;
  assign top         = slide ? row_zero || second_q : (pix_tag_i.row[1:0] & row_mask) == 2'b00;
  assign line_last   = lane_q == (LaneW'(Lanes - 1) >> half_i) || (last_seg && lane_q == last_step_q);
  assign slot_first  = (lane_q & col_mask) == '0;
  assign held_idx    = {pix_tag_i.m[TileW-1:0], HeldColW'({pix_tag_i.seg, lane_q} >> pool_i.stride_l2)};
  assign pix_ready_o = advance && line_last && !again;

  if (PackRows != 0) begin : gen_from
    assign from = lane_q + pix_at_i;
  end else begin : gen_no_from
    logic unused_at;
    assign unused_at = ^pix_at_i;
    assign from      = lane_q;
  end

  always_comb begin
    px = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (from == LaneW'(l)) px = pix_line_i[l*8 +: 8];
    end

    step_d.line_first = lane_q == '0;
    step_d.line_last  = line_last;
    if (slide) step_d.gives = !row_zero || pix_tag_i.row_last;
    else step_d.gives = (pix_tag_i.row[1:0] & row_mask) == row_mask || (pick && pix_tag_i.row_last);
    step_d.own = last_seg && lane_q == last_px_q;
    step_d.at  = 4'(lane_q) >> pool_i.stride_l2;
    step_d.tag = pix_tag_i;
    if (rows) step_d.tag.row = pix_tag_i.row >> pool_i.stride_l2;
    if (slide && !top) step_d.tag.row = pix_tag_i.row - 9'd1;
    if (again) begin
      step_d.tag.row_last   = 1'b0;
      step_d.tag.tile_last  = 1'b0;
      step_d.tag.layer_last = 1'b0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {valid_q1, valid_q2, valid_q3, valid_q4} <= '0;
      pool_valid_o <= 1'b0;
      second_q     <= 1'b0;
      lane_q       <= '0;
    end else if (clear_i) begin
      {valid_q1, valid_q2, valid_q3, valid_q4} <= '0;
      pool_valid_o <= 1'b0;
      second_q     <= 1'b0;
      lane_q       <= '0;
    end else if (advance) begin
      {valid_q1, valid_q2, valid_q3, valid_q4} <= {pix_valid_i, valid_q1, valid_q2, valid_q3};
      pool_valid_o <= valid_q4 && step_q4.line_last && step_q4.gives;
      if (pix_valid_i) lane_q <= line_last ? '0 : lane_q + LaneW'(1);
      if (pix_valid_i && line_last) second_q <= again;
    end
  end

  // ---- Steps 1 and 2: the pixel meets what its slot holds ------------------------------------------
  logic [SlotW-1:0] old, joined, joined_q3, joined_q4;

  kpu_ram_1r1w #(
    .Width (SlotW),
    .Depth (1 << HeldW)
  ) u_held (
    .clk_i,
    .rd_en_i   (fire && (rows || slide)),
    .rd_addr_i (held_idx),
    .rd_data_o (held),
    .wr_en_i   (valid_q2 && advance && (rows || slide)),
    .wr_addr_i (held_idx_q2),
    .wr_data_i (slide ? SlotW'(px_q2) : joined)
  );

  always_comb begin
    old = fresh_q2 ? (slide ? SlotW'(px_q2) : '0) : held_q2;
    if (joins_q2) old = joined_q3;

    joined = old;
    if (mean)                                     joined = old + SlotW'(px_q2);
    else if (pick ? chosen_q2 : px_q2 > old[7:0]) joined = SlotW'(px_q2);
  end

  always_ff @(posedge clk_i) begin
    if (advance) begin
      step_q1     <= step_d;
      px_q1       <= px;
      held_idx_q1 <= held_idx;
      joins_q1    <= !slot_first;
      fresh_q1    <= top;
      chosen_q1   <= top && (lane_q & col_mask) == LaneW'(pool_i.right);

      step_q2     <= step_q1;
      px_q2       <= px_q1;
      held_idx_q2 <= held_idx_q1;
      held_q2     <= held;
      joins_q2    <= joins_q1;
      fresh_q2    <= fresh_q1;
      chosen_q2   <= chosen_q1;

      step_q3     <= step_q2;
      joined_q3   <= joined;
    end
  end

  // ---- Step 3: slide: the first column, for the segment to the left --------------------------------
  logic [EdgeW-1:0] right, right_q;   // first column of the segment to the right

  kpu_ram_1r1w #(
    .Width (EdgeW),
    .Depth (1 << (SlideW + kpu_pkg::RowIdxW))
  ) u_first_col (
    .clk_i,
    .rd_en_i   (valid_q2 && advance && slide && step_q2.line_first),
    .rd_addr_i ({step_q2.tag.m[SlideW-1:0], step_q2.tag.row}),
    .rd_data_o (right),
    .wr_en_i   (valid_q3 && advance && slide && step_q3.line_first && step_q3.gives),
    .wr_addr_i ({step_q3.tag.m[SlideW-1:0], step_q3.tag.row}),
    .wr_data_i (joined_q3[EdgeW-1:0])
  );

  always_ff @(posedge clk_i) begin
    if (advance) begin
      step_q4   <= step_q3;
      joined_q4 <= joined_q3;
      right_q   <= right;
    end
  end

  // ---- Step 4: slide: the column meets the next one; the byte goes to its lane ---------------------
  logic [EdgeW-1:0] next_px;
  logic [EdgeW:0]   sum;
  logic [7:0]       result;
  logic             unused_first;

  assign unused_first = step_q4.line_first;

  always_comb begin
    next_px = joined_q3[EdgeW-1:0];
    if (step_q4.line_last) next_px = right_q;
    if (step_q4.own)       next_px = joined_q4[EdgeW-1:0];
    if (!slide)            next_px = '0;

    sum = joined_q4[EdgeW:0] + (EdgeW+1)'(next_px);
    if (mean)                               result = quad ? joined_q4[11:4] : 8'(sum >> 2);
    else if (next_px[7:0] > joined_q4[7:0]) result = next_px[7:0];
    else                                    result = joined_q4[7:0];
  end

  always_ff @(posedge clk_i) begin
    if (valid_q4 && advance) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        if (step_q4.at == 4'(l)) pool_line_o[l*8 +: 8] <= result;
      end
      pool_tag_o <= step_q4.tag;
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_KEPT(OutHeld, pool_valid_o && !pool_ready_i && !clear_i, pool_valid_o, {pool_line_o, pool_tag_o})
  `ASSERT(StrideInRange, !pix_valid_i || pool_i.stride_l2 != 2'd3)
  `ASSERT(WindowsComplete, !(pix_valid_i && rows && pix_tag_i.row_last) || step_d.gives)
  `ASSERT(FirstColumnsFit, !(pix_valid_i && slide && segs_i.last != '0) || 32'(pix_tag_i.m) < kpu_pkg::SlideOc)

endmodule
