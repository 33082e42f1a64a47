// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// The convolution of one layer: lines of AI RAM and rows of the weight ring in, lines of sum(X*W) and sum(X) out.
/// Wiring only; see docs/architecture.md for the loop order and the timing between the parts.
module kpu_conv #(
  parameter  int unsigned Lanes         = 64,
  parameter  int unsigned WeightRows    = 2048,
  parameter  int unsigned AccLines      = 32,
  parameter  int unsigned TileChannels  = 16,
  parameter  int unsigned PointChannels = 8,
  parameter  int unsigned WeightBits    = 8,
  parameter  int unsigned PackRows      = 0,
  parameter  int unsigned Overlap       = 0,
  parameter  int unsigned DrainPass     = 0,
  parameter  int unsigned PassGap       = 0,
  parameter  int unsigned KernelPort    = 0,
  localparam int unsigned RowAw         = $clog2(WeightRows),
  localparam int unsigned VecW          = Lanes * kpu_pkg::PixelW,
  localparam int unsigned WordAw        = kpu_pkg::LineAw + $clog2(kpu_pkg::line_words(Lanes))
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  input  logic                              clear_i,
  // Layer
  input  logic                              start_i,
  input  kpu_pkg::kind_t                    kind_i,
  input  kpu_pkg::image_t                   src_i,
  input  kpu_pkg::walk_t                    walk_i,
  input  kpu_pkg::segs_t                    segs_i,
  input  kpu_pkg::pack_t                    pack_i,
  input  logic                              right_i,         // of pixels that a pick drops, the left ones
  input  kpu_pkg::pad_t                     pad_i,
  input  logic [9:0]                        oc_m1_i,
  // AI RAM read port
  output logic                              rd_valid_o,
  input  logic                              rd_ready_i,
  output logic [WordAw-1:0]                 rd_addr_o,
  input  logic                              rsp_valid_i,
  output logic                              rsp_ready_o,
  input  logic [VecW-1:0]                   rd_data_i,
  input  logic [7:0]                        rd_left_i,
  input  logic [7:0]                        rd_right_i,
  // Weight ring
  input  logic [RowAw:0]                    wr_cnt_i,
  output logic [RowAw:0]                    rd_cnt_o,
  output logic                              w_rd_en_o,
  output logic [RowAw-1:0]                  w_rd_row_o,
  input  logic [kpu_pkg::WRowW-1:0]         w_rd_data_i,
  input  logic [kpu_pkg::WRowW-1:0]         w_rd_high_i,     // WeightBits = 16: the row after it
  // Lines of sums
  output logic                              line_valid_o,
  input  logic                              line_ready_i,
  output logic [Lanes*kpu_pkg::PsumW-1:0]   line_psum_o,
  output logic [Lanes*kpu_pkg::PixSumW-1:0] line_sumx_o,
  output kpu_pkg::line_tag_t                line_tag_o,
  // Progress, see kpu_mac_seq
  output logic                              first_op_o,
  output logic                              array_busy_o,    // the multipliers work in this cycle
  output logic                              wait_weights_o,
  output logic                              wait_lines_o,
  output logic                              stalled_o,       // a line of sums is not taken
  output logic                              idle_o
);

  localparam int unsigned FetchDepth = 4;  // hides the cycle in which kpu_tile_seq sizes a tile
  // Windows between the sequencer and the array, all lines in flight: more where they pass the gather.
  localparam int unsigned MacDepth   = (PackRows != 0) ? 16 : 8;
  localparam int unsigned LineDepth  = 16; // PackRows = 1: lines before the window, two packed windows of them
  localparam int unsigned SumDepth   = 16; // lines of sums
  localparam int unsigned PartBits   = (WeightBits == 4) ? 4 : kpu_pkg::WeightW;  // of a weight, in a multiplier
  // Nine products, 16-bit weights: and those of the high bytes.
  localparam int unsigned SumW       = (WeightBits == 16) ? kpu_pkg::ProdSumW + 9 : kpu_pkg::ProdSumW - kpu_pkg::WeightW + PartBits;
  localparam int unsigned SumDelay   = kpu_pkg::SeqLatency + kpu_pkg::ArrayLatency + kpu_pkg::AccLatency;

  logic                 seq_busy, win_valid, win_ready;
  kpu_pkg::fetch_cmd_t  fetch_new, fetch_cmd;
  kpu_pkg::mac_cmd_t    mac_new, mac_cmd;
  logic                 fetch_new_valid, fetch_fifo_ready, fetch_valid, fetch_ready;
  logic                 mac_new_valid, mac_fifo_ready, mac_valid, mac_ready;
  logic                 line_valid, line_ready, line_take, in_valid, in_ready;
  kpu_pkg::line_token_t line_token, in_token;
  kpu_pkg::pack_token_t line_pack;
  logic [6:0]           seq_seg_last;
  logic [VecW-1:0]      in_data;
  logic [7:0]           in_left, in_right;
  logic                 win_full, win_want;
  logic                 load_weights, op_valid, early_valid, next_valid, sum_valid;
  logic                 sums_free, sums_take, sums_valid;
  kpu_pkg::line_tag_t   sums_tag;
  logic [Lanes*kpu_pkg::PsumW-1:0]   sums_psum;
  logic [Lanes*kpu_pkg::PixSumW-1:0] sums_sumx;
  logic [1:0]           kernel_lsb;
  logic                 high_nibble;
  kpu_pkg::mac_op_t     op, early_op, next_op, sum_op;
  logic [Lanes*kpu_pkg::SumStride-1:0] sum, low_sum;
  logic [Lanes*kpu_pkg::PixStride-1:0] pix;
  logic [kpu_pkg::Taps*VecW-1:0] taps;
  logic                 mac_idle;
  logic [2:0]           unused_fetch_count;
  logic [$clog2(MacDepth + 1)-1:0] unused_mac_count;

  kpu_tile_seq #(
    .AccLines(AccLines), .TileChannels(TileChannels), .PointChannels(PointChannels), .Lanes(Lanes), .DrainPass(DrainPass),
    .Overlap(Overlap)
  ) u_tile_seq (
    .clk_i, .rst_ni, .clear_i, .start_i, .kind_i, .src_i, .walk_i, .oc_m1_i,
    .seg_last_i  (seq_seg_last),
    .busy_o      (seq_busy),
    .win_valid_o (win_valid),
    .win_ready_i (win_ready),
    .fetch_o     (fetch_new),
    .mac_o       (mac_new)
  );

  // A window whose sums only leave reads no lines.
  assign win_ready       = (fetch_fifo_ready || mac_new.drain) && mac_fifo_ready;
  assign fetch_new_valid = win_valid && mac_fifo_ready && !mac_new.drain;
  assign mac_new_valid   = win_valid && (fetch_fifo_ready || mac_new.drain);

  kpu_fifo #(.Width($bits(fetch_new)), .Depth(FetchDepth)) u_fetch_fifo (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i  (fetch_new_valid),
    .in_ready_o  (fetch_fifo_ready),
    .in_data_i   (fetch_new),
    .out_valid_o (fetch_valid),
    .out_ready_i (fetch_ready),
    .out_data_o  (fetch_cmd),
    .count_o     (unused_fetch_count)
  );

  kpu_fifo #(.Width($bits(mac_new)), .Depth(MacDepth)) u_mac_fifo (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i  (mac_new_valid),
    .in_ready_o  (mac_fifo_ready),
    .in_data_i   (mac_new),
    .out_valid_o (mac_valid),
    .out_ready_i (mac_ready),
    .out_data_o  (mac_cmd),
    .count_o     (unused_mac_count)
  );

  kpu_line_fetch #(.Lanes(Lanes), .PackRows(PackRows)) u_line_fetch (
    .clk_i, .rst_ni, .clear_i, .src_i, .walk_i, .segs_i, .pack_i,
    .kernel3_i    (kind_i.kernel3),
    .pad_nearest_i (pad_i.nearest),
    .cmd_valid_i  (fetch_valid),
    .cmd_ready_o  (fetch_ready),
    .cmd_i        (fetch_cmd),
    .rd_valid_o, .rd_ready_i, .rd_addr_o, .rsp_valid_i, .rsp_ready_o,
    .line_valid_o (line_valid),
    .line_ready_i (line_ready),
    .line_take_o  (line_take),
    .line_token_o (line_token),
    .line_pack_o  (line_pack)
  );

  // Ends the way of `ready` from the array through the window to the RAM's read port. From counts and not from the FIFO's
  // own ready, which clear_i is on: the RAM's address hangs on this. With packed rows nothing waits before the FIFO.
  if (PackRows != 0) begin : gen_pack
    logic                    packed_valid, packed_ready;
    kpu_pkg::line_token_t    packed_token;
    logic [VecW-1:0]         packed_data;
    logic [$clog2(LineDepth):0] lines_q;     // places taken: by lines whose words have all set out, until they leave
    logic [$clog2(LineDepth):0] unused_count;

    kpu_gather #(.Lanes(Lanes)) u_gather (
      .clk_i, .rst_ni, .clear_i, .right_i,
      .pack_i      (pack_i.on),
      .pick_i      (pack_i.pick),
      .grp_l2_i    (src_i.grp_l2),
      .in_valid_i  (line_valid),
      .in_token_i  (line_token),
      .in_pack_i   (line_pack),
      .in_data_i   (rd_data_i),
      .out_valid_o (packed_valid),
      .out_token_o (packed_token),
      .out_data_o  (packed_data)
    );

    // Lines of one word and lines of several follow each other: lines are made ahead while the array works on those of one.
    kpu_fifo #(.Width($bits(line_token) + 16 + VecW), .Depth(LineDepth)) u_line_fifo (
      .clk_i, .rst_ni, .clear_i,
      .in_valid_i  (packed_valid),
      .in_ready_o  (packed_ready),
      .in_data_i   ({packed_token, rd_left_i, rd_right_i, packed_data}),
      .out_valid_o (in_valid),
      .out_ready_i (in_ready),
      .out_data_o  ({in_token, in_left, in_right, in_data}),
      .count_o     (unused_count)
    );

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)      lines_q <= '0;
      else if (clear_i) lines_q <= '0;
      else              lines_q <= lines_q + ($bits(lines_q))'(line_take) - ($bits(lines_q))'(in_valid && in_ready);
    end

    assign line_ready   = !lines_q[$clog2(LineDepth)];
    assign seq_seg_last = pack_i.on ? '0 : segs_i.last;

    `ASSERT(LineHasPlace, !packed_valid || packed_ready || clear_i)
  end else begin : gen_no_pack
    logic       unused_pack, unused_line_ready;
    logic [1:0] line_count;

    kpu_fifo #(.Width($bits(line_token) + 16 + VecW), .Depth(2)) u_line_fifo (
      .clk_i, .rst_ni, .clear_i,
      .in_valid_i  (line_valid),
      .in_ready_o  (unused_line_ready),
      .in_data_i   ({line_token, rd_left_i, rd_right_i, rd_data_i}),
      .out_valid_o (in_valid),
      .out_ready_i (in_ready),
      .out_data_o  ({in_token, in_left, in_right, in_data}),
      .count_o     (line_count)
    );
    assign line_ready   = line_count != 2'd2;
    assign seq_seg_last = segs_i.last;
    assign unused_pack  = ^{line_pack, line_take, right_i};
  end

  kpu_window #(.Lanes(Lanes), .PointChannels(PointChannels)) u_window (
    .clk_i, .rst_ni, .clear_i, .start_i, .pad_i,
    .grp_l2_i     (src_i.grp_l2),
    .last_px_i    (segs_i.last_px),
    .line_valid_i (in_valid),
    .line_ready_o (in_ready),
    .line_token_i (in_token),
    .line_data_i  (in_data),
    .line_left_i  (in_left),
    .line_right_i (in_right),
    .full_o       (win_full),
    .want_i       (win_want),
    .taps_o       (taps)
  );

  kpu_mac_seq #(
    .WeightRows(WeightRows), .AccLines(AccLines), .PointChannels(PointChannels), .WeightBits(WeightBits), .PassGap(PassGap),
    .KernelPort(KernelPort)
  ) u_mac_seq (
    .clk_i, .rst_ni, .clear_i,
    .eight_bit_i    (kind_i.eight_bit),
    .kernel3_i      (kind_i.kernel3),
    .grp_l2_i       (src_i.grp_l2),
    .oc_rows_i      (walk_i.oc_rows),
    .cmd_valid_i    (mac_valid),
    .cmd_ready_o    (mac_ready),
    .cmd_i          (mac_cmd),
    .win_full_i     (win_full),
    .win_want_o     (win_want),
    .wr_cnt_i, .rd_cnt_o, .w_rd_en_o, .w_rd_row_o,
    .line_free_i    (sums_free),
    .line_take_o    (sums_take),
    .load_weights_o (load_weights),
    .kernel_lsb_o   (kernel_lsb),
    .high_nibble_o  (high_nibble),
    .op_valid_o     (op_valid),
    .op_o           (op),
    .first_op_o, .wait_weights_o, .wait_lines_o,
    .idle_o         (mac_idle)
  );

  kpu_mac_array #(.Lanes(Lanes), .PartBits(PartBits)) u_mac_array (
    .clk_i, .rst_ni, .clear_i,
    .grp_l2_i      (src_i.grp_l2),
    .load_i        (load_weights),
    .kernel_lsb_i  (kernel_lsb),
    .high_nibble_i (high_nibble),
    .w_row_i       (w_rd_data_i),
    .op_valid_i    (op_valid),
    .op_i          (op),
    .taps_i        (taps),
    .early_valid_o (early_valid),
    .early_op_o    (early_op),
    .next_valid_o  (next_valid),
    .next_op_o     (next_op),
    .sum_valid_o   (sum_valid),
    .sum_op_o      (sum_op),
    .sum_o         (low_sum),
    .pix_o         (pix)
  );

  // The high bytes of 16-bit weights have an array of their own, or come in an array cycle of their own.
  if (WeightBits == 16) begin : gen_high
    logic [Lanes*kpu_pkg::SumStride-1:0] high_sum;
    logic [Lanes*kpu_pkg::PixStride-1:0] unused_pix;
    logic                                unused_early_valid, unused_next_valid, unused_sum_valid;
    kpu_pkg::mac_op_t                    unused_early_op, unused_next_op, unused_sum_op;

    kpu_mac_array #(.Lanes(Lanes), .PartBits(PartBits)) u_mac_array (
      .clk_i, .rst_ni, .clear_i,
      .grp_l2_i      (src_i.grp_l2),
      .load_i        (load_weights),
      .kernel_lsb_i  (kernel_lsb),
      .high_nibble_i (high_nibble),
      .w_row_i       (w_rd_high_i),
      .op_valid_i    (op_valid),
      .op_i          (op),
      .taps_i        (taps),
      .early_valid_o (unused_early_valid),
      .early_op_o    (unused_early_op),
      .next_valid_o  (unused_next_valid),
      .next_op_o     (unused_next_op),
      .sum_valid_o   (unused_sum_valid),
      .sum_op_o      (unused_sum_op),
      .sum_o         (high_sum),
      .pix_o         (unused_pix)
    );

    for (genvar l = 0; l < Lanes; l++) begin : gen_sum
      localparam int unsigned At = l * kpu_pkg::SumStride;
      assign sum[At +: kpu_pkg::SumStride] = low_sum[At +: kpu_pkg::SumStride]
                                           + (kind_i.eight_bit ? '0 : high_sum[At +: kpu_pkg::SumStride] << 8);
    end
  end else begin : gen_low_only
    logic unused_high;
    assign sum         = low_sum;
    assign unused_high = ^w_rd_high_i;
  end

  kpu_accumulator #(
    .Lanes(Lanes), .AccLines(AccLines), .WeightBits(WeightBits), .SumW(SumW), .DrainPass(DrainPass)
  ) u_accumulator (
    .clk_i, .rst_ni, .clear_i,
    .early_valid_i (early_valid),
    .early_op_i    (early_op),
    .next_valid_i  (next_valid),
    .next_op_i     (next_op),
    .sum_valid_i   (sum_valid),
    .sum_op_i      (sum_op),
    .sum_i         (sum),
    .pix_i         (pix),
    .line_valid_o  (sums_valid),
    .line_psum_o   (sums_psum),
    .line_sumx_o   (sums_sumx),
    .line_tag_o    (sums_tag)
  );

  kpu_credit_fifo #(
    .Width ($bits(sums_tag) + Lanes * (kpu_pkg::PsumW + kpu_pkg::PixSumW)),
    .Depth (SumDepth),
    .Delay (SumDelay)
  ) u_sum_fifo (
    .clk_i, .rst_ni, .clear_i,
    .free_o      (sums_free),
    .take_i      (sums_take),
    .in_valid_i  (sums_valid),
    .in_data_i   ({sums_tag, sums_sumx, sums_psum}),
    .out_valid_o (line_valid_o),
    .out_ready_i (line_ready_i),
    .out_data_o  ({line_tag_o, line_sumx_o, line_psum_o})
  );

  assign array_busy_o = op_valid;
  assign stalled_o    = line_valid_o && !line_ready_i;
  assign idle_o       = !seq_busy && mac_idle;

  // ---- Assertions --------------------------------------------------------------------------------
  if (WeightBits != 4 && WeightBits != 8 && WeightBits != 16) begin : gen_check_weight_bits
    $error("kpu_conv: WeightBits must be 4, 8 or 16");
  end
  `ASSERT(SumsInTime, !sums_valid || $past(array_busy_o, kpu_pkg::ArrayLatency + kpu_pkg::AccLatency))
  // A window enters both FIFOs or none, in the cycle in which kpu_tile_seq goes on.
  `ASSERT(CommandsTogether, clear_i || mac_new.drain ||
          (fetch_new_valid && fetch_fifo_ready) == (mac_new_valid && mac_fifo_ready))
  `ASSERT(CommandsTaken, clear_i || (mac_new_valid && mac_fifo_ready) == (win_valid && win_ready))

endmodule
