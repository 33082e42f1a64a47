// SPDX-License-Identifier: Apache-2.0

/// kpu_fifo against a queue: nothing is lost, doubled or reordered. Three places are enough to wrap both
/// indexes twice within the bound; two bits tell neighbours apart.
module fifo_proof (
  input logic       clk_i,
  input logic       clear_i,
  input logic       in_valid_i,
  input logic [1:0] in_data_i,
  input logic       out_ready_i
);
  localparam int unsigned Depth = 3;

  logic       rst_ni = 1'b0;
  logic       in_ready, out_valid;
  logic [1:0] out_data, count;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  kpu_fifo #(.Width(2), .Depth(Depth)) u_dut (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i, .in_ready_o(in_ready), .in_data_i,
    .out_valid_o(out_valid), .out_ready_i, .out_data_o(out_data), .count_o(count)
  );

  // The queue: oldest word lowest.
  logic [2*Depth-1:0] queue_d, queue_q;
  logic [1:0]         size_d, size_q;

  always_comb begin
    queue_d = queue_q;
    size_d  = size_q;
    if (out_valid && out_ready_i) begin
      queue_d = queue_d >> 2;
      size_d  = size_d - 2'd1;
    end
    if (in_valid_i && in_ready) begin
      for (int w = 0; w < Depth; w++) if (size_d == 2'(w)) queue_d[2*w +: 2] = in_data_i;
      size_d = size_d + 2'd1;
    end
    if (clear_i) size_d = 2'd0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      queue_q <= '0;
      size_q  <= '0;
    end else begin
      queue_q <= queue_d;
      size_q  <= size_d;
    end
  end

  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (count == size_q);
      assert (in_ready == (size_q != 2'(Depth) && !clear_i));
      assert (out_valid == (size_q != 2'd0 && !clear_i));
      if (out_valid) assert (out_data == queue_q[1:0]);
    end
  end
endmodule
