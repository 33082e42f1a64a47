// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// Every FIFO, instance by instance.
module fifo_cover (
  input logic clk_i,
  input logic rst_ni,
  input logic in_valid_i,
  input logic full_i,
  input logic pop_i,
  input logic one_i
);
  `POINT(full, full_i)
  `POINT(drained, one_i && pop_i && !in_valid_i)
endmodule

bind kpu_fifo fifo_cover u_cover (
  .clk_i, .rst_ni, .in_valid_i,
  .full_i  (count_q == CntW'(Depth)),
  .pop_i   (pop),
  .one_i   (count_q == CntW'(1))
);
