// SPDX-License-Identifier: Apache-2.0

/// kpu_gather: pixel i of a word that begins at lane a lies at lane a + i of its part, in the word's line or, behind the
/// line's end, at lane a + i - P in the next line of the same channel group; each lane up to the image's last pixel is
/// filled once. Lines leave in order, each once, with the token of their last word, and are no pad lines. Layers that
/// are not packed pass unchanged in the same cycle.
///
/// One lane of one channel group is watched, any of them. Its words follow each other as those of kpu_line_words do: of
/// any sizes up to P pixels, each behind the one before it, images of any number of words, with a line in which no word
/// begins where the last one crosses. Lines of the other group come between them at any time, their words at any lanes.
/// Pixels are of one bit (rotate_proof moves bytes); 1 << Grp parts of 16 lanes. grp_l2_i is tied to Grp; nothing is picked.
module gather_proof #(
  parameter  int unsigned Grp   = 0,
  localparam int unsigned Lanes = 16 << Grp,
  localparam int unsigned Part  = 16,
  localparam int unsigned LaneW = $clog2(Lanes),
  localparam int unsigned PosW  = $clog2(Part)
) (
  input logic             clk_i,
  input logic             clear_i,
  input logic             word_valid_i,
  input logic [Lanes-1:0] word_i,
  input logic [12:0]      token_i,
  input logic             watched_i,     // the next line is one of the watched group
  input logic [PosW-1:0]  size_m1_i,     // pixels of the word, minus one
  input logic             image_ends_i,  // it is the image's last
  input logic [PosW-1:0]  other_at_i,    // .. of the other group
  input logic             other_last_i,
  input logic             other_keep_i
);
  (* anyconst *) logic [LaneW-1:0] lane;   // the one that is watched
  (* anyconst *) logic             group;  // .. of this channel group
  (* anyconst *) logic             packs;  // the layer is packed

  logic                 rst_ni = 1'b0;
  logic                 word_ready, line_valid;
  kpu_pkg::line_token_t token, line_token;
  kpu_pkg::pack_token_t pack;
  logic [Lanes*8-1:0]   word, line;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  for (genvar l = 0; l < Lanes; l++) begin : gen_byte
    assign word[l*8 +: 8] = {7'd0, word_i[l]};
  end

  kpu_gather #(.Lanes(Lanes), .Groups(2)) u_dut (
    .clk_i, .rst_ni, .clear_i, .pack_i(packs), .pick_i(1'b0), .right_i(1'b0), .grp_l2_i(2'(Grp)),
    .in_valid_i(word_valid_i && word_ready), .in_token_i(token), .in_pack_i(pack), .in_data_i(word),
    .out_valid_o(line_valid), .out_token_o(line_token), .out_data_o(line)
  );

  // ---- The words ---------------------------------------------------------------------------------
  logic            mid_q;      // a line has begun
  logic            watch_q;    // .. one of the watched group
  logic [PosW-1:0] at_q;       // lane of that group's next word
  logic            ended_q;    // .. which there is not: the image's last word has crossed into the line
  logic            watch, first, take, ends;
  logic [PosW:0]   upto;       // lane behind the word's last pixel, in 0..2P-1

  // A word that begins a line waits where the one before it is still to be kept for that line.
  logic kept_q, kept_group_q;

  assign word_ready = !(packs && first && pack.at != '0 && kept_q && kept_group_q == pack.group[0]);

  always_ff @(posedge clk_i) begin
    kept_q       <= take && pack.keep;
    kept_group_q <= pack.group[0];
  end

  assign first = !mid_q;
  assign watch = first ? watched_i : watch_q;
  assign upto  = ended_q ? (PosW+1)'(at_q) : (PosW+1)'(at_q) + (PosW+1)'(size_m1_i) + (PosW+1)'(1);
  assign ends  = upto >= (PosW+1)'(Part) || image_ends_i || ended_q;
  assign take  = word_valid_i && word_ready && packs;
  assign token = {ended_q && watch, token_i};

  always_comb begin
    pack.first = first;
    pack.last  = watch ? ends : other_last_i;
    pack.keep  = watch ? upto > (PosW+1)'(Part) : other_last_i && other_keep_i;
    pack.at    = 6'(watch ? at_q : other_at_i);
    pack.group = 10'(watch ? group : !group);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      mid_q   <= 1'b0;
      at_q    <= '0;
      ended_q <= 1'b0;
    end else if (take) begin
      mid_q   <= !pack.last;
      watch_q <= watch;
      if (watch) begin
        at_q    <= PosW'(upto);
        ended_q <= !ended_q && image_ends_i && pack.keep;
        if (ended_q || (image_ends_i && !pack.keep)) at_q <= '0;
      end
    end
  end

  // ---- What belongs into the lane ------------------------------------------------------------------
  logic [PosW-1:0]  pos, pixel;          // the lane in its part; the word's pixel that it would hold
  logic             bit_now;             // that pixel
  logic             here, there;         // it is one of the word, for this line, the next one
  logic             has_q, px_q;         // of the line that has begun: the lane is filled, and with what
  logic             next_has_q, next_px_q;
  logic             has_d, px_d;
  // Lines that have not left, oldest one lowest.
  logic [15:0]      line0_q, line1_q;    // {of the watched group, filled, pixel, token}
  logic [1:0]       count_q;
  logic             leaves, comes;
  logic [15:0]      newest;

  assign pos     = PosW'(lane);
  assign pixel   = pos - at_q;
  assign here    = watch && !ended_q && pos >= at_q && (PosW+1)'(pos) < upto;
  assign there   = watch && !ended_q && (PosW+1)'(pos) + (PosW+1)'(Part) < upto;

  always_comb begin
    bit_now = 1'b0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (LaneW'(l) == ((lane >> PosW) << PosW) + LaneW'(pixel)) bit_now = word_i[l];
    end
    has_d = first ? next_has_q : has_q;
    px_d  = first ? next_px_q : px_q;
    if (here) begin
      has_d = 1'b1;
      px_d  = bit_now;
    end
  end

  assign leaves = line_valid && packs;
  assign comes  = take && pack.last;
  assign newest = {watch, has_d, px_d, token_i};

  always_ff @(posedge clk_i) begin
    if (take && watch) begin
      has_q <= has_d;
      px_q  <= px_d;
      if (first || there) begin
        next_has_q <= there;
        next_px_q  <= bit_now;
      end
    end
    if (leaves) line0_q <= line1_q;
    if (comes && count_q == 2'(leaves)) line0_q <= newest;
    if (comes && count_q != 2'(leaves)) line1_q <= newest;
    count_q <= count_q + 2'(comes) - 2'(leaves);
    if (!rst_ni || clear_i) begin
      next_has_q <= 1'b0;
      count_q    <= '0;
    end
  end

  always @(posedge clk_i) begin
    if (rst_ni && packs) begin
      assert (!take || !watch || !first || !next_has_q || !here);  // the lane is not filled twice
      assert (!take || !watch || first || !has_q || !here);
      assert (!line_valid || count_q != '0);
      assert (!comes || count_q != 2'd2 || leaves);
      if (line_valid) begin
        assert (line_token == {1'b0, line0_q[12:0]});
        if (line0_q[15] && line0_q[14]) begin
          for (int unsigned l = 0; l < Lanes; l++) begin
            if (lane == LaneW'(l)) assert (line[l*8 +: 8] == {7'd0, line0_q[13]});
          end
        end
      end
    end
    if (!packs) begin
      assert (line_valid == word_valid_i);
      assert (line_token == token && line == word);
    end
  end
endmodule
