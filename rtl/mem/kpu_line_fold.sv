// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// From the units to AI RAM, with more than 64 lanes: a word of g parts becomes a line that packs g channels.
///
/// The first 64/g bytes of part k of the word, which has Lanes/g, become part k of the line, with their byte enables; nothing
/// else is written. A word of one channel passes. The reverse of kpu_line_spread. Combinational; the clock is the assertion's.
/// docs/architecture.md, section "Wider than a line".
module kpu_line_fold #(
  /// Bytes of a word: 128 or 256.
  parameter int unsigned Lanes = 128
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [1:0]         grp_l2_i,   // log2 of channels per word: 0, 1, 2
  input  logic               valid_i,
  input  logic [Lanes-1:0]   be_i,
  input  logic [Lanes*8-1:0] word_i,
  output logic [Lanes-1:0]   be_o,
  output logic [Lanes*8-1:0] lines_o     // those of the word, the first one lowest
);

  localparam int unsigned VecW      = Lanes * 8;
  localparam int unsigned LineBytes = kpu_pkg::LineBytes;
  localparam int unsigned LineW     = LineBytes * 8;

  always_comb begin
    be_o    = be_i;
    lines_o = word_i;
    if (grp_l2_i != 2'd0) be_o = '0;
    case (grp_l2_i)
      2'd1: begin
        for (int unsigned k = 0; k < 2; k++) begin
          be_o[k*LineBytes/2 +: LineBytes/2] = be_i[k*Lanes/2 +: LineBytes/2];
          lines_o[k*LineW/2 +: LineW/2]      = word_i[k*VecW/2 +: LineW/2];
        end
      end
      2'd2: begin
        for (int unsigned k = 0; k < 4; k++) begin
          be_o[k*LineBytes/4 +: LineBytes/4] = be_i[k*Lanes/4 +: LineBytes/4];
          lines_o[k*LineW/4 +: LineW/4]      = word_i[k*VecW/4 +: LineW/4];
        end
      end
      default: ;
    endcase
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(NothingLost, !valid_i || $countones(be_o) == $countones(be_i))

endmodule
