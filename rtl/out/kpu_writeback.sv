// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Writes lines of the output image into AI RAM (docs/architecture.md, "AI RAM and words").
///
/// A line is one row segment of one output channel, or of the g channels of a word in a depthwise
/// layer. It is rotated to its place in the word by quarters of Lanes (places are always multiples of
/// that) and written with byte enables for exactly the image's pixels; padding is never touched.
/// Depthwise with the same packing on both sides writes a word at once, otherwise one write per channel.
///
/// One write a cycle; two cycles from line to write. oc_done_o counts the output channels that are
/// completely in AI RAM; layer_done_o is a pulse in the cycle after the layer's last write.
module kpu_writeback #(
  parameter  int unsigned Lanes  = 64,
  localparam int unsigned WordAw = kpu_pkg::LineAw + $clog2(kpu_pkg::line_words(Lanes))
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  // Layer: start_i resets the progress
  input  logic                start_i,
  input  logic                depthwise_i,
  input  kpu_pkg::image_t     src_i,
  input  kpu_pkg::image_t     dst_i,
  input  logic [1:0]          stride_l2_i,
  output logic [10:0]         oc_done_o,
  output logic                layer_done_o,
  // Lines of the output image
  input  logic                pool_valid_i,
  output logic                pool_ready_o,
  input  logic [Lanes*8-1:0]  pool_line_i,
  input  kpu_pkg::line_tag_t  pool_tag_i,
  // AI RAM
  output logic                wr_valid_o,
  input  logic                wr_ready_i,
  output logic [WordAw-1:0]   wr_addr_o,
  output logic [Lanes-1:0]    wr_be_o,
  output logic [Lanes*8-1:0]  wr_data_o
);

  localparam int unsigned LaneW   = $clog2(Lanes);
  localparam int unsigned LineL2  = $clog2(kpu_pkg::line_words(Lanes));  // log2 of words per line
  localparam int unsigned SpanL2  = $clog2(kpu_pkg::word_lines(Lanes));  // .. of lines per word
  localparam int unsigned Quarter = Lanes / kpu_pkg::Quarters;

  // ---- Which writes a line needs -----------------------------------------------------------------
  logic [1:0] grp_l2;        // log2 of channels per word, input side
  logic [1:0] wb_grp_l2;     // output side
  logic       packed_line;   // the line holds several channels
  logic       whole;         // and they are written as they are
  logic [1:0] chan_q;        // channel of the line that is written now
  logic [1:0] chan_last;     // last one that exists
  logic [9:0] oc_left;       // channels from the line's first to the layer's last, minus one
  logic       take, line_end;
  logic       ready1;

  assign wb_grp_l2   = dst_i.grp_l2 & kpu_pkg::grp_mask(Lanes);
  assign grp_l2      = src_i.grp_l2 & kpu_pkg::grp_mask(Lanes);
  assign packed_line = depthwise_i && grp_l2 != 2'd0;
  assign whole       = packed_line && wb_grp_l2 == grp_l2 &&
                       dst_i.sub_l2 == src_i.sub_l2 && stride_l2_i == 2'd0;
  assign oc_left     = dst_i.ch_m1 - pool_tag_i.oc;

  always_comb begin
    chan_last = 2'd0;
    if (packed_line) begin
      chan_last = (grp_l2 == 2'd2) ? 2'd3 : 2'd1;
      if (oc_left < 10'(chan_last)) chan_last = oc_left[1:0];
    end
  end

  assign line_end     = whole || chan_q == chan_last;
  assign take         = pool_valid_i && ready1;
  assign pool_ready_o = ready1 && line_end;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)      chan_q <= 2'd0;
    else if (clear_i) chan_q <= 2'd0;
    else if (take)    chan_q <= line_end ? 2'd0 : chan_q + 2'd1;
  end

  // ---- Stage 1: place of the write ---------------------------------------------------------------
  logic [9:0]         oc;            // channel of this write
  logic [9:0]         grp;           // its word's index
  logic [2:0]         sub_mask;      // bits of it that count words of the same line
  logic [9:0]         col;           // column of the line's first pixel
  logic [10:0]        width;         // pixels of an output row
  logic [LaneW:0]     count;         // pixels of this write, of each channel
  logic [3:0]         groups;        // lane groups that are written, whole words only

  logic               valid1_q;
  logic               empty_q1;      // nothing of the line is inside the output image
  logic [Lanes*8-1:0] line_q1;
  logic [14:0]        chan_line_q1;  // offsets in lines
  logic [14:0]        row_line_q1;
  logic [2:0]         sub_word_q1;   // offsets in words
  logic [6:0]         seg_word_q1;
  logic [1:0]         from_q1, to_q1;  // quarter of the word: in the line, in AI RAM
  logic [LaneW:0]     count_q1;
  logic [3:0]         groups_q1;
  logic               tile_last_q1, layer_last_q1;
  logic [10:0]        oc_end_q1;     // channels complete after this write if it ends a tile

  always_ff @(posedge clk_i) begin
    if (take) begin
      oc    = pool_tag_i.oc + 10'(chan_q);
      grp   = oc >> wb_grp_l2;
      col   = (10'(pool_tag_i.seg) << LaneW) >> stride_l2_i;
      width = 11'(dst_i.w_m1) + 11'd1;

      sub_mask = ~(3'b111 << dst_i.sub_l2);

      count = (LaneW+1)'(Lanes) >> stride_l2_i;
      if (width <= 11'(col))                    count = '0;
      else if (width - 11'(col) < 11'(count))   count = (LaneW+1)'(width - 11'(col));

      for (int unsigned k = 0; k < 4; k++) groups[k] = k == 0 || (whole && k <= 32'(chan_last));

      line_q1      <= pool_line_i;
      empty_q1     <= count == '0;
      chan_line_q1 <= (15'(grp) >> dst_i.sub_l2) * dst_i.ch_switch;
      row_line_q1  <= 15'(pool_tag_i.row) * 15'(dst_i.row_switch);
      sub_word_q1  <= (grp[2:0] & sub_mask) * dst_i.sub_pitch;
      seg_word_q1  <= 7'(col >> LaneW);
      from_q1      <= chan_q << (2'd2 - grp_l2);
      to_q1        <= (2'(oc) << (2'd2 - wb_grp_l2)) | col[LaneW-1 -: 2];
      if (whole) {from_q1, to_q1} <= 4'd0;
      count_q1      <= count;
      groups_q1     <= groups;
      tile_last_q1  <= pool_tag_i.tile_last && line_end;
      layer_last_q1 <= pool_tag_i.layer_last && line_end;
      oc_end_q1     <= 11'(pool_tag_i.oc) + 11'(chan_last) + 11'd1;
    end
  end

  // ---- Stage 2: the write ------------------------------------------------------------------------
  logic               ready2, fire1;
  logic [1:0]         turn;          // quarters to rotate left
  logic [Lanes-1:0]   be;
  logic [14:0]        line_addr;
  logic               tile_last_q2, layer_last_q2;
  logic [10:0]        oc_end_q2;

  assign ready2 = !wr_valid_o || wr_ready_i;
  assign ready1 = !valid1_q || ready2 || empty_q1;
  assign fire1  = valid1_q && ready2 && !empty_q1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q   <= 1'b0;
      wr_valid_o <= 1'b0;
    end else if (clear_i) begin
      valid1_q   <= 1'b0;
      wr_valid_o <= 1'b0;
    end else begin
      if (ready1) valid1_q   <= pool_valid_i;
      if (ready2) wr_valid_o <= fire1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fire1) begin
      line_addr = dst_i.line + chan_line_q1 + row_line_q1;
      wr_addr_o <= (WordAw'(line_addr) << LineL2) + WordAw'(sub_word_q1) + (WordAw'(seg_word_q1) << SpanL2);

      turn = to_q1 - from_q1;
      be   = ~({Lanes{1'b1}} << count_q1);
      case (turn)
        2'd0:    wr_data_o <= line_q1;
        2'd1:    wr_data_o <= {line_q1[3*Quarter*8-1:0], line_q1[Lanes*8-1:3*Quarter*8]};
        2'd2:    wr_data_o <= {line_q1[2*Quarter*8-1:0], line_q1[Lanes*8-1:2*Quarter*8]};
        default: wr_data_o <= {line_q1[Quarter*8-1:0], line_q1[Lanes*8-1:Quarter*8]};
      endcase
      if (groups_q1 == 4'b0001) begin
        wr_be_o <= be << (32'(to_q1) * Quarter);
      end else if (grp_l2 == 2'd1) begin
        wr_be_o <= {be[2*Quarter-1:0], be[2*Quarter-1:0]};
      end else begin
        wr_be_o <= {be[Quarter-1:0] & {Quarter{groups_q1[3]}}, be[Quarter-1:0] & {Quarter{groups_q1[2]}},
                    be[Quarter-1:0], be[Quarter-1:0]};
      end

      tile_last_q2  <= tile_last_q1;
      layer_last_q2 <= layer_last_q1;
      oc_end_q2     <= oc_end_q1;
    end
  end

  // ---- Progress ----------------------------------------------------------------------------------
  logic written;

  assign written = wr_valid_o && wr_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      oc_done_o    <= '0;
      layer_done_o <= 1'b0;
    end else begin
      if (clear_i || start_i)           oc_done_o <= '0;
      else if (written && tile_last_q2) oc_done_o <= oc_end_q2;
      layer_done_o <= written && layer_last_q2 && !clear_i;
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_KEPT(WriteHeld, wr_valid_o && !wr_ready_i && !clear_i, wr_valid_o, {wr_addr_o, wr_be_o, wr_data_o})
  `ASSERT(RowInImage, !pool_valid_i || pool_tag_i.row <= dst_i.h_m1)
  `ASSERT(TileEndsInImage, !valid1_q || !empty_q1 || !tile_last_q1)

endmodule
