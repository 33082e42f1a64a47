// SPDX-License-Identifier: Apache-2.0

/// From lines of sums to AI RAM and the output stream, for the unit test: post-processing, pooling,
/// write-back and output stream in a row, the fields of the layer as single ports.
module kpu_post_bench #(
  parameter  int unsigned Lanes     = 64,
  parameter  int unsigned PostLanes = Lanes,
  localparam int unsigned WordAw    = kpu_pkg::LineAw + $clog2(kpu_pkg::line_words(Lanes))
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  // Layer
  input  logic                start_i,
  input  logic                depthwise_i,
  input  logic [1:0]          pool_op_i,       // 0 pick, 1 max, 2 mean
  input  logic                pool_right_i,
  input  logic                pool_slide_i,
  input  logic                load_act_i,
  input  logic                send_data_out_i,
  input  logic                par_half_i,
  input  logic [9:0]          iw_m1_i,
  input  logic [1:0]          grp_l2_i,
  input  logic [1:0]          sub_l2_i,
  input  logic [6:0]          seg_m1_i,
  input  logic [8:0]          seg_last_px_i,
  input  logic [14:0]         dst_line_i,
  input  logic [9:0]          oc_m1_i,
  input  logic [9:0]          ow_m1_i,
  input  logic [8:0]          oh_m1_i,
  input  logic [14:0]         wb_ch_switch_i,
  input  logic [3:0]          wb_row_switch_i,
  input  logic [1:0]          wb_grp_l2_i,
  input  logic [1:0]          wb_sub_l2_i,
  input  logic [2:0]          wb_sub_pitch_i,
  input  logic [1:0]          stride_l2_i,
  input  logic [3:0]          shr_x_i,
  input  logic [23:0]         arg_x_i,
  output logic                layer_done_o,
  output logic                stream_done_o,
  output logic                conv_ovf_o,
  output logic                norm_ovf_o,
  // Activation table
  input  logic                act_valid_i,
  input  logic [3:0]          act_idx_i,
  input  logic [35:0]         act_key_i,
  input  logic [35:0]         act_start_i,
  input  logic [15:0]         act_mul_i,
  input  logic [7:0]          act_shift_i,
  input  logic [7:0]          act_bias_i,
  // Lines of sums
  input  logic                line_valid_i,
  output logic                line_ready_o,
  input  logic [Lanes*38-1:0] line_psum_i,
  input  logic [Lanes*22-1:0] line_sumx_i,
  input  logic [9:0]          tag_oc_i,
  input  logic [4:0]          tag_m_i,
  input  logic [8:0]          tag_row_i,
  input  logic [6:0]          tag_seg_i,
  input  logic                tag_row_last_i,
  input  logic                tag_tile_last_i,
  input  logic                tag_layer_last_i,
  // Parameters
  output logic                par_rd_en_o,
  output logic [8:0]          par_rd_row_o,
  output logic [1:0]          par_rd_bank_o,
  input  logic [239:0]        par_bn_i,
  input  logic [195:0]        par_k_i,
  // AI RAM
  output logic                wr_valid_o,
  input  logic                wr_ready_i,
  output logic [WordAw-1:0]   wr_addr_o,
  output logic [Lanes-1:0]    wr_be_o,
  output logic [Lanes*8-1:0]  wr_data_o,
  output logic                rd_valid_o,
  input  logic                rd_ready_i,
  output logic [WordAw-1:0]   rd_addr_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*8-1:0]  rd_data_i,
  // Output stream
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [63:0]         out_data_o,
  output logic                out_last_o
);

  kpu_pkg::image_t     src, dst;
  kpu_pkg::segs_t      segs;
  kpu_pkg::post_t      post;
  kpu_pkg::pool_t      pool;
  kpu_pkg::line_tag_t  line_tag, pix_tag, pool_tag;
  logic                pix_valid, pix_ready, pool_valid, pool_ready;
  logic [Lanes*8-1:0]  pix_line, pool_line;
  logic [10:0]         oc_done;

  always_comb begin
    src            = '0;
    src.w_m1       = iw_m1_i;
    src.grp_l2     = grp_l2_i;
    src.sub_l2     = sub_l2_i;
    dst.line       = dst_line_i;
    dst.ch_m1      = oc_m1_i;
    dst.w_m1       = ow_m1_i;
    dst.h_m1       = oh_m1_i;
    dst.ch_switch  = wb_ch_switch_i;
    dst.row_switch = wb_row_switch_i;
    dst.grp_l2     = wb_grp_l2_i;
    dst.sub_l2     = wb_sub_l2_i;
    dst.sub_pitch  = wb_sub_pitch_i;
    segs.last      = seg_m1_i;
    segs.last_px   = seg_last_px_i;
    post.load_act  = load_act_i;
    post.par_half  = par_half_i;
    post.arg_x     = arg_x_i;
    post.shr_x     = shr_x_i;
    pool.stride_l2 = stride_l2_i;
    pool.op        = kpu_pkg::pool_op_e'(pool_op_i);
    pool.right     = pool_right_i;
    pool.slide     = pool_slide_i;
  end

  assign line_tag = {tag_oc_i, tag_m_i, tag_row_i, tag_seg_i, tag_row_last_i, tag_tile_last_i, tag_layer_last_i};

  kpu_post #(
    .Lanes     (Lanes),
    .PostLanes (PostLanes)
  ) u_post (
    .clk_i,
    .rst_ni,
    .clear_i,
    .depthwise_i,
    .src_i       (src),
    .dst_i       (dst),
    .segs_i      (segs),
    .pack_i      ('0),
    .post_i      (post),
    .pool_i      (pool),
    .act_entry_valid_i (act_valid_i),
    .act_entry_i ({act_idx_i, act_key_i, act_start_i, act_mul_i, act_shift_i, act_bias_i}),
    .tables_ready_i (1'b1),
    .line_valid_i,
    .line_ready_o,
    .line_psum_i,
    .line_sumx_i,
    .line_tag_i  (line_tag),
    .par_rd_en_o,
    .par_rd_row_o,
    .par_rd_bank_o,
    .par_bn_i,
    .par_k_i,
    .pix_valid_o (pix_valid),
    .pix_ready_i (pix_ready),
    .pix_line_o  (pix_line),
    .pix_tag_o   (pix_tag),
    .conv_ovf_o,
    .norm_ovf_o
  );

  kpu_pool #(
    .Lanes     (Lanes),
    .PostLanes (PostLanes)
  ) u_pool (
    .clk_i,
    .rst_ni,
    .clear_i,
    .pool_i       (pool),
    .grp_l2_i,
    .segs_i       (segs),
    .half_i       (1'b0),
    .pix_valid_i  (pix_valid),
    .pix_ready_o  (pix_ready),
    .pix_line_i   (pix_line),
    .pix_at_i     ('0),
    .pix_tag_i    (pix_tag),
    .pool_valid_o (pool_valid),
    .pool_ready_i (pool_ready),
    .pool_line_o  (pool_line),
    .pool_tag_o   (pool_tag)
  );

  kpu_writeback #(
    .Lanes (Lanes)
  ) u_writeback (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i,
    .depthwise_i,
    .src_i        (src),
    .dst_i        (dst),
    .stride_l2_i,
    .oc_done_o    (oc_done),
    .layer_done_o,
    .pool_valid_i (pool_valid),
    .pool_ready_o (pool_ready),
    .pool_line_i  (pool_line),
    .pool_tag_i   (pool_tag),
    .wr_valid_o,
    .wr_ready_i,
    .wr_addr_o,
    .wr_be_o,
    .wr_data_o
  );

  kpu_stream_out #(
    .Lanes (Lanes)
  ) u_stream_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i         (start_i && send_data_out_i),
    .dst_i           (dst),
    .oc_done_i       (oc_done),
    .done_o          (stream_done_o),
    .str_rd_valid_o  (rd_valid_o),
    .str_rd_ready_i  (rd_ready_i),
    .str_rd_addr_o   (rd_addr_o),
    .str_rsp_valid_i (rsp_valid_i),
    .rd_data_i,
    .out_valid_o,
    .out_ready_i,
    .out_data_o,
    .out_last_o
  );

endmodule
