// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// Every tie at AI RAM, and every client that has become old waiting.
module arbiter_cover (
  input logic clk_i,
  input logic rst_ni,
  input logic clear_i,
  input logic conv_want_i,
  input logic conv_again_i,
  input logic conv_pending_i,
  input logic str_valid_i,
  input logic str_aged_i,
  input logic axi_rd_valid_i,
  input logic axi_rd_aged_i,
  input logic wb_valid_i,
  input logic axi_wr_valid_i,
  input logic axi_wr_aged_i
);
  `POINT(fetch_and_stream, conv_want_i && str_valid_i)
  `POINT(fetch_and_bus, conv_want_i && axi_rd_valid_i)
  `POINT(stream_and_bus, str_valid_i && axi_rd_valid_i)
  `POINT(all_readers, conv_want_i && str_valid_i && axi_rd_valid_i)
  `POINT(stream_aged, str_aged_i)
  `POINT(bus_read_aged, axi_rd_aged_i)
  `POINT(both_aged, str_aged_i && axi_rd_aged_i)
  `POINT(word_read_again, conv_again_i)
  `POINT(cleared_with_a_word_pending, clear_i && conv_pending_i)
  `POINT(both_writers, wb_valid_i && axi_wr_valid_i)
  `POINT(bus_write_aged, axi_wr_aged_i && wb_valid_i)
endmodule

bind kpu_ai_arbiter arbiter_cover u_cover (
  .clk_i, .rst_ni, .clear_i,
  .conv_want_i    (conv_want),
  .conv_again_i   (conv_again),
  .conv_pending_i (conv_pend_q),
  .str_valid_i    (str_rd_valid_i),
  .str_aged_i     (str_aged_q),
  .axi_rd_valid_i,
  .axi_rd_aged_i  (axi_rd_aged_q),
  .wb_valid_i     (wb_wr_valid_i),
  .axi_wr_valid_i,
  .axi_wr_aged_i  (axi_wr_aged_q)
);
