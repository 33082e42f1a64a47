// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Partial sums beside the array: AccLines lines of sum(X*W) and AccLines lines of sum(X), read, added to and
/// written back in one cycle.
///
/// An array cycle with line_out set (last pass of a tile) does not write back: its sums leave as a line, one a
/// cycle at most, registered, with its tag. adv_o falls while a line waits at the output; it stops the whole
/// array pipeline. sum(X) of a row is added up in the first array cycle of the window only and stays at the output
/// for every line of that window.
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
  output logic                              adv_o,
  // Array
  input  logic                              sum_valid_i,
  input  kpu_pkg::mac_op_t                  sum_op_i,
  input  logic [Lanes*SumStride-1:0]        sum_i,
  input  logic [Lanes*PixStride-1:0]        pix_i,
  // Lines of sums
  output logic                              line_valid_o,
  input  logic                              line_ready_i,
  output logic [Lanes*kpu_pkg::PsumW-1:0]   line_psum_o,
  output logic [Lanes*kpu_pkg::PixSumW-1:0] line_sumx_o,
  output kpu_pkg::line_tag_t                line_tag_o
);

  logic en, line_en;

  assign adv_o   = !line_valid_o || line_ready_i;
  assign en      = sum_valid_i && adv_o;
  assign line_en = en && sum_op_i.line_out;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      line_valid_o <= 1'b0;
    end else begin
      if (adv_o)   line_valid_o <= line_en;
      if (clear_i) line_valid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (line_en) line_tag_o <= sum_op_i.tag;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [kpu_pkg::PsumW-1:0]   psum_mem [AccLines];
    logic [kpu_pkg::PixSumW-1:0] pix_mem [AccLines];
    logic [kpu_pkg::PsumW-1:0]   psum_old, psum_new;
    logic [kpu_pkg::PixSumW-1:0] pix_old, pix_new;

    always_ff @(posedge clk_i) begin
      if (en) begin
        psum_old = sum_op_i.pass_first ? '0 : psum_mem[sum_op_i.entry[EntryW-1:0]];
        psum_new = psum_old + (sum_op_i.high_byte ? kpu_pkg::PsumW'(sum_i[l*SumStride +: kpu_pkg::ProdSumW]) << 8
                                                  : kpu_pkg::PsumW'(sum_i[l*SumStride +: kpu_pkg::ProdSumW]));
        if (sum_op_i.line_out) line_psum_o[l*kpu_pkg::PsumW +: kpu_pkg::PsumW] <= psum_new;
        else                   psum_mem[sum_op_i.entry[EntryW-1:0]] <= psum_new;
        if (sum_op_i.pix_first) begin
          pix_old = sum_op_i.pix_start ? '0 : pix_mem[sum_op_i.r[EntryW-1:0]];
          pix_new = pix_old + kpu_pkg::PixSumW'(pix_i[l*PixStride +: 12]);
          pix_mem[sum_op_i.r[EntryW-1:0]] <= pix_new;
          line_sumx_o[l*kpu_pkg::PixSumW +: kpu_pkg::PixSumW] <= pix_new;
        end
      end
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (AccLines != 32 && AccLines != 16) begin : gen_check_acc_lines
    $error("kpu_accumulator: AccLines must be 32 or 16");
  end
  `ASSERT(EntryInside, !sum_valid_i || (32'(sum_op_i.entry) < AccLines && 32'(sum_op_i.r) < AccLines))
  `ASSERT_NEXT(LineHeld, line_valid_o && !line_ready_i && !clear_i, line_valid_o && $stable(line_tag_o))

endmodule
