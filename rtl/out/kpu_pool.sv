// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Pooling of lines of pixels (K210 KPU, pooling; docs/architecture.md, "Post-processing, pooling").
///
/// Lines come segment by segment from right to left, in each segment row by row, in each row the output
/// channels of the tile (tag.m); of packed layers (PackRows = 1) row by row for each output channel, in each row from
/// left to right. For pool types 5 to 7 the rows that arrive are the picked ones (SkipRows = 0: all). tag.row of the
/// result is the output row; its pixels start at lane 0 of each packed channel's lane group.
///
/// Two forms that give the same lines in the same order. One line a cycle, five cycles of latency: columns to slots, rows,
/// slots to lanes. Or a pixel a cycle (kpu_pool_serial), where post-processing gives no more and words hold one channel.
module kpu_pool #(
  parameter  int unsigned Lanes        = 64,
  parameter  int unsigned PostLanes    = Lanes,
  parameter  int unsigned TileChannels = 16,
  parameter  int unsigned SkipRows     = 1,
  parameter  int unsigned PackRows     = 0,
  localparam int unsigned LaneW        = $clog2(Lanes),
  localparam int unsigned EdgeW        = 9
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  kpu_pkg::pool_t      pool_i,
  input  logic [1:0]          grp_l2_i,
  input  kpu_pkg::segs_t      segs_i,
  input  logic                half_i,      // of words, half of the lanes have pixels
  // Lines of pixels
  input  logic                pix_valid_i,
  output logic                pix_ready_o,
  input  logic [Lanes*8-1:0]  pix_line_i,
  input  logic [LaneW-1:0]    pix_at_i,    // lane of the line's first pixel; but for a pixel a cycle: 0
  input  kpu_pkg::line_tag_t  pix_tag_i,
  // Lines of the output image
  output logic                pool_valid_o,
  input  logic                pool_ready_i,
  output logic [Lanes*8-1:0]  pool_line_o,
  output kpu_pkg::line_tag_t  pool_tag_o
);

  if (kpu_pkg::serial_pool(Lanes, PostLanes)) begin : gen_serial
    logic unused_grp;
    assign unused_grp = ^grp_l2_i;

    kpu_pool_serial #(
      .Lanes        (Lanes),
      .TileChannels (TileChannels),
      .SkipRows     (SkipRows),
      .PackRows     (PackRows)
    ) u_serial (
      .clk_i,
      .rst_ni,
      .clear_i,
      .pool_i,
      .segs_i,
      .half_i,
      .pix_valid_i,
      .pix_ready_o,
      .pix_line_i,
      .pix_at_i,
      .pix_tag_i,
      .pool_valid_o,
      .pool_ready_i,
      .pool_line_o,
      .pool_tag_o
    );
  end else begin : gen_wide
    logic                   unused_serial;
    logic                   cols_valid, cols_ready, rows_valid, rows_ready;
    logic [Lanes*8-1:0]     cols_line;
    logic [Lanes*EdgeW-1:0] rows_line;
    kpu_pkg::line_tag_t     cols_tag, rows_tag;

    assign unused_serial = ^{half_i, pix_at_i};

    kpu_pool_cols #(
      .Lanes (Lanes)
    ) u_cols (
      .clk_i,
      .rst_ni,
      .clear_i,
      .pool_i,
      .in_valid_i  (pix_valid_i),
      .in_ready_o  (pix_ready_o),
      .in_line_i   (pix_line_i),
      .in_tag_i    (pix_tag_i),
      .out_valid_o (cols_valid),
      .out_ready_i (cols_ready),
      .out_line_o  (cols_line),
      .out_tag_o   (cols_tag)
    );

    kpu_pool_rows #(
      .Lanes        (Lanes),
      .TileChannels (TileChannels),
      .SkipRows     (SkipRows),
      .PackRows     (PackRows)
    ) u_rows (
      .clk_i,
      .rst_ni,
      .clear_i,
      .pool_i,
      .early_fire_i  (pix_valid_i && pix_ready_o),
      .early_tag_i   (pix_tag_i),
      .in_valid_i    (cols_valid),
      .in_ready_o    (cols_ready),
      .in_line_i     (cols_line),
      .in_tag_i      (cols_tag),
      .out_valid_o   (rows_valid),
      .out_ready_i   (rows_ready),
      .out_line_o    (rows_line),
      .out_tag_o     (rows_tag)
    );

    kpu_pool_place #(
      .Lanes (Lanes)
    ) u_place (
      .clk_i,
      .rst_ni,
      .clear_i,
      .pool_i,
      .grp_l2_i,
      .segs_i,
      .in_valid_i  (rows_valid),
      .in_ready_o  (rows_ready),
      .in_line_i   (rows_line),
      .in_tag_i    (rows_tag),
      .out_valid_o (pool_valid_o),
      .out_ready_i (pool_ready_i),
      .out_line_o  (pool_line_o),
      .out_tag_o   (pool_tag_o)
    );
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_KEPT(PoolHeld, pool_valid_o && !pool_ready_i && !clear_i, pool_valid_o, pool_tag_o)

endmodule
