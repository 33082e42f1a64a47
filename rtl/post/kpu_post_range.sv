// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Which lanes of a line matter, and the overflow reports of those.
///
/// A lane matters when some output pixel depends on it: its column is inside the image and inside what
/// pooling uses, it is the column a select pool picks, and its channel exists. Where the columns come picked (pack_i.pick)
/// each half of a part is a word; words are counted from a tile's first line on, tag.row by tag.row. Three stages: en_i[0] with
/// the line's tag, en_i[1] with the step, en_i[2] with the overflow bits of that step's lanes (PostLanes lanes).
/// The reports are registered pulses; without an activation table nothing depends on any value.
/// The layer's fields must be there a cycle before its first line.
module kpu_post_range #(
  parameter  int unsigned Lanes     = 64,
  parameter  int unsigned PostLanes = Lanes,
  /// 0: rows that a pick drops come, too.
  parameter  int unsigned SkipRows  = 1,
  localparam int unsigned StepW     = kpu_pkg::idx_width(Lanes / PostLanes)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic [2:0]           en_i,
  input  logic                 depthwise_i,
  input  kpu_pkg::image_t      src_i,
  input  kpu_pkg::image_t      dst_i,
  input  kpu_pkg::pool_t       pool_i,
  input  logic [6:0]           seg_last_i,
  input  kpu_pkg::pack_t       pack_i,
  input  logic                 load_act_i,
  // Stage 0
  input  kpu_pkg::line_tag_t   tag_i,
  // Stage 1
  input  logic [StepW-1:0]     step_i,
  // Stage 2
  input  logic [PostLanes-1:0] conv_ovf_i,
  input  logic [PostLanes-1:0] norm_ovf_i,
  output logic                 conv_ovf_o,
  output logic                 norm_ovf_o
);

  localparam int unsigned LaneW = $clog2(Lanes);

  // ---- Stage 0: columns that matter --------------------------------------------------------------
  logic [12:0]    conv_width;        // columns of the convolution that pooling uses, 1..4096
  logic [12:0]    used_width_q;      // those inside the image
  logic [12:0]    columns;           // of those, this line's and all to the right
  logic [LaneW:0] count_q;           // columns of this line that matter, 0..Lanes
  logic [3:1]     exists_q;          // further channels of the word
  logic           dropped_q;         // a select pool picks nothing of this row

  assign conv_width = (13'(dst_i.w_m1) + 13'd1) << pool_i.stride_l2;
  // Not below 0: a segment begins inside the image and at a multiple of every stride.
  assign columns    = used_width_q - (13'(tag_i.seg) << LaneW);

  always_ff @(posedge clk_i) begin
    used_width_q <= (conv_width > 13'(src_i.w_m1)) ? 13'(src_i.w_m1) + 13'd1 : conv_width;
    if (en_i[0]) begin
      count_q <= (columns > 13'(Lanes)) ? (LaneW+1)'(Lanes) : (LaneW+1)'(columns);
      dropped_q <= SkipRows == 0 && pool_i.op == kpu_pkg::PoolPick &&
                   (tag_i.row[1:0] & ~(2'b11 << pool_i.stride_l2)) != '0;
      if (pack_i.on) count_q <= (tag_i.row_last || pack_i.pick) ? (LaneW+1)'(pack_i.last_px) : (LaneW+1)'(Lanes);
      for (int unsigned k = 1; k < 4; k++) begin
        exists_q[k] <= depthwise_i && 11'(tag_i.oc) + 11'(k) <= 11'(dst_i.ch_m1);
      end
    end
  end

  // ---- Stage 0: words of a line that come picked ---------------------------------------------------
  localparam int unsigned SegW = kpu_pkg::idx_width(kpu_pkg::PoolPixels / Lanes);

  logic [SegW-1:0] seg_last, seg_low, seg_high, seg_next;  // segments of the line's words, and of the one behind
  logic [SegW-1:0] seg_low_q, seg_next_q;
  logic            row_q;
  logic            low_ends_q, high_ends_q;  // the word is the last of its row
  logic            high_q;                   // there is a second one

  function automatic logic [SegW-1:0] seg_behind(input logic [SegW-1:0] seg, input logic [SegW-1:0] last);
    seg_behind = (seg == last) ? '0 : seg + SegW'(1);
  endfunction

  always_comb begin
    seg_last = SegW'(seg_last_i);
    seg_low  = (tag_i.row[0] == row_q) ? seg_low_q : seg_next_q;
    if (tag_i.row == '0) seg_low = '0;
    seg_high = seg_behind(seg_low, seg_last);
    seg_next = seg_behind(seg_high, seg_last);
  end

  always_ff @(posedge clk_i) begin
    if (en_i[0] && pack_i.pick) begin
      row_q       <= tag_i.row[0];
      seg_low_q   <= seg_low;
      seg_next_q  <= seg_next;
      low_ends_q  <= seg_low == seg_last;
      high_ends_q <= seg_high == seg_last;
      high_q      <= !(tag_i.row_last && pack_i.odd);
    end
  end

  // ---- Stage 1: mask of the line's lanes ---------------------------------------------------------
  logic [Lanes-1:0]     cols;        // columns as a mask
  logic [Lanes-1:0]     picked;      // columns that a select pool picks
  logic [Lanes/2-1:0]   low, high;   // columns of the two words that come picked
  logic [Lanes-1:0]     mask;
  logic [PostLanes-1:0] mask_q;

  always_comb begin
    picked = '1;
    if (pool_i.op == kpu_pkg::PoolPick) begin
      if (pool_i.stride_l2 == 2'd1) picked = pool_i.right ? {Lanes/2{2'b10}} : {Lanes/2{2'b01}};
      if (pool_i.stride_l2 == 2'd2) picked = {Lanes/4{4'b0001}};
    end
    cols = ~({Lanes{1'b1}} << count_q);
    low  = cols[Lanes/2-1:0] | {Lanes/2{!low_ends_q}};
    high = (cols[Lanes/2-1:0] | {Lanes/2{!high_ends_q}}) & {Lanes/2{high_q}};
    cols = cols & picked & {Lanes{!dropped_q}};
    if (pack_i.pick) begin
      case (src_i.grp_l2 & kpu_pkg::grp_mask(Lanes))
        2'd0:    cols = {high, low};
        2'd1:    cols = Lanes'({high[Lanes/4-1:0], low[Lanes/4-1:0]});
        default: cols = Lanes'({high[Lanes/8-1:0], low[Lanes/8-1:0]});
      endcase
    end
    case (src_i.grp_l2 & kpu_pkg::grp_mask(Lanes))
      2'd0:    mask = cols;
      2'd1:    mask = {cols[Lanes/2-1:0] & {Lanes/2{exists_q[1]}}, cols[Lanes/2-1:0]};
      default: mask = {cols[Lanes/4-1:0] & {Lanes/4{exists_q[3]}}, cols[Lanes/4-1:0] & {Lanes/4{exists_q[2]}},
                       cols[Lanes/4-1:0] & {Lanes/4{exists_q[1]}}, cols[Lanes/4-1:0]};
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (en_i[1]) mask_q <= mask[32'(step_i)*PostLanes +: PostLanes];
  end

  // ---- Stage 2: reports --------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      conv_ovf_o <= 1'b0;
      norm_ovf_o <= 1'b0;
    end else begin
      conv_ovf_o <= en_i[2] && !clear_i && load_act_i && (|(conv_ovf_i & mask_q));
      norm_ovf_o <= en_i[2] && !clear_i && load_act_i && (|(norm_ovf_i & mask_q));
    end
  end

  logic unused_bits;
  assign unused_bits = ^{seg_last_i, pack_i};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(SegmentInside, !en_i[0] || (13'(tag_i.seg) << LaneW) <= 13'(src_i.w_m1))
  `ASSERT(ChannelExists, !en_i[0] || tag_i.oc <= dst_i.ch_m1)

endmodule
