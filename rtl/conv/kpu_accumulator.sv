// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Partial sums beside the array: AccLines lines of sum(X*W) and AccLines lines of sum(X) in memories of one read
/// and one write port. A line is read while its products are added up (next_*) and written back in the cycle after;
/// what this cycle writes and the next one needs goes around the memory.
///
/// The sums of an array cycle with line_out set (last pass of a tile) leave as a line, one a cycle at most: they are
/// at the output, with their tag, in the cycle of line_valid_o and no longer. sum(X) of a row is added up in the first
/// array cycle of the window only and stays at the output for every line of that window.
module kpu_accumulator #(
  parameter  int unsigned Lanes     = 64,
  parameter  int unsigned AccLines  = 32,
  localparam int unsigned EntryW    = $clog2(AccLines),
  localparam int unsigned SumStride = 32,
  localparam int unsigned PixStride = 16
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  input  logic                              clear_i,
  // Array: the cycle whose sums come with the next clock
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

  // ---- Where the old sums come from --------------------------------------------------------------
  logic next_pix;
  logic psum_same, pix_same;                // the next cycle needs what this one writes
  logic psum_read_q, psum_last_q;           // old sums of this cycle: memory, the cycle before, else zero
  logic pix_read_q, pix_last_q;

  assign next_pix  = next_valid_i && next_op_i.pix_first;
  assign psum_same = sum_valid_i && sum_op_i.entry == next_op_i.entry;
  assign pix_same  = sum_valid_i && sum_op_i.pix_first && sum_op_i.r == next_op_i.r;

  always_ff @(posedge clk_i) begin
    if (next_valid_i) begin
      psum_read_q <= !next_op_i.pass_first && !psum_same;
      psum_last_q <= !next_op_i.pass_first && psum_same;
    end
    if (next_pix) begin
      pix_read_q <= !next_op_i.pix_start && !pix_same;
      pix_last_q <= !next_op_i.pix_start && pix_same;
    end
  end

  // ---- Lanes -------------------------------------------------------------------------------------
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    // A word that is written in the cycle of its read is never used from there.
    (* no_rw_check, ram_style = "block" *)
    logic [kpu_pkg::PsumW-1:0]   psum_mem [AccLines];
    (* no_rw_check, ram_style = "block" *)
    logic [kpu_pkg::PixSumW-1:0] pix_mem [AccLines];
    logic [kpu_pkg::PsumW-1:0]   psum_rd_q, psum_q, psum_old, psum_add, psum_new;
    logic [kpu_pkg::PixSumW-1:0] pix_rd_q, pix_q, pix_old, pix_new;

    always_ff @(posedge clk_i) begin
      if (next_valid_i) psum_rd_q <= psum_mem[next_op_i.entry[EntryW-1:0]];
      if (sum_valid_i) begin
        psum_old = (psum_rd_q & {kpu_pkg::PsumW{psum_read_q}}) | (psum_q & {kpu_pkg::PsumW{psum_last_q}});
        psum_add = kpu_pkg::PsumW'(sum_i[l*SumStride +: kpu_pkg::ProdSumW]);
        psum_new = psum_old + (sum_op_i.high_byte ? psum_add << 8 : psum_add);
        psum_q                               <= psum_new;
        psum_mem[sum_op_i.entry[EntryW-1:0]] <= psum_new;
      end
    end

    always_ff @(posedge clk_i) begin
      if (next_pix) pix_rd_q <= pix_mem[next_op_i.r[EntryW-1:0]];
      if (sum_valid_i && sum_op_i.pix_first) begin
        pix_old = (pix_rd_q & {kpu_pkg::PixSumW{pix_read_q}}) | (pix_q & {kpu_pkg::PixSumW{pix_last_q}});
        pix_new = pix_old + kpu_pkg::PixSumW'(pix_i[l*PixStride +: 12]);
        pix_q                           <= pix_new;
        pix_mem[sum_op_i.r[EntryW-1:0]] <= pix_new;
      end
    end

    assign line_psum_o[l*kpu_pkg::PsumW +: kpu_pkg::PsumW]     = psum_q;
    assign line_sumx_o[l*kpu_pkg::PixSumW +: kpu_pkg::PixSumW] = pix_q;
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (AccLines != 32 && AccLines != 16) begin : gen_check_acc_lines
    $error("kpu_accumulator: AccLines must be 32 or 16");
  end
  `ASSERT(EntryInside, !sum_valid_i || (32'(sum_op_i.entry) < AccLines && 32'(sum_op_i.r) < AccLines))
  `ASSERT_NEXT(NextComes, next_valid_i && !clear_i, sum_valid_i && $past(next_op_i) == sum_op_i)

endmodule
