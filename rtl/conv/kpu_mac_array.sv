// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// The multiplier array: Lanes x 9 products of 8x8 bits a cycle, added up per lane.
///
/// Four cycles: weights and taps in registers (op_valid_i), products, row sums of three, sum of nine. In the first
/// array cycle of a window (op_i.pix_first) the taps themselves are added up beside the products.
/// sum_o: lane l at [l * SumStride +: ProdSumW], pix_o: lane l at [l * PixStride +: WinPixW]; the strides are powers of
/// two, the bits above are zero.
module kpu_mac_array #(
  parameter  int unsigned Lanes     = 64,
  localparam int unsigned VecW      = Lanes * kpu_pkg::PixelW,
  localparam int unsigned SumStride = kpu_pkg::SumStride,
  localparam int unsigned PixStride = kpu_pkg::PixStride
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clear_i,
  input  logic [1:0]                    grp_l2_i,       // log2 of channels per word
  // Weights: a row of the ring, taken while load_i
  input  logic                          load_i,
  input  logic [1:0]                    kernel_lsb_i,
  input  logic [kpu_pkg::WRowW-1:0]     w_row_i,
  // Array cycle
  input  logic                          op_valid_i,
  input  kpu_pkg::mac_op_t              op_i,
  input  logic [kpu_pkg::Taps*VecW-1:0] taps_i,
  // The array cycles whose sums come in two cycles and in the next one
  output logic                          early_valid_o,
  output kpu_pkg::mac_op_t              early_op_o,
  output logic                          next_valid_o,
  output kpu_pkg::mac_op_t              next_op_o,
  // Sums, ArrayLatency cycles after op_valid_i
  output logic                          sum_valid_o,
  output kpu_pkg::mac_op_t              sum_op_o,
  output logic [Lanes*SumStride-1:0]    sum_o,
  output logic [Lanes*PixStride-1:0]    pix_o
);

  // ---- Weights of each lane quarter --------------------------------------------------------------
  // Four slots of a row hold four kernels; a quarter's lanes use the kernel of their channel.
  logic [kpu_pkg::WRowW-1:0] w_q;     // kernel of quarter q at [q * KernelW +: KernelW]
  logic [1:0]                grp_l2;

  assign grp_l2 = grp_l2_i & kpu_pkg::grp_mask(Lanes);

  for (genvar q = 0; q < kpu_pkg::Quarters; q++) begin : gen_quarter
    logic [1:0] slot;
    always_comb begin
      unique case (grp_l2)
        2'd0:    slot = kernel_lsb_i;
        2'd1:    slot = {kernel_lsb_i[0], 1'(q / 2)};
        default: slot = 2'(q);
      endcase
    end
    // Not indexed by slot * KernelW: a product that is no power of two makes a shifter of a multiplexer.
    always_ff @(posedge clk_i) begin
      if (load_i) begin
        unique case (slot)
          2'd0:    w_q[q*kpu_pkg::KernelW +: kpu_pkg::KernelW] <= w_row_i[0*kpu_pkg::KernelW +: kpu_pkg::KernelW];
          2'd1:    w_q[q*kpu_pkg::KernelW +: kpu_pkg::KernelW] <= w_row_i[1*kpu_pkg::KernelW +: kpu_pkg::KernelW];
          2'd2:    w_q[q*kpu_pkg::KernelW +: kpu_pkg::KernelW] <= w_row_i[2*kpu_pkg::KernelW +: kpu_pkg::KernelW];
          default: w_q[q*kpu_pkg::KernelW +: kpu_pkg::KernelW] <= w_row_i[3*kpu_pkg::KernelW +: kpu_pkg::KernelW];
        endcase
      end
    end
  end

  // ---- Control beside the data -------------------------------------------------------------------
  logic             prod_valid_q, row_valid_q;
  kpu_pkg::mac_op_t prod_op_q, row_op_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      prod_valid_q <= 1'b0;
      row_valid_q  <= 1'b0;
      sum_valid_o  <= 1'b0;
    end else begin
      prod_valid_q <= op_valid_i && !clear_i;
      row_valid_q  <= prod_valid_q && !clear_i;
      sum_valid_o  <= row_valid_q && !clear_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (op_valid_i)   prod_op_q <= op_i;
    if (prod_valid_q) row_op_q  <= prod_op_q;
    if (row_valid_q)  sum_op_o  <= row_op_q;
  end

  assign early_valid_o = prod_valid_q;
  assign early_op_o    = prod_op_q;
  assign next_valid_o  = row_valid_q;
  assign next_op_o     = row_op_q;

  // ---- Lanes -------------------------------------------------------------------------------------
  logic pix_en, pix_add_en, pix_out_en;

  assign pix_en     = op_valid_i && op_i.pix_first;
  assign pix_add_en = prod_valid_q && prod_op_q.pix_first;
  assign pix_out_en = row_valid_q && row_op_q.pix_first;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int unsigned W = (l / (Lanes / kpu_pkg::Quarters)) * kpu_pkg::KernelW;  // this quarter's kernel

    // Named one by one: Yosys from 0.62 on finds no signal of a generate block from inside another one, and a
    // simulator splits these where it would not split an array.
    logic [15:0] prod0_q, prod1_q, prod2_q, prod3_q, prod4_q, prod5_q, prod6_q, prod7_q, prod8_q;
    logic [17:0] row0_q, row1_q, row2_q;  // three products
    logic [9:0]  pix0_q, pix1_q, pix2_q;  // three pixels
    logic [kpu_pkg::WinPixW-1:0] pix_sum_q;

    always_ff @(posedge clk_i) begin
      if (op_valid_i) begin
        prod0_q <= 16'(taps_i[(0*Lanes+l)*8 +: 8]) * 16'(w_q[W+0*8 +: 8]);
        prod1_q <= 16'(taps_i[(1*Lanes+l)*8 +: 8]) * 16'(w_q[W+1*8 +: 8]);
        prod2_q <= 16'(taps_i[(2*Lanes+l)*8 +: 8]) * 16'(w_q[W+2*8 +: 8]);
        prod3_q <= 16'(taps_i[(3*Lanes+l)*8 +: 8]) * 16'(w_q[W+3*8 +: 8]);
        prod4_q <= 16'(taps_i[(4*Lanes+l)*8 +: 8]) * 16'(w_q[W+4*8 +: 8]);
        prod5_q <= 16'(taps_i[(5*Lanes+l)*8 +: 8]) * 16'(w_q[W+5*8 +: 8]);
        prod6_q <= 16'(taps_i[(6*Lanes+l)*8 +: 8]) * 16'(w_q[W+6*8 +: 8]);
        prod7_q <= 16'(taps_i[(7*Lanes+l)*8 +: 8]) * 16'(w_q[W+7*8 +: 8]);
        prod8_q <= 16'(taps_i[(8*Lanes+l)*8 +: 8]) * 16'(w_q[W+8*8 +: 8]);
      end
      if (prod_valid_q) begin
        row0_q <= 18'(prod0_q) + 18'(prod1_q) + 18'(prod2_q);
        row1_q <= 18'(prod3_q) + 18'(prod4_q) + 18'(prod5_q);
        row2_q <= 18'(prod6_q) + 18'(prod7_q) + 18'(prod8_q);
      end
      if (pix_en) begin
        pix0_q <= 10'(taps_i[(0*Lanes+l)*8 +: 8]) + 10'(taps_i[(1*Lanes+l)*8 +: 8])
                   + 10'(taps_i[(2*Lanes+l)*8 +: 8]);
        pix1_q <= 10'(taps_i[(3*Lanes+l)*8 +: 8]) + 10'(taps_i[(4*Lanes+l)*8 +: 8])
                   + 10'(taps_i[(5*Lanes+l)*8 +: 8]);
        pix2_q <= 10'(taps_i[(6*Lanes+l)*8 +: 8]) + 10'(taps_i[(7*Lanes+l)*8 +: 8])
                   + 10'(taps_i[(8*Lanes+l)*8 +: 8]);
      end
      if (row_valid_q) begin
        sum_o[l*SumStride +: SumStride] <= SumStride'(row0_q) + SumStride'(row1_q) + SumStride'(row2_q);
      end
      if (pix_add_en) pix_sum_q <= kpu_pkg::WinPixW'(pix0_q) + kpu_pkg::WinPixW'(pix1_q) + kpu_pkg::WinPixW'(pix2_q);
      if (pix_out_en) pix_o[l*PixStride +: PixStride] <= PixStride'(pix_sum_q);
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_NEXT(OpAfterWeights, !load_i, !op_valid_i)
  `ASSERT(SumsInTime, !sum_valid_o || $past(op_valid_i, kpu_pkg::ArrayLatency))

endmodule
