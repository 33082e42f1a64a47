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

/// The same for buffers whose places are taken before their words set out.
module credit_fifo_cover (
  input logic clk_i,
  input logic rst_ni,
  input logic full_i,
  input logic leave_i,
  input logic take_i,
  input logic one_i
);
  `POINT(full, full_i)
  `POINT(drained, one_i && leave_i && !take_i)
endmodule

bind kpu_credit_fifo credit_fifo_cover u_cover (
  .clk_i, .rst_ni, .take_i,
  .full_i  (taken_q == (IdxW+1)'(Depth)),
  .leave_i (leave),
  .one_i   (taken_q == (IdxW+1)'(1))
);
