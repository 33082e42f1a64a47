// SPDX-License-Identifier: Apache-2.0

/// The assertions inside kpu_fifo (count in range, output held), for any length of time.
module fifo_control_proof (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear_i,
  input logic       in_valid_i,
  input logic [7:0] in_data_i,
  input logic       out_ready_i
);
  logic       unused_ready, unused_valid;
  logic [7:0] unused_data;
  logic [2:0] unused_count;

  initial assume (!rst_ni);

  kpu_fifo #(.Width(8), .Depth(5)) u_dut (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i, .in_ready_o(unused_ready), .in_data_i,
    .out_valid_o(unused_valid), .out_ready_i, .out_data_o(unused_data), .count_o(unused_count)
  );
endmodule
