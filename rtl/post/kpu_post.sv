// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Post-processing: lines of sums to lines of pixels (docs/architecture.md, "Post-processing").
///
/// With g channels packed in a word (not depthwise) the sums of the g lane groups are added first and the
/// row's pixels are lanes 0..Lanes/g-1. Then each lane does conv, batch norm and activation on its own.
/// Bytes of lanes without a pixel mean nothing.
///
/// PostLanes == Lanes: one line a cycle, 17 cycles of latency. Fewer PostLanes (a power of two) take
/// a line in up to Lanes / PostLanes steps, one a cycle, leaving out those that have no pixels; the line
/// is taken in its last step. The pipeline never stops: a line enters when it has a place in the buffer at
/// its end.
///
/// The parameter buffer is read with the line; its data are used in the cycle after and must be held.
module kpu_post #(
  parameter  int unsigned Lanes     = 64,
  parameter  int unsigned PostLanes = Lanes,
  parameter  int unsigned SkipRows  = 1
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  input  logic                              clear_i,
  // Layer, stable while lines of it are inside, and its activation table
  input  logic                              depthwise_i,
  input  kpu_pkg::image_t                   src_i,
  input  kpu_pkg::image_t                   dst_i,
  input  kpu_pkg::segs_t                    segs_i,
  input  kpu_pkg::pack_t                    pack_i,
  input  kpu_pkg::post_t                    post_i,
  input  kpu_pkg::pool_t                    pool_i,
  input  logic                              act_entry_valid_i,
  input  kpu_pkg::act_entry_t               act_entry_i,
  input  logic                              tables_ready_i,  // batch norm and activation table are there, or on their way
  // Lines of sums
  input  logic                              line_valid_i,
  output logic                              line_ready_o,
  input  logic [Lanes*kpu_pkg::PsumW-1:0]   line_psum_i,
  input  logic [Lanes*kpu_pkg::PixSumW-1:0] line_sumx_i,
  input  kpu_pkg::line_tag_t                line_tag_i,
  // Batch norm and weight terms of four channels
  output logic                              par_rd_en_o,
  output logic [8:0]                        par_rd_row_o,
  output logic [1:0]                        par_rd_bank_o,
  input  logic [4*kpu_pkg::BnW-1:0]         par_bn_i,
  input  logic [4*kpu_pkg::KTermW-1:0]      par_k_i,
  // Lines of pixels
  output logic                              pix_valid_o,
  input  logic                              pix_ready_i,
  output logic [Lanes*8-1:0]                pix_line_o,
  output kpu_pkg::line_tag_t                pix_tag_o,
  // A value that an output depends on did not fit (pulses)
  output logic                              conv_ovf_o,
  output logic                              norm_ovf_o
);

  localparam int unsigned Steps  = Lanes / PostLanes;
  localparam int unsigned StepW  = kpu_pkg::idx_width(Steps);
  localparam int unsigned LaneW  = $clog2(Lanes);
  localparam int unsigned Stages = kpu_pkg::PostStages;  // before the line register
  localparam int unsigned Act    = kpu_pkg::PostActStage;
  localparam int unsigned Depth  = 32;  // lines inside
  localparam int unsigned TagW   = $bits(line_tag_i);
  localparam int unsigned PipeW  = 1 + StepW + TagW;
  localparam int unsigned QuarterLanes = Lanes / kpu_pkg::Quarters;
  // Quarters of the line's lanes that one step touches.
  localparam int unsigned Quarters    = (PostLanes > QuarterLanes) ? PostLanes / QuarterLanes : 1;
  localparam int unsigned QuarterPost = PostLanes / Quarters;

  if (Lanes < 8 || Lanes > 256 || 1 << LaneW != Lanes) begin : gen_check_lanes
    $error("kpu_post: Lanes must be a power of two, 8 to 256");
  end
  if (PostLanes < 1 || PostLanes > Lanes || Lanes % PostLanes != 0 || 1 << $clog2(PostLanes) != PostLanes)
  begin : gen_check_post_lanes
    $error("kpu_post: PostLanes must be a power of two, at most Lanes");
  end

  // ---- Steps of a line ---------------------------------------------------------------------------
  logic             free;      // a line has a place at the end
  logic             open;      // lines may enter
  logic             take;      // a step enters it
  logic [StepW-1:0] step;
  logic             step_last;

  assign open          = free && tables_ready_i;
  assign take          = line_valid_i && open;
  assign line_ready_o  = open && step_last;
  assign par_rd_en_o   = take && step == '0;
  assign par_rd_row_o  = {post_i.par_half, line_tag_i.oc[9:2]};
  assign par_rd_bank_o = line_tag_i.oc[1:0];

  if (Steps == 1) begin : gen_one_step
    assign step      = '0;
    assign step_last = 1'b1;
  end else begin : gen_steps
    logic [8:0]       last_px;    // pixels of a row's last word, or of a packed line, which is full
    logic [LaneW-1:0] lane_last;  // last lane that can hold a pixel
    logic [StepW-1:0] step_q;

    always_comb begin
      last_px   = pack_i.on ? 9'(Lanes) >> (src_i.grp_l2 & kpu_pkg::grp_mask(Lanes)) : segs_i.last_px;
      lane_last = LaneW'(Lanes - 1);
      if (!depthwise_i || src_i.grp_l2 == '0) begin
        if (line_tag_i.seg == (pack_i.on ? '0 : segs_i.last)) lane_last = LaneW'(last_px - 9'd1);
      end
    end

    assign step      = step_q;
    assign step_last = step_q == StepW'(lane_last >> $clog2(PostLanes));

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)      step_q <= '0;
      else if (clear_i) step_q <= '0;
      else if (take)    step_q <= step_last ? '0 : step_q + StepW'(1);
    end
  end

  // ---- Pipeline control: tag, step and valid of every stage --------------------------------------
  logic [Stages:1]         valid_q;
  logic [Stages*PipeW-1:0] pipe_q;  // stage n at [(n-1)*PipeW +: PipeW]
  logic [Stages:0]         en;        // stage n moves on to n + 1
  logic                    line_valid_q;
  logic [Lanes*8-1:0]      line_q;
  kpu_pkg::line_tag_t      line_tag_q;

  assign en = {valid_q, take};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q      <= '0;
      line_valid_q <= 1'b0;
    end else if (clear_i) begin
      valid_q      <= '0;
      line_valid_q <= 1'b0;
    end else begin
      valid_q      <= {valid_q[Stages-1:1], take};
      line_valid_q <= valid_q[Stages] && pipe_q[Stages*PipeW-1];
    end
  end

  always_ff @(posedge clk_i) begin
    if (en != '0) pipe_q <= {pipe_q[(Stages-1)*PipeW-1:0], step_last, step, line_tag_i};
  end

  // ---- Lanes and their parameters -----------------------------------------------------------------
  logic [1:0]           sum_l2;    // log2 of the lane groups to add
  logic [3:0]           lanes_on;  // quarters of the lanes that work
  logic [PostLanes-1:0] conv_ovf, norm_ovf;
  logic [StepW-1:0]     line_step;

  assign sum_l2    = depthwise_i ? 2'd0 : src_i.grp_l2 & kpu_pkg::grp_mask(Lanes);
  assign lanes_on  = {sum_l2 == 2'd0, sum_l2 == 2'd0, sum_l2 != 2'd2, 1'b1} & {4{post_i.load_act}};
  assign line_step = pipe_q[(Stages-1)*PipeW+TagW +: StepW];

  for (genvar j = 0; j < Quarters; j++) begin : gen_quarter
    // Stages 1 to 5: parameters of the quarter's lanes.
    logic [kpu_pkg::KTermW-1:0]   kterm;
    logic [kpu_pkg::NormMulW-1:0] norm_mul;
    logic [3:0]                   norm_shift;
    logic [31:0]                  norm_add;
    logic [StepW-1:0]             step_now;

    assign step_now = pipe_q[TagW +: StepW];

    kpu_post_param #(.Lanes(Lanes)) u_param (
      .clk_i,
      .en_i         (en[4:1]),
      .depthwise_i,
      .grp_l2_i     (src_i.grp_l2),
      .quarter_i    (2'((32'(step_now) * PostLanes + j * QuarterPost) >> (LaneW - 2))),
      .tag_i        (pipe_q[0 +: TagW]),
      .par_bn_i,
      .par_k_i,
      .kterm_o      (kterm),
      .norm_mul_o   (norm_mul),
      .norm_shift_o (norm_shift),
      .norm_add_o   (norm_add)
    );

    for (genvar i = j * QuarterPost; i < (j + 1) * QuarterPost; i++) begin : gen_lane
      logic [Stages-1:0] lane_en;

      assign lane_en = en[Stages-1:0] & {Stages{lanes_on[i / QuarterLanes]}};

      // Stage 0: sum of the lane groups. The step's lane is {psum, sumx}[0], and those one, two and three
      // quarters of the line to the right of it are added where they hold the same pixel.
      logic [kpu_pkg::PsumW-1:0]   psum [kpu_pkg::Quarters];
      logic [kpu_pkg::PixSumW-1:0] sumx [kpu_pkg::Quarters];
      logic [kpu_pkg::PsumW-1:0]   psum_q1;
      logic [kpu_pkg::PixSumW-1:0] sumx_q1;

      always_ff @(posedge clk_i) begin
        if (lane_en[0]) begin
          for (int unsigned q = 0; q < kpu_pkg::Quarters; q++) begin
            psum[q] = '0;
            sumx[q] = '0;
            for (int unsigned s = 0; s < Steps; s++) begin
              if (step == StepW'(s)) begin
                psum[q] = line_psum_i[((s*PostLanes + i + q*QuarterLanes) % Lanes)*kpu_pkg::PsumW +: kpu_pkg::PsumW];
                sumx[q] = line_sumx_i[((s*PostLanes + i + q*QuarterLanes) % Lanes)*kpu_pkg::PixSumW +: kpu_pkg::PixSumW];
              end
            end
          end
          if (sum_l2 == 2'd0) begin
            psum_q1 <= psum[0];
            sumx_q1 <= sumx[0];
          end else if (sum_l2 == 2'd1) begin
            psum_q1 <= psum[0] + psum[2];
            sumx_q1 <= sumx[0] + sumx[2];
          end else begin
            psum_q1 <= psum[0] + psum[2] + (psum[1] + psum[3]);
            sumx_q1 <= sumx[0] + sumx[2] + (sumx[1] + sumx[3]);
          end
        end
      end

      // Stage 1 to Act: conv and batch norm; overflow in the one behind.
      logic signed [kpu_pkg::ConvW-1:0] norm;

      kpu_post_lane u_lane (
        .clk_i,
        .en_i         (lane_en[Act:1]),
        .psum_i       (psum_q1),
        .sumx_i       (sumx_q1),
        .arg_x_i      (post_i.arg_x),
        .shr_x_i      (post_i.shr_x),
        .kterm_i      (kterm),
        .norm_mul_i   (norm_mul),
        .norm_shift_i (norm_shift),
        .norm_add_i   (norm_add),
        .norm_o       (norm),
        .conv_ovf_o   (conv_ovf[i]),
        .norm_ovf_o   (norm_ovf[i])
      );

      // From stage Act on: activation.
      logic [7:0] y;

      kpu_act_lane u_act (
        .clk_i,
        .en_i   (lane_en[Stages-1:Act]),
        .entry_valid_i (act_entry_valid_i),
        .entry_idx_i   (act_entry_i.idx),
        .entry_key_i   (act_entry_i.key),
        .entry_start_i (act_entry_i.x_start),
        .entry_mul_i   (act_entry_i.y_mul),
        .entry_shift_i (act_entry_i.shift),
        .entry_bias_i  (act_entry_i.bias),
        .norm_i (norm),
        .y_o    (y)
      );

      // Behind the last stage: into its place of the line.
      for (genvar s = 0; s < Steps; s++) begin : gen_place
        always_ff @(posedge clk_i) begin
          if (en[Stages] && line_step == StepW'(s)) begin
            line_q[(s*PostLanes + i)*8 +: 8] <= post_i.load_act ? y : 8'd0;
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (en[Stages]) line_tag_q <= pipe_q[(Stages-1)*PipeW +: TagW];
  end

  kpu_credit_fifo #(
    .Width (TagW + Lanes * 8),
    .Depth (Depth),
    .Delay (Stages + 1)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i,
    .free_o      (free),
    .take_i      (take && step_last),
    .in_valid_i  (line_valid_q),
    .in_data_i   ({line_tag_q, line_q}),
    .out_valid_o (pix_valid_o),
    .out_ready_i (pix_ready_i),
    .out_data_o  ({pix_tag_o, pix_line_o})
  );

  // ---- Overflow ----------------------------------------------------------------------------------
  kpu_post_range #(
    .Lanes     (Lanes),
    .PostLanes (PostLanes),
    .SkipRows  (SkipRows)
  ) u_range (
    .clk_i,
    .rst_ni,
    .clear_i,
    .en_i       (en[Act+1:Act-1]),
    .depthwise_i,
    .src_i,
    .dst_i,
    .pool_i,
    .seg_last_i (segs_i.last),
    .pack_i,
    .load_act_i (post_i.load_act),
    .tag_i      (pipe_q[(Act-2)*PipeW +: TagW]),
    .step_i     (pipe_q[(Act-1)*PipeW+TagW +: StepW]),
    .conv_ovf_i (conv_ovf),
    .norm_ovf_i (norm_ovf),
    .conv_ovf_o,
    .norm_ovf_o
  );

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_KEPT(PixHeld, pix_valid_o && !pix_ready_i && !clear_i, pix_valid_o, {pix_line_o, pix_tag_o})
  // kpu_act_table lets lines in while the last entries are on their way.
  `ASSERT(TableComplete, !(act_entry_valid_i && en[Act]))
  `ASSERT(GroupInRange, !line_valid_i || src_i.grp_l2 != 2'd3)
  `ASSERT(SegmentInRange, !line_valid_i || line_tag_i.seg <= (pack_i.on ? '0 : segs_i.last))

endmodule
