// SPDX-License-Identifier: Apache-2.0

/// kpu_scatter: lane l of packed line L of an output channel leaves once, as pixel L*P + l of the image, in the word of
/// its row and segment. Words leave in order, each once, none before its line is there, all before the channel's next
/// line is taken; lines in the order in which they came. Row, segment and the ends of rows, tile and layer are the
/// word's, all else of the tag the line's. Layers that are not packed pass unchanged in the same cycle.
///
/// One lane of one of two output channels is watched, any of them. Images of up to four rows, one tile after the other;
/// any stalls, a clear at any time. Pixels are of one bit (rotate_proof moves bytes). Shape is 1000 (1 - Turn) + 100 Grp +
/// pixels of a row, of one word or two; with Turn = 0 the word is turned here: four lanes (Grp = 0), or 1 << Grp parts of 16. Shape and grp_l2_i are tied, and no pool picks (pick_i = 0).
module scatter_proof #(
  parameter  int unsigned Shape   = 3,
  localparam int unsigned Turn    = 1 - Shape / 1000,
  localparam int unsigned Grp     = Shape / 100 % 10,
  localparam int unsigned Width   = Shape % 100,
  localparam int unsigned RowBits = 2,
  localparam int unsigned Part    = (Grp == 0) ? 4 : 16,
  localparam int unsigned Lanes   = Part << Grp,
  localparam int unsigned LaneW   = $clog2(Lanes),
  localparam int unsigned PosW    = $clog2(Part),
  localparam int unsigned PixelsW = RowBits + PosW + 2
) (
  input logic             clk_i,
  input logic             clear_i,
  input logic             line_valid_i,
  input logic [Lanes-1:0] line_i,
  input logic [7:0]       rest_i,       // of the line's tag
  input logic             word_ready_i
);
  (* anyconst *) logic               packs;    // the layer is packed
  (* anyconst *) logic [RowBits-1:0] h_m1;
  (* anyconst *) logic               layer_ends;
  (* anyconst *) logic [LaneW-1:0]   lane;     // the one that is watched
  (* anyconst *) logic               channel;  // .. of this output channel

  logic               rst_ni = 1'b0;
  logic               line_ready, word_valid;
  kpu_pkg::segs_t     segs;
  kpu_pkg::line_tag_t tag, word_tag;
  logic [Lanes*8-1:0] line, word, word_there;
  logic [LaneW-1:0]   word_at;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  for (genvar l = 0; l < Lanes; l++) begin : gen_byte
    assign line[l*8 +: 8] = {7'd0, line_i[l]};
  end

  localparam logic          seg_last = Width > Part;
  localparam logic [PosW:0] last_px  = (PosW+1)'(seg_last ? Width - Part : Width);

  assign segs.last    = 7'(seg_last);
  assign segs.last_px = 7'(last_px);

  kpu_scatter #(.Lanes(Lanes), .TileChannels(2), .Turn(Turn)) u_dut (
    .clk_i, .rst_ni, .clear_i, .pack_i(packs), .grp_l2_i(2'(Grp)), .segs_i(segs), .pick_i(1'b0), .h_m1_i(9'(h_m1)),
    .in_valid_i(line_valid_i), .in_ready_o(line_ready), .in_line_i(line), .in_tag_i(tag),
    .out_valid_o(word_valid), .out_ready_i(word_ready_i), .out_line_o(word_there), .out_at_o(word_at), .out_tag_o(word_tag)
  );
  assign word = (Lanes*8)'({word_there, word_there} >> {word_at, 3'd0});

  // ---- The packed lines, each of them for both channels ---------------------------------------------
  logic [PixelsW-1:0] pixels, upto;   // of the image; up to the end of the line
  logic [RowBits:0]   number_q;       // of the line
  logic               m_q;
  logic [1:0]         seq_q;          // of all lines
  logic               last_line, take;

  assign pixels    = PixelsW'(Width) * (PixelsW'(h_m1) + PixelsW'(1));
  assign upto      = (PixelsW'(number_q) + PixelsW'(1)) << PosW;
  assign last_line = upto >= pixels;
  assign take      = line_valid_i && line_ready && packs;

  always_comb begin
    tag            = '0;
    tag.oc         = {rest_i, seq_q};
    tag.m          = 5'(m_q);
    tag.row        = 9'(number_q);
    tag.row_last   = last_line;
    tag.tile_last  = last_line && m_q;
    tag.layer_last = last_line && m_q && layer_ends;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      number_q <= '0;
      m_q      <= 1'b0;
      seq_q    <= '0;
    end else if (take) begin
      seq_q <= seq_q + 2'd1;
      m_q   <= !m_q;
      if (m_q) number_q <= last_line ? '0 : number_q + (RowBits+1)'(1);
    end
  end

  // ---- The watched channel's next word ---------------------------------------------------------------
  // Its first pixel lies at lane `begins_q` of the channel's newest line, below 0 in the one before.
  logic signed [PosW+2:0] begins_q, begins_d, in_now, in_before;
  logic signed [PosW+2:0] size, pos;
  logic [RowBits:0]       row_q, row_d;
  logic                   seg_q, seg_d;
  logic                   done_q, done_d;       // there is none: the image has left
  logic                   now_q, before_q;      // the watched lane of the newest line, of the one before
  logic [9:0]             oc_q;
  logic [1:0]             left_q;               // number of the line of the last word that left
  logic                   leaves, comes, is_last;
  logic [PosW+2:0]        size_d;
  logic                   bit_now, part_bits_now, part_bits_before;

  assign leaves  = word_valid && word_ready_i && packs && word_tag.m[0] == channel;
  assign comes   = take && m_q == channel;
  assign size    = (seg_q == seg_last) ? (PosW+3)'(last_px) : (PosW+3)'(Part);
  assign is_last = row_q == (RowBits+1)'(h_m1) && seg_q == seg_last;
  assign pos     = (PosW+3)'(PosW'(lane));
  // The watched lane's place in the word, as one of the newest line and of the one before.
  assign in_now    = pos - begins_q;
  assign in_before = pos - begins_q - (PosW+3)'(Part);
  assign bit_now   = line_i[lane];

  // What the word has there, in the watched part.
  always_comb begin
    part_bits_now    = 1'b0;
    part_bits_before = 1'b0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (LaneW'(l) == ((lane >> PosW) << PosW) + LaneW'(in_now[PosW-1:0]))    part_bits_now = word[l*8];
      if (LaneW'(l) == ((lane >> PosW) << PosW) + LaneW'(in_before[PosW-1:0])) part_bits_before = word[l*8];
    end
  end

  always_comb begin
    begins_d = begins_q;
    row_d    = row_q;
    seg_d    = seg_q;
    done_d   = done_q;
    if (leaves) begin
      begins_d = begins_q + size;
      done_d   = is_last;
      seg_d    = !seg_q && seg_last;
      if (seg_q == seg_last) row_d = row_q + (RowBits+1)'(1);
    end
    size_d = (seg_d == seg_last) ? (PosW+3)'(last_px) : (PosW+3)'(Part);
  end

  always_ff @(posedge clk_i) begin
    begins_q <= begins_d;
    row_q    <= row_d;
    seg_q    <= seg_d;
    done_q   <= done_d;
    if (comes) begin
      before_q <= now_q;
      now_q    <= bit_now;
      oc_q     <= tag.oc;
      begins_q <= begins_d - $signed((PosW+3)'(Part));
      if (number_q == '0) begin
        begins_q <= '0;
        row_q    <= '0;
        seg_q    <= 1'b0;
        done_q   <= 1'b0;
      end
    end
    if (word_valid && word_ready_i) left_q <= word_tag.oc[1:0];
    if (!rst_ni || clear_i) begin
      done_q <= 1'b1;
      left_q <= 2'd3;
    end
  end

  always @(posedge clk_i) begin
    if (rst_ni && packs) begin
      if (word_valid && word_tag.m[0] == channel) begin
        assert (!done_q);
        assert (begins_q + size <= $signed((PosW+3)'(Part)));           // the line that it ends in is there
        assert (word_tag.row == 9'(row_q) && word_tag.seg == 7'(seg_q));
        assert (word_tag.oc == oc_q && word_tag.m == 5'(channel));
        assert (word_tag.row_last == (row_q == (RowBits+1)'(h_m1)));
        assert (word_tag.tile_last == (is_last && channel));
        assert (word_tag.layer_last == (is_last && channel && layer_ends));
        if (in_now >= 0 && in_now < size)       assert (part_bits_now == now_q);
        if (in_before >= 0 && in_before < size) assert (part_bits_before == before_q);
      end
      if (word_valid) assert (word_tag.oc[1:0] == left_q || word_tag.oc[1:0] == left_q + 2'd1);
      // Nothing is left of the line before, of the image before.
      if (comes && number_q != '0) assert (!done_d && begins_d + $signed(size_d) > $signed((PosW+3)'(Part)));
      if (comes && number_q == '0) assert (done_d);
    end
    if (!packs) begin
      if ($past(rst_ni && line_valid_i && !word_ready_i && !clear_i)) begin
        assume (line_valid_i && $stable(line_i) && $stable(rest_i));
      end
      assert (word_valid == line_valid_i && line_ready == word_ready_i);
      assert (word_tag == tag && word == line);
    end
  end
endmodule
