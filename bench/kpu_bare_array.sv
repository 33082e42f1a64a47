// SPDX-License-Identifier: Apache-2.0

/// The multipliers of the KPU and nothing else, for `make bench`: Lanes x 9 products of 8x8 bits a cycle and their sums,
/// with the registers of kpu_mac_array (weights, products, row sums, sums) and without its control, so that a new window
/// with new weights goes in every cycle. What one cycle of it costs a simulator, the KPU's cannot cost less.
///
/// Weights: kernel of lane quarter q at [q * KernelW +: KernelW], used with the taps of the next cycle. Taps: tap t of lane l at
/// [(t * Lanes + l) * 8 +: 8]. Sums: lane l at [l * SumStride +: SumStride], three cycles after the taps.
module kpu_bare_array #(
  parameter  int unsigned Lanes     = 64,
  localparam int unsigned SumStride = kpu_pkg::SumStride
) (
  input  logic                               clk_i,
  input  logic [kpu_pkg::WRowW-1:0]          weights_i,
  input  logic [kpu_pkg::Taps*Lanes*8-1:0]   taps_i,
  output logic [Lanes*SumStride-1:0]         sum_o
);

  logic [kpu_pkg::WRowW-1:0] w_q;

  always_ff @(posedge clk_i) w_q <= weights_i;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int unsigned W = (l / (Lanes / kpu_pkg::Quarters)) * kpu_pkg::KernelW;  // this quarter's kernel

    logic [15:0] prod0_q, prod1_q, prod2_q, prod3_q, prod4_q, prod5_q, prod6_q, prod7_q, prod8_q;
    logic [17:0] row0_q, row1_q, row2_q;  // three products

    always_ff @(posedge clk_i) begin
      prod0_q <= 16'(taps_i[(0*Lanes+l)*8 +: 8]) * 16'(w_q[W+0*8 +: 8]);
      prod1_q <= 16'(taps_i[(1*Lanes+l)*8 +: 8]) * 16'(w_q[W+1*8 +: 8]);
      prod2_q <= 16'(taps_i[(2*Lanes+l)*8 +: 8]) * 16'(w_q[W+2*8 +: 8]);
      prod3_q <= 16'(taps_i[(3*Lanes+l)*8 +: 8]) * 16'(w_q[W+3*8 +: 8]);
      prod4_q <= 16'(taps_i[(4*Lanes+l)*8 +: 8]) * 16'(w_q[W+4*8 +: 8]);
      prod5_q <= 16'(taps_i[(5*Lanes+l)*8 +: 8]) * 16'(w_q[W+5*8 +: 8]);
      prod6_q <= 16'(taps_i[(6*Lanes+l)*8 +: 8]) * 16'(w_q[W+6*8 +: 8]);
      prod7_q <= 16'(taps_i[(7*Lanes+l)*8 +: 8]) * 16'(w_q[W+7*8 +: 8]);
      prod8_q <= 16'(taps_i[(8*Lanes+l)*8 +: 8]) * 16'(w_q[W+8*8 +: 8]);
      row0_q <= 18'(prod0_q) + 18'(prod1_q) + 18'(prod2_q);
      row1_q <= 18'(prod3_q) + 18'(prod4_q) + 18'(prod5_q);
      row2_q <= 18'(prod6_q) + 18'(prod7_q) + 18'(prod8_q);
      sum_o[l*SumStride +: SumStride] <= SumStride'(row0_q) + SumStride'(row1_q) + SumStride'(row2_q);
    end
  end

endmodule
