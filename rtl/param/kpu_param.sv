// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Parameter path: fetches activation table, batch norm and weights of the next layer while a layer
/// computes, and holds them for post-processing and the multiplier array.
///
/// One job is one layer; it is accepted when the job before has ended. `job_done_o` comes when all
/// of it is in the buffers, `job_err_o` when a read failed and everything outstanding has been
/// dropped: the rows that counted before stay, the layer cannot be computed. 8 bytes a cycle
/// sustained; from job to first row about 15 cycles, the memory's latency and (bytes before it) /
/// 8. docs/architecture.md, "Blocks", "Weights" and "Post-processing, pooling, write-back".
module kpu_param #(
  parameter  int unsigned Lanes          = 64,
  /// Rows of the weight ring, a power of two from 8.
  parameter  int unsigned WeightRows     = 2048,
  /// Read bursts whose data may be outstanding.
  parameter  int unsigned MaxOutstanding = 4,
  /// Input channels of a 1x1 kernel in the array.
  parameter  int unsigned PointChannels  = 8,
  /// 2: the ring gives the rows of low and high bytes together.
  parameter  int unsigned WeightBits     = 8,
  /// 1: weights of the first output channels come before the tables.
  parameter  int unsigned Overlap        = 0,
  localparam int unsigned RowAw          = $clog2(WeightRows)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  /// Drops everything; the ring's count goes to zero. The next job waits for outstanding bursts.
  input  logic                            clear_i,
  // Jobs
  input  logic                            job_valid_i,
  output logic                            job_ready_o,
  input  kpu_pkg::param_job_t             job_i,
  output logic                            job_done_o,
  output logic                            job_err_o,
  /// With job_err_o: 1 batch norm, 2 activation table, 3 weights.
  output logic [1:0]                      job_err_src_o,
  /// Bytes that came over the bus in the cycle before: 0 or 8.
  output logic [3:0]                      fetch_bytes_o,
  /// Pulse: the layer of the job accepted last starts.
  input  logic                            start_i,
  /// Low from the cycle after start_i until the layer's lines may enter kpu_post: its batch norm is there, its
  /// activation table as kpu_act_table says.
  output logic                            tables_ready_o,
  // Activation table, see kpu_act_table; the layer that starts needs it
  input  logic                            act_want_i,
  output logic                            act_entry_valid_o,
  output kpu_pkg::act_entry_t             act_entry_o,
  // Batch norm and weight terms of channels 4r..4r+3, row {half, r}, in the next cycle; see kpu_chan_buffer
  input  logic                            par_rd_en_i,
  input  logic [8:0]                      par_rd_row_i,
  input  logic [1:0]                      par_rd_bank_i,
  output logic [4*kpu_pkg::BnW-1:0]       par_bn_o,
  output logic [4*kpu_pkg::KTermW-1:0]    par_k_o,
  // Weight ring; both counts modulo 2 * WeightRows
  input  logic                            w_rd_en_i,
  input  logic [RowAw-1:0]                w_rd_row_i,
  output logic [kpu_pkg::WRowW-1:0]       w_rd_data_o,
  output logic [kpu_pkg::WRowW-1:0]       w_rd_high_o,
  /// Rows written and, with the K of every channel that ends in them, readable.
  output logic [RowAw:0]                  w_wr_cnt_o,
  /// Rows that may be overwritten.
  input  logic [RowAw:0]                  w_rd_cnt_i,
  // AXI4 read channels; the id is constant
  output logic                            m_axi_arvalid_o,
  input  logic                            m_axi_arready_i,
  output logic [31:0]                     m_axi_araddr_o,
  output logic [7:0]                      m_axi_arlen_o,
  output logic [2:0]                      m_axi_arsize_o,
  output logic [1:0]                      m_axi_arburst_o,
  input  logic                            m_axi_rvalid_i,
  output logic                            m_axi_rready_o,
  input  logic [63:0]                     m_axi_rdata_i,
  input  logic [1:0]                      m_axi_rresp_i,
  input  logic                            m_axi_rlast_i
);

  localparam int unsigned KernelW = kpu_pkg::KernelW;

  kpu_pkg::param_job_t job;
  logic                start, flush, reader_idle, reader_err, beat_seen;
  logic [1:0]          reader_err_kind;

  // ---- From memory to bytes ---------------------------------------------------------------------
  logic         cmd_valid, cmd_ready, beat_valid, beat_ready;
  logic [31:0]  cmd_addr;
  logic [24:0]  cmd_bytes;
  logic [1:0]   cmd_kind;
  logic [63:0]  beat;
  logic         weights_turn, table_open, table_take, table_last, seq_open, seq_take, seq_last, take_ready;
  logic [2:0]   table_off, seq_off, take_end;
  logic [4:0]   seq_bytes;
  logic [143:0] bytes;

  kpu_param_fetch #(.Overlap(Overlap)) u_fetch (
    .clk_i,
    .rst_ni,
    .clear_i     (flush),
    .start_i     (start),
    .tables_i    (job.tables),
    .first_i     (weights_first),
    .cmd_valid_o (cmd_valid),
    .cmd_ready_i (cmd_ready),
    .cmd_addr_o  (cmd_addr),
    .cmd_bytes_o (cmd_bytes),
    .cmd_kind_o  (cmd_kind)
  );

  kpu_axi_reader #(.MaxOutstanding(MaxOutstanding)) u_reader (
    .clk_i,
    .rst_ni,
    .abort_i         (clear_i),
    .burst_m1_i      (job.burst_m1[4] ? 4'd15 : job.burst_m1[3:0]),
    .cmd_valid_i     (cmd_valid),
    .cmd_ready_o     (cmd_ready),
    .cmd_addr_i      (cmd_addr),
    .cmd_bytes_i     (cmd_bytes),
    .cmd_kind_i      (cmd_kind),
    .idle_o          (reader_idle),
    .err_o           (reader_err),
    .err_kind_o      (reader_err_kind),
    .beat_seen_o     (beat_seen),
    .beat_valid_o    (beat_valid),
    .beat_ready_i    (beat_ready),
    .beat_o          (beat),
    .m_axi_arvalid_o,
    .m_axi_arready_i,
    .m_axi_araddr_o,
    .m_axi_arlen_o,
    .m_axi_arsize_o,
    .m_axi_arburst_o,
    .m_axi_rvalid_i,
    .m_axi_rready_o,
    .m_axi_rdata_i,
    .m_axi_rresp_i,
    .m_axi_rlast_i
  );

  assign fetch_bytes_o = {beat_seen, 3'b000};

  kpu_byte_funnel u_funnel (
    .clk_i,
    .rst_ni,
    .clear_i      (flush),
    .beat_valid_i (beat_valid),
    .beat_ready_o (beat_ready),
    .beat_i       (beat),
    .open_i       (table_open || seq_open),
    .open_off_i   (weights_turn ? seq_off : table_off),
    .take_valid_i (table_take || seq_take),
    .take_ready_o (take_ready),
    .take_bytes_i (weights_turn ? seq_bytes : 5'd8),
    .take_last_i  (weights_turn ? seq_last : table_last),
    .take_end_o   (take_end),
    .bytes_o      (bytes)
  );

  // ---- Tables -----------------------------------------------------------------------------------
  logic       act_wr, act_full, act_ready, bn_wr, tables_done;
  logic       weights_start, weights_first, weights_paused, weights_resume, weights_done;
  logic [9:0] word_idx;

  kpu_param_ctrl #(.Overlap(Overlap)) u_ctrl (
    .clk_i,
    .rst_ni,
    .clear_i,
    .job_valid_i,
    .job_ready_o,
    .job_i,
    .job_done_o,
    .job_err_o,
    .job_err_src_o,
    .job_o             (job),
    .start_o           (start),
    .flush_o           (flush),
    .reader_idle_i     (reader_idle),
    .reader_err_i      (reader_err),
    .reader_err_kind_i (reader_err_kind),
    .weights_turn_o    (weights_turn),
    .open_o            (table_open),
    .open_off_o        (table_off),
    .take_valid_o      (table_take),
    .take_ready_i      (take_ready),
    .take_last_o       (table_last),
    .act_full_i        (act_full),
    .act_wr_o          (act_wr),
    .bn_wr_o           (bn_wr),
    .word_idx_o        (word_idx),
    .tables_done_o     (tables_done),
    .weights_start_o   (weights_start),
    .weights_first_o   (weights_first),
    .weights_paused_i  (weights_paused),
    .weights_resume_o  (weights_resume),
    .weights_done_i    (weights_done)
  );

  kpu_act_table u_act_table (
    .clk_i,
    .rst_ni,
    .clear_i,
    .drop_i        (flush),
    .wr_en_i       (act_wr),
    .wr_idx_i      (word_idx[4:0]),
    .wr_data_i     (bytes[63:0]),
    .full_o        (act_full),
    .want_i        (act_want_i),
    .ready_o       (act_ready),
    .entry_valid_o (act_entry_valid_o),
    .entry_o       (act_entry_o)
  );

  kpu_chan_buffer #(.Lanes(Lanes), .Width(kpu_pkg::BnW)) u_bn_buffer (
    .clk_i,
    .wr_en_i   (bn_wr),
    .wr_half_i (job.par_half),
    .wr_chan_i (word_idx),
    .wr_data_i (bytes[kpu_pkg::BnW-1:0]),
    .rd_en_i   (par_rd_en_i),
    .rd_row_i  (par_rd_row_i),
    .rd_bank_i (par_rd_bank_i),
    .rd_data_o (par_bn_o)
  );

  // A layer of whose weights some count before its tables are complete. The next job, which is accepted when this layer's
  // has ended, does not matter to it.
  if (Overlap != 0) begin : gen_overlap
    logic done_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) done_q <= 1'b1;
      else         done_q <= clear_i || (!start_i && (done_q || tables_done));
    end
    assign tables_ready_o = act_ready && done_q;
  end else begin : gen_no_overlap
    logic unused_tables;
    assign unused_tables  = ^{start_i, tables_done};
    assign tables_ready_o = act_ready;
  end

  // ---- Weights ----------------------------------------------------------------------------------
  logic                       take_q, row_end_q, oc_end_q, layer_end_q;
  logic [1:0]                 pos_q;
  logic [3:0]                 weights_q;
  logic [RowAw-1:0]           row_q;
  logic [KernelW-1:0]         low, high;  // bytes of weight t at [8t +: 8]
  logic                       row_wr, row_commit, k_valid;
  logic [RowAw-1:0]           row_wr_addr;
  logic [kpu_pkg::WRowW-1:0]  row_wr_data;
  logic [kpu_pkg::KTermW-1:0] k;
  logic [9:0]                 k_chan_q;

  kpu_weight_seq #(.WeightRows(WeightRows), .PointChannels(PointChannels), .Overlap(Overlap)) u_weight_seq (
    .clk_i,
    .rst_ni,
    .clear_i      (flush),
    .start_i      (weights_start),
    .kind_i       (job.kind),
    .ic_m1_i      (job.ic_m1),
    .tables_i     (job.tables),
    .first_i      (weights_first),
    .paused_o     (weights_paused),
    .resume_i     (weights_resume),
    .wr_cnt_i     (w_wr_cnt_o),
    .rd_cnt_i     (w_rd_cnt_i),
    .open_o       (seq_open),
    .open_off_o   (seq_off),
    .take_valid_o (seq_take),
    .take_ready_i (take_ready),
    .take_bytes_o (seq_bytes),
    .take_last_o  (seq_last),
    .take_end_i   (take_end),
    .valid_o      (take_q),
    .pos_o        (pos_q),
    .weights_o    (weights_q),
    .row_end_o    (row_end_q),
    .oc_end_o     (oc_end_q),
    .layer_end_o  (layer_end_q),
    .row_o        (row_q)
  );

  for (genvar t = 0; t < kpu_pkg::Taps; t++) begin : gen_split
    assign low[8*t +: 8]  = job.kind.eight_bit ? bytes[8*t +: 8] : bytes[16*t +: 8];
    assign high[8*t +: 8] = job.kind.eight_bit ? 8'd0            : bytes[16*t+8 +: 8];
  end

  kpu_weight_pack #(.Lanes(Lanes), .PointChannels(PointChannels), .RowAw(RowAw)) u_weight_pack (
    .clk_i,
    .rst_ni,
    .kind_i    (job.kind),
    .grp_l2_i  (job.grp_l2),
    .valid_i   (take_q),
    .pos_i     (pos_q),
    .row_end_i (row_end_q),
    .row_i     (row_q),
    .low_i     (low),
    .high_i    (high),
    .wr_en_o   (row_wr),
    .wr_row_o  (row_wr_addr),
    .wr_data_o (row_wr_data)
  );

  kpu_weight_ring #(.WeightRows(WeightRows), .WeightBits(WeightBits)) u_weight_ring (
    .clk_i,
    .rst_ni,
    .clear_i,
    .wr_en_i      (row_wr),
    .wr_row_i     (row_wr_addr),
    .wr_data_i    (row_wr_data),
    .commit_i     (row_commit),
    .commit_two_i (!job.kind.eight_bit),
    .wr_cnt_o     (w_wr_cnt_o),
    .rd_en_i      (w_rd_en_i),
    .rd_row_i     (w_rd_row_i),
    .rd_data_o    (w_rd_data_o),
    .rd_high_o    (w_rd_high_o)
  );

  kpu_kterm u_kterm (
    .clk_i,
    .rst_ni,
    .clear_i     (flush),
    .factors_i   (job.kterm),
    .valid_i     (take_q),
    .weights_i   (weights_q),
    .oc_end_i    (oc_end_q),
    .row_end_i   (row_end_q),
    .layer_end_i (layer_end_q),
    .low_i       (low),
    .high_i      (high),
    .k_valid_o   (k_valid),
    .k_o         (k),
    .row_end_o   (row_commit),
    .layer_end_o (weights_done)
  );

  always_ff @(posedge clk_i) begin
    if (start) k_chan_q <= '0;
    else if (k_valid) k_chan_q <= k_chan_q + 10'd1;
  end

  kpu_chan_buffer #(.Lanes(Lanes), .Width(kpu_pkg::KTermW)) u_k_buffer (
    .clk_i,
    .wr_en_i   (k_valid),
    .wr_half_i (job.par_half),
    .wr_chan_i (k_chan_q),
    .wr_data_i (k),
    .rd_en_i   (par_rd_en_i),
    .rd_row_i  (par_rd_row_i),
    .rd_bank_i (par_rd_bank_i),
    .rd_data_o (par_k_o)
  );

  // ---- Assertions -------------------------------------------------------------------------------
  // A row counts when it is written, and so is the row of its high bytes.
  if (kpu_pkg::PackLatency >= kpu_pkg::KTermLatency) begin : gen_check_commit
    $error("kpu_param: rows would count before they are written");
  end
  `ASSERT(CommitAfterWrite, !row_commit || $past(row_wr, kpu_pkg::KTermLatency - kpu_pkg::PackLatency + 1))
  // tables_done is looked at a cycle after start_i, and falls with the next job.
  `ASSERT(NoJobAtStart, !(start_i && job_valid_i && job_ready_o))
  `ASSERT(OneTaker, !(table_take && seq_take))

endmodule
