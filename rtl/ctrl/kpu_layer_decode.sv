// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Collects the twelve argument words of a layer, checks them and derives the geometry the units work from
/// (docs/architecture.md, "AI RAM and words", "Weights"); kpu_layer_cut says how its loop nest goes.
///
/// Products (arg_add times channels, the ends of both images, weight loads times channels) are formed bit by bit, so that
/// decoding costs no multiplier; it runs while the layer before computes. valid_o comes 15 cycles after the last
/// word. reason_o is 0 for a layer that can run, else the code of docs/registers.md ("Unsupported reasons").
/// par_half is left 0. Weights (the last load of them) or batch norm that a layer keeps from the one before
/// (load_coor = 0, load_para = 0) are fetched again from the place they came from.
module kpu_layer_decode #(
  parameter int unsigned Lanes         = 64,
  parameter int unsigned WeightRows    = 2048,
  parameter int unsigned AiLines       = 32768,
  parameter int unsigned TileChannels  = 16,
  parameter int unsigned PointChannels = 8,
  parameter int unsigned WeightBits    = 8,
  parameter int unsigned SkipRows      = 1,
  parameter int unsigned PackRows      = 0,
  parameter int unsigned Overlap       = 0,
  /// 0: layers that need the unit are refused.
  parameter int unsigned Pool          = 1,
  parameter int unsigned StreamOut     = 1,
  parameter int unsigned Weights16     = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  // Argument words, one layer after the other
  input  logic                word_valid_i,
  output logic                word_ready_o,
  input  logic [63:0]         word_i,
  input  logic                eight_bit_i,
  // Decoded layer
  output logic                valid_o,
  input  logic                ready_i,
  output kpu_pkg::layer_cfg_t cfg_o,
  output kpu_pkg::param_job_t job_o,
  output logic [7:0]          reason_o
);

  localparam int unsigned PartsL2     = $clog2(kpu_pkg::line_words(Lanes));
  localparam int unsigned ProductBits = 11;
  localparam int unsigned LineSumW    = 26;

  // ---- Collecting the words, then the products ---------------------------------------------------
  typedef enum logic [1:0] {StWords, StStart, StProducts, StValid} state_e;

  state_e      state_d, state_q;
  logic [3:0]  cnt_d, cnt_q;
  logic [63:0] word_q [kpu_pkg::LayerWords];
  logic        mode_q;      // of 8-bit weights
  logic        eight_bit;   // those of this layer are
  logic        start;

  assign word_ready_o = state_q == StWords;
  assign valid_o      = state_q == StValid;
  assign start        = state_q == StStart;
  assign eight_bit    = Weights16 == 0 || mode_q;

  always_comb begin
    state_d = state_q;
    cnt_d   = cnt_q;
    unique case (state_q)
      // Waiting for words 0 to 11.
      StWords: begin
        if (word_valid_i) begin
          cnt_d = cnt_q + 4'd1;
          if (cnt_q == 4'(kpu_pkg::LayerWords - 1)) state_d = StStart;
        end
      end
      // Operands enter the serial multipliers.
      StStart: begin
        cnt_d   = '0;
        state_d = StProducts;
      end
      // Waiting for the products, and a cycle for their sums.
      StProducts: begin
        cnt_d = cnt_q + 4'd1;
        if (cnt_q == 4'(ProductBits + 1)) state_d = StValid;
      end
      // Waiting until the layer is taken.
      StValid: begin
        cnt_d = '0;
        if (ready_i) state_d = StWords;
      end
      default: state_d = StWords;
    endcase
    if (clear_i) begin
      state_d = StWords;
      cnt_d   = '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StWords;
      cnt_q   <= '0;
    end else begin
      state_q <= state_d;
      cnt_q   <= cnt_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (word_valid_i && word_ready_o) begin
      word_q[cnt_q] <= word_i;
      mode_q        <= eight_bit_i;
    end
  end

  // ---- Fields of the words -----------------------------------------------------------------------
  logic [63:0] w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11;
  logic        depthwise, kernel3, first_stride;
  logic [9:0]  ic_m1, oc_m1, iw_m1, ow_m1;
  logic [8:0]  ih_m1, oh_m1;
  logic [3:0]  pool_type;

  assign w0  = word_q[0];
  assign w1  = word_q[1];
  assign w2  = word_q[2];
  assign w3  = word_q[3];
  assign w4  = word_q[4];
  assign w5  = word_q[5];
  assign w6  = word_q[6];
  assign w7  = word_q[7];
  assign w8  = word_q[8];
  assign w9  = word_q[9];
  assign w10 = word_q[10];
  assign w11 = word_q[11];

  assign depthwise    = w0[3];
  assign ic_m1        = w2[9:0];
  assign oc_m1        = w2[41:32];
  assign iw_m1        = w3[9:0];
  assign ih_m1        = w3[18:10];
  assign ow_m1        = w3[41:32];
  assign oh_m1        = w3[50:42];
  assign kernel3      = w4[0];
  assign pool_type    = w4[7:4];
  assign first_stride = w4[8];

  // ---- What a layer may keep from the one before -------------------------------------------------
  logic        load_coor;
  logic [31:0] w_addr, last_load_q, bn_addr, bn_addr_q;
  logic [31:0] last_load_offset;
  logic [16:0] load_bytes;
  logic [5:0]  loads_m1;
  logic [9:0]  load_oc_m1;

  assign load_coor  = w5[0];
  assign load_bytes = w5[31:15];
  assign loads_m1   = w5[6:1];
  assign load_oc_m1 = w2[57:48];
  assign w_addr     = load_coor ? w5[63:32] : last_load_q;
  assign bn_addr    = w4[10] ? w4[63:32] : bn_addr_q;

  always_ff @(posedge clk_i) begin
    if (valid_o && ready_i) begin
      last_load_q <= w_addr + last_load_offset;
      bn_addr_q   <= bn_addr;
    end
  end

  // ---- Layouts -----------------------------------------------------------------------------------
  logic [1:0] line_grp_l2, wb_line_grp_l2;   // log2 of channels per line
  logic [1:0] grp_l2, sub_l2, wb_grp_l2, wb_sub_l2;

  always_comb begin
    line_grp_l2    = w7[30:29];              // 1, 2, 4 to 0, 1, 2
    wb_line_grp_l2 = w8[22:21];
    grp_l2         = (3'(line_grp_l2) > 3'(PartsL2)) ? line_grp_l2 - 2'(PartsL2) : '0;
    wb_grp_l2      = (3'(wb_line_grp_l2) > 3'(PartsL2)) ? wb_line_grp_l2 - 2'(PartsL2) : '0;
    sub_l2         = line_grp_l2 - grp_l2;
    wb_sub_l2      = wb_line_grp_l2 - wb_grp_l2;
  end

  // ---- Products ----------------------------------------------------------------------------------
  logic [49:0]         arg_add_n;
  logic [LineSumW-1:0] src_grps, src_rows, dst_grps, dst_rows;
  logic [LineSumW-1:0] src_last_q, dst_last_q;  // last lines of the images
  logic [16:0]         loaded_oc;

  kpu_serial_mul #(.BBits(ProductBits), .OutW(50)) u_mul_add (
    .clk_i, .rst_ni, .start_i(start),
    .a_i(50'(signed'(w10[39:0]))), .b_i(depthwise ? 11'd1 : 11'(ic_m1) + 11'd1), .product_o(arg_add_n)
  );
  kpu_serial_mul #(.BBits(10), .OutW(LineSumW)) u_mul_src_grps (
    .clk_i, .rst_ni, .start_i(start),
    .a_i(LineSumW'(w7[14:0])), .b_i(ic_m1 >> line_grp_l2), .product_o(src_grps)
  );
  kpu_serial_mul #(.BBits(9), .OutW(LineSumW)) u_mul_src_rows (
    .clk_i, .rst_ni, .start_i(start),
    .a_i(LineSumW'(w7[19:16])), .b_i(ih_m1), .product_o(src_rows)
  );
  kpu_serial_mul #(.BBits(10), .OutW(LineSumW)) u_mul_dst_grps (
    .clk_i, .rst_ni, .start_i(start),
    .a_i(LineSumW'(w8[14:0])), .b_i(oc_m1 >> wb_line_grp_l2), .product_o(dst_grps)
  );
  kpu_serial_mul #(.BBits(9), .OutW(LineSumW)) u_mul_dst_rows (
    .clk_i, .rst_ni, .start_i(start),
    .a_i(LineSumW'(w8[19:16])), .b_i(oh_m1), .product_o(dst_rows)
  );
  kpu_serial_mul #(.BBits(7), .OutW(17)) u_mul_loads (
    .clk_i, .rst_ni, .start_i(start),
    .a_i(17'(load_oc_m1) + 17'd1), .b_i(7'(loads_m1) + 7'd1), .product_o(loaded_oc)
  );

  kpu_serial_mul #(.BBits(6), .OutW(32)) u_mul_last_load (
    .clk_i, .rst_ni, .start_i(start),
    .a_i(32'(load_bytes)), .b_i(loads_m1), .product_o(last_load_offset)
  );

  always_ff @(posedge clk_i) begin
    src_last_q <= LineSumW'(w1[14:0]) + src_grps + src_rows + LineSumW'(iw_m1[9:6]);
    dst_last_q <= LineSumW'(w1[46:32]) + dst_grps + dst_rows + LineSumW'(ow_m1[9:6]);
  end

  // ---- How the layer is cut ------------------------------------------------------------------------
  kpu_pkg::pool_t pool;
  kpu_pkg::walk_t walk;
  kpu_pkg::segs_t segs;
  kpu_pkg::pack_t pack;

  kpu_layer_cut #(
    .Lanes(Lanes), .WeightRows(WeightRows), .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBits(WeightBits),
    .SkipRows(SkipRows), .PackRows(PackRows), .Overlap(Overlap), .Pool(Pool)
  ) u_cut (
    .clk_i, .rst_ni,
    .start_i        (start),
    .depthwise_i    (depthwise),
    .kernel3_i      (kernel3),
    .eight_bit_i    (eight_bit),
    .pool_type_i    (pool_type),
    .first_stride_i (first_stride),
    .send_i         (StreamOut != 0 && w11[0]),
    .ic_m1_i        (ic_m1),
    .oc_m1_i        (oc_m1),
    .iw_m1_i        (iw_m1),
    .ih_m1_i        (ih_m1),
    .ow_m1_i        (ow_m1),
    .oh_m1_i        (oh_m1),
    .grp_l2_i       (grp_l2),
    .pool_o         (pool),
    .walk_o         (walk),
    .segs_o         (segs),
    .pack_o         (pack)
  );

  logic [14:0] oc_weights;

  always_comb begin
    oc_weights = depthwise ? 15'd1 : 15'(ic_m1) + 15'd1;
    if (kernel3) oc_weights = (oc_weights << 3) + oc_weights;
  end

  // ---- Checks ------------------------------------------------------------------------------------
  logic [10:0] iw, ih, ow, oh;               // sizes, 1..1024
  logic        width_ok, size_ok;

  assign iw = 11'(iw_m1) + 11'd1;
  assign ih = 11'(ih_m1) + 11'd1;
  assign ow = 11'(ow_m1) + 11'd1;
  assign oh = 11'(oh_m1) + 11'd1;

  // Output = input div stride; first_stride uses columns and rows 0, 2, 4, .., so a last odd one may count.
  always_comb begin
    width_ok = ow == iw >> pool.stride_l2 || (first_stride && ow == (iw + 11'd1) >> 1);
    size_ok  = width_ok && (oh == ih >> pool.stride_l2 || (first_stride && oh == (ih + 11'd1) >> 1));
  end

  // One to four channels share a line of 64 bytes: widths up to 64 (any, with one channel), 32, 16.
  function automatic logic layout_bad(input logic [2:0] group, input logic [9:0] w_m1);
    layout_bad = 1'b1;
    if (group == 3'd1) layout_bad = 1'b0;
    if (group == 3'd2) layout_bad = w_m1 > 10'd31;
    if (group == 3'd4) layout_bad = w_m1 > 10'd15;
  endfunction

  // The first reason in this order. Those that follow from the words alone are found while the products are made.
  logic [7:0] before_d, before_q, after_d, after_q;  // before and after those that need a product

  always_comb begin
    before_d = kpu_reg_pkg::ReasonNone;
    if (w4[2:0] > 3'd1)                                  before_d = kpu_reg_pkg::ReasonKernelType;
    else if (w4[9])                                      before_d = kpu_reg_pkg::ReasonBypassConv;
    else if (w6[15:0] != '0)                             before_d = kpu_reg_pkg::ReasonCoefOffset;
    else if (pool_type > kpu_pkg::PoolMax2S1)            before_d = kpu_reg_pkg::ReasonPoolType;
    else if (first_stride && pool_type != kpu_pkg::PoolBypass) before_d = kpu_reg_pkg::ReasonStrideAndPool;
    else if (Pool == 0 && (pool_type != kpu_pkg::PoolBypass || first_stride)) before_d = kpu_reg_pkg::ReasonPoolLeftOut;
    else if (StreamOut == 0 && w11[0])                   before_d = kpu_reg_pkg::ReasonStreamLeftOut;
    else if (Weights16 == 0 && !mode_q)                  before_d = kpu_reg_pkg::ReasonWeightsLeftOut;
    else if (layout_bad(w7[30:28], iw_m1))               before_d = kpu_reg_pkg::ReasonInputLayout;
    else if (layout_bad(w8[22:20], ow_m1))               before_d = kpu_reg_pkg::ReasonOutputLayout;
    else if (!size_ok)                                   before_d = kpu_reg_pkg::ReasonOutputSize;

    after_d = kpu_reg_pkg::ReasonNone;
    if (32'(walk.oc_rows) > WeightRows)                       after_d = kpu_reg_pkg::ReasonWeightRing;
    else if (w0[2])                                      after_d = kpu_reg_pkg::ReasonFullAdd;
    else if (depthwise && ic_m1 != oc_m1)                after_d = kpu_reg_pkg::ReasonDepthwiseChannels;
    else if (!load_coor && loads_m1 != '0)               after_d = kpu_reg_pkg::ReasonLoadsKept;

    reason_o = after_q;
    if (before_q != kpu_reg_pkg::ReasonNone)             reason_o = before_q;
    else if (src_last_q >= LineSumW'(AiLines))           reason_o = kpu_reg_pkg::ReasonInputPlace;
    else if (dst_last_q >= LineSumW'(AiLines))           reason_o = kpu_reg_pkg::ReasonOutputPlace;
    else if (loaded_oc <= 17'(oc_m1))                    reason_o = kpu_reg_pkg::ReasonLoads;
  end

  always_ff @(posedge clk_i) begin
    before_q <= before_d;
    after_q  <= after_d;
  end

  // ---- Outputs -----------------------------------------------------------------------------------
  always_comb begin
    cfg_o.int_en         = w0[0];
    cfg_o.send_data_out  = StreamOut != 0 && w11[0];
    cfg_o.kind.depthwise = depthwise;
    cfg_o.kind.kernel3   = kernel3;
    cfg_o.kind.eight_bit = eight_bit;

    cfg_o.src.line       = w1[14:0];
    cfg_o.src.ch_m1      = ic_m1;
    cfg_o.src.w_m1       = iw_m1;
    cfg_o.src.h_m1       = ih_m1;
    cfg_o.src.ch_switch  = w7[14:0];
    cfg_o.src.row_switch = w7[19:16];
    cfg_o.src.grp_l2     = grp_l2;
    cfg_o.src.sub_l2     = sub_l2;
    cfg_o.src.sub_pitch  = 3'(4'd1 << PartsL2 >> sub_l2);

    cfg_o.dst.line       = w1[46:32];
    cfg_o.dst.ch_m1      = oc_m1;
    cfg_o.dst.w_m1       = ow_m1;
    cfg_o.dst.h_m1       = oh_m1;
    cfg_o.dst.ch_switch  = w8[14:0];
    cfg_o.dst.row_switch = w8[19:16];
    cfg_o.dst.grp_l2     = wb_grp_l2;
    cfg_o.dst.sub_l2     = wb_sub_l2;
    cfg_o.dst.sub_pitch  = 3'(4'd1 << PartsL2 >> wb_sub_l2);

    cfg_o.segs           = segs;
    cfg_o.pack           = pack;
    cfg_o.walk           = walk;

    cfg_o.pad.nearest   = w4[3];
    cfg_o.pad.value     = w4[31:24];
    cfg_o.post.load_act = w7[31];
    cfg_o.post.par_half = 1'b0;
    cfg_o.post.arg_x    = w9[55:32];
    cfg_o.post.shr_x    = w9[7:4];
    cfg_o.pool          = pool;

    job_o.kind              = cfg_o.kind;
    job_o.grp_l2            = grp_l2;
    job_o.ic_m1             = ic_m1;
    job_o.par_half          = 1'b0;
    job_o.burst_m1          = (w4[23:16] > 8'd15) ? 5'd15 : 5'(w4[23:16]);
    job_o.tables.load_act   = w7[31];
    job_o.tables.act_addr   = w7[63:32];
    job_o.tables.bn_addr    = bn_addr;
    job_o.tables.w_addr     = w_addr;
    job_o.tables.load_bytes = load_bytes;
    job_o.tables.load_oc_m1 = load_oc_m1;
    job_o.tables.oc_m1      = oc_m1;
    job_o.tables.tile_oc_m1 = walk.tile_oc_m1;
    job_o.tables.oc_bytes   = eight_bit ? oc_weights : oc_weights << 1;
    job_o.kterm.arg_w       = w9[31:8];
    job_o.kterm.shr_w       = w9[3:0];
    job_o.kterm.arg_add_n   = arg_add_n;
  end

  logic unused_bits;
  assign unused_bits = ^{w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11};

  // ---- Assertions --------------------------------------------------------------------------------
  if (Lanes < 8 || Lanes > 256 || (Lanes & (Lanes - 1)) != 0) begin : gen_check_lanes
    $error("kpu_layer_decode: Lanes must be a power of two, 8 to 256");
  end
  `ASSERT_KEPT(ValidHeld, valid_o && !ready_i && !clear_i, valid_o, cfg_o)
  `ASSERT(RowsInside, !valid_o || reason_o != '0 || pack.on || (11'(walk.rows_m1) << walk.step_l2) <= 11'(ih_m1))

endmodule
