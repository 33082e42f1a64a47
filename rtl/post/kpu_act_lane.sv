// SPDX-License-Identifier: Apache-2.0

/// Activation of one lane: segment search, slope, rounding, bias, clamp (K210 KPU arithmetic).
///
///   s = last i with key[i] < norm, 0 if none
///   y = clamp(round_shift((norm - x_start[s]) * y_mul[s], shift[s]) + bias[s], 0, 255)
///
/// Six stages; en_i[n] clocks data from stage n into n + 1, so a value presented with en_i[0] is at y_o
/// six enabled clocks later. key[i] is the minimum of x_start[i..15], which
/// makes `key[i] < norm` true for all i up to s and false above, for unsorted tables too: three compares
/// find the group of four segments, three more the one in it. Where s > 0, key[s] is x_start[s]; hence only
/// segment 0 needs its start beside the keys.
///
/// A shift of ProdW + 1 gives what every larger one gives: 0 for v >= 0; -2 for v < 0 (-1, and the
/// fraction above one half rounds away from zero).
module kpu_act_lane #(
  /// Bits of norm and x_start, signed.
  parameter  int unsigned NormW = kpu_pkg::ConvW,
  /// Bits of y_mul, signed.
  parameter  int unsigned MulW  = 16,
  localparam int unsigned Segs  = kpu_pkg::ActSegments
) (
  input  logic                  clk_i,
  input  logic [5:0]            en_i,
  // Activation table, stable while data are in flight
  input  logic [Segs*NormW-1:0] act_key_i,
  input  logic [NormW-1:0]      act_start0_i,
  input  logic [Segs*MulW-1:0]  act_mul_i,
  input  logic [Segs*8-1:0]     act_shift_i,
  input  logic [Segs*8-1:0]     act_bias_i,
  // Data
  input  logic [NormW-1:0]      norm_i,
  output logic [7:0]            y_o
);

  localparam int unsigned DiffW    = NormW + 1;
  localparam int unsigned ProdW    = DiffW + MulW;
  localparam int unsigned ShiftMax = ProdW + 1;
  localparam int unsigned ShiftW   = $clog2(ShiftMax + 1);

  if (ProdW < 12 || ShiftMax > 255) begin : gen_check_width
    $error("kpu_act_lane: NormW + MulW must be 11..253");
  end

  // ---- Stages 0 and 1: search, three compares side by side each ----------------------------------
  logic signed [NormW-1:0] norm_q1, start_q1, norm_q2, start_q2;
  logic [3:2]              seg_q1;
  logic [3:0]              seg_q2;

  always_ff @(posedge clk_i) begin
    if (en_i[0]) begin
      seg_q1   <= 2'd0;
      start_q1 <= act_start0_i;
      for (int unsigned k = 1; k < 4; k++) begin
        if (signed'(act_key_i[4*k*NormW +: NormW]) < signed'(norm_i)) begin
          seg_q1   <= 2'(k);
          start_q1 <= act_key_i[4*k*NormW +: NormW];
        end
      end
      norm_q1 <= norm_i;
    end
  end

  logic [3*NormW-1:0] keys;           // of the three segments above seg_q1 * 4
  logic               unused_key0;    // segment 0 needs no compare
  assign unused_key0 = ^act_key_i[NormW-1:0];

  always_ff @(posedge clk_i) begin
    if (en_i[1]) begin
      unique case (seg_q1)
        2'd0:    keys = act_key_i[1*NormW +: 3*NormW];
        2'd1:    keys = act_key_i[5*NormW +: 3*NormW];
        2'd2:    keys = act_key_i[9*NormW +: 3*NormW];
        default: keys = act_key_i[13*NormW +: 3*NormW];
      endcase
      seg_q2   <= {seg_q1, 2'd0};
      start_q2 <= start_q1;
      for (int unsigned k = 1; k < 4; k++) begin
        if (signed'(keys[(k-1)*NormW +: NormW]) < norm_q1) begin
          seg_q2   <= {seg_q1, 2'(k)};
          start_q2 <= keys[(k-1)*NormW +: NormW];
        end
      end
      norm_q2 <= norm_q1;
    end
  end

  // ---- Stage 2: distance from the start, and the segment's parameters ----------------------------
  logic signed [DiffW-1:0] diff_q3;
  logic signed [MulW-1:0]  mul_q3;
  logic [7:0]              shift_q3, bias_q3;

  always_ff @(posedge clk_i) begin
    if (en_i[2]) begin
      diff_q3  <= DiffW'(norm_q2) - DiffW'(start_q2);
      mul_q3   <= act_mul_i[32'(seg_q2)*MulW +: MulW];
      shift_q3 <= act_shift_i[32'(seg_q2)*8 +: 8];
      bias_q3  <= act_bias_i[32'(seg_q2)*8 +: 8];
    end
  end

  // ---- Stage 3: slope ----------------------------------------------------------------------------
  logic signed [ProdW-1:0] prod_q4;
  logic [ShiftW-1:0]       shift_q4;
  logic [7:0]              bias_q4;

  always_ff @(posedge clk_i) begin
    if (en_i[3]) begin
      prod_q4  <= ProdW'(diff_q3) * ProdW'(mul_q3);
      shift_q4 <= (shift_q3 > 8'(ShiftMax)) ? ShiftW'(ShiftMax) : shift_q3[ShiftW-1:0];
      bias_q4  <= bias_q3;
    end
  end

  // ---- Stage 4: shift down, keeping the bit below the point and whether any below that is set -----
  logic signed [ProdW:0] shifted, shifted_q5;
  logic                  sticky, sticky_q5;
  logic [7:0]            bias_q5;

  always_ff @(posedge clk_i) begin
    if (en_i[4]) begin
      shifted = {prod_q4, 1'b0};
      sticky  = 1'b0;
      for (int unsigned b = 0; b < ShiftW; b++) begin
        if (shift_q4[b]) begin
          sticky  = sticky || (shifted & ~({(ProdW+1){1'b1}} << (1 << b))) != '0;
          shifted = shifted >>> (1 << b);
        end
      end
      shifted_q5 <= shifted;
      sticky_q5  <= sticky;
      bias_q5    <= bias_q4;
    end
  end

  // ---- Stage 5: round, bias, clamp ---------------------------------------------------------------
  // The step of rounding follows the sign of the value, not of the fraction: the vendor's rule.
  logic               negative, round, fits;
  logic signed [11:0] y_sum;
  logic [7:0]         y_q6;

  always_ff @(posedge clk_i) begin
    if (en_i[5]) begin
      negative = shifted_q5[ProdW];
      round    = shifted_q5[0] && (sticky_q5 || shifted_q5[1]);
      fits     = (&shifted_q5[ProdW:10]) || !(|shifted_q5[ProdW:10]);  // quotient in -512..511
      y_sum    = 12'(signed'(shifted_q5[10:1])) + signed'({4'd0, bias_q5});
      if (round) y_sum = negative ? y_sum - 12'sd1 : y_sum + 12'sd1;
      if (!fits)               y_q6 <= negative ? 8'd0 : 8'd255;
      else if (y_sum < 12'sd0) y_q6 <= 8'd0;
      else                     y_q6 <= (y_sum > 12'sd255) ? 8'd255 : y_sum[7:0];
    end
  end

  assign y_o = y_q6;

endmodule
