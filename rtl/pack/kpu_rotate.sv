// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Rotates a word within each of its parts of P = Lanes / g lanes: lane i of a part takes the byte of lane
/// (i + by_i) mod P of the same part. by_i is 0..P-1. Combinational: log2(Lanes) levels; the clock is
/// the assertion's.
///
/// With pick_i, behind the first level, lane i of the lower half of a part takes the byte of lane 2i, and what the upper
/// half has means nothing: by_i = 0 or 1 gives the even or the odd bytes of a part in its lower half, P/2 more in its upper one.
module kpu_rotate #(
  parameter  int unsigned Lanes = 64,
  localparam int unsigned LaneW = $clog2(Lanes),
  localparam int unsigned VecW  = Lanes * kpu_pkg::PixelW
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [1:0]       grp_l2_i,
  input  logic             pick_i,
  input  logic [LaneW-1:0] by_i,
  input  logic [VecW-1:0]  word_i,
  output logic [VecW-1:0]  word_o
);

  // For each level k, which moves by 2^k lanes: all ones in the bytes of lanes that take theirs around the end of a
  // part of `part` lanes.
  function automatic logic [LaneW*VecW-1:0] around_end(input int unsigned part);
    around_end = '0;
    for (int unsigned k = 0; k < LaneW; k++) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        if (l % part + (1 << k) >= part) around_end[(k*Lanes + l)*8 +: 8] = 8'hFF;
      end
    end
  endfunction

  localparam logic [LaneW*VecW-1:0] Around0 = around_end(Lanes);
  localparam logic [LaneW*VecW-1:0] Around1 = around_end(Lanes / 2);
  localparam logic [LaneW*VecW-1:0] Around2 = around_end(Lanes / 4);

  // Parts side by side whose lower halves a pick fills.
  localparam bit Two  = kpu_pkg::grp_mask(Lanes) != '0;
  localparam bit Four = kpu_pkg::grp_mask(Lanes) == 2'b11;

  logic [1:0]      grp_l2;
  logic [VecW-1:0] word, wrap, mask, picked;

  assign grp_l2 = grp_l2_i & kpu_pkg::grp_mask(Lanes);
  assign word_o = word;

  always_comb begin
    word   = word_i;
    wrap   = '0;
    mask   = '0;
    picked = '0;
    for (int unsigned k = 0; k < LaneW; k++) begin
      wrap = word << ((Lanes - (1 << k)) * 8);
      mask = Around0[k*VecW +: VecW];
      if (grp_l2 == 2'd1 && (2 << k) < Lanes) begin
        wrap = word << ((Lanes / 2 - (1 << k)) * 8);
        mask = Around1[k*VecW +: VecW];
      end
      if (grp_l2 == 2'd2 && (4 << k) < Lanes) begin
        wrap = word << ((Lanes / 4 - (1 << k)) * 8);
        mask = Around2[k*VecW +: VecW];
      end
      if (by_i[k]) word = ((word >> ((1 << k) * 8)) & ~mask) | (wrap & mask);

      if (k == 0) begin
        // In every lane the source of the largest part in which it lies in the lower half; only lanes of the second of four
        // parts have another one.
        picked = word;
        for (int unsigned i = 0; i < Lanes / 2; i++) picked[i*8 +: 8] = word[2*i*8 +: 8];
        for (int unsigned i = 0; i < Lanes / 4 && Two; i++) picked[(Lanes/2 + i)*8 +: 8] = word[(Lanes/2 + 2*i)*8 +: 8];
        for (int unsigned i = 0; i < Lanes / 8 && Four; i++) begin
          picked[(Lanes*3/4 + i)*8 +: 8] = word[(Lanes*3/4 + 2*i)*8 +: 8];
          if (grp_l2 == 2'd2) picked[(Lanes/4 + i)*8 +: 8] = word[(Lanes/4 + 2*i)*8 +: 8];
        end
        if (pick_i) word = picked;
      end
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  // Whatever moves where, no bit is lost or doubled.
  `ASSERT(BitsKept, pick_i || ^word_o == ^word_i)

endmodule
