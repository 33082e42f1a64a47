// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Output stream of a layer with send_data_out: the output image as 64-bit words, channel by channel,
/// row by row, without padding, little endian, the last word filled with zeros.
///
/// Channels are read back from AI RAM as soon as they are complete (oc_done_i), while later ones are
/// still computed. Eight bytes of a row a cycle, with `Overlap` = 1 and 16 lanes or more eight bytes a cycle where
/// rows have nine or more, as long as reads are granted.
/// start_i begins a layer that has a stream; done_o is a pulse in the cycle after the last word left.
module kpu_stream_out #(
  parameter  int unsigned Lanes     = 64,
  /// Idle cycles after a word.
  parameter  int unsigned StreamGap = 0,
  /// 1: rows are joined in words (docs/architecture.md, "Overlapping ends").
  parameter  int unsigned Overlap   = 0,
  localparam int unsigned WordAw    = kpu_pkg::LineAw + $clog2(kpu_pkg::line_words(Lanes))
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  // Layer
  input  logic                start_i,
  input  kpu_pkg::image_t     dst_i,
  input  logic [10:0]         oc_done_i,
  output logic                done_o,
  // AI RAM
  output logic                str_rd_valid_o,
  input  logic                str_rd_ready_i,
  output logic [WordAw-1:0]   str_rd_addr_o,
  input  logic                str_rsp_valid_i,
  input  logic [Lanes*8-1:0]  rd_data_i,
  // Words
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [63:0]         out_data_o,
  output logic                out_last_o
);

  localparam int unsigned LaneW = $clog2(Lanes);
  localparam int unsigned Depth = 4;          // words read ahead
  localparam int unsigned MetaW = 1 + 2 + LaneW;

  // A word's bytes that belong to the image: first quarter of the word, count less one, last of the image.
  logic [MetaW-1:0]           meta_in, meta_out;
  logic                       meta_valid, word_ready, word_valid, word_free, unused_meta_ready;
  logic [Lanes*8-1:0]         word;
  logic [$clog2(Depth+1)-1:0] meta_count, unused_word_count;
  logic                       req_valid, req_ready, req_last, rd_fire, unused_rd_valid;
  logic [WordAw-1:0]          req_addr;
  logic [1:0]                 req_quarter, rd_count;
  logic [LaneW-1:0]           req_bytes_m1;
  logic                       clear_q;
  logic                       pack_valid, pack_ready;

  // From counts and not from the FIFOs' own signals, which clear_i is on: the RAM's address hangs on this. The word of a
  // read in the cycle of clear_i is dropped when it comes.
  assign str_rd_valid_o = rd_count != 2'd0 && meta_count != ($bits(meta_count))'(Depth);
  assign rd_fire        = str_rd_valid_o && str_rd_ready_i;

  kpu_stream_addr #(
    .Lanes (Lanes)
  ) u_addr (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i,
    .dst_i,
    .oc_done_i,
    .valid_o   (req_valid),
    .ready_i   (req_ready),
    .addr_o    (req_addr),
    .quarter_o (req_quarter),
    .bytes_m1_o(req_bytes_m1),
    .last_o    (req_last)
  );

  kpu_fifo #(
    .Width (MetaW + WordAw)
  ) u_requests (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i  (req_valid),
    .in_ready_o  (req_ready),
    .in_data_i   ({req_last, req_quarter, req_bytes_m1, req_addr}),
    .out_valid_o (unused_rd_valid),
    .out_ready_i (rd_fire),
    .out_data_o  ({meta_in, str_rd_addr_o}),
    .count_o     (rd_count)
  );

  // The first FIFO counts words under way as well, so that the second always has room.
  kpu_fifo #(
    .Width (MetaW),
    .Depth (Depth)
  ) u_meta (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i  (rd_fire),
    .in_ready_o  (unused_meta_ready),
    .in_data_i   (meta_in),
    .out_valid_o (meta_valid),
    .out_ready_i (word_ready && word_valid),
    .out_data_o  (meta_out),
    .count_o     (meta_count)
  );

  kpu_fifo #(
    .Width (Lanes * 8),
    .Depth (Depth)
  ) u_words (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i  (str_rsp_valid_i && !clear_q),
    .in_ready_o  (word_free),
    .in_data_i   (rd_data_i),
    .out_valid_o (word_valid),
    .out_ready_i (word_ready && meta_valid),
    .out_data_o  (word),
    .count_o     (unused_word_count)
  );

  kpu_stream_pack #(
    .Lanes   (Lanes),
    .Overlap (Overlap)
  ) u_pack (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i   (word_valid && meta_valid),
    .in_ready_o   (word_ready),
    .in_word_i    (word),
    .in_quarter_i (meta_out[LaneW +: 2]),
    .in_bytes_m1_i (meta_out[LaneW-1:0]),
    .in_last_i    (meta_out[MetaW-1]),
    .out_valid_o (pack_valid),
    .out_ready_i (pack_ready),
    .out_data_o,
    .out_last_o
  );

  if (StreamGap == 0) begin : gen_no_gap
    assign out_valid_o = pack_valid;
    assign pack_ready  = out_ready_i;
  end else begin : gen_gap
    localparam int unsigned GapW = $clog2(StreamGap + 1);
    logic [GapW-1:0] gap_q;
    assign out_valid_o = pack_valid && gap_q == '0;
    assign pack_ready  = out_ready_i && gap_q == '0;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)                         gap_q <= '0;
      else if (out_valid_o && out_ready_i) gap_q <= GapW'(StreamGap);
      else if (gap_q != '0)                gap_q <= gap_q - GapW'(1);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      done_o  <= 1'b0;
      clear_q <= 1'b0;
    end else begin
      done_o  <= out_valid_o && out_ready_i && out_last_o && !clear_i;
      clear_q <= clear_i;
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(WordHasRoom, !str_rsp_valid_i || word_free || clear_i || clear_q)
  `ASSERT_KEPT(ReadHeld, str_rd_valid_o && !str_rd_ready_i && !clear_i,
               str_rd_valid_o, str_rd_addr_o, clear_i)
  `ASSERT_KEPT(OutHeld, out_valid_o && !out_ready_i && !clear_i,
               out_valid_o, {out_data_o, out_last_o}, clear_i)

endmodule
