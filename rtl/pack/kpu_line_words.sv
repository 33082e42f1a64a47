// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// The words that begin in each packed line, in the order in which kpu_line_fetch reads them (docs/architecture.md,
/// "Filling the lanes"): for each channel group of a window the same words, for each pass of a block the same lines.
///
/// A step is a word. Lines of a block come in order, pass by pass; a pass is told from the one before by its number,
/// so a layer needs two passes or more. A line in which no word begins, the one behind the image's last row, has one
/// step with none_o. With pick_i two words begin in a line, in each half of a part one, in the last line perhaps one.
module kpu_line_words #(
  parameter  int unsigned Lanes = 64,
  localparam int unsigned LaneW = $clog2(Lanes),
  localparam int unsigned SegW  = kpu_pkg::seg_width(Lanes)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  // Layer
  input  logic [1:0]           grp_l2_i,
  input  kpu_pkg::segs_t       segs_i,
  input  logic                 pick_i,
  input  logic [8:0]           h_m1_i,
  // The line of the window, the number of its pass, and whether its first step has not been done
  input  logic [8:0]           line_i,
  input  logic [6:0]           pass_i,
  input  logic                 first_i,
  input  logic [9:0]           group_i,
  input  logic                 step_i,
  // The word
  output kpu_pkg::pack_token_t pack_o,
  output logic [8:0]           row_o,
  output logic [6:0]           seg_o,
  output logic                 none_o
);

  // A place is row, segment and lane of a word, above them whether the image has ended before.
  localparam int unsigned PlaceW = 1 + 9 + SegW + LaneW;

  logic [PlaceW-1:0] word_place_q;   // next word: of this line, or first of the next line
  logic [PlaceW-1:0] line_place_q;   // first word of the line
  logic [PlaceW-1:0] block_place_q;  // first word of the block's first line
  logic [PlaceW-1:0] place, next;
  logic [6:0]        pass_q;
  logic              again_q;        // the line begins again, for the next channel group
  logic              new_pass, row_ends, ends, crosses, image_ends;
  logic [SegW-1:0]   seg;
  logic [LaneW-1:0]  at;

  assign new_pass = pass_i != pass_q;

  always_comb begin
    place = word_place_q;
    if (first_i) begin
      if (line_i == '0)                    place = '0;
      else if (new_pass && pass_i != '0)   place = block_place_q;
    end else if (again_q) begin
      place = line_place_q;
    end
  end

  assign {none_o, row_o, seg, at} = place;
  assign seg_o                    = 7'(seg);
  assign image_ends               = row_o == h_m1_i && row_ends;
  assign next[PlaceW-1]           = image_ends;

  kpu_pack_step #(.Lanes(Lanes)) u_step (
    .clk_i, .rst_ni, .grp_l2_i, .segs_i, .pick_i,
    .row_i      (row_o),
    .seg_i      (seg),
    .at_i       (at),
    .row_ends_o (row_ends),
    .ends_o     (ends),
    .crosses_o  (crosses),
    .row_o      (next[LaneW+SegW +: 9]),
    .seg_o      (next[LaneW +: SegW]),
    .at_o       (next[LaneW-1:0])
  );

  assign pack_o.first = first_i || again_q;
  assign pack_o.last  = ends || image_ends || none_o;
  assign pack_o.keep  = crosses && !none_o;
  assign pack_o.at    = 6'(at);
  assign pack_o.group = group_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)      again_q <= 1'b0;
    else if (clear_i) again_q <= 1'b0;
    else if (step_i)  again_q <= pack_o.last;
  end

  always_ff @(posedge clk_i) begin
    if (step_i) begin
      word_place_q <= next;
      pass_q       <= pass_i;
      if (first_i) begin
        line_place_q <= place;
        if (pass_i == '0 && (line_i == '0 || new_pass)) block_place_q <= place;
      end
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(RowInside, !step_i || none_o || row_o <= h_m1_i)

endmodule
