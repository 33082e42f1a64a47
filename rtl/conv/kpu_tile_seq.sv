// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Walks the loop nest of one layer (docs/architecture.md, "loop order") and emits one window a cycle, as a
/// command for the line fetch and one for the array. Both leave together. Each R rows of a tile begin with a cycle
/// that computes their sizes and emits nothing.
///
/// start_i is a pulse; the layer must be stable until the layer ends. busy_o falls with the last window.
module kpu_tile_seq #(
  /// Lines of partial sums beside the array: a tile is M output channels x R rows with M x R <= AccLines.
  parameter int unsigned AccLines      = 32,
  /// Output channels of a tile at most.
  parameter int unsigned TileChannels  = 16,
  /// Channel groups of a 1x1 window.
  parameter int unsigned PointChannels = 8,
  /// Bytes of a word.
  parameter int unsigned Lanes         = 64,
  /// 1: the sums of R rows leave in a pass of their own, which reads nothing.
  parameter int unsigned DrainPass     = 0,
  /// 1: a channel group of a depthwise layer waits for its weights, not for the layer's.
  parameter int unsigned Overlap       = 0
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  // Layer
  input  logic                start_i,
  input  kpu_pkg::kind_t      kind_i,
  input  kpu_pkg::image_t     src_i,
  input  kpu_pkg::walk_t      walk_i,
  input  logic [6:0]          seg_last_i,
  input  logic [9:0]          oc_m1_i,
  output logic                busy_o,
  // Windows
  output logic                win_valid_o,
  input  logic                win_ready_i,
  output kpu_pkg::fetch_cmd_t fetch_o,
  output kpu_pkg::mac_cmd_t   mac_o
);

  if (AccLines < TileChannels || AccLines > 512 || (AccLines & (AccLines - 1)) != 0) begin : gen_check_acc_lines
    $error("kpu_tile_seq: AccLines must be a power of two, TileChannels to 512");
  end

  localparam int unsigned PointL2 = $clog2(PointChannels);
  // Passes: one for each of up to 1024 channel groups, and the one in which sums leave.
  localparam int unsigned PassW   = (DrainPass == 0) ? 10 : 11;
  // Bits that can be set in this shape.
  localparam logic [4:0]  TileMask = 5'(TileChannels - 1);
  localparam logic [8:0]  SumMask  = 9'(AccLines - 1);
  localparam logic [6:0]  SegMask  = 7'(1024 / Lanes - 1);

  // Loop counters, innermost first.
  logic [8:0]  r_d, r_q;              // row within the tile
  logic [PassW-1:0] pass_d, pass_q;   // channel group (1x1: PointChannels of them)
  logic [8:0]  row0_d, row0_q;        // first conv row of the tile
  logic [6:0]  seg_d, seg_q;          // column segment, right to left
  logic [9:0]  oc0_d, oc0_q;          // first output channel of the tile; depthwise: channel group
  logic [4:0]  m_last_d, m_last_q;    // output channels of the tile, minus one
  logic        busy_d, busy_q;
  logic        sized_d, sized_q;      // the sizes belong to this tile and its first row
  // Address of the current channel group.
  logic [14:0] line_d, line_q;
  logic [1:0]  sub_d, sub_q;

  // ---- Sizes of the current tile and its rows, one cycle before its first window ------------------
  logic [8:0]  rows_full;             // rows of a full tile, minus one
  logic [8:0]  rows_left;             // conv rows from row0_q to the image's last one, minus one
  logic [8:0]  r_last_q;
  logic [PassW-1:0] pass_last;        // of those with products
  logic [10:0] oc_next, oc_next_q;
  logic [12:0] tile_rows, tile_rows_q;  // rows of the weight ring the tile needs
  logic        end_r, end_pass, end_rows_q, end_seg, end_oc_q;
  logic        drain;                 // the pass in which sums leave

  always_comb begin
    rows_full = 9'(AccLines >> kpu_pkg::tile_l2(m_last_q)) - 9'd1;
    if (kind_i.depthwise && DrainPass == 0) rows_full = walk_i.rows_m1;

    rows_left = walk_i.rows_m1 - row0_q;
    oc_next   = 11'(oc0_q) + (kind_i.depthwise ? 11'd1 : 11'(m_last_q) + 11'd1);

    if (kind_i.depthwise)    pass_last = '0;
    else if (kind_i.kernel3) pass_last = PassW'(walk_i.icg_m1);
    else                    pass_last = PassW'(walk_i.icg_m1) >> PointL2;

    end_r    = r_q == r_last_q;
    drain    = DrainPass != 0 && pass_q == pass_last + PassW'(1);
    end_pass = (DrainPass == 0) ? pass_q == pass_last : drain;
    end_seg  = seg_q == '0;

    tile_rows = 13'(walk_i.oc_rows) * (13'(m_last_q) + 13'd1);
    // A row has the kernels of four channels; no row is given back before the last group.
    if (Overlap != 0 && kind_i.depthwise) begin
      tile_rows = (13'(oc0_q) >> (2'd2 - src_i.grp_l2)) + 13'd1;
      if (!kind_i.eight_bit) tile_rows = tile_rows << 1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!sized_q) begin
      r_last_q    <= (rows_left > rows_full) ? rows_full : rows_left;
      end_rows_q  <= rows_left <= rows_full;
      oc_next_q   <= oc_next;
      end_oc_q    <= oc_next > (kind_i.depthwise ? 11'(walk_i.icg_m1) : 11'(oc_m1_i));
      tile_rows_q <= tile_rows;
    end
  end

  // Output channels of the tile that starts at `first`, minus one. Between one and two full tiles are
  // halved, so that no tile is so narrow that its line reads show.
  logic [10:0] tile_first_oc, tile_left, tile_full;
  logic [4:0]  tile_size_m1;

  always_comb begin
    tile_first_oc = start_i ? '0 : oc_next_q;
    tile_left     = 11'(oc_m1_i) - tile_first_oc;  // minus one
    tile_full     = 11'(walk_i.tile_oc_m1) & 11'(TileMask);
    if (tile_left <= tile_full)             tile_size_m1 = 5'(tile_left) & TileMask;
    else if (tile_left <= (tile_full << 1)) tile_size_m1 = 5'(tile_left >> 1) & TileMask;
    else                                    tile_size_m1 = walk_i.tile_oc_m1 & TileMask;
  end

  // ---- Next window -------------------------------------------------------------------------------
  logic        step;
  logic [14:0] line_next1;            // one channel group on
  logic [1:0]  sub_next1;
  logic [14:0] line_next_point;       // PointChannels groups on
  logic [1:0]  sub_next_point;
  logic        sub_wrap;

  assign step       = win_valid_o && win_ready_i;
  assign sub_wrap   = sub_q == 2'((3'd1 << src_i.sub_l2) - 3'd1);
  assign line_next1 = sub_wrap ? line_q + src_i.ch_switch : line_q;
  assign sub_next1  = sub_wrap ? '0 : sub_q + 2'd1;

  // Words that hold different channels of a line are passed PointChannels at a time, or whole lines are.
  if (PointChannels >= 4) begin : gen_point_lines
    assign line_next_point = line_q + 15'({3'b0, src_i.ch_switch} << (2'(PointL2) - src_i.sub_l2));
    assign sub_next_point  = sub_q;
  end else begin : gen_point_words
    logic [2:0] sub_sum;              // words from the line's first one; a line has up to four
    logic [2:0] sub_lines;            // lines in them
    assign sub_sum         = 3'(sub_q) + 3'(PointChannels);
    assign sub_lines       = sub_sum >> src_i.sub_l2;
    assign sub_next_point  = 2'(sub_sum & ~(3'b111 << src_i.sub_l2));
    assign line_next_point = line_q + 15'(sub_lines) * src_i.ch_switch;
  end

  always_comb begin
    r_d      = r_q;
    pass_d   = pass_q;
    row0_d   = row0_q;
    seg_d    = seg_q;
    oc0_d    = oc0_q;
    m_last_d = m_last_q;
    line_d   = line_q;
    sub_d    = sub_q;
    busy_d   = busy_q;
    sized_d  = 1'b1;

    if (step) begin
      r_d = r_q + 9'd1;
      if (end_r) begin
        r_d    = '0;
        pass_d = pass_q + PassW'(1);
        if (DrainPass != 0 && kind_i.depthwise) begin
          line_d = line_q;
        end else if (kind_i.kernel3) begin
          line_d = line_next1;
          sub_d  = sub_next1;
        end else begin
          line_d = line_next_point;
          sub_d  = sub_next_point;
        end
        if (end_pass) begin
          pass_d = '0;
          line_d = kind_i.depthwise ? line_q : src_i.line;
          sub_d  = kind_i.depthwise ? sub_q : '0;
          row0_d  = row0_q + r_last_q + 9'd1;
          sized_d = 1'b0;
          if (end_rows_q) begin
            row0_d = '0;
            seg_d  = (seg_q - 7'd1) & SegMask;
            if (end_seg) begin
              seg_d    = seg_last_i;
              oc0_d    = 10'(oc_next_q);
              m_last_d = tile_size_m1;
              if (kind_i.depthwise) begin
                line_d = line_next1;
                sub_d  = sub_next1;
              end
              if (end_oc_q) busy_d = 1'b0;
            end
          end
        end
      end
    end

    if (start_i) begin
      r_d      = '0;
      pass_d   = '0;
      row0_d   = '0;
      seg_d    = seg_last_i;
      oc0_d    = '0;
      m_last_d = tile_size_m1;
      line_d   = src_i.line;
      sub_d    = '0;
      busy_d   = 1'b1;
      sized_d  = 1'b0;
    end
    if (clear_i) busy_d = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      sized_q <= 1'b0;
    end else begin
      busy_q  <= busy_d;
      sized_q <= sized_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i || step) begin
      r_q      <= r_d;
      pass_q   <= pass_d;
      row0_q   <= row0_d;
      seg_q    <= seg_d;
      oc0_q    <= oc0_d;
      m_last_q <= m_last_d;
      line_q   <= line_d;
      sub_q    <= sub_d;
    end
  end

  // ---- Outputs -----------------------------------------------------------------------------------
  logic [9:0] groups_left;            // 1x1: channel groups after the first of this window

  assign busy_o      = busy_q;
  assign win_valid_o = busy_q && sized_q;
  assign groups_left = walk_i.icg_m1 - (10'(pass_q) << PointL2);

  always_comb begin
    fetch_o.grp_line  = line_q;
    fetch_o.grp_sub   = sub_q;
    fetch_o.row       = row0_q + r_q;
    fetch_o.seg       = seg_q;
    fetch_o.groups_m1 = '0;
    if (kind_i.depthwise)    fetch_o.icg = oc0_q;
    else if (kind_i.kernel3) fetch_o.icg = 10'(pass_q);
    else                    fetch_o.icg = 10'(pass_q) << PointL2;
    if (!kind_i.kernel3) begin
      fetch_o.load = kpu_pkg::LoadPoint;
      if (!kind_i.depthwise) begin
        fetch_o.groups_m1 = (groups_left >= 10'(PointChannels)) ? 3'(PointChannels - 1) : groups_left[2:0];
      end
    end else if (r_q == '0 || walk_i.step_l2 == 2'd2) begin
      fetch_o.load = kpu_pkg::LoadPrime;
    end else if (walk_i.step_l2 == 2'd1) begin
      fetch_o.load = kpu_pkg::LoadShift2;
    end else begin
      fetch_o.load = kpu_pkg::LoadShift1;
    end

    mac_o.tile_first   = r_q == '0 && pass_q == '0 && row0_q == '0 && seg_q == seg_last_i;
    mac_o.tile_end     = end_r && end_pass && end_rows_q && end_seg;
    mac_o.layer_end    = mac_o.tile_end && end_oc_q;
    mac_o.release_rows = kind_i.depthwise ? mac_o.layer_end : mac_o.tile_end;
    mac_o.pass_first   = pass_q == '0;
    mac_o.pass_last    = end_pass;
    mac_o.pass_start   = r_q == '0;
    mac_o.drain        = drain;
    mac_o.row_last     = end_r && end_rows_q;
    mac_o.kernel       = kind_i.depthwise ? oc0_q : drain ? '0 : 10'(pass_q);
    mac_o.m_last       = m_last_q;
    mac_o.oc0          = kind_i.depthwise ? 10'(oc0_q << src_i.grp_l2) : oc0_q;
    mac_o.tile_rows    = tile_rows_q;
    mac_o.r            = (kind_i.depthwise && DrainPass == 0) ? '0 : r_q & SumMask;
    mac_o.row          = row0_q + r_q;
    mac_o.seg          = seg_q;
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(StartWhenIdle, !start_i || !busy_q)
  `ASSERT(TileFitsAcc, !busy_q || (kind_i.depthwise && DrainPass == 0) || 32'(r_q) < AccLines)
  `ASSERT(RowInside, !busy_q || (row0_q + r_q <= walk_i.rows_m1))

endmodule
