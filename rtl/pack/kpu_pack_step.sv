// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// One step along the words of a packed image (docs/architecture.md, "Filling the lanes"): from the word of row
/// row_i and segment seg_i, whose first pixel lies at lane at_i of a packed line, to the next one. A word has P pixels,
/// P = Lanes / g lanes of a part, the last one of a row segs_i.last_px; with pick_i half of the part is every word's place.
/// Combinational; the clock is the assertion's.
///
/// Behind the image's last word row_o is one above its last row, modulo 512.
module kpu_pack_step #(
  parameter  int unsigned Lanes = 64,
  localparam int unsigned LaneW = $clog2(Lanes),
  localparam int unsigned SegW  = kpu_pkg::seg_width(Lanes)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [1:0]       grp_l2_i,
  input  kpu_pkg::segs_t   segs_i,
  input  logic             pick_i,
  // A word
  input  logic [8:0]       row_i,
  input  logic [SegW-1:0]  seg_i,
  input  logic [LaneW-1:0] at_i,
  output logic             row_ends_o, // it is the last of its row
  output logic             ends_o,     // it reaches the end of its line
  output logic             crosses_o,  // .. and goes on in the next line
  // The next word
  output logic [8:0]       row_o,
  output logic [SegW-1:0]  seg_o,
  output logic [LaneW-1:0] at_o
);

  logic [LaneW:0]   part;  // lanes of a part
  logic [LaneW-1:0] mask;  // their indexes
  logic [LaneW:0]   upto;  // lane behind the word's last pixel, 1..2P-1
  logic [LaneW:0]   size;  // lanes of the word

  assign row_ends_o = seg_i == SegW'(segs_i.last);

  always_comb begin
    part      = (LaneW+1)'(Lanes) >> (grp_l2_i & kpu_pkg::grp_mask(Lanes));
    mask      = LaneW'(part - (LaneW+1)'(1));
    size      = row_ends_o ? (LaneW+1)'(segs_i.last_px) : part;
    if (pick_i) size = part >> 1;
    upto      = (LaneW+1)'(at_i) + size;
    ends_o    = upto >= part;
    crosses_o = upto > part;
    row_o     = row_i + 9'(row_ends_o);
    seg_o     = row_ends_o ? '0 : seg_i + SegW'(1);
    at_o      = LaneW'(upto) & mask;
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(NextInPart, (LaneW+1)'(at_o) < part && ends_o >= crosses_o)

endmodule
