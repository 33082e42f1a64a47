// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Last stage of pooling: division of the means, and every pixel in its lane.
///
/// With a stride: slots become bytes, those of channel k from lane k * Lanes/g on. Sliding windows:
/// each lane is combined with its right neighbour, the last column of the image with itself. The
/// neighbour of the last lane is the first column of the segment to the right, which came earlier and
/// is kept per output channel of the tile (SlideOc at most) and row. Else: bytes as they are.
///
/// One line a cycle; three cycles of latency: the memory of first columns is read in the first, its word waits in
/// a register in the second.
module kpu_pool_place #(
  parameter  int unsigned Lanes = 64,
  localparam int unsigned SlotW = 12,
  localparam int unsigned EdgeW = 9
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  kpu_pkg::pool_t         pool_i,
  input  logic [1:0]             grp_l2_i,
  input  kpu_pkg::segs_t         segs_i,
  // From kpu_pool_rows
  input  logic                   in_valid_i,
  output logic                   in_ready_o,
  input  logic [Lanes*EdgeW-1:0] in_line_i,
  input  kpu_pkg::line_tag_t     in_tag_i,
  // Rows of the output image
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output logic [Lanes*8-1:0]     out_line_o,
  output kpu_pkg::line_tag_t     out_tag_o
);

  localparam int unsigned LaneW  = $clog2(Lanes);
  localparam int unsigned SlideW = $clog2(kpu_pkg::SlideOc);
  localparam int unsigned ColW   = SlideW + kpu_pkg::RowIdxW;

  logic       slide, pair, quad, mean;
  logic [1:0] grp_l2;

  assign slide  = pool_i.slide;
  assign grp_l2 = grp_l2_i & kpu_pkg::grp_mask(Lanes);
  assign pair   = pool_i.stride_l2 == 2'd1;
  assign quad   = pool_i.stride_l2 == 2'd2;
  assign mean   = pool_i.op == kpu_pkg::PoolMean;

  // ---- Stage 1: line, and the first column of the segment to the right ----------------------------
  logic                   valid_q1, valid_q2, ready_q1, ready_q2, fire_in, fire_q1, fire_q2;
  logic [Lanes*EdgeW-1:0] line_q1, line_q2;
  kpu_pkg::line_tag_t     tag_q1, tag_q2;
  logic [EdgeW-1:0]       right_mem, right_q2;
  logic                   last_seg_q2;  // the segment with the image's last column
  logic                   same_q1;   // the line before this one held the column that this one needs
  logic [ColW-1:0]        col_idx, col_idx_q1;

  assign ready_q2   = !out_valid_o || out_ready_i;
  assign ready_q1   = !valid_q2 || ready_q2;
  assign in_ready_o = !valid_q1 || ready_q1;
  assign fire_in    = in_valid_i && in_ready_o;
  assign fire_q1    = valid_q1 && ready_q1;
  assign fire_q2    = valid_q2 && ready_q2;
  assign col_idx    = {in_tag_i.m[SlideW-1:0], in_tag_i.row};
  assign col_idx_q1 = {tag_q1.m[SlideW-1:0], tag_q1.row};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q1    <= 1'b0;
      valid_q2    <= 1'b0;
      out_valid_o <= 1'b0;
    end else if (clear_i) begin
      valid_q1    <= 1'b0;
      valid_q2    <= 1'b0;
      out_valid_o <= 1'b0;
    end else begin
      if (in_ready_o) valid_q1    <= in_valid_i;
      if (ready_q1)   valid_q2    <= valid_q1;
      if (ready_q2)   out_valid_o <= valid_q2;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fire_in) begin
      line_q1 <= in_line_i;
      tag_q1  <= in_tag_i;
      same_q1 <= fire_q1 && col_idx == col_idx_q1;
    end
  end

  kpu_ram_1r1w #(
    .Width (EdgeW),
    .Depth (1 << ColW)
  ) u_first_col (
    .clk_i,
    .rd_en_i   (fire_in && slide),
    .rd_addr_i (col_idx),
    .rd_data_o (right_mem),
    .wr_en_i   (fire_q1 && slide),
    .wr_addr_i (col_idx_q1),
    .wr_data_i (line_q1[EdgeW-1:0])
  );

  // ---- Stage 2: that column in a register ----------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (fire_q1) begin
      line_q2     <= line_q1;
      tag_q2      <= tag_q1;
      last_seg_q2 <= tag_q1.seg == segs_i.last;
      right_q2    <= same_q1 ? line_q2[EdgeW-1:0] : right_mem;
    end
  end

  // ---- Stage 3: bytes in their lanes -------------------------------------------------------------
  logic [Lanes-1:0]     last_lanes_d, last_lanes_q;  // lanes of the image's last column, if the segment has it
  logic [Lanes-1:0]     last_col;
  logic [EdgeW-1:0]     px, next_px;
  logic [7:0]           mean_px;
  logic [SlotW-1:0]     slot;
  logic [Lanes/2*8-1:0] bytes;

  // Stable long before the layer's first line.
  always_comb begin
    last_lanes_d = Lanes'(1) << LaneW'(segs_i.last_px - 9'd1);
    if (grp_l2 != 2'd0) last_lanes_d = last_lanes_d | last_lanes_d << Lanes / 2;
    if (grp_l2 == 2'd2) last_lanes_d = last_lanes_d | last_lanes_d << Lanes / 4;
  end

  always_ff @(posedge clk_i) last_lanes_q <= last_lanes_d;

  always_ff @(posedge clk_i) begin
    if (fire_q2) begin
      out_tag_o  <= tag_q2;
      out_line_o <= line_q2[Lanes*8-1:0];

      if (slide) begin
        last_col = last_seg_q2 ? last_lanes_q : '0;
        for (int unsigned l = 0; l < Lanes; l++) begin
          px      = line_q2[l*EdgeW +: EdgeW];
          next_px = (l == Lanes - 1) ? right_q2 : line_q2[((l+1)%Lanes)*EdgeW +: EdgeW];
          if (last_col[l]) next_px = px;
          mean_px = 8'(((EdgeW+1)'(px) + (EdgeW+1)'(next_px)) >> 2);
          if (mean) out_line_o[l*8 +: 8] <= mean_px;
          else out_line_o[l*8 +: 8] <= (px > next_px) ? px[7:0] : next_px[7:0];
        end
      end

      if (pair || quad) begin
        for (int unsigned s = 0; s < Lanes / 2; s++) begin
          slot = line_q2[s*SlotW +: SlotW];
          bytes[s*8 +: 8] = slot[7:0];
          if (mean) bytes[s*8 +: 8] = pair ? slot[9:2] : slot[11:4];
        end
        // Slot s of a channel of `per` slots goes to lane s mod per of that channel's lane group.
        for (int unsigned s = 0; s < Lanes / 2; s++) begin
          if (grp_l2 == 2'd0) out_line_o[s*8 +: 8] <= bytes[s*8 +: 8];
        end
        // (Words of eight lanes hold one channel.)
        for (int unsigned g = 1; g < 3 && Lanes > 8; g++) begin
          for (int unsigned s = 0; s < Lanes / 2; s++) begin
            if (32'(grp_l2) == g && pair) begin
              out_line_o[((s / (Lanes/2 >> g)) * (Lanes >> g) + s % (Lanes/2 >> g)) * 8 +: 8] <= bytes[s*8 +: 8];
            end
          end
          for (int unsigned s = 0; s < Lanes / 4; s++) begin
            if (32'(grp_l2) == g && quad) begin
              out_line_o[((s / (Lanes/4 >> g)) * (Lanes >> g) + s % (Lanes/4 >> g)) * 8 +: 8] <= bytes[s*8 +: 8];
            end
          end
        end
      end
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_KEPT(OutHeld, out_valid_o && !out_ready_i && !clear_i, out_valid_o, {out_line_o, out_tag_o})
  `ASSERT(FirstColumnsFit, !(in_valid_i && slide && segs_i.last != '0) || 32'(in_tag_i.m) < kpu_pkg::SlideOc)

endmodule
