// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Partial sums beside the array: AccLines lines of sum(X*W) and AccLines lines of sum(X) in memories of one read
/// and one write port. A line is read two cycles before its sums come (early_*), waits in a register for one
/// (next_*), and is written with the new sums. Nothing goes around the memory: kpu_mac_seq keeps AccReuse cycles
/// between array cycles that need the same line.
///
/// The sums of an array cycle with line_out set (last pass of a tile) leave as a line, one a cycle at most: they are
/// at the output, with their tag, in the cycle of line_valid_o and no longer. sum(X) of a row is added up in the first
/// array cycle of the window only and stays at the output for every line of that window.
module kpu_accumulator #(
  parameter  int unsigned Lanes     = 64,
  parameter  int unsigned AccLines  = 32,
  /// Bits of a weight in an array cycle.
  parameter  int unsigned WeightBits = 8,
  /// Bits of a sum of an array cycle, at most SumStride.
  parameter  int unsigned SumW      = kpu_pkg::ProdSumW,
  /// 1: array cycles without products come, in which sums leave.
  parameter  int unsigned DrainPass = 0,
  localparam int unsigned EntryW    = $clog2(AccLines),
  localparam int unsigned SumStride = kpu_pkg::SumStride,
  localparam int unsigned PixStride = kpu_pkg::PixStride
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  input  logic                              clear_i,
  // Array: the cycle whose sums come in two cycles, the one whose sums come in the next
  input  logic                              early_valid_i,
  input  kpu_pkg::mac_op_t                  early_op_i,
  input  logic                              next_valid_i,
  input  kpu_pkg::mac_op_t                  next_op_i,
  // .. and the one whose sums are there
  input  logic                              sum_valid_i,
  input  kpu_pkg::mac_op_t                  sum_op_i,
  input  logic [Lanes*SumStride-1:0]        sum_i,
  input  logic [Lanes*PixStride-1:0]        pix_i,
  // Lines of sums
  output logic                              line_valid_o,
  output logic [Lanes*kpu_pkg::PsumW-1:0]   line_psum_o,
  output logic [Lanes*kpu_pkg::PixSumW-1:0] line_sumx_o,
  output kpu_pkg::line_tag_t                line_tag_o
);

  logic line_en;

  assign line_en = sum_valid_i && sum_op_i.line_out;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) line_valid_o <= 1'b0;
    else         line_valid_o <= line_en && !clear_i;
  end

  always_ff @(posedge clk_i) begin
    if (line_en) line_tag_o <= sum_op_i.tag;
  end

  // ---- Lanes -------------------------------------------------------------------------------------
  logic early_pix, next_pix, sum_pix, drain;

  assign early_pix = early_valid_i && early_op_i.pix_first;
  assign next_pix  = next_valid_i && next_op_i.pix_first;
  assign sum_pix   = sum_valid_i && sum_op_i.pix_first;
  assign drain     = DrainPass != 0 && sum_op_i.drain;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    (* no_rw_check, ram_style = "block" *)
    logic [kpu_pkg::PsumW-1:0]   psum_mem [AccLines];
    (* no_rw_check, ram_style = "block" *)
    logic [kpu_pkg::PixSumW-1:0] pix_mem [AccLines];
    logic [kpu_pkg::PsumW-1:0]   psum_rd_q, psum_old_q, psum_q, psum_add, psum_new;
    logic [kpu_pkg::PixSumW-1:0] pix_rd_q, pix_old_q, pix_q, pix_new;

    always_ff @(posedge clk_i) begin
      if (early_valid_i) psum_rd_q <= psum_mem[early_op_i.entry[EntryW-1:0]];
      if (next_valid_i)  psum_old_q <= next_op_i.pass_first ? '0 : psum_rd_q;
      if (sum_valid_i) begin
        psum_add = drain ? '0 : kpu_pkg::PsumW'(sum_i[l*SumStride +: SumW]);
        if (sum_op_i.part[0]) psum_add = psum_add << WeightBits;
        if (WeightBits == 4 && sum_op_i.part[1]) psum_add = psum_add << 8;
        psum_new = psum_old_q + psum_add;
        psum_q                               <= psum_new;
        psum_mem[sum_op_i.entry[EntryW-1:0]] <= psum_new;
      end
    end

    always_ff @(posedge clk_i) begin
      if (early_pix) pix_rd_q <= pix_mem[early_op_i.r[EntryW-1:0]];
      if (next_pix)  pix_old_q <= next_op_i.pix_start ? '0 : pix_rd_q;
      if (sum_pix) begin
        pix_new = pix_old_q + (drain ? '0 : kpu_pkg::PixSumW'(pix_i[l*PixStride +: kpu_pkg::WinPixW]));
        pix_q                           <= pix_new;
        pix_mem[sum_op_i.r[EntryW-1:0]] <= pix_new;
      end
    end

    assign line_psum_o[l*kpu_pkg::PsumW +: kpu_pkg::PsumW]     = psum_q;
    assign line_sumx_o[l*kpu_pkg::PixSumW +: kpu_pkg::PixSumW] = pix_q;
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (AccLines < 2 || AccLines > 512 || (AccLines & (AccLines - 1)) != 0) begin : gen_check_acc_lines
    $error("kpu_accumulator: AccLines must be a power of two, 2 to 512");
  end
  if (kpu_pkg::AccReuse != 3) begin : gen_check_reuse
    $error("kpu_accumulator: a line is read two cycles before its sums come, and written in the one after");
  end
  `ASSERT(EntryInside, !sum_valid_i || (32'(sum_op_i.entry) < AccLines && 32'(sum_op_i.r) < AccLines))
  `ASSERT(OldIsWritten, !early_valid_i || early_op_i.pass_first ||
          (!(next_valid_i && next_op_i.entry == early_op_i.entry) &&
           !(sum_valid_i && sum_op_i.entry == early_op_i.entry)))
  `ASSERT(LineComesInTime, !line_valid_o || $past(sum_valid_i, kpu_pkg::AccLatency))
  `ASSERT_NEXT(EarlyComes, early_valid_i && !clear_i, next_valid_i && $past(early_op_i) == next_op_i)
  `ASSERT_NEXT(NextComes, next_valid_i && !clear_i, sum_valid_i && $past(next_op_i) == sum_op_i)

endmodule
