// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Makes packed lines of the words of image rows (docs/architecture.md, "Filling the lanes").
///
/// The words that begin in a line come one after the other; each is rotated to its lane within every part of Lanes / g
/// lanes. Lanes below the line's first word belong to the word that crossed over from the line before: its rotated word
/// is kept for each channel group, since the passes of all channel groups lie between two lines of the same one.
/// Lanes of a line behind the image's last pixel mean nothing. With pick_i a word gives every second pixel of a part, the
/// right ones of two or the left ones, to one half of the part; nothing crosses.
///
/// A word a cycle; a line leaves two cycles after its last word, and must be taken then. A word that begins a line comes two
/// cycles or more after the one of its channel group that crosses into that line. Lines of layers that are not packed pass as
/// they are, in the same cycle.
module kpu_gather #(
  parameter  int unsigned Lanes  = 64,
  /// Channel groups of a packed layer, at most.
  parameter  int unsigned Groups = kpu_pkg::PackBytes / Lanes,
  localparam int unsigned GroupW = $clog2(Groups),
  localparam int unsigned LaneW  = $clog2(Lanes),
  localparam int unsigned VecW   = Lanes * kpu_pkg::PixelW
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clear_i,
  // Layer
  input  logic                  pack_i,
  input  logic                  pick_i,
  input  logic                  right_i,
  input  logic [1:0]            grp_l2_i,
  // Words
  input  logic                  in_valid_i,
  input  kpu_pkg::line_token_t  in_token_i,
  input  kpu_pkg::pack_token_t  in_pack_i,
  input  logic [VecW-1:0]       in_data_i,
  // Lines
  output logic                  out_valid_o,
  output kpu_pkg::line_token_t  out_token_o,
  output logic [VecW-1:0]       out_data_o
);

  // ---- Stage 1: rotated, and what was kept for the line -------------------------------------------
  logic                 valid_q1, valid_q2, fire_in;
  logic                 begins;   // the word begins a line that something was kept for
  kpu_pkg::line_token_t token_q1;
  kpu_pkg::pack_token_t pack_q1;
  logic [VecW-1:0]      turned, word_q1, kept;
  logic [LaneW-1:0]     part_mask, by;

  assign part_mask = LaneW'(Lanes - 1) >> (grp_l2_i & kpu_pkg::grp_mask(Lanes));
  assign begins    = in_pack_i.first && in_pack_i.at != '0;
  assign fire_in   = in_valid_i && pack_i;

  // What a pick keeps moves to the even lanes first. (A word of a pick begins at an even lane.)
  assign by = ((LaneW'(0) - in_pack_i.at[LaneW-1:0]) & part_mask) | LaneW'(pick_i && right_i);

  kpu_rotate #(.Lanes(Lanes)) u_rotate (
    .clk_i, .rst_ni, .grp_l2_i, .pick_i,
    .by_i   (by),
    .word_i (in_data_i),
    .word_o (turned)
  );

  kpu_ram_1r1w #(.Width(VecW), .Depth(Groups)) u_kept (
    .clk_i,
    .rd_en_i   (fire_in && begins),
    .rd_addr_i (in_pack_i.group[GroupW-1:0]),
    .rd_data_o (kept),
    .wr_en_i   (valid_q1 && pack_q1.keep),
    .wr_addr_i (pack_q1.group[GroupW-1:0]),
    .wr_data_i (word_q1)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q1 <= 1'b0;
      valid_q2 <= 1'b0;
    end else if (clear_i) begin
      valid_q1 <= 1'b0;
      valid_q2 <= 1'b0;
    end else begin
      valid_q1 <= fire_in;
      valid_q2 <= valid_q1 && pack_q1.last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fire_in) begin
      token_q1     <= in_token_i;
      token_q1.pad <= 1'b0;  // said of a line in which no word begins
      pack_q1      <= in_pack_i;
      word_q1      <= turned;
    end
  end

  // ---- Stage 2: the line -------------------------------------------------------------------------
  // A lane has its byte from a word of the line or from what was kept; the register of the other one is 0 then.
  logic [VecW-1:0]      line_q2, kept_q2;
  kpu_pkg::line_token_t token_q2;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [LaneW-1:0] pos;     // the lane's place in its part
    logic below;               // it lies before the word
    logic takes, keeps;        // it takes the word's byte, the one that was kept
    assign pos   = LaneW'(l) & part_mask;
    assign below = pos < pack_q1.at[LaneW-1:0];
    assign takes = valid_q1 && !below;
    assign keeps = valid_q1 && below && pack_q1.first;
    always_ff @(posedge clk_i) begin
      if (keeps)      line_q2[l*8 +: 8] <= '0;
      else if (takes) line_q2[l*8 +: 8] <= word_q1[l*8 +: 8];
      if (takes)      kept_q2[l*8 +: 8] <= '0;
      else if (keeps) kept_q2[l*8 +: 8] <= kept[l*8 +: 8];
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_q1) token_q2 <= token_q1;
  end

  assign out_valid_o = pack_i ? valid_q2 : in_valid_i;
  assign out_token_o = pack_i ? token_q2 : in_token_i;
  assign out_data_o  = pack_i ? line_q2 | kept_q2 : in_data_i;

  logic unused_bits;           // wide enough for all shapes
  assign unused_bits = ^{in_pack_i, pack_q1};

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(GroupInside, !in_valid_i || 32'(in_pack_i.group) < Groups)
  `ASSERT(KeptBefore, !(fire_in && begins && valid_q1 && pack_q1.keep) || pack_q1.group != in_pack_i.group)

endmodule
