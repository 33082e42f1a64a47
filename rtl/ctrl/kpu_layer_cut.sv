// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// How a layer is cut: pooling, the loop nest, words of a row, packed lines (docs/architecture.md, "What a layer is to
/// each unit", "What limits a layer, and the loop order that follows", "Filling the lanes"). What kpu::sim::Schedule says of it, too.
///
/// The layer's fields are stable from the cycle of start_i on. Outputs are there a cycle later, pack_o and
/// walk_o.rows_m1 with the product of its pixels, 12 cycles later. For a layer that is refused they mean nothing.
module kpu_layer_cut #(
  parameter int unsigned Lanes         = 64,
  parameter int unsigned WeightRows    = 2048,
  parameter int unsigned TileChannels  = 16,
  parameter int unsigned PointChannels = 8,
  parameter int unsigned WeightBits    = 8,
  parameter int unsigned SkipRows      = 1,
  parameter int unsigned PackRows      = 0,
  parameter int unsigned Overlap       = 0,
  parameter int unsigned Pool          = 1
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           start_i,
  // Layer
  input  logic           depthwise_i,
  input  logic           kernel3_i,
  input  logic           eight_bit_i,
  input  logic [3:0]     pool_type_i,
  input  logic           first_stride_i,
  input  logic           send_i,     // the output leaves for main memory
  input  logic [9:0]     ic_m1_i,
  input  logic [9:0]     oc_m1_i,
  input  logic [9:0]     iw_m1_i,
  input  logic [8:0]     ih_m1_i,
  input  logic [9:0]     ow_m1_i,
  input  logic [8:0]     oh_m1_i,
  input  logic [1:0]     grp_l2_i,   // log2 of input channels per word
  // Its cut
  output kpu_pkg::pool_t pool_o,
  output kpu_pkg::walk_t walk_o,
  output kpu_pkg::segs_t segs_o,
  output kpu_pkg::pack_t pack_o
);

  localparam int unsigned LanesL2 = $clog2(Lanes);
  localparam logic [2:0]  SlotsL2 = 3'($clog2(kpu_pkg::Slots));
  localparam logic [2:0]  PointL2 = 3'($clog2(PointChannels));
  localparam logic [2:0]  SlideL2 = 3'($clog2(kpu_pkg::SlideOc));
  localparam logic [2:0]  SendL2  = 3'($clog2(kpu_pkg::StreamOc));
  localparam logic        Whole8  = WeightBits >= 8;   // a weight takes one cycle
  localparam logic        Whole16 = WeightBits == 16;

  // ---- Rows, strides, tiles ----------------------------------------------------------------------
  logic [1:0] step_l2;
  logic [9:0] icg_m1;
  logic [9:0] conv_rows;                     // rows that are computed
  logic [9:0] kernel_rows, oc_rows, oc_rows_q;
  logic [2:0] tile_l2;                       // log2 of the output channels of a full tile
  logic [2:0] send_l2;                       // .. of a 3x3 layer whose output leaves

  always_comb begin
    unique case (pool_type_i)
      kpu_pkg::PoolMax2, kpu_pkg::PoolMean2, kpu_pkg::PoolLeftTop2, kpu_pkg::PoolRightTop2: pool_o.stride_l2 = 2'd1;
      kpu_pkg::PoolMax4, kpu_pkg::PoolMean4, kpu_pkg::PoolLeftTop4: pool_o.stride_l2 = 2'd2;
      default: pool_o.stride_l2 = {1'b0, first_stride_i};
    endcase
    unique case (pool_type_i)
      kpu_pkg::PoolMax2, kpu_pkg::PoolMax4, kpu_pkg::PoolMax2S1:    pool_o.op = kpu_pkg::PoolMax;
      kpu_pkg::PoolMean2, kpu_pkg::PoolMean4, kpu_pkg::PoolMean2S1: pool_o.op = kpu_pkg::PoolMean;
      default:                                                      pool_o.op = kpu_pkg::PoolPick;
    endcase
    pool_o.right = pool_type_i == kpu_pkg::PoolRightTop2;
    pool_o.slide = pool_type_i == kpu_pkg::PoolMean2S1 || pool_type_i == kpu_pkg::PoolMax2S1;
    if (Pool == 0) begin
      pool_o.stride_l2 = 2'd0;
      pool_o.op        = kpu_pkg::PoolPick;
      pool_o.right     = 1'b0;
      pool_o.slide     = 1'b0;
    end

    // Of the pools with a stride, max and mean need every row of a window, the others one.
    step_l2   = (SkipRows != 0 && pool_o.op == kpu_pkg::PoolPick) ? pool_o.stride_l2 : 2'd0;
    conv_rows = (10'(oh_m1_i) + 10'd1) << (step_l2 == '0 ? pool_o.stride_l2 : 2'd0);
    // first_stride may use the first of two rows of which the image has no second.
    if (SkipRows == 0 && first_stride_i && conv_rows > 10'(ih_m1_i)) conv_rows = 10'(ih_m1_i) + 10'd1;

    // A row of the ring holds Slots kernels: of a channel each, or of PointChannels.
    kernel_rows = (ic_m1_i >> ((kernel3_i || depthwise_i) ? SlotsL2 : SlotsL2 + PointL2)) + 10'd1;
    oc_rows     = eight_bit_i ? kernel_rows : kernel_rows << 1;

    // A full tile takes at most half of the weight ring, so that the next tile can load meanwhile.
    tile_l2 = 3'd0;
    for (int unsigned l2 = 1; l2 <= $clog2(TileChannels); l2++) begin
      if (!depthwise_i && (14'(oc_rows_q) << l2) <= 14'(WeightRows / 2)) tile_l2 = 3'(l2);
    end
    // The column that pool 8 and 9 keep for the segment to the left has room for SlideOc output channels.
    if (pool_o.slide && iw_m1_i >= 10'(Lanes) && tile_l2 > SlideL2) tile_l2 = SlideL2;
    // An output that leaves does so tile by tile. Lines of 3x3 layers are read once for all channels of a tile, so that two
    // are enough, four where it takes more than a read a row or the sums of a weight's parts keep their distance.
    send_l2 = SendL2 + 3'(step_l2 != '0 || !(eight_bit_i ? Whole8 : Whole16));
    if (Overlap != 0 && send_i && kernel3_i && tile_l2 > send_l2) tile_l2 = send_l2;
  end

  always_ff @(posedge clk_i) oc_rows_q <= oc_rows;

  assign icg_m1            = ic_m1_i >> grp_l2_i;
  assign walk_o.icg_m1     = icg_m1;
  assign walk_o.rows_m1    = pack_o.on ? pack_lines_m1 : 9'(conv_rows - 10'd1);
  assign walk_o.step_l2    = step_l2;
  assign walk_o.tile_oc_m1 = 5'((6'd1 << tile_l2) - 6'd1);
  assign walk_o.oc_rows    = oc_rows_q;

  // ---- Packed rows -------------------------------------------------------------------------------
  logic [6:0] segs_last;
  logic [8:0] pack_lines_m1;

  assign segs_last      = (grp_l2_i == '0) ? 7'(iw_m1_i >> LanesL2) : '0;
  assign segs_o.last    = segs_last;
  assign segs_o.last_px = (grp_l2_i == '0) ? 9'(iw_m1_i[LanesL2-1:0]) + 9'd1 : 9'(iw_m1_i[4:0]) + 9'd1;

  if (PackRows != 0) begin : gen_pack
    localparam int unsigned PixelsW = 20;

    logic [1:0]         grp_l2;
    logic [2:0]         part_l2;     // log2 of the lanes of a part of a word
    logic [LanesL2-1:0] mask;        // their indexes
    logic               pairs;       // a pick: a line is two words, not so many pixels
    logic [PixelsW-1:0] last;        // index of a channel's last pixel, or of the last word
    logic [LanesL2-1:0] last_px_m1;  // of the last line or word
    logic [LanesL2-1:0] last_lane;   // of a row's last word
    logic [LanesL2-1:0] free;        // lanes that it leaves empty
    logic [1:0]         beyond;      // bits of a column or row inside a window
    logic               saves, gains, whole, worth, fits;

    assign grp_l2  = grp_l2_i & kpu_pkg::grp_mask(Lanes);
    assign part_l2 = 3'(LanesL2) - 3'(grp_l2);
    assign mask    = LanesL2'(Lanes - 1) >> grp_l2;
    assign pairs   = step_l2 == 2'd1;

    kpu_serial_mul #(.BBits(11), .OutW(PixelsW), .Less(1)) u_mul_count (
      .clk_i, .rst_ni, .start_i,
      .a_i((pairs ? PixelsW'(segs_last) : PixelsW'(iw_m1_i)) + PixelsW'(1)), .b_i(11'(conv_rows)), .product_o(last)
    );
    // 2^b free lanes or more, and 2^(part_l2 - b) rows or more: they leave a line empty.
    always_comb begin
      last_lane = iw_m1_i[LanesL2-1:0] & mask;
      free      = ~last_lane & mask;
      saves     = 1'b0;
      for (int unsigned b = 0; b < LanesL2; b++) begin
        if (free[b] && conv_rows >> (part_l2 - 3'(b)) != '0) saves = 1'b1;
      end
    end

    // A line less than words. Two kept words a line: of rows that fill more than half of a word, and tiles as many cycles
    // long as a window of such lines has reads; none in which a row's last word has nothing to keep.
    // Layers whose sizes are not those of the output times the stride, rounded up to it or not, are refused.
    always_comb begin
      beyond = ~(2'b11 << pool_o.stride_l2);
      gains  = saves && tile_l2 >= PointL2;
      whole  = step_l2 == '0 && (iw_m1_i[1:0] & beyond) == beyond && (ih_m1_i[1:0] & beyond) == beyond;
      if (pairs) begin
        gains = (segs_last != '0 || (conv_rows >> 1 != '0 && last_lane > mask >> 1)) && tile_l2 > PointL2;
        whole = 7'(ow_m1_i >> (LanesL2 - 1)) == segs_last;
      end
    end

    // Of 1x1 layers those with two windows or more, which hide the words that leave one by one, and tiles that hide the
    // reads of a window. Every pixel of the convolution is used, or the one that is picked.
    assign worth = !kernel3_i && !depthwise_i && icg_m1 >= 10'(kpu_pkg::PointTaps) && oc_m1_i >= 10'(kpu_pkg::PointTaps) && gains;
    // Pooling holds so many words of a row, and sliding windows want all rows of a segment, right to left; the gather
    // keeps a word of each group; the loop nest counts lines as it counts rows.
    assign fits  = (segs_last == '0 || (!pool_o.slide && (pool_o.stride_l2 == '0 || iw_m1_i < 10'(kpu_pkg::PoolPixels)))) &&
                   32'(icg_m1) < kpu_pkg::PackBytes / Lanes &&
                   last >> (4'd9 + 4'(part_l2)) == '0 && !(pairs && last >> 10 != '0);  // 512 lines

    assign pack_o.on      = worth && whole && fits;
    assign pack_o.pick    = worth && whole && fits && pairs;
    assign pack_o.odd     = !last[0];
    assign pack_o.rows_m1 = 9'(conv_rows - 10'd1);
    assign pack_o.last_px = 7'(last_px_m1) + 7'd1;
    assign pack_lines_m1  = 9'(last >> (pairs ? 3'd1 : part_l2));
    assign last_px_m1     = (pairs ? LanesL2'(ow_m1_i) : LanesL2'(last)) & (mask >> pairs);
  end else begin : gen_no_pack
    logic unused_pack;
    assign unused_pack   = ^{rst_ni, start_i, oc_m1_i, ow_m1_i};
    assign pack_o        = '0;
    assign pack_lines_m1 = '0;
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (TileChannels < 1 || TileChannels > 32 || (TileChannels & (TileChannels - 1)) != 0) begin : gen_check_tile
    $error("kpu_layer_cut: TileChannels must be a power of two, 1 to 32");
  end
  if (PointChannels < 1 || PointChannels > 8 || (PointChannels & (PointChannels - 1)) != 0) begin : gen_check_point
    $error("kpu_layer_cut: PointChannels must be 1, 2, 4 or 8");
  end
  // The widths above, and those of mac_cmd_t.tile_rows, are made for half a ring of 2048 rows.
  if (WeightRows < 64 || WeightRows > 4096 || (WeightRows & (WeightRows - 1)) != 0) begin : gen_check_weight_rows
    $error("kpu_layer_cut: WeightRows must be a power of two, 64 to 4096");
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(TileInFlight, 6'(walk_o.tile_oc_m1) < 6'(TileChannels))
  `ASSERT(TileInHalfRing, walk_o.tile_oc_m1 == '0 || (14'(oc_rows_q) << tile_l2) <= 14'(WeightRows / 2))

endmodule
