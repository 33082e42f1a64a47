// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Activation of one lane: segment search, slope, rounding, bias, clamp (K210 KPU arithmetic).
///
///   s = last i with key[i] < norm, 0 if none
///   y = clamp(round_shift((norm - x_start[s]) * y_mul[s], shift[s]) + bias[s], 0, 255)
///
/// Seven stages; en_i[n] clocks data from stage n into n + 1, so a value presented with en_i[0] is at y_o
/// seven enabled clocks later. key[i] is the minimum of x_start[i..15], which makes `key[i] < norm` true for
/// all i up to s and false above, for unsorted tables too: three compares find the group of four segments,
/// three more the one in it.
///
/// A shift of ProdW + 1 gives what every larger one gives: 0 for v >= 0; -2 for v < 0 (-1, and the
/// fraction above one half rounds away from zero).
module kpu_act_lane #(
  /// Bits of norm and x_start, signed.
  parameter  int unsigned NormW = kpu_pkg::ConvW,
  /// Bits of y_mul, signed.
  parameter  int unsigned MulW  = 16
) (
  input  logic             clk_i,
  input  logic [kpu_pkg::ActLaneStages-1:0] en_i,
  // Entries of the activation table; written while no value is inside that needs them
  input  logic             entry_valid_i,
  input  logic [3:0]       entry_idx_i,
  input  logic [NormW-1:0] entry_key_i,
  input  logic [NormW-1:0] entry_start_i,
  input  logic [MulW-1:0]  entry_mul_i,
  input  logic [7:0]       entry_shift_i,
  input  logic [7:0]       entry_bias_i,
  // Data
  input  logic [NormW-1:0] norm_i,
  output logic [7:0]       y_o
);

  localparam int unsigned Segs     = kpu_pkg::ActSegments;
  localparam int unsigned DiffW    = NormW + 1;
  localparam int unsigned ProdW    = DiffW + MulW;
  localparam int unsigned ShiftMax = ProdW + 1;
  localparam int unsigned ShiftW   = $clog2(ShiftMax + 1);
  localparam int unsigned SlopeW   = MulW + 16;

  if (ProdW < 12 || ShiftMax > 255) begin : gen_check_width
    $error("kpu_act_lane: NormW + MulW must be 11..253");
  end

  // ---- Table -------------------------------------------------------------------------------------
  // Memories of 16 words, one copy for each port that reads them; only the keys of the first three compares
  // are needed all at once.
  logic [NormW-1:0]  key_mem   [Segs];
  logic [NormW-1:0]  start_mem [Segs];
  logic [SlopeW-1:0] slope_mem [Segs];  // {y_mul, shift, bias}
  logic [NormW-1:0]  key4_q, key8_q, key12_q;

  always_ff @(posedge clk_i) begin
    if (entry_valid_i) begin
      key_mem[entry_idx_i]   <= entry_key_i;
      start_mem[entry_idx_i] <= entry_start_i;
      slope_mem[entry_idx_i] <= {entry_mul_i, entry_shift_i, entry_bias_i};
      if (entry_idx_i == 4'd4)  key4_q  <= entry_key_i;
      if (entry_idx_i == 4'd8)  key8_q  <= entry_key_i;
      if (entry_idx_i == 4'd12) key12_q <= entry_key_i;
    end
  end

  // ---- Stages 0 and 1: search, three compares side by side each ----------------------------------
  logic signed [NormW-1:0] norm_q1, norm_q2;
  logic [1:0]              group_q1;     // of four segments
  logic [3:0]              seg_q2;

  always_ff @(posedge clk_i) begin
    if (en_i[0]) begin
      group_q1 <= 2'd0;
      if (signed'(key4_q) < signed'(norm_i))  group_q1 <= 2'd1;
      if (signed'(key8_q) < signed'(norm_i))  group_q1 <= 2'd2;
      if (signed'(key12_q) < signed'(norm_i)) group_q1 <= 2'd3;
      norm_q1 <= norm_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i[1]) begin
      seg_q2 <= {group_q1, 2'd0};
      if (signed'(key_mem[{group_q1, 2'd1}]) < norm_q1) seg_q2 <= {group_q1, 2'd1};
      if (signed'(key_mem[{group_q1, 2'd2}]) < norm_q1) seg_q2 <= {group_q1, 2'd2};
      if (signed'(key_mem[{group_q1, 2'd3}]) < norm_q1) seg_q2 <= {group_q1, 2'd3};
      norm_q2 <= norm_q1;
    end
  end

  // ---- Stage 2: distance from the start, and the segment's parameters ----------------------------
  logic signed [DiffW-1:0] diff_q3;
  logic [SlopeW-1:0]       slope_q3;

  always_ff @(posedge clk_i) begin
    if (en_i[2]) begin
      diff_q3  <= DiffW'(norm_q2) - DiffW'(signed'(start_mem[seg_q2]));
      slope_q3 <= slope_mem[seg_q2];
    end
  end

  // ---- Stage 3: slope, products with the low and the high half of the distance -------------------
  localparam int unsigned LowW      = DiffW / 2;
  localparam int unsigned ProdLowW  = LowW + 1 + MulW;
  localparam int unsigned ProdHighW = ProdW - LowW;

  logic signed [MulW-1:0]      mul;
  logic signed [ProdLowW-1:0]  prod_low_q4;
  logic signed [ProdHighW-1:0] prod_high_q4;
  logic [7:0]                  shift, bias_q4;
  logic [ShiftW-1:0]           shift_q4;

  assign mul   = slope_q3[16 +: MulW];
  assign shift = slope_q3[15:8];

  always_ff @(posedge clk_i) begin
    if (en_i[3]) begin
      prod_low_q4  <= ProdLowW'(signed'({1'b0, diff_q3[LowW-1:0]})) * ProdLowW'(mul);
      prod_high_q4 <= ProdHighW'(signed'(diff_q3[DiffW-1:LowW])) * ProdHighW'(mul);
      shift_q4     <= (shift > 8'(ShiftMax)) ? ShiftW'(ShiftMax) : shift[ShiftW-1:0];
      bias_q4      <= slope_q3[7:0];
    end
  end

  // ---- Stage 4: product --------------------------------------------------------------------------
  logic signed [ProdW-1:0] prod_q5;
  logic [ShiftW-1:0]       shift_q5;
  logic [7:0]              bias_q5;

  always_ff @(posedge clk_i) begin
    if (en_i[4]) begin
      prod_q5  <= ProdW'(prod_low_q4) + (ProdW'(prod_high_q4) <<< LowW);
      shift_q5 <= shift_q4;
      bias_q5  <= bias_q4;
    end
  end

  // ---- Stage 5: shift down, keeping the bit below the point and whether any below that is set -----
  logic signed [ProdW:0] shifted, shifted_q6;
  logic                  sticky, sticky_q6;
  logic signed [8:0]     bias_q6;

  always_ff @(posedge clk_i) begin
    if (en_i[5]) begin
      shifted = {prod_q5, 1'b0};
      sticky  = 1'b0;
      for (int unsigned b = 0; b < ShiftW; b++) begin
        if (shift_q5[b]) begin
          sticky  = sticky || (shifted & ~({(ProdW+1){1'b1}} << (1 << b))) != '0;
          shifted = shifted >>> (1 << b);
        end
      end
      shifted_q6 <= shifted;
      sticky_q6  <= sticky;
      bias_q6    <= signed'({1'b0, bias_q5}) - 9'(prod_q5[ProdW-1]);
    end
  end

  // ---- Stage 6: round, bias, clamp ---------------------------------------------------------------
  // The step of rounding follows the sign of the value, not of the fraction: the vendor's rule. Where it can only
  // be -1, bias_q6 is one less, so that it is a carry in both cases; below the sum's last bit a carry is added.
  logic               negative, round, fits;
  logic signed [12:0] y_sum;
  logic signed [11:0] y_full;
  logic               unused_carry_bit;
  logic [7:0]         y_q7;

  assign unused_carry_bit = y_sum[0];

  always_ff @(posedge clk_i) begin
    if (en_i[6]) begin
      negative = shifted_q6[ProdW];
      round    = shifted_q6[0] && (sticky_q6 || shifted_q6[1]);
      fits     = (&shifted_q6[ProdW:10]) || !(|shifted_q6[ProdW:10]);  // quotient in -512..511
      y_sum    = 13'(signed'({shifted_q6[10:1], 1'b1})) + 13'(signed'({bias_q6, round != negative}));
      y_full   = y_sum[12:1];
      if (!fits)                        y_q7 <= negative ? 8'd0 : 8'd255;
      else if (y_full[11])              y_q7 <= 8'd0;
      else if (y_full[10:8] != 3'd0)    y_q7 <= 8'd255;
      else                              y_q7 <= y_full[7:0];
    end
  end

  assign y_o = y_q7;

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_HELD(PixelHeld, en_i[6], y_o)

endmodule
