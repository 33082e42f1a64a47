// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// From AI RAM to the units, with more than 64 lanes: a line that packs g channels becomes a word of g equal parts.
///
/// Part k of the line, 64/g bytes, goes to the first lanes of part k of the word, which has Lanes/g; the lanes behind it, beyond
/// the width of such an image, hold bytes of no meaning. A word of one channel passes. Combinational; the clock is the
/// assertion's.
/// docs/architecture.md, section "Wider than a line".
module kpu_line_spread #(
  /// Bytes of a word: 128 or 256.
  parameter int unsigned Lanes = 128
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               valid_i,    // the lines are read
  input  logic [1:0]         grp_l2_i,   // log2 of channels per word: 0, 1, 2
  input  logic [Lanes*8-1:0] lines_i,    // those of the word, the first one lowest
  output logic [Lanes*8-1:0] word_o
);

  localparam int unsigned VecW  = Lanes * 8;
  localparam int unsigned LineW = kpu_pkg::LineBytes * 8;

  always_comb begin
    word_o = lines_i;
    case (grp_l2_i)
      2'd1:    for (int unsigned k = 1; k < 2; k++) word_o[k*VecW/2 +: LineW/2] = lines_i[k*LineW/2 +: LineW/2];
      2'd2:    for (int unsigned k = 1; k < 4; k++) word_o[k*VecW/4 +: LineW/4] = lines_i[k*LineW/4 +: LineW/4];
      default: ;
    endcase
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(GroupsInRange, !valid_i || grp_l2_i <= 2'd2)

endmodule
