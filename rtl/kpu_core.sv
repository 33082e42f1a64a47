// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Everything between the layer FIFO and AI RAM: layer control, parameter path and data path. Wiring only.
module kpu_core #(
  parameter  int unsigned Lanes          = 64,
  parameter  int unsigned PostLanes      = Lanes,
  parameter  int unsigned WeightRows     = 2048,
  parameter  int unsigned AiLines        = 32768,
  parameter  int unsigned AccLines       = 32,
  parameter  int unsigned TileChannels   = 16,
  parameter  int unsigned PointChannels  = 8,
  parameter  int unsigned WeightBits     = 8,
  parameter  int unsigned MaxOutstanding = 4,
  parameter  int unsigned Perf           = 1,
  parameter  int unsigned PackRows       = 0,
  parameter  int unsigned Overlap        = 0,
  parameter  int unsigned Pool           = 1,
  parameter  int unsigned StreamOut      = 1,
  parameter  int unsigned Weights16      = 1,
  parameter  int unsigned SkipRows       = 1,
  parameter  int unsigned DrainPass      = 0,
  parameter  int unsigned PassGap        = 0,
  parameter  int unsigned KernelPort     = 0,
  parameter  int unsigned StartCycles    = 0,
  parameter  int unsigned StreamGap      = 0,
  localparam int unsigned RowAw          = $clog2(WeightRows),
  localparam int unsigned VecW           = Lanes * kpu_pkg::PixelW,
  localparam int unsigned StreamLanes    = kpu_pkg::line_lanes(Lanes),
  localparam int unsigned WordAw         = kpu_pkg::LineAw + $clog2(kpu_pkg::line_words(Lanes))
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                abort_i,
  input  logic                eight_bit_i,
  // Layer arguments
  input  logic                arg_valid_i,
  output logic                arg_ready_o,
  input  logic [63:0]         arg_word_i,
  // Parameters: AXI4 read channels
  output logic                m_axi_arvalid_o,
  input  logic                m_axi_arready_i,
  output logic [31:0]         m_axi_araddr_o,
  output logic [7:0]          m_axi_arlen_o,
  output logic [2:0]          m_axi_arsize_o,
  output logic [1:0]          m_axi_arburst_o,
  input  logic                m_axi_rvalid_i,
  output logic                m_axi_rready_o,
  input  logic [63:0]         m_axi_rdata_i,
  input  logic [1:0]          m_axi_rresp_i,
  input  logic                m_axi_rlast_i,
  // AI RAM through the arbiter
  output logic                ram_clear_o,
  output logic                conv_rd_valid_o,
  input  logic                conv_rd_ready_i,
  output logic [WordAw-1:0]   conv_rd_addr_o,
  input  logic                conv_rsp_valid_i,
  output logic                conv_rsp_ready_o,
  output logic                str_rd_valid_o,
  input  logic                str_rd_ready_i,
  output logic [WordAw-1:0]   str_rd_addr_o,
  input  logic                str_rsp_valid_i,
  input  logic [StreamLanes*8-1:0] str_data_i,
  input  logic [VecW-1:0]     rd_data_i,
  input  logic [7:0]          rd_left_i,
  input  logic [7:0]          rd_right_i,
  output logic                wb_wr_valid_o,
  input  logic                wb_wr_ready_i,
  output logic [WordAw-1:0]   wb_wr_addr_o,
  output logic [Lanes-1:0]    wb_wr_be_o,
  output logic [VecW-1:0]     wb_wr_data_o,
  // Output stream
  output logic                out_valid_o,
  input  logic                out_ready_i,
  input  logic                out_empty_i,      // of the output FIFO
  output logic [63:0]         out_data_o,
  output logic                out_last_o,
  // Status
  output logic                layer_done_o,
  output logic                calc_done_o,
  output logic                unsupported_o,
  output logic [7:0]          reason_o,
  output logic                bus_err_o,
  output logic [1:0]          bus_err_src_o,
  output logic                conv_ovf_o,
  output logic                norm_ovf_o,
  output logic [63:0]         unit_state_o,
  output logic [16*40-1:0]    perf_o
);

  // ---- Layers ------------------------------------------------------------------------------------
  kpu_pkg::layer_cfg_t next_cfg, cfg;
  kpu_pkg::param_job_t next_job, job;
  logic [7:0]          next_reason;
  logic                next_valid, next_ready, job_valid, job_ready, job_done, job_err;
  logic [1:0]          job_err_src;
  logic                start, clear, first_op, written, streamed, running, streaming;
  logic [4:0]          ctrl_state;

  logic unused_int_en;                    // kpu_layer_ctrl itself looks at it
  assign unused_int_en = cfg.int_en;

  assign ram_clear_o = clear;

  kpu_layer_decode #(
    .Lanes(Lanes), .WeightRows(WeightRows), .AiLines(AiLines), .TileChannels(TileChannels), .PointChannels(PointChannels),
    .WeightBits(WeightBits), .SkipRows(SkipRows), .PackRows(PackRows), .Overlap(Overlap), .Pool(Pool), .StreamOut(StreamOut),
    .Weights16(Weights16)
  ) u_layer_decode (
    .clk_i, .rst_ni,
    .clear_i      (abort_i),
    .word_valid_i (arg_valid_i),
    .word_ready_o (arg_ready_o),
    .word_i       (arg_word_i),
    .eight_bit_i,
    .valid_o      (next_valid),
    .ready_i      (next_ready),
    .cfg_o        (next_cfg),
    .job_o        (next_job),
    .reason_o     (next_reason)
  );

  kpu_layer_ctrl #(.StartCycles(StartCycles), .Overlap(Overlap)) u_layer_ctrl (
    .clk_i, .rst_ni, .abort_i,
    .next_valid_i  (next_valid),
    .next_ready_o  (next_ready),
    .next_cfg_i    (next_cfg),
    .next_job_i    (next_job),
    .next_reason_i (next_reason),
    .job_valid_o   (job_valid),
    .job_ready_i   (job_ready),
    .job_o         (job),
    .job_err_i     (job_err),
    .job_err_src_i (job_err_src),
    .start_o       (start),
    .cfg_o         (cfg),
    .clear_o       (clear),
    .written_i     (written),
    .streamed_i    (streamed),
    .out_empty_i,
    .running_o     (running),
    .streaming_o   (streaming),
    .layer_done_o, .calc_done_o, .unsupported_o, .reason_o, .bus_err_o, .bus_err_src_o,
    .state_o       (ctrl_state)
  );

  // ---- Parameters --------------------------------------------------------------------------------
  logic [3:0] fetch_bytes;
  logic       tables_ready, act_entry_valid;
  logic       par_rd_en, w_rd_en;
  logic [8:0] par_rd_row;
  logic [1:0] par_rd_bank;
  kpu_pkg::act_entry_t          act_entry;
  logic [4*kpu_pkg::BnW-1:0]    par_bn;
  logic [4*kpu_pkg::KTermW-1:0] par_k;
  logic [RowAw-1:0]             w_rd_row;
  logic [kpu_pkg::WRowW-1:0]    w_rd_data, w_rd_high;
  logic [RowAw:0]               w_wr_cnt, w_rd_cnt;

  kpu_param #(
    .Lanes(Lanes), .WeightRows(WeightRows), .MaxOutstanding(MaxOutstanding), .PointChannels(PointChannels),
    .WeightBits(WeightBits), .Overlap(Overlap)
  ) u_param (
    .clk_i, .rst_ni,
    .clear_i       (clear),
    .job_valid_i   (job_valid),
    .job_ready_o   (job_ready),
    .job_i         (job),
    .job_done_o    (job_done),
    .job_err_o     (job_err),
    .job_err_src_o (job_err_src),
    .fetch_bytes_o (fetch_bytes),
    .start_i       (start),
    .tables_ready_o (tables_ready),
    .act_want_i    (start && cfg.post.load_act),
    .act_entry_valid_o (act_entry_valid),
    .act_entry_o   (act_entry),
    .par_rd_en_i   (par_rd_en),
    .par_rd_row_i  (par_rd_row),
    .par_rd_bank_i (par_rd_bank),
    .par_bn_o      (par_bn),
    .par_k_o       (par_k),
    .w_rd_en_i     (w_rd_en),
    .w_rd_row_i    (w_rd_row),
    .w_rd_data_o   (w_rd_data),
    .w_rd_high_o   (w_rd_high),
    .w_wr_cnt_o    (w_wr_cnt),
    .w_rd_cnt_i    (w_rd_cnt),
    .m_axi_arvalid_o, .m_axi_arready_i, .m_axi_araddr_o, .m_axi_arlen_o, .m_axi_arsize_o, .m_axi_arburst_o,
    .m_axi_rvalid_i, .m_axi_rready_o, .m_axi_rdata_i, .m_axi_rresp_i, .m_axi_rlast_i
  );

  // ---- Convolution -------------------------------------------------------------------------------
  logic line_valid, line_ready;
  logic [Lanes*kpu_pkg::PsumW-1:0]   line_psum;
  logic [Lanes*kpu_pkg::PixSumW-1:0] line_sumx;
  kpu_pkg::line_tag_t                line_tag;
  logic array_busy, wait_weights, wait_lines, stalled, conv_idle;

  logic [VecW-1:0] conv_word;         // what is read, with the channels of a line in equal parts

  kpu_conv #(
    .Lanes(Lanes), .WeightRows(WeightRows), .AccLines(AccLines), .TileChannels(TileChannels),
    .PointChannels(PointChannels), .WeightBits(WeightBits), .DrainPass(DrainPass), .PassGap(PassGap),
    .KernelPort(KernelPort), .PackRows(PackRows), .Overlap(Overlap)
  ) u_conv (
    .clk_i, .rst_ni,
    .clear_i        (clear),
    .start_i        (start),
    .kind_i         (cfg.kind),
    .src_i          (cfg.src),
    .walk_i         (cfg.walk),
    .segs_i         (cfg.segs),
    .pack_i         (cfg.pack),
    .right_i        (cfg.pool.right),
    .pad_i          (cfg.pad),
    .oc_m1_i        (cfg.dst.ch_m1),
    .rd_valid_o     (conv_rd_valid_o),
    .rd_ready_i     (conv_rd_ready_i),
    .rd_addr_o      (conv_rd_addr_o),
    .rsp_valid_i    (conv_rsp_valid_i),
    .rsp_ready_o    (conv_rsp_ready_o),
    .rd_data_i      (conv_word),
    .rd_left_i, .rd_right_i,
    .wr_cnt_i       (w_wr_cnt),
    .rd_cnt_o       (w_rd_cnt),
    .w_rd_en_o      (w_rd_en),
    .w_rd_row_o     (w_rd_row),
    .w_rd_data_i    (w_rd_data),
    .w_rd_high_i    (w_rd_high),
    .line_valid_o   (line_valid),
    .line_ready_i   (line_ready),
    .line_psum_o    (line_psum),
    .line_sumx_o    (line_sumx),
    .line_tag_o     (line_tag),
    .first_op_o     (first_op),
    .array_busy_o   (array_busy),
    .wait_weights_o (wait_weights),
    .wait_lines_o   (wait_lines),
    .stalled_o      (stalled),
    .idle_o         (conv_idle)
  );

  // ---- Post-processing, pooling, write-back ------------------------------------------------------
  logic               pix_valid, pix_ready, row_valid, row_ready, pool_valid, pool_ready;
  logic [VecW-1:0]    pix_line, row_line, pool_line;
  logic [$clog2(Lanes)-1:0] row_at;
  kpu_pkg::line_tag_t pix_tag, row_tag, pool_tag;
  kpu_pkg::pool_t     row_pool;   // what is left to pooling
  kpu_pkg::segs_t     row_segs;   // of the rows that it takes
  logic [10:0]        oc_done;

  kpu_post #(.Lanes(Lanes), .PostLanes(PostLanes), .SkipRows(SkipRows)) u_post (
    .clk_i, .rst_ni,
    .clear_i      (clear),
    .depthwise_i  (cfg.kind.depthwise),
    .src_i        (cfg.src),
    .dst_i        (cfg.dst),
    .segs_i       (cfg.segs),
    .pack_i       (cfg.pack),
    .post_i       (cfg.post),
    .pool_i       (cfg.pool),
    .act_entry_valid_i (act_entry_valid),
    .act_entry_i  (act_entry),
    .tables_ready_i (tables_ready),
    .line_valid_i (line_valid),
    .line_ready_o (line_ready),
    .line_psum_i  (line_psum),
    .line_sumx_i  (line_sumx),
    .line_tag_i   (line_tag),
    .par_rd_en_o  (par_rd_en),
    .par_rd_row_o (par_rd_row),
    .par_rd_bank_o (par_rd_bank),
    .par_bn_i     (par_bn),
    .par_k_i      (par_k),
    .pix_valid_o  (pix_valid),
    .pix_ready_i  (pix_ready),
    .pix_line_o   (pix_line),
    .pix_tag_o    (pix_tag),
    .conv_ovf_o, .norm_ovf_o
  );

  if (PackRows != 0) begin : gen_pack
    localparam int unsigned Turn = (Pool != 0 && kpu_pkg::serial_pool(Lanes, PostLanes)) ? 0 : 1;

    // Of a layer that picks, the pixels come picked.
    always_comb begin
      row_pool = cfg.pool;
      row_segs = cfg.segs;
      if (cfg.pack.pick) begin
        row_pool.stride_l2 = 2'd0;
        row_pool.right     = 1'b0;
        row_segs.last_px   = 9'(cfg.pack.last_px);
      end
    end

    kpu_scatter #(
      .Lanes(Lanes), .TileChannels(TileChannels), .Turn(Turn)
    ) u_scatter (
      .clk_i, .rst_ni,
      .clear_i     (clear),
      .pack_i      (cfg.pack.on),
      .grp_l2_i    (cfg.src.grp_l2),
      .segs_i      (cfg.segs),
      .pick_i      (cfg.pack.pick),
      .h_m1_i      (cfg.pack.rows_m1),
      .in_valid_i  (pix_valid),
      .in_ready_o  (pix_ready),
      .in_line_i   (pix_line),
      .in_tag_i    (pix_tag),
      .out_valid_o (row_valid),
      .out_ready_i (row_ready),
      .out_line_o  (row_line),
      .out_at_o    (row_at),
      .out_tag_o   (row_tag)
    );
  end else begin : gen_no_pack
    assign row_pool  = cfg.pool;
    assign row_segs  = cfg.segs;
    assign row_valid = pix_valid;
    assign pix_ready = row_ready;
    assign row_line  = pix_line;
    assign row_at    = '0;
    assign row_tag   = pix_tag;
  end

  if (Pool != 0) begin : gen_pool
    kpu_pool #(
      .Lanes(Lanes), .PostLanes(PostLanes), .TileChannels(TileChannels), .SkipRows(SkipRows), .PackRows(PackRows)
    ) u_pool (
      .clk_i, .rst_ni,
      .clear_i      (clear),
      .pool_i       (row_pool),
      .grp_l2_i     (cfg.src.grp_l2),
      .segs_i       (row_segs),
      .half_i       (cfg.pack.pick),
      .pix_valid_i  (row_valid),
      .pix_ready_o  (row_ready),
      .pix_line_i   (row_line),
      .pix_at_i     (row_at),
      .pix_tag_i    (row_tag),
      .pool_valid_o (pool_valid),
      .pool_ready_i (pool_ready),
      .pool_line_o  (pool_line),
      .pool_tag_o   (pool_tag)
    );
  end else begin : gen_no_pool
    logic unused_rows;
    assign unused_rows = ^{row_pool, row_segs, row_at};
    // Every row is an output row.
    assign pool_valid = row_valid;
    assign row_ready  = pool_ready;
    assign pool_line  = row_line;
    assign pool_tag   = row_tag;
  end

  logic [Lanes-1:0] wb_word_be;
  logic [VecW-1:0]  wb_word;

  kpu_writeback #(.Lanes(Lanes)) u_writeback (
    .clk_i, .rst_ni,
    .clear_i      (clear),
    .start_i      (start),
    .depthwise_i  (cfg.kind.depthwise),
    .src_i        (cfg.src),
    .dst_i        (cfg.dst),
    .stride_l2_i  (cfg.pool.stride_l2),
    .pool_valid_i (pool_valid),
    .pool_ready_o (pool_ready),
    .pool_line_i  (pool_line),
    .pool_tag_i   (pool_tag),
    .wr_valid_o   (wb_wr_valid_o),
    .wr_ready_i   (wb_wr_ready_i),
    .wr_addr_o    (wb_wr_addr_o),
    .wr_be_o      (wb_word_be),
    .wr_data_o    (wb_word),
    .oc_done_o    (oc_done),
    .layer_done_o (written)
  );

  // ---- Words of several lines ----------------------------------------------------------------------
  if (Lanes > kpu_pkg::LineBytes) begin : gen_lines
    kpu_line_spread #(.Lanes(Lanes)) u_line_spread (
      .clk_i, .rst_ni,
      .valid_i  (conv_rsp_valid_i),
      .grp_l2_i (cfg.src.grp_l2),
      .lines_i  (rd_data_i),
      .word_o   (conv_word)
    );
    kpu_line_fold #(.Lanes(Lanes)) u_line_fold (
      .clk_i, .rst_ni,
      .grp_l2_i (cfg.dst.grp_l2),
      .valid_i  (wb_wr_valid_o),
      .be_i     (wb_word_be),
      .word_i   (wb_word),
      .be_o     (wb_wr_be_o),
      .lines_o  (wb_wr_data_o)
    );
  end else begin : gen_no_lines
    assign conv_word    = rd_data_i;
    assign wb_wr_be_o   = wb_word_be;
    assign wb_wr_data_o = wb_word;
  end

  if (StreamOut != 0) begin : gen_stream_out
    // It takes a line at most.

    kpu_stream_out #(.Lanes(StreamLanes), .StreamGap(StreamGap), .Overlap(Overlap)) u_stream_out (
      .clk_i, .rst_ni,
      .clear_i         (clear),
      .start_i         (start && cfg.send_data_out),
      .dst_i           (cfg.dst),
      .oc_done_i       (oc_done),
      .str_rd_valid_o, .str_rd_ready_i, .str_rd_addr_o, .str_rsp_valid_i,
      .rd_data_i       (str_data_i),
      .out_valid_o, .out_ready_i, .out_data_o, .out_last_o,
      .done_o          (streamed)
    );
  end else begin : gen_no_stream_out
    logic unused_stream;
    assign unused_stream  = ^{cfg.send_data_out, oc_done, str_rsp_valid_i, str_data_i};
    assign str_rd_valid_o = 1'b0;
    assign str_rd_addr_o  = '0;
    assign out_valid_o    = 1'b0;
    assign out_data_o     = '0;
    assign out_last_o     = 1'b0;
    assign streamed       = 1'b0;
  end

  // ---- Counters and state ------------------------------------------------------------------------
  if (Perf != 0) begin : gen_perf
    kpu_perf u_perf (
      .clk_i, .rst_ni,
      .running_i      (running),
      .done_i         (layer_done_o),
      .streaming_i    (streaming),
      .array_busy_i   (array_busy),
      .stalled_i      (stalled),
      .wb_stalled_i   (wb_wr_valid_o && !wb_wr_ready_i),
      .wait_weights_i (wait_weights),
      .conv_idle_i    (conv_idle),
      .conv_started_i (first_op),
      .fetch_beat_i   (fetch_bytes != '0),
      .line_read_i    (conv_rd_valid_o && conv_rd_ready_i),
      .line_write_i   (wb_wr_valid_o && wb_wr_ready_i),
      .perf_o
    );
  end else begin : gen_no_perf
    logic unused_events;
    assign unused_events = ^{first_op, fetch_bytes};
    assign perf_o = '0;
  end

  assign unit_state_o = {
    25'd0, job_done, job_ready, job_valid,                                // 38..36 parameter fetch
    arg_ready_o, next_ready, next_valid, streaming,                       // 35..32 layers
    out_ready_i, out_valid_o, str_rd_ready_i, str_rd_valid_o,             // 31..28 output stream
    wb_wr_ready_i, wb_wr_valid_o, pool_ready, pool_valid,                 // 27..24 write-back, pooling
    pix_ready, pix_valid, line_ready, line_valid,                         // 23..20 post-processing
    conv_rsp_ready_o, conv_rsp_valid_i, conv_rd_ready_i, conv_rd_valid_o, // 19..16 line fetch
    stalled, wait_lines, wait_weights, conv_idle,                         // 15..12 array
    array_busy, running, 5'd0, ctrl_state                                 // 11..0
  };

  // ---- Assertions --------------------------------------------------------------------------------
  if (Weights16 == 0 && WeightBits == 16) begin : gen_check_weights16
    $error("kpu_core: WeightBits must be 4 or 8 where Weights16 is 0");
  end
  `ASSERT(StartsIdle, !start || conv_idle)

endmodule
