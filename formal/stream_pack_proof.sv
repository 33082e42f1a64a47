// SPDX-License-Identifier: Apache-2.0

/// kpu_stream_pack, rows joined (`Overlap` = 1) or not: any byte of any run leaves in its place, whatever waits; the last word is the
/// last one, with zeros behind the last byte. Joined, words leave in every cycle from the first one on where runs
/// of nine bytes or more are there and nobody waits for the words. 16 lanes. Bytes move whole: bit 0 stands for all eight.
module stream_pack_proof #(
  parameter int unsigned Overlap = 1
) (
  input logic         clk_i,
  input logic         in_valid_i,
  input logic [15:0]  in_bits_i,     // bit 0 of the word's bytes
  input logic [1:0]   in_quarter_i,
  input logic [3:0]   in_bytes_m1_i,
  input logic         in_last_i,
  input logic         out_ready_i,
  input logic         pick_i         // the byte that is followed is one of this run
);
  (* anyconst *) logic [3:0] pick_at;  // .. and so many bytes behind its first one
  (* anyconst *) logic       steady;   // nobody waits, no short runs

  logic         rst_ni = 1'b0;
  logic         in_ready, out_valid, out_last;
  logic [127:0] in_word;
  logic [63:0]  out_data;
  logic [7:0]   out_bits;

  always_comb begin
    in_word  = '0;
    out_bits = '0;
    for (int unsigned b = 0; b < 16; b++) in_word[b*8] = in_bits_i[b];
    for (int unsigned b = 0; b < 8; b++) out_bits[b] = out_data[b*8];
  end

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  kpu_stream_pack #(.Lanes(16), .Overlap(Overlap)) u_dut (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i, .in_ready_o(in_ready), .in_word_i(in_word), .in_quarter_i, .in_bytes_m1_i, .in_last_i,
    .out_valid_o(out_valid), .out_ready_i, .out_data_o(out_data), .out_last_o(out_last)
  );

  // ---- Reference -----------------------------------------------------------------------------------
  logic signed [6:0] inside_q;   // bytes of runs that were taken whole, less those that left; below 0 when bytes of this run left
  logic              ended_q;    // the last run was taken
  logic              follow_q;   // a byte is followed
  logic signed [6:0] dist_q;     // .. so many others leave before it
  logic              bit_q;
  logic              going_q;    // a word was there

  logic              in_fire, out_fire, picked, follow;
  logic signed [6:0] dist;
  logic [3:0]        lane;
  logic              value;

  assign in_fire  = in_valid_i && in_ready;
  assign out_fire = out_valid && out_ready_i;
  assign lane     = {in_quarter_i, 2'b00} + pick_at;
  assign picked   = pick_i && in_valid_i && pick_at <= in_bytes_m1_i && !follow_q && inside_q + 7'(pick_at) >= 7'sd0;
  assign follow   = follow_q || picked;
  assign dist     = follow_q ? dist_q : inside_q + 7'(pick_at);
  assign value    = follow_q ? bit_q : in_bits_i[lane];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      inside_q <= '0;
      ended_q  <= 1'b0;
      follow_q <= 1'b0;
      going_q  <= 1'b0;
    end else begin
      inside_q <= inside_q + (in_fire ? 7'(in_bytes_m1_i) + 7'd1 : 7'd0) - (out_fire ? 7'd8 : 7'd0);
      ended_q  <= ended_q || (in_fire && in_last_i);
      follow_q <= follow && !(out_fire && dist < 7'sd8);
      dist_q   <= dist - (out_fire ? 7'sd8 : 7'sd0);
      bit_q   <= value;
      going_q  <= going_q || out_valid;
      if (out_fire && out_last) begin
        inside_q <= '0;
        ended_q  <= 1'b0;
        going_q  <= 1'b0;
      end
    end
  end

  // ---- What the neighbours keep to -----------------------------------------------------------------
  always @(posedge clk_i) begin
    assume (!in_valid_i || 6'(in_bytes_m1_i) + {2'b00, in_quarter_i, 2'b00} < 6'd16);
    assume (!(in_valid_i && ended_q));  // a layer begins when the one before has left
    if (steady) assume ((in_valid_i || ended_q) && in_bytes_m1_i >= 4'd8 && out_ready_i);
    if (rst_ni && $past(rst_ni && in_valid_i && !in_ready)) begin
      assume (in_valid_i && in_bits_i == $past(in_bits_i) && in_quarter_i == $past(in_quarter_i));
      assume (in_bytes_m1_i == $past(in_bytes_m1_i) && in_last_i == $past(in_last_i));
    end
  end

  // ---- What is proved ------------------------------------------------------------------------------
  logic [3:0] left;  // bytes of the last word
  assign left = inside_q[3:0];

  always @(posedge clk_i) if (rst_ni) begin
    if (follow) assert (dist >= 7'sd0);
    if (follow && out_valid && dist < 7'sd8) assert (out_bits[dist[2:0]] == value);
    if (out_valid) assert (out_last == (ended_q && inside_q <= 7'sd8));
    if (out_valid && out_last) assert (inside_q > 7'sd0 && (out_bits & (8'hff << left)) == '0);
    if ($past(rst_ni && out_valid && !out_ready_i)) begin
      assert (out_valid && out_bits == $past(out_bits) && out_last == $past(out_last));
    end
    if (Overlap == 1 && steady && going_q) assert (out_valid);
  end
endmodule
