// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// The multiplier array: Lanes x 9 products of 8xPartBits bits a cycle, added up per lane.
///
/// Four cycles: weights and taps in registers (op_valid_i), products, row sums of three, sum of nine. In the first
/// array cycle of a window (op_i.pix_first) the taps themselves are added up beside the products.
/// sum_o: lane l at [l * SumStride +: 12 + PartBits], pix_o: lane l at [l * PixStride +: WinPixW]; the strides are powers of
/// two, the bits above are zero.
module kpu_mac_array #(
  parameter  int unsigned Lanes     = 64,
  /// Bits of a weight that a multiplier takes: 8, a byte of the row; 4, the half of it that high_nibble_i names.
  parameter  int unsigned PartBits  = kpu_pkg::WeightW,
  localparam int unsigned VecW      = Lanes * kpu_pkg::PixelW,
  localparam int unsigned SumStride = kpu_pkg::SumStride,
  localparam int unsigned PixStride = kpu_pkg::PixStride,
  localparam int unsigned PartsW    = kpu_pkg::Taps * PartBits  // of a kernel
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clear_i,
  input  logic [1:0]                    grp_l2_i,       // log2 of channels per word
  // Weights: a row of the ring, taken while load_i
  input  logic                          load_i,
  input  logic [1:0]                    kernel_lsb_i,
  input  logic                          high_nibble_i,
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
  logic [kpu_pkg::Slots*PartsW-1:0]    w_row;  // what this cycle takes of each byte
  logic [kpu_pkg::Quarters*PartsW-1:0] w_q;    // kernel of quarter q at [q * PartsW +: PartsW]
  logic [1:0]                grp_l2;

  assign grp_l2 = grp_l2_i & kpu_pkg::grp_mask(Lanes);

  if (PartBits == 4) begin : gen_nibble
    for (genvar i = 0; i < kpu_pkg::WRowW / 8; i++) begin : gen_byte
      assign w_row[i*4 +: 4] = high_nibble_i ? w_row_i[i*8+4 +: 4] : w_row_i[i*8 +: 4];
    end
  end else begin : gen_whole
    logic unused_nibble;
    assign w_row         = w_row_i;
    assign unused_nibble = high_nibble_i;
  end

  for (genvar q = 0; q < kpu_pkg::Quarters; q++) begin : gen_quarter
    logic [1:0] slot;
    always_comb begin
      unique case (grp_l2)
        2'd0:    slot = kernel_lsb_i;
        2'd1:    slot = {kernel_lsb_i[0], 1'(q / 2)};
        default: slot = 2'(q);
      endcase
    end
    // Not indexed by slot * PartsW: a product that is no power of two makes a shifter of a multiplexer.
    always_ff @(posedge clk_i) begin
      if (load_i) begin
        unique case (slot)
          2'd0:    w_q[q*PartsW +: PartsW] <= w_row[0*PartsW +: PartsW];
          2'd1:    w_q[q*PartsW +: PartsW] <= w_row[1*PartsW +: PartsW];
          2'd2:    w_q[q*PartsW +: PartsW] <= w_row[2*PartsW +: PartsW];
          default: w_q[q*PartsW +: PartsW] <= w_row[3*PartsW +: PartsW];
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
  localparam int unsigned ProdW = 8 + PartBits;
  localparam int unsigned RowW  = ProdW + 2;

  logic pix_en, pix_add_en, pix_out_en;

  assign pix_en     = op_valid_i && op_i.pix_first;
  assign pix_add_en = prod_valid_q && prod_op_q.pix_first;
  assign pix_out_en = row_valid_q && row_op_q.pix_first;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int unsigned W = (l / (Lanes / kpu_pkg::Quarters)) * PartsW;  // this quarter's kernel

    // Named one by one: Yosys from 0.62 on finds no signal of a generate block from inside another one, and a
    // simulator splits these where it would not split an array.
    logic [ProdW-1:0] prod0_q, prod1_q, prod2_q, prod3_q, prod4_q, prod5_q, prod6_q, prod7_q, prod8_q;
    logic [RowW-1:0] row0_q, row1_q, row2_q;  // three products
    logic [9:0]  pix0_q, pix1_q, pix2_q;  // three pixels
    logic [kpu_pkg::WinPixW-1:0] pix_sum_q;

    always_ff @(posedge clk_i) begin
      if (op_valid_i) begin
        prod0_q <= ProdW'(taps_i[(0*Lanes+l)*8 +: 8]) * ProdW'(w_q[W+0*PartBits +: PartBits]);
        prod1_q <= ProdW'(taps_i[(1*Lanes+l)*8 +: 8]) * ProdW'(w_q[W+1*PartBits +: PartBits]);
        prod2_q <= ProdW'(taps_i[(2*Lanes+l)*8 +: 8]) * ProdW'(w_q[W+2*PartBits +: PartBits]);
        prod3_q <= ProdW'(taps_i[(3*Lanes+l)*8 +: 8]) * ProdW'(w_q[W+3*PartBits +: PartBits]);
        prod4_q <= ProdW'(taps_i[(4*Lanes+l)*8 +: 8]) * ProdW'(w_q[W+4*PartBits +: PartBits]);
        prod5_q <= ProdW'(taps_i[(5*Lanes+l)*8 +: 8]) * ProdW'(w_q[W+5*PartBits +: PartBits]);
        prod6_q <= ProdW'(taps_i[(6*Lanes+l)*8 +: 8]) * ProdW'(w_q[W+6*PartBits +: PartBits]);
        prod7_q <= ProdW'(taps_i[(7*Lanes+l)*8 +: 8]) * ProdW'(w_q[W+7*PartBits +: PartBits]);
        prod8_q <= ProdW'(taps_i[(8*Lanes+l)*8 +: 8]) * ProdW'(w_q[W+8*PartBits +: PartBits]);
      end
      if (prod_valid_q) begin
        row0_q <= RowW'(prod0_q) + RowW'(prod1_q) + RowW'(prod2_q);
        row1_q <= RowW'(prod3_q) + RowW'(prod4_q) + RowW'(prod5_q);
        row2_q <= RowW'(prod6_q) + RowW'(prod7_q) + RowW'(prod8_q);
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
  if (PartBits != 4 && PartBits != 8) begin : gen_check_part_bits
    $error("kpu_mac_array: PartBits must be 4 or 8");
  end
  `ASSERT_NEXT(OpAfterWeights, !load_i, !op_valid_i)
  `ASSERT(SumsInTime, !sum_valid_o || $past(op_valid_i, kpu_pkg::ArrayLatency))

endmodule
