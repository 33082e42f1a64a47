// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// The layer FIFO at its limits.
module layer_fifo_cover (
  input logic clk_i,
  input logic rst_ni,
  input logic clear_i,
  input logic empty_i,
  input logic full_i,
  input logic overflow_i,
  input logic partly_i,   // a layer is partly written
  input logic in_i,
  input logic out_i
);
  `POINT(full, full_i)
  `POINT(dropped_a_layer, overflow_i)
  `POINT(layer_in_and_out_at_once, in_i && out_i)
  `POINT(flushed_with_layers, clear_i && !empty_i)
  `POINT(flushed_half_a_layer, clear_i && partly_i)
endmodule

bind kpu_layer_fifo layer_fifo_cover u_cover (
  .clk_i, .rst_ni, .clear_i,
  .empty_i    (layers_q == '0),
  .full_i     (layers_q == CntW'(Layers)),
  .overflow_i (overflow_o),
  .partly_i   (wr_word_q != '0),
  .in_i       (layer_in),
  .out_i      (layer_out)
);
