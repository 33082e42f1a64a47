// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Addresses of the output image's words in AI RAM, in stream order: channel, row, word of the row.
///
/// One word a cycle. A channel's words are offered once oc_done_i has passed the channel. With each goes the
/// quarter of the word where its pixels start and their number less one.
module kpu_stream_addr #(
  parameter  int unsigned Lanes  = 64,
  localparam int unsigned LaneW  = $clog2(Lanes),
  localparam int unsigned LineL2 = $clog2(kpu_pkg::line_words(Lanes)),
  localparam int unsigned WordAw = kpu_pkg::LineAw + LineL2
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  // Layer, one with a stream
  input  logic                start_i,
  input  kpu_pkg::image_t     dst_i,
  input  logic [10:0]         oc_done_i,
  // Words
  output logic                valid_o,
  input  logic                ready_i,
  output logic [WordAw-1:0]   addr_o,
  output logic [1:0]          quarter_o,
  output logic [LaneW-1:0]    bytes_m1_o, // 0..Lanes-1
  output logic                last_o
);

  logic        busy_d, busy_q;
  logic [9:0]  oc_d, oc_q;
  logic [8:0]  row_d, row_q;
  logic [6:0]  word_d, word_q;
  logic [14:0] chan_line_d, chan_line_q;  // first line of the channel
  logic [14:0] row_line_d, row_line_q;    // first line of the row
  logic [9:0]  grp, grp_next;             // index of the word of channels: of this channel, of the next
  logic [2:0]  sub_mask;                  // bits of the word's index that count words of the same line
  logic [2:0]  sub_word;
  logic [1:0]  grp_l2;
  logic        word_end, row_end;

  assign grp_l2 = dst_i.grp_l2 & kpu_pkg::grp_mask(Lanes);

  assign sub_mask = ~(3'b111 << dst_i.sub_l2);
  assign grp      = oc_q >> grp_l2;
  assign grp_next = (oc_q + 10'd1) >> grp_l2;
  assign sub_word = (grp[2:0] & sub_mask) * dst_i.sub_pitch;

  assign word_end  = word_q == 7'(dst_i.w_m1 >> LaneW);
  assign row_end   = row_q == dst_i.h_m1;
  assign valid_o   = busy_q && 11'(oc_q) < oc_done_i && !clear_i;
  assign addr_o    = (WordAw'(row_line_q) << LineL2) + WordAw'(sub_word) + WordAw'(word_q);
  assign quarter_o = 2'(oc_q) << (2'd2 - grp_l2);
  assign bytes_m1_o = word_end ? dst_i.w_m1[LaneW-1:0] : '1;
  assign last_o    = word_end && row_end && oc_q == dst_i.ch_m1;

  always_comb begin
    busy_d      = busy_q;
    oc_d        = oc_q;
    row_d       = row_q;
    word_d      = word_q;
    chan_line_d = chan_line_q;
    row_line_d  = row_line_q;

    if (valid_o && ready_i) begin
      word_d = word_q + 7'd1;
      if (word_end) begin
        word_d     = '0;
        row_d      = row_q + 9'd1;
        row_line_d = row_line_q + 15'(dst_i.row_switch);
        if (row_end) begin
          row_d = '0;
          oc_d  = oc_q + 10'd1;
          if (grp_next != grp && (grp_next[2:0] & sub_mask) == 3'b000) begin
            chan_line_d = chan_line_q + dst_i.ch_switch;
          end
          row_line_d = chan_line_d;
          if (last_o) busy_d = 1'b0;
        end
      end
    end

    if (start_i) begin
      busy_d      = 1'b1;
      oc_d        = '0;
      row_d       = '0;
      word_d      = '0;
      chan_line_d = dst_i.line;
      row_line_d  = dst_i.line;
    end
    if (clear_i) busy_d = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) busy_q <= 1'b0;
    else         busy_q <= busy_d;
  end

  // All looked at with busy_q only, which the start sets with them.
  always_ff @(posedge clk_i) begin
    oc_q        <= oc_d;
    row_q       <= row_d;
    word_q      <= word_d;
    chan_line_q <= chan_line_d;
    row_line_q  <= row_line_d;
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_KEPT(AddrHeld, valid_o && !ready_i && !start_i, valid_o, addr_o, clear_i)

endmodule
