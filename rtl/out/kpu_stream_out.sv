// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Output stream of a layer with send_data_out: the output image as 64-bit words, channel by channel,
/// row by row, without padding, little endian, the last word filled with zeros.
///
/// Channels are read back from AI RAM as soon as they are complete (oc_done_i), while later ones are
/// still computed. Eight bytes a cycle where rows are multiples of eight, as long as reads are granted.
/// start_i begins the layer if it has a stream; done_o is a pulse in the cycle after the last word left.
module kpu_stream_out #(
  parameter  int unsigned Lanes  = 64,
  localparam int unsigned WordAw = kpu_pkg::LineAw + $clog2(kpu_pkg::LineBytes / Lanes)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  // Layer
  input  logic                start_i,
  input  kpu_pkg::layer_cfg_t cfg_i,
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
  localparam int unsigned MetaW = 1 + 2 + LaneW + 1;

  // A word's bytes that belong to the image: first quarter of the word, count, last of the image.
  logic [MetaW-1:0]           meta_in, meta_out;
  logic                       meta_in_ready, meta_valid, word_ready, word_valid, word_free;
  logic [Lanes*8-1:0]         word;
  logic [$clog2(Depth+1)-1:0] unused_meta_count, unused_word_count;
  logic                       rd_req, rd_fire, rd_last;
  logic [1:0]                 rd_quarter;
  logic [LaneW:0]             rd_bytes;

  assign str_rd_valid_o = rd_req && meta_in_ready;
  assign rd_fire        = str_rd_valid_o && str_rd_ready_i;
  assign meta_in        = {rd_last, rd_quarter, rd_bytes};

  kpu_stream_addr #(
    .Lanes (Lanes)
  ) u_addr (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i,
    .cfg_i,
    .oc_done_i,
    .valid_o   (rd_req),
    .ready_i   (rd_fire),
    .addr_o    (str_rd_addr_o),
    .quarter_o (rd_quarter),
    .bytes_o   (rd_bytes),
    .last_o    (rd_last)
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
    .in_ready_o  (meta_in_ready),
    .in_data_i   (meta_in),
    .out_valid_o (meta_valid),
    .out_ready_i (word_ready && word_valid),
    .out_data_o  (meta_out),
    .count_o     (unused_meta_count)
  );

  kpu_fifo #(
    .Width (Lanes * 8),
    .Depth (Depth)
  ) u_words (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i  (str_rsp_valid_i),
    .in_ready_o  (word_free),
    .in_data_i   (rd_data_i),
    .out_valid_o (word_valid),
    .out_ready_i (word_ready && meta_valid),
    .out_data_o  (word),
    .count_o     (unused_word_count)
  );

  kpu_stream_pack #(
    .Lanes (Lanes)
  ) u_pack (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i   (word_valid && meta_valid),
    .in_ready_o   (word_ready),
    .in_word_i    (word),
    .in_quarter_i (meta_out[LaneW+1 +: 2]),
    .in_bytes_i   (meta_out[LaneW:0]),
    .in_last_i    (meta_out[MetaW-1]),
    .out_valid_o,
    .out_ready_i,
    .out_data_o,
    .out_last_o
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) done_o <= 1'b0;
    else         done_o <= out_valid_o && out_ready_i && out_last_o && !clear_i;
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(WordHasRoom, !str_rsp_valid_i || word_free || clear_i)
  `ASSERT_NEXT(ReadHeld, str_rd_valid_o && !str_rd_ready_i && !clear_i,
               clear_i || (str_rd_valid_o && $stable(str_rd_addr_o)))
  `ASSERT_NEXT(OutHeld, out_valid_o && !out_ready_i && !clear_i,
               clear_i || (out_valid_o && $stable(out_data_o) && $stable(out_last_o)))

endmodule
