// SPDX-License-Identifier: Apache-2.0

/// kpu_line_words: the words of a packed line are those that begin in it, each once and in order, at the lane that the
/// pixels before it leave; the same for every channel group of a window and for every pass of a block. Images of up to
/// seven rows and eight pixels a row in lines of four, blocks of any number of lines, two passes of one or two groups. With
/// pick every word takes half of a line, whatever its pixels.
module line_words_proof (
  input logic clk_i,
  input logic step_i,
  input logic block_ends_i
);
  localparam int unsigned Lanes = 4;

  (* anyconst *) logic [2:0] h_m1;
  (* anyconst *) logic       seg_last;
  (* anyconst *) logic [1:0] last_px;    // 1..3
  (* anyconst *) logic       two_groups;
  (* anyconst *) logic       pick;

  logic                 rst_ni = 1'b0;
  logic [3:0]           line_q, line0_q;       // this one, the block's first one
  logic                 pass_q, group_q, begun_q;
  logic [3:0]           block_last_q;
  kpu_pkg::segs_t       segs;
  kpu_pkg::pack_token_t pack;
  logic [8:0]           row;
  logic [6:0]           seg;
  logic                 none, step, line_ends, window_ends, block_ends;

  assign segs.last    = 7'(seg_last);
  assign segs.last_px = 9'(last_px);
  assign step         = step_i && rst_ni;

  kpu_line_words #(.Lanes(Lanes)) u_dut (
    .clk_i, .rst_ni, .clear_i(1'b0), .grp_l2_i(2'd0), .segs_i(segs), .pick_i(pick), .h_m1_i(9'(h_m1)),
    .line_i(9'(line_q)), .pass_i(7'(pass_q)), .first_i(!begun_q), .group_i(10'(group_q)), .step_i(step),
    .pack_o(pack), .row_o(row), .seg_o(seg), .none_o(none)
  );

  // ---- The loop nest around it: groups, lines of a block, passes, blocks ---------------------------
  logic [5:0] pixels, begins;  // of the image; of all lines before this one
  logic [3:0] width;
  logic [2:0] full_px, end_px; // lanes of a word, of a row's last one
  logic       last_line;

  assign full_px     = pick ? 3'd2 : 3'd4;
  assign end_px      = pick ? 3'd2 : 3'(last_px);
  assign width       = 4'(end_px) + (seg_last ? 4'(full_px) : 4'd0);
  assign pixels      = 6'(width) * (6'(h_m1) + 6'd1);
  assign begins      = 6'(line_q) << 2;
  assign last_line   = begins + 6'd4 >= pixels;
  assign line_ends   = step && pack.last;
  assign window_ends = line_ends && group_q == two_groups;
  assign block_ends  = last_line || (pass_q ? line_q == block_last_q : block_ends_i);

  always_ff @(posedge clk_i) begin
    rst_ni <= 1'b1;
    if (!rst_ni) begin
      line_q  <= '0;
      line0_q <= '0;
      pass_q  <= 1'b0;
      group_q <= 1'b0;
      begun_q <= 1'b0;
    end else if (step) begin
      begun_q <= 1'b1;
      if (line_ends) group_q <= 1'b1;
      if (window_ends) begin
        group_q <= 1'b0;
        begun_q <= 1'b0;
        line_q  <= line_q + 4'd1;
        if (block_ends) begin
          pass_q       <= !pass_q;
          block_last_q <= line_q;
          line_q       <= line0_q;
          if (pass_q) begin
            line_q  <= last_line ? '0 : line_q + 4'd1;
            line0_q <= last_line ? '0 : line_q + 4'd1;
          end
        end
      end
    end
  end

  // ---- What a word must be -----------------------------------------------------------------------
  logic [6:0] before, size, before_last;  // pixels before it, of it, of the one before it
  logic [5:0] expected_q;                 // pixels before the next word of the line

  assign before      = 7'(row) * 7'(width) + (seg[0] ? 7'(full_px) : 7'd0);
  assign size        = (seg[0] == seg_last) ? 7'(end_px) : 7'(full_px);
  assign before_last = before - ((seg_last && !seg[0]) ? 7'(end_px) : seg_last ? 7'(full_px) : 7'(end_px));

  always_ff @(posedge clk_i) begin
    if (step) expected_q <= 6'(before + size);
  end

  always @(posedge clk_i) begin
    if (rst_ni) begin
      assume (last_px != 2'd0);
      assume (pixels > 6'd4);
      if (!none) begin
        assert (row <= 9'(h_m1) && seg <= 6'(seg_last));
        // It begins in this line, and nothing but the words before it lies before it.
        assert (before >= 7'(begins) && before < 7'(begins) + 7'd4);
        assert (pack.at == 6'(before - 7'(begins)));
        if (pack.first && before != 7'(begins)) assert (before_last < 7'(begins));
        if (!pack.first) assert (before == 7'(expected_q));
        // The line's last word, and whether it goes on.
        assert (pack.last == (before + size >= 7'(begins) + 7'd4 || before + size == 7'(pixels)));
        assert (pack.keep == (before + size > 7'(begins) + 7'd4));
      end else begin
        assert (pack.first && pack.last && !pack.keep);
        assert (last_line);
        assert (pack.at == 6'(pixels - begins));
      end
    end
  end
endmodule
