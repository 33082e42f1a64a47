// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// First-in first-out buffer between two valid/ready streams.
///
/// One word in and one word out a cycle; a word written into an empty FIFO is at the output in the
/// next cycle. The storage is read without a clock (registers or distributed memory): meant for
/// small depths. No path from `out_ready_i` to `in_ready_o`.
module kpu_fifo #(
  /// Bits of a word.
  parameter  int unsigned Width = 8,
  /// Words, any number from 1.
  parameter  int unsigned Depth = 2,
  localparam int unsigned CntW  = $clog2(Depth + 1)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  /// Drops the content; nothing moves in this cycle.
  input  logic             clear_i,
  // Input stream
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  // Output stream
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o,
  /// Words inside, 0..Depth.
  output logic [CntW-1:0]  count_o
);

  if (Depth < 1) begin : gen_check_depth
    $error("kpu_fifo: Depth must be at least 1");
  end

  localparam int unsigned IdxW = kpu_pkg::idx_width(Depth);

  logic [Width-1:0] mem [Depth];
  logic [IdxW-1:0]  wr_idx_q, rd_idx_q;
  logic [CntW-1:0]  count_q;
  logic             push, pop;

  assign in_ready_o  = count_q != CntW'(Depth) && !clear_i;
  assign out_valid_o = count_q != '0 && !clear_i;
  assign out_data_o  = mem[rd_idx_q];
  assign count_o     = count_q;
  assign push        = in_valid_i && in_ready_o;
  assign pop         = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (push) mem[wr_idx_q] <= in_data_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_idx_q <= '0;
      rd_idx_q <= '0;
      count_q  <= '0;
    end else if (clear_i) begin
      wr_idx_q <= '0;
      rd_idx_q <= '0;
      count_q  <= '0;
    end else begin
      if (push) wr_idx_q <= (wr_idx_q == IdxW'(Depth - 1)) ? '0 : wr_idx_q + IdxW'(1);
      if (pop)  rd_idx_q <= (rd_idx_q == IdxW'(Depth - 1)) ? '0 : rd_idx_q + IdxW'(1);
      if (push != pop) count_q <= push ? count_q + CntW'(1) : count_q - CntW'(1);
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(CountInRange, 32'(count_q) <= Depth)
  `ASSERT(IndexesInRange, 32'(rd_idx_q) < Depth && 32'(wr_idx_q) < Depth)
  `ASSERT(CountIsDistance, 32'(wr_idx_q) == (32'(rd_idx_q) + 32'(count_q)) % Depth)
  `ASSERT_NEXT(OutHeld, out_valid_o && !out_ready_i, clear_i || out_valid_o)
  `ASSERT_KEPT(DataHeld, out_valid_o && !out_ready_i, 1'b1, out_data_o)

endmodule
