// SPDX-License-Identifier: Apache-2.0

/// The convolution with words of 16 lanes and a ring of 64 rows, for its unit test; the layer's words are decoded by
/// kpu_layer_decode. PackRows = 1: as on a machine with packed rows, none of whose layers is packed; AI RAM answers in
/// the cycle after a read.
module kpu_conv_bench #(
  parameter  int unsigned PackRows   = 0,
  parameter  int unsigned Overlap    = 0,
  localparam int unsigned Lanes      = 16,
  localparam int unsigned WeightRows = 64,
  localparam int unsigned RowAw      = $clog2(WeightRows),
  localparam int unsigned WordAw     = kpu_pkg::LineAw + 2
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  input  logic                              clear_i,
  // Layer: its words, then start_i while decoded_o
  input  logic                              word_valid_i,
  output logic                              word_ready_o,
  input  logic [63:0]                       word_i,
  input  logic                              eight_bit_i,
  output logic                              decoded_o,
  output logic [7:0]                        reason_o,
  input  logic                              start_i,
  // AI RAM
  output logic                              rd_valid_o,
  input  logic                              rd_ready_i,
  output logic [WordAw-1:0]                 rd_addr_o,
  input  logic                              rsp_valid_i,
  output logic                              rsp_ready_o,
  input  logic [Lanes*8-1:0]                rd_data_i,
  input  logic [7:0]                        rd_left_i,
  input  logic [7:0]                        rd_right_i,
  // Weight ring
  input  logic [RowAw:0]                    wr_cnt_i,
  output logic [RowAw:0]                    rd_cnt_o,
  output logic                              w_rd_en_o,
  output logic [RowAw-1:0]                  w_rd_row_o,
  input  logic [kpu_pkg::WRowW-1:0]         w_rd_data_i,
  // Lines of sums
  output logic                              line_valid_o,
  input  logic                              line_ready_i,
  output logic [Lanes*kpu_pkg::PsumW-1:0]   line_psum_o,
  output logic [Lanes*kpu_pkg::PixSumW-1:0] line_sumx_o,
  output logic [9:0]                        tag_oc_o,
  output logic [8:0]                        tag_row_o,
  output logic [6:0]                        tag_seg_o,
  output logic                              tag_row_last_o,
  output logic                              tag_layer_last_o,
  output logic                              idle_o
);

  kpu_pkg::layer_cfg_t cfg, cfg_q;
  kpu_pkg::param_job_t job;
  kpu_pkg::line_tag_t  tag;
  logic                first_op, array_busy, wait_weights, wait_lines, stalled, start_q;

  kpu_layer_decode #(.Lanes(Lanes), .WeightRows(WeightRows)) u_decode (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .word_valid_i, .word_ready_o, .word_i, .eight_bit_i,
    .valid_o(decoded_o), .ready_i(start_i), .cfg_o(cfg), .job_o(job), .reason_o
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) start_q <= 1'b0;
    else         start_q <= start_i;
  end
  always_ff @(posedge clk_i) begin
    if (start_i) cfg_q <= cfg;
  end

  kpu_conv #(.Lanes(Lanes), .WeightRows(WeightRows), .PackRows(PackRows), .Overlap(Overlap)) u_conv (
    .clk_i, .rst_ni, .clear_i,
    .start_i        (start_q),
    .kind_i         (cfg_q.kind),
    .src_i          (cfg_q.src),
    .walk_i         (cfg_q.walk),
    .segs_i         (cfg_q.segs),
    .pack_i         ('0),
    .right_i        (1'b0),
    .pad_i          (cfg_q.pad),
    .oc_m1_i        (cfg_q.dst.ch_m1),
    .rd_valid_o, .rd_ready_i, .rd_addr_o, .rsp_valid_i, .rsp_ready_o, .rd_data_i, .rd_left_i, .rd_right_i,
    .wr_cnt_i, .rd_cnt_o, .w_rd_en_o, .w_rd_row_o, .w_rd_data_i, .w_rd_high_i('0),
    .line_valid_o, .line_ready_i, .line_psum_o, .line_sumx_o,
    .line_tag_o     (tag),
    .first_op_o     (first_op),
    .array_busy_o   (array_busy),
    .wait_weights_o (wait_weights),
    .wait_lines_o   (wait_lines),
    .stalled_o      (stalled),
    .idle_o
  );

  assign tag_oc_o         = tag.oc;
  assign tag_row_o        = tag.row;
  assign tag_seg_o        = tag.seg;
  assign tag_row_last_o   = tag.row_last;
  assign tag_layer_last_o = tag.layer_last;

  logic unused_bits;
  assign unused_bits = ^{cfg_q, job, tag, first_op, array_busy, wait_weights, wait_lines, stalled};

endmodule
