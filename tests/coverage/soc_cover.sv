// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// Every move of the writes into register blocks.
module axi_to_axil_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       data_i,
  input logic       ready_i,
  input logic [1:0] state_i,
  input logic [1:0] next_i
);
  localparam logic [1:0] Idle = 0, Beat = 1, Wait = 2, Answer = 3;
  `MOVE(Idle, Beat)
  `MOVE(Beat, Wait)
  `MOVE(Wait, Beat)
  `MOVE(Wait, Answer)
  `MOVE(Answer, Idle)
  `POINT(data_late, state_i == Beat && !data_i)
  `POINT(answer_waits, state_i == Answer && !ready_i)
endmodule

bind kpu_axi_to_axil axi_to_axil_cover u_cover (
  .clk_i, .rst_ni,
  .data_i  (wvalid_i),
  .ready_i (bready_i),
  .state_i (wr_state_q),
  .next_i  (wr_state_d)
);
