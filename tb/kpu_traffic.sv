// SPDX-License-Identifier: Apache-2.0

/// What a layer moves, counted in the simulation beside the RTL: bound into kpu_top, no part of the hardware.
///
/// Counts of the layer in work, while it runs; in the cycle after done_i they are in latched_q and layers_q has grown by
/// one. Order and names as in the enum, to which test_configs holds the harness; meaning as in docs/performance.md, "What a
/// layer moves". Parameter beats belong to the layer whose tables they bring, whenever they come.
module kpu_traffic #(
  parameter  int unsigned Lanes = 64,
  localparam int unsigned Count = 19,
  localparam int unsigned CntW  = 40
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // Layer
  input  logic                start_i,
  input  logic                running_i,
  input  logic                done_i,
  input  logic [1:0]          grp_l2_i,
  input  kpu_pkg::segs_t      segs_i,
  input  kpu_pkg::pack_t      pack_i,
  input  logic [8:0]          rows_m1_i,
  // Parameters: a job is taken, a beat came
  input  logic                job_i,
  input  logic                beat_i,
  // Array and post-processing
  input  logic                ring_read_i,
  input  logic                op_valid_i,
  input  logic                op_drain_i,
  input  logic                op_pass_first_i,
  input  logic [6:0]          op_seg_i,
  input  logic [8:0]          op_row_i,
  input  logic                line_i,
  // Ports of AI RAM, a bit for each client: line fetch, output stream, AXI4 slave; write-back, AXI4 slave
  input  logic [2:0]          read_want_i,
  input  logic [2:0]          read_done_i,
  input  logic                read_again_i,
  input  logic                read_meets_i,
  input  logic [1:0]          write_want_i,
  input  logic [1:0]          write_done_i
);

  typedef enum logic [4:0] {
    Cycles, RingReads, ArrayCycles, DrainCycles, SumsStarted, SumsAdded, LanesValid, PostLines, ParameterBeats,
    RamReadsLines, RamReadsAgain, RamReadsStream, RamReadsBus, RamWaitsLines, RamWaitsStream, RamWaitsBus, RamWaitsMet,
    RamWaitsWrites, RamWaitsBusWrites
  } index_e;

  logic [CntW-1:0] cnt_q [Count];
  logic [CntW-1:0] latched_q [Count] /*verilator public_flat_rd*/;
  logic [31:0]     layers_q          /*verilator public_flat_rd*/;

  // ---- Lanes with a pixel of the image -------------------------------------------------------------
  logic [1:0] grp_l2;
  logic [8:0] valid_lanes;

  assign grp_l2 = grp_l2_i & kpu_pkg::grp_mask(Lanes);

  // Of a line that picks: pixels of its two words, 2k and 2k + 1 of the image; the last line may have one.
  logic [7:0]  half;
  logic [16:0] word;
  logic [7:0]  picked_px;

  assign half = 8'(Lanes / 2) >> grp_l2;
  assign word = 17'(op_row_i) << 1;

  function automatic logic [7:0] picked(input logic [16:0] n);
    picked = (n % (17'(segs_i.last) + 17'd1) == 17'(segs_i.last)) ? 8'(pack_i.last_px) : half;
  endfunction

  always_comb begin
    picked_px = '0;
    if (pack_i.pick) begin
      picked_px = picked(word);
      if (!(op_row_i == rows_m1_i && pack_i.odd)) picked_px = picked_px + picked(word + 17'd1);
    end
  end

  always_comb begin
    valid_lanes = 9'(Lanes);
    if (pack_i.pick) begin
      valid_lanes = 9'(picked_px) << grp_l2;
    end else if (pack_i.on) begin
      if (op_row_i == rows_m1_i) valid_lanes = 9'(pack_i.last_px) << grp_l2;
    end else if (op_seg_i == segs_i.last) begin
      valid_lanes = segs_i.last_px << grp_l2;
    end
  end

  // ---- Beats of the running layer's own tables -----------------------------------------------------
  logic            own_open_q;         // the job in work, or the last one, is the running layer's
  logic [CntW-1:0] beats_q, own_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      own_open_q <= 1'b0;
      beats_q    <= '0;
      own_q      <= '0;
    end else begin
      beats_q <= (job_i ? '0 : beats_q) + CntW'(beat_i);
      if (start_i) own_open_q <= 1'b1;
      else if (job_i) begin
        own_open_q <= 1'b0;
        if (own_open_q) own_q <= beats_q;
      end
    end
  end

  // ---- Counters ------------------------------------------------------------------------------------
  logic [8:0] step [Count];

  always_comb begin
    for (int unsigned i = 0; i < Count; i++) step[i] = '0;
    step[Cycles]            = 9'd1;
    step[RingReads]         = 9'(ring_read_i);
    step[ArrayCycles]       = 9'(op_valid_i && !op_drain_i);
    step[DrainCycles]       = 9'(op_valid_i && op_drain_i);
    step[SumsStarted]       = 9'(op_valid_i && op_pass_first_i);
    step[SumsAdded]         = 9'(op_valid_i && !op_pass_first_i);
    step[LanesValid]        = (op_valid_i && !op_drain_i) ? valid_lanes : '0;
    step[PostLines]         = 9'(line_i);
    step[RamReadsLines]     = 9'(read_done_i[0]);
    step[RamReadsAgain]     = 9'(read_again_i);
    step[RamReadsStream]    = 9'(read_done_i[1]);
    step[RamReadsBus]       = 9'(read_done_i[2]);
    step[RamWaitsLines]     = 9'(read_want_i[0] && !read_done_i[0]);
    step[RamWaitsStream]    = 9'(read_want_i[1] && !read_done_i[1]);
    step[RamWaitsBus]       = 9'(read_want_i[2] && !read_done_i[2]);
    step[RamWaitsMet]       = 9'(read_meets_i);
    step[RamWaitsWrites]    = 9'(write_want_i[0] && !write_done_i[0]);
    step[RamWaitsBusWrites] = 9'(write_want_i[1] && !write_done_i[1]);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      layers_q <= '0;
      for (int unsigned i = 0; i < Count; i++) begin
        cnt_q[i]     <= '0;
        latched_q[i] <= '0;
      end
    end else if (done_i) begin
      layers_q <= layers_q + 32'd1;
      for (int unsigned i = 0; i < Count; i++) begin
        latched_q[i] <= cnt_q[i];
        cnt_q[i]     <= '0;
      end
      latched_q[ParameterBeats] <= own_open_q ? beats_q : own_q;
    end else if (running_i) begin
      for (int unsigned i = 0; i < Count; i++) cnt_q[i] <= cnt_q[i] + CntW'(step[i]);
    end
  end

  logic unused_bits;
  assign unused_bits = ^pack_i;

endmodule

bind kpu_top kpu_traffic #(.Lanes(Lanes)) u_traffic (
  .clk_i, .rst_ni,
  .start_i         (u_core.start),
  .running_i       (u_core.running),
  .done_i          (u_core.layer_done_o),
  .grp_l2_i        (u_core.cfg.src.grp_l2),
  .segs_i          (u_core.cfg.segs),
  .pack_i          (u_core.cfg.pack),
  .rows_m1_i       (u_core.cfg.walk.rows_m1),
  .job_i           (u_core.job_valid && u_core.job_ready),
  .beat_i          (u_core.fetch_bytes != '0),
  .ring_read_i     (u_core.u_conv.w_rd_en_o),
  .op_valid_i      (u_core.u_conv.op_valid),
  .op_drain_i      (u_core.u_conv.op.drain),
  .op_pass_first_i (u_core.u_conv.op.pass_first),
  .op_seg_i        (u_core.u_conv.op.tag.seg),
  .op_row_i        (u_core.u_conv.op.tag.row),
  .line_i          (u_core.line_valid && u_core.line_ready),
  .read_want_i     ({u_ai_mem.u_arbiter.axi_rd_valid_i, u_ai_mem.u_arbiter.str_rd_valid_i, u_ai_mem.u_arbiter.conv_want}),
  .read_done_i     ({u_ai_mem.u_arbiter.axi_rd_gnt, u_ai_mem.u_arbiter.str_gnt, u_ai_mem.u_arbiter.conv_gnt}),
  .read_again_i    (u_ai_mem.u_arbiter.conv_gnt && u_ai_mem.u_arbiter.conv_again),
  .read_meets_i    (u_ai_mem.u_arbiter.meets),
  .write_want_i    ({u_ai_mem.u_arbiter.axi_wr_valid_i, u_ai_mem.u_arbiter.wb_wr_valid_i}),
  .write_done_i    ({u_ai_mem.u_arbiter.axi_wr_valid_i && u_ai_mem.u_arbiter.axi_wr_ready_o,
                  u_ai_mem.u_arbiter.wb_wr_valid_i && u_ai_mem.u_arbiter.wb_wr_ready_o})
);
