// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// Every move of a DMA channel.
module dmac_channel_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       suspend_i,
  input logic       stop_i,
  input logic       failed_i,
  input logic [2:0] state_i,
  input logic [2:0] next_i
);
  localparam logic [2:0] Idle = 0, List = 1, ListWait = 2, Block = 3, Plan = 4, Offer = 5, Drain = 6;
  `MOVE(Idle, List)
  `MOVE(Idle, Block)
  `MOVE(List, ListWait)
  `MOVE(ListWait, Block)
  `MOVE(ListWait, Drain)
  `MOVE(Block, Plan)
  `MOVE(Block, Drain)
  `MOVE(Plan, Offer)
  `MOVE(Plan, Drain)
  `MOVE(Offer, Plan)
  `MOVE(Drain, List)
  `MOVE(Drain, Idle)
  `POINT(suspended, suspend_i && state_i == Plan)
  `POINT(stopped, stop_i && state_i == Plan)
  `POINT(failed, failed_i && state_i == Plan)
endmodule

bind kpu_dmac_channel dmac_channel_cover u_cover (
  .clk_i, .rst_ni, .suspend_i,
  .stop_i   (stop_q),
  .failed_i (failed_q),
  .state_i  (state_q),
  .next_i   (state_d)
);
