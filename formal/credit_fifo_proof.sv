// SPDX-License-Identifier: Apache-2.0

/// kpu_credit_fifo against a queue: nothing is lost, doubled or reordered, every word that has a place is taken, and
/// places are told exactly. The pipeline in front may keep words back for any time.
module credit_fifo_proof (
  input logic       clk_i,
  input logic       clear_i,
  input logic       want_i,       // a word wants to set out
  input logic       arrives_i,    // one that has set out may arrive
  input logic [1:0] in_data_i,
  input logic       out_ready_i
);
  localparam int unsigned Depth = 4;

  logic       rst_ni = 1'b0;
  logic       free, take, in_valid, out_valid;
  logic [1:0] out_data;
  logic [2:0] away_q;             // words that have set out and not arrived

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  assign take     = want_i && free;
  assign in_valid = arrives_i && away_q != 3'd0;

  kpu_credit_fifo #(.Width(2), .Depth(Depth)) u_dut (
    .clk_i, .rst_ni, .clear_i,
    .free_o(free), .take_i(take),
    .in_valid_i(in_valid), .in_data_i,
    .out_valid_o(out_valid), .out_ready_i, .out_data_o(out_data)
  );

  // The queue: oldest word lowest.
  logic [2*Depth-1:0] queue_d, queue_q;
  logic [2:0]         size_d, size_q;
  logic [1:0]         waits_q;    // the oldest word has been the oldest for one cycle, for two

  always_comb begin
    queue_d = queue_q;
    size_d  = size_q;
    if (out_valid && out_ready_i) begin
      queue_d = queue_d >> 2;
      size_d  = size_d - 3'd1;
    end
    if (in_valid) begin
      for (int w = 0; w < Depth; w++) if (size_d == 3'(w)) queue_d[2*w +: 2] = in_data_i;
      size_d = size_d + 3'd1;
    end
    if (clear_i) size_d = 3'd0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      away_q  <= 3'd0;
      waits_q <= 2'b00;
    end else begin
      away_q  <= away_q + 3'(take) - 3'(in_valid);
      waits_q <= (size_q == 3'd0 || (out_valid && out_ready_i)) ? 2'b00 : {waits_q[0], 1'b1};
    end
    queue_q <= queue_d;
    size_q  <= rst_ni ? size_d : 3'd0;
  end

  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (away_q + size_q <= 3'(Depth));
      if (free) assert (away_q + size_q < 3'(Depth));
      if (out_valid) assert (size_q != 3'd0 && out_data == queue_q[1:0]);
      if (waits_q[1]) assert (out_valid);
    end
  end

  // A free place is told: in every cycle but the first after reset.
  logic told_q = 1'b0;
  always @(posedge clk_i) begin
    told_q <= rst_ni;
    if (told_q) assert (free == (away_q + size_q != 3'(Depth)));
  end
endmodule
