// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Rotates a word within each of its parts of P = Lanes / g lanes: lane i of a part takes the byte of lane
/// (i + by_i) mod P of the same part. by_i is 0..P-1. Combinational: log2(Lanes) levels; the clock is
/// the assertion's.
///
/// With pick_i both halves of a part take its even bytes, in their order, or with by_i[0] = 1 its odd ones: byte
/// 2i + by_i[0] goes down by i + by_i[0] lanes, by as much of that as a level moves in each level. No two of them meet.
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

  // For each level k, lanes that take the byte of 2^k lanes behind them in a pick of the bytes 2i + odd.
  function automatic logic [LaneW*Lanes-1:0] pick_moves(input int unsigned part, input int unsigned odd);
    pick_moves = '0;
    for (int unsigned k = 0; k < LaneW; k++) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        pick_moves[k*Lanes + l] = (2 << k) <= part && (((l % part + odd) >> k) & 3) == 1;
      end
    end
  endfunction

  localparam logic [LaneW*Lanes-1:0] Even0 = pick_moves(Lanes, 0);
  localparam logic [LaneW*Lanes-1:0] Even1 = pick_moves(Lanes / 2, 0);
  localparam logic [LaneW*Lanes-1:0] Even2 = pick_moves(Lanes / 4, 0);
  localparam logic [LaneW*Lanes-1:0] Odd0  = pick_moves(Lanes, 1);
  localparam logic [LaneW*Lanes-1:0] Odd1  = pick_moves(Lanes / 2, 1);
  localparam logic [LaneW*Lanes-1:0] Odd2  = pick_moves(Lanes / 4, 1);

  logic [1:0]       grp_l2;
  logic [VecW-1:0]  word, wrap, mask, moved;
  logic [Lanes-1:0] move;   // lanes that take another's byte

  assign grp_l2 = grp_l2_i & kpu_pkg::grp_mask(Lanes);
  assign word_o = word;

  always_comb begin
    word  = word_i;
    wrap  = '0;
    mask  = '0;
    moved = '0;
    move  = '0;
    for (int unsigned k = 0; k < LaneW; k++) begin
      wrap = word << ((Lanes - (1 << k)) * 8);
      mask = Around0[k*VecW +: VecW];
      move = by_i[0] ? Odd0[k*Lanes +: Lanes] : Even0[k*Lanes +: Lanes];
      if (grp_l2 == 2'd1) begin
        if ((2 << k) < Lanes) begin
          wrap = word << ((Lanes / 2 - (1 << k)) * 8);
          mask = Around1[k*VecW +: VecW];
        end
        move = by_i[0] ? Odd1[k*Lanes +: Lanes] : Even1[k*Lanes +: Lanes];
      end
      if (grp_l2 == 2'd2) begin
        if ((4 << k) < Lanes) begin
          wrap = word << ((Lanes / 4 - (1 << k)) * 8);
          mask = Around2[k*VecW +: VecW];
        end
        move = by_i[0] ? Odd2[k*Lanes +: Lanes] : Even2[k*Lanes +: Lanes];
      end
      if (!pick_i) move = {Lanes{by_i[k]}};

      moved = ((word >> ((1 << k) * 8)) & ~mask) | (wrap & mask);
      for (int unsigned l = 0; l < Lanes; l++) begin
        if (move[l]) word[l*8 +: 8] = moved[l*8 +: 8];
      end
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  // Whatever moves where, no bit is lost or doubled.
  `ASSERT(BitsKept, pick_i || ^word_o == ^word_i)

endmodule
