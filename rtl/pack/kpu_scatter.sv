// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Makes the rows of an image of packed lines again (docs/architecture.md, "Filling the lanes").
///
/// Packed lines come in order, each once for every output channel of the tile (tag.m from 0 on). A word that crosses
/// from one line into the next leaves with the next; the line before is held for each output channel. Every line
/// completes at least one word and is taken with the last one that it completes. Words leave in the order of row and
/// segment for each output channel, their pixels from lane 0 of the part on; tag.row and tag.seg are theirs. With Turn = 0
/// pixels stay in their lanes, a word's first one in out_at_o, those behind the part's end from lane 0 on. Bytes of
/// lanes without a pixel mean nothing. With pick_i each half of a part is a word, and no word crosses.
///
/// A word a cycle, two cycles of latency: the line held is read in the first. Two lines of one output channel do not
/// follow each other. Lines of layers that are not packed pass as they are, in the same cycle.
module kpu_scatter #(
  parameter  int unsigned Lanes        = 64,
  /// Output channels of a tile.
  parameter  int unsigned TileChannels = 16,
  /// 0: no rotator, for a unit behind it that takes a pixel a cycle.
  parameter  int unsigned Turn         = 1,
  localparam int unsigned TileW        = kpu_pkg::idx_width(TileChannels),
  localparam int unsigned LaneW        = $clog2(Lanes),
  localparam int unsigned SegW         = kpu_pkg::seg_width(Lanes),
  localparam int unsigned VecW         = Lanes * kpu_pkg::PixelW
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  // Layer
  input  logic               pack_i,
  input  logic [1:0]         grp_l2_i,
  input  kpu_pkg::segs_t     segs_i,
  input  logic               pick_i,
  input  logic [8:0]         h_m1_i,
  // Lines of pixels
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  logic [VecW-1:0]    in_line_i,
  input  kpu_pkg::line_tag_t in_tag_i,
  // Words of image rows
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [VecW-1:0]    out_line_o,
  output logic [LaneW-1:0]   out_at_o,     // lane of the first pixel; Turn = 1: 0
  output kpu_pkg::line_tag_t out_tag_o
);

  // ---- Stage 1: the line, and the one held for it -------------------------------------------------
  logic               valid_q1, ready_q1, fire_in;
  logic [VecW-1:0]    line_q1, held_line;
  kpu_pkg::line_tag_t tag_q1;
  logic               more;  // one more word ends in the line
  logic               adv, fire;

  assign fire_in    = in_valid_i && pack_i && (!valid_q1 || ready_q1);
  assign in_ready_o = pack_i ? !valid_q1 || ready_q1 : out_ready_i;

  kpu_ram_1r1w #(.Width(VecW), .Depth(TileChannels)) u_held (
    .clk_i,
    .rd_en_i   (fire_in),
    .rd_addr_i (in_tag_i.m[TileW-1:0]),
    .rd_data_o (held_line),
    .wr_en_i   (fire && !more),
    .wr_addr_i (tag_q1.m[TileW-1:0]),
    .wr_data_i (line_q1)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                    valid_q1 <= 1'b0;
    else if (clear_i)               valid_q1 <= 1'b0;
    else if (!valid_q1 || ready_q1) valid_q1 <= fire_in;
  end

  always_ff @(posedge clk_i) begin
    if (fire_in) begin
      line_q1 <= in_line_i;
      tag_q1  <= in_tag_i;
    end
  end

  // ---- The word that leaves ----------------------------------------------------------------------
  // A place is row, segment and lane of a word.
  localparam int unsigned PlaceW = 9 + SegW + LaneW;

  logic [PlaceW-1:0] line_place_q;  // first word that ends in this packed line
  logic [PlaceW-1:0] word_place_q;  // next word: of this line, or first one that ends in the next
  logic [PlaceW-1:0] place, next;
  logic              more_q;        // the word is not the line's first
  logic [8:0]        row, next_row;
  logic [SegW-1:0]   seg, next_seg;
  logic [LaneW-1:0]  at, next_at, part_mask;
  logic              crossed;       // it began in the line before
  logic              row_ends, image_ends;
  logic              ends, crosses; // a word that begins in this line: it reaches its end, goes on in the next
  logic              next_crosses;
  logic              valid_q2;

  always_comb begin
    place = word_place_q;
    if (!more_q) begin
      if (tag_q1.row == '0)    place = '0;
      else if (tag_q1.m != '0) place = line_place_q;
    end
  end

  assign {row, seg, at} = place;
  assign next           = {next_row, next_seg, next_at};
  assign crossed        = !more_q && at != '0;
  assign part_mask      = LaneW'(Lanes - 1) >> (grp_l2_i & kpu_pkg::grp_mask(Lanes));

  kpu_pack_step #(.Lanes(Lanes)) u_step (
    .clk_i, .rst_ni, .grp_l2_i, .segs_i, .pick_i,
    .row_i      (row),
    .seg_i      (seg),
    .at_i       (at),
    .row_ends_o (row_ends),
    .ends_o     (ends),
    .crosses_o  (crosses),
    .row_o      (next_row),
    .seg_o      (next_seg),
    .at_o       (next_at)
  );

  // The next word has all lanes of a part, or is the last of a row.
  always_comb begin
    next_crosses = next_at != '0;
    if (next_seg == SegW'(segs_i.last)) begin
      next_crosses = (LaneW+1)'(next_at) + (LaneW+1)'(segs_i.last_px) > (LaneW+1)'(part_mask) + (LaneW+1)'(1);
    end
    if (pick_i) next_crosses = 1'b0;
  end

  assign image_ends = row == h_m1_i && row_ends;
  assign more       = (crossed || !ends) && !next_crosses && !image_ends;
  assign adv        = !valid_q2 || out_ready_i;
  assign fire       = valid_q1 && adv;
  assign ready_q1   = adv && !more;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q2 <= 1'b0;
      more_q   <= 1'b0;
    end else if (clear_i) begin
      valid_q2 <= 1'b0;
      more_q   <= 1'b0;
    end else if (adv) begin
      valid_q2 <= valid_q1;
      if (valid_q1) more_q <= more;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fire) begin
      word_place_q <= next;
      if (!more_q) line_place_q <= place;
    end
  end

  // ---- Stage 2: its pixels -----------------------------------------------------------------------
  logic [VecW-1:0]    word_q2;
  logic [Lanes-1:0]   earlier;   // lanes whose pixel the line before has
  kpu_pkg::line_tag_t tag_q2;

  for (genvar l = 0; l < Lanes; l++) begin : gen_earlier
    assign earlier[l] = crossed && (LaneW'(l) & part_mask) >= at;
  end

  if (Turn != 0) begin : gen_turn
    logic [VecW-1:0] joined, turned;

    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      assign joined[l*8 +: 8] = earlier[l] ? held_line[l*8 +: 8] : line_q1[l*8 +: 8];
    end

    kpu_rotate #(.Lanes(Lanes)) u_rotate (
      .clk_i, .rst_ni, .grp_l2_i,
      .pick_i (1'b0),
      .by_i   (at),
      .word_i (joined),
      .word_o (turned)
    );

    always_ff @(posedge clk_i) begin
      if (fire) word_q2 <= turned;
    end
    assign out_at_o = '0;
  end else begin : gen_no_turn
    // A lane has its byte from one of two registers; the other one is 0 then.
    logic [VecW-1:0]  line_q2, held_q2;
    logic [LaneW-1:0] at_q2;

    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      always_ff @(posedge clk_i) begin
        if (fire) begin
          line_q2[l*8 +: 8] <= earlier[l] ? '0 : line_q1[l*8 +: 8];
          held_q2[l*8 +: 8] <= earlier[l] ? held_line[l*8 +: 8] : '0;
        end
      end
    end

    always_ff @(posedge clk_i) begin
      if (fire) at_q2 <= at;
    end
    assign word_q2  = line_q2 | held_q2;
    assign out_at_o = pack_i ? at_q2 : '0;
  end

  always_ff @(posedge clk_i) begin
    if (fire) begin
      tag_q2          <= tag_q1;
      tag_q2.row      <= row;
      tag_q2.seg      <= 7'(seg);
      tag_q2.row_last <= row == h_m1_i;
      if (more) begin
        tag_q2.tile_last  <= 1'b0;
        tag_q2.layer_last <= 1'b0;
      end
    end
  end

  assign out_valid_o = pack_i ? valid_q2 : in_valid_i;
  assign out_line_o  = pack_i ? word_q2 : in_line_i;
  assign out_tag_o   = pack_i ? tag_q2 : in_tag_i;

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_KEPT(OutHeld, out_valid_o && !out_ready_i && !clear_i,
               out_valid_o, {out_line_o, out_at_o, out_tag_o}, clear_i)
  // A packed line completes a word, and the image ends with its last line.
  `ASSERT(LineCompletesWord, !valid_q1 || crossed || !crosses)
  `ASSERT(RowInside, !valid_q1 || row <= h_m1_i)
  `ASSERT(ImageComplete, !(fire && tag_q1.tile_last && !more) || image_ends)
  `ASSERT(ChannelsApart, !(fire_in && fire) || in_tag_i.m != tag_q1.m)

endmodule
