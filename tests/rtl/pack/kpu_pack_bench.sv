// SPDX-License-Identifier: Apache-2.0

/// Packing of rows, for its unit test: kpu_line_words, kpu_gather and kpu_scatter side by side, with the fields of the
/// layer, of tokens and of tags as single ports.
module kpu_pack_bench #(
  parameter int unsigned Lanes = 16,
  parameter int unsigned Turn  = 1     // 0: rows are turned here
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  // Layer
  input  logic               pack_i,
  input  logic               pick_i,
  input  logic               right_i,
  input  logic [1:0]         grp_l2_i,
  input  logic [6:0]         seg_last_i,
  input  logic [6:0]         last_px_i,
  input  logic [8:0]         h_m1_i,
  // Words of packed lines
  input  logic [8:0]         words_line_i,
  input  logic [6:0]         words_pass_i,
  input  logic               words_first_i,
  input  logic [9:0]         words_group_i,
  input  logic               words_step_i,
  output logic               words_first_o,
  output logic               words_last_o,
  output logic               words_keep_o,
  output logic [5:0]         words_at_o,
  output logic [9:0]         words_group_o,
  output logic [8:0]         words_row_o,
  output logic [6:0]         words_seg_o,
  output logic               words_none_o,
  // Gather: words in, lines out
  input  logic               word_valid_i,
  output logic               word_ready_o,
  input  logic               word_first_i,
  input  logic               word_last_i,
  input  logic               word_keep_i,
  input  logic [5:0]         word_at_i,
  input  logic [9:0]         word_group_i,
  input  logic               word_pad_i,
  input  logic [12:0]        word_rest_i,   // of its token
  input  logic [Lanes*8-1:0] word_data_i,
  output logic               line_valid_o,
  output logic               line_pad_o,
  output logic [12:0]        line_rest_o,
  output logic [Lanes*8-1:0] line_data_o,
  // Scatter: lines in, rows out
  input  logic               pix_valid_i,
  output logic               pix_ready_o,
  input  logic [Lanes*8-1:0] pix_line_i,
  input  logic [4:0]         pix_m_i,
  input  logic [8:0]         pix_row_i,
  input  logic [6:0]         pix_seg_i,
  input  logic [2:0]         pix_ends_i,    // layer, tile, row
  output logic               row_valid_o,
  input  logic               row_ready_i,
  output logic [Lanes*8-1:0] row_line_o,
  output logic [4:0]         row_m_o,
  output logic [8:0]         row_row_o,
  output logic [6:0]         row_seg_o,
  output logic [2:0]         row_ends_o
);

  kpu_pkg::segs_t       segs;
  kpu_pkg::pack_token_t words, word_pack;
  kpu_pkg::line_token_t word_token, line_token;
  kpu_pkg::line_tag_t   pix_tag, row_tag;

  assign segs.last    = seg_last_i;
  assign segs.last_px = 9'(last_px_i);

  kpu_line_words #(.Lanes(Lanes)) u_words (
    .clk_i, .rst_ni, .clear_i, .grp_l2_i, .pick_i, .h_m1_i,
    .segs_i  (segs),
    .line_i  (words_line_i),
    .pass_i  (words_pass_i),
    .first_i (words_first_i),
    .group_i (words_group_i),
    .step_i  (words_step_i),
    .pack_o  (words),
    .row_o   (words_row_o),
    .seg_o   (words_seg_o),
    .none_o  (words_none_o)
  );

  assign words_first_o = words.first;
  assign words_last_o  = words.last;
  assign words_keep_o  = words.keep;
  assign words_at_o    = words.at;
  assign words_group_o = words.group;

  always_comb begin
    word_token      = {word_pad_i, word_rest_i};
    word_pack.first = word_first_i;
    word_pack.last  = word_last_i;
    word_pack.keep  = word_keep_i;
    word_pack.at    = word_at_i;
    word_pack.group = word_group_i;
  end

  // As kpu_line_fetch does, a word waits where the one before it is still to be kept for its line.
  logic       kept_q;
  logic [9:0] kept_group_q;

  assign word_ready_o = !(pack_i && word_first_i && word_at_i != '0 && kept_q && kept_group_q == word_group_i);

  always_ff @(posedge clk_i) begin
    kept_q       <= word_valid_i && word_ready_o && word_keep_i;
    kept_group_q <= word_group_i;
  end

  kpu_gather #(.Lanes(Lanes)) u_gather (
    .clk_i, .rst_ni, .clear_i, .pack_i, .pick_i, .right_i, .grp_l2_i,
    .in_valid_i  (word_valid_i && word_ready_o),
    .in_token_i  (word_token),
    .in_pack_i   (word_pack),
    .in_data_i   (word_data_i),
    .out_valid_o (line_valid_o),
    .out_token_o (line_token),
    .out_data_o  (line_data_o)
  );

  assign {line_pad_o, line_rest_o} = line_token;

  always_comb begin
    pix_tag     = '0;
    pix_tag.m   = pix_m_i;
    pix_tag.row = pix_row_i;
    pix_tag.seg = pix_seg_i;
    {pix_tag.layer_last, pix_tag.tile_last, pix_tag.row_last} = pix_ends_i;
  end

  logic [Lanes*8-1:0]       row_line;
  logic [$clog2(Lanes)-1:0] row_at;

  kpu_scatter #(.Lanes(Lanes), .Turn(Turn)) u_scatter (
    .clk_i, .rst_ni, .clear_i, .pack_i, .grp_l2_i, .pick_i, .h_m1_i,
    .segs_i      (segs),
    .in_valid_i  (pix_valid_i),
    .in_ready_o  (pix_ready_o),
    .in_line_i   (pix_line_i),
    .in_tag_i    (pix_tag),
    .out_valid_o (row_valid_o),
    .out_ready_i (row_ready_i),
    .out_line_o  (row_line),
    .out_at_o    (row_at),
    .out_tag_o   (row_tag)
  );

  assign row_line_o = (Lanes*8)'({row_line, row_line} >> {row_at, 3'd0});
  assign row_m_o    = row_tag.m;
  assign row_row_o  = row_tag.row;
  assign row_seg_o  = row_tag.seg;
  assign row_ends_o = {row_tag.layer_last, row_tag.tile_last, row_tag.row_last};

  logic unused_bits;
  assign unused_bits = ^row_tag;

endmodule
