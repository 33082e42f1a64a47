// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Turns windows into line reads of AI RAM and hands the lines to kpu_window: one line a cycle.
///
/// Stages: generate (this cycle's slot of the window at the command input), G (image row and channel group
/// registered, address computed), A (address registered, read requested), B (data at the RAM's output).
/// Rows above and below the image become pad lines that read nothing; with pad_type 1 the nearest row is
/// read instead. The pad row above the image costs no cycle.
///
/// Packed layers (PackRows = 1, pack_i.on): a line of a window is one word for each that begins in it, at least one
/// (token_o.pad: no word, the line only ends the image's last row); pack_o says where they go.
///
/// PackRows = 0: a line waits at the RAM's output until it is taken (line_ready_i); line_take_o is zero.
/// PackRows = 1: line_ready_i says that one more line has a place; line_take_o takes it as the line's last word sets
/// out, and a word leaves in the cycle in which it comes. A word that begins a packed line comes two cycles or more after one of its channel group that crosses
/// into that line (kpu_gather keeps it).
module kpu_line_fetch #(
  parameter  int unsigned Lanes    = 64,
  parameter  int unsigned PackRows = 0,
  localparam int unsigned PartsL2  = $clog2(kpu_pkg::line_words(Lanes)),
  localparam int unsigned WordAw   = kpu_pkg::LineAw + PartsL2
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 kernel3_i,
  input  kpu_pkg::image_t      src_i,
  input  kpu_pkg::walk_t       walk_i,
  input  kpu_pkg::segs_t       segs_i,
  input  kpu_pkg::pack_t       pack_i,
  input  logic                 pad_nearest_i,
  // Windows
  input  logic                 cmd_valid_i,
  output logic                 cmd_ready_o,
  input  kpu_pkg::fetch_cmd_t  cmd_i,
  // AI RAM read port
  output logic                 rd_valid_o,
  input  logic                 rd_ready_i,
  output logic [WordAw-1:0]    rd_addr_o,
  input  logic                 rsp_valid_i,
  output logic                 rsp_ready_o,
  // Lines; the data are at the RAM's output while line_valid_o
  output logic                 line_valid_o,
  input  logic                 line_ready_i,
  output logic                 line_take_o,
  output kpu_pkg::line_token_t line_token_o,
  output kpu_pkg::pack_token_t line_pack_o
);

  localparam int unsigned SpanL2 = $clog2(kpu_pkg::word_lines(Lanes));

  // ---- Generate ----------------------------------------------------------------------------------
  logic [2:0]  slot_d, slot_q;        // slot of the line generated in this cycle, once started_q
  logic        started_d, started_q;  // slot_q is in the middle of the window
  logic [14:0] line_d, line_q;        // 1x1: channel group of the next line
  logic [1:0]  sub_d, sub_q;

  logic [2:0]  slot, slot_last;
  logic [8:0]  row;                   // image row of the window's centre
  logic        top_pad, row_above, row_below, is_pad;
  logic [8:0]  row_read;
  logic [14:0] grp_line;
  logic [1:0]  grp_sub;
  logic [9:0]  icg;
  logic        g_ready, gen_fire;
  logic        packed_layer;
  logic        line_end;              // last word of the line
  logic        no_word;               // none begins in it
  logic [8:0]  word_row;              // packed: row and segment of the word
  logic [6:0]  word_seg;
  kpu_pkg::pack_token_t pack;

  always_comb begin
    row     = (packed_layer ? word_row : cmd_i.row) << walk_i.step_l2;
    top_pad = kernel3_i && cmd_i.load == kpu_pkg::LoadPrime && row == '0 && !pad_nearest_i;

    slot_last = kernel3_i ? 3'd2 : cmd_i.groups_m1;
    if (started_q) begin
      slot = slot_q;
    end else begin
      unique case (cmd_i.load)
        kpu_pkg::LoadPrime:  slot = top_pad ? 3'd1 : 3'd0;
        kpu_pkg::LoadShift1: slot = 3'd2;
        kpu_pkg::LoadShift2: slot = 3'd1;
        default:             slot = 3'd0;
      endcase
    end

    row_above = kernel3_i && slot == 3'd0;
    row_below = kernel3_i && slot == 3'd2;
    is_pad    = 1'b0;
    row_read  = row;
    if (row_above) begin
      if (row == '0) is_pad = !pad_nearest_i;
      else           row_read = row - 9'd1;
    end
    if (row_below) begin
      if (row == src_i.h_m1) is_pad = !pad_nearest_i;
      else                    row_read = row + 9'd1;
    end

    if (packed_layer) is_pad = no_word;

    grp_line = (started_q && !kernel3_i) ? line_q : cmd_i.grp_line;
    grp_sub  = (started_q && !kernel3_i) ? sub_q : cmd_i.grp_sub;
    icg      = kernel3_i ? cmd_i.icg : cmd_i.icg + 10'(slot);
  end

  assign gen_fire    = cmd_valid_i && g_ready;
  assign cmd_ready_o = g_ready && slot == slot_last && line_end;

  always_comb begin
    slot_d    = slot_q;
    started_d = started_q;
    line_d    = line_q;
    sub_d     = sub_q;
    if (gen_fire) begin
      started_d = slot != slot_last || !line_end;
      slot_d    = line_end ? slot + 3'd1 : slot;
      if (!line_end) begin
        line_d = grp_line;
        sub_d  = grp_sub;
      end else if (grp_sub == 2'((3'd1 << src_i.sub_l2) - 3'd1)) begin
        line_d = grp_line + src_i.ch_switch;
        sub_d  = '0;
      end else begin
        line_d = grp_line;
        sub_d  = grp_sub + 2'd1;
      end
    end
    if (clear_i) started_d = 1'b0;
  end

  // Lane quarters whose channel exists; only the last channel group can be short.
  logic [3:0] quarter_valid;
  logic [1:0] grp_l2;

  assign grp_l2 = src_i.grp_l2 & kpu_pkg::grp_mask(Lanes);

  always_comb begin
    quarter_valid = 4'b1111;
    if (icg == walk_i.icg_m1) begin
      if (grp_l2 == 2'd1) quarter_valid = {{2{src_i.ch_m1[0]}}, 2'b11};
      if (grp_l2 == 2'd2) quarter_valid = 4'b1111 >> (2'd3 - src_i.ch_m1[1:0]);
    end
  end

  // ---- Words of packed lines ----------------------------------------------------------------------
  if (PackRows != 0) begin : gen_pack
    kpu_pkg::pack_token_t word_pack;
    logic                 unused_pack;

    assign unused_pack = ^pack_i;

    kpu_line_words #(.Lanes(Lanes)) u_words (
      .clk_i, .rst_ni, .clear_i,
      .grp_l2_i    (src_i.grp_l2),
      .segs_i,
      .pick_i      (pack_i.pick),
      .h_m1_i      (pack_i.rows_m1),
      .line_i      (cmd_i.row),
      .pass_i      (cmd_i.icg[9:3]),
      .first_i     (!started_q),
      .group_i     (icg),
      .step_i      (gen_fire && pack_i.on),
      .pack_o      (word_pack),
      .row_o       (word_row),
      .seg_o       (word_seg),
      .none_o      (no_word)
    );
    always_comb begin
      pack = word_pack;
      if (!pack_i.on) begin
        pack       = '0;
        pack.first = 1'b1;
        pack.last  = 1'b1;
      end
    end
    assign packed_layer = pack_i.on;
    assign line_end     = pack.last;
  end else begin : gen_no_pack
    logic unused_pack;
    assign unused_pack  = ^pack_i;
    assign packed_layer = 1'b0;
    assign line_end     = 1'b1;
    assign no_word      = 1'b0;
    assign word_row     = '0;
    assign word_seg     = '0;
    assign pack         = '0;
  end

  // ---- Stages G, A and B -------------------------------------------------------------------------
  logic                 g_valid_q, a_valid_q, b_valid_q;
  logic [8:0]           g_row_q;       // image row to read
  logic [14:0]          g_grp_line_q;
  logic [WordAw-1:0]    g_offset_q;    // words from the line's first one
  logic [14:0]          line;
  logic [WordAw-1:0]    a_addr_q;
  kpu_pkg::line_token_t g_token_q, a_token_q, b_token_q, token;
  kpu_pkg::pack_token_t g_pack_q, a_pack_q, b_pack_q;
  logic                 a_fire, a_ready, b_ready;

  always_comb begin
    token.pad           = is_pad;
    token.pad_slot0     = top_pad && !started_q;
    token.win_last      = slot == slot_last;
    token.slot          = slot;
    token.seg_first     = cmd_i.seg == '0;
    token.seg_last      = cmd_i.seg == segs_i.last && !packed_layer;  // all lanes of a packed line have a pixel
    token.quarter_valid = quarter_valid;
    token.load          = cmd_i.load;
  end

  if (PackRows != 0) begin : gen_place
    // A word sets out when its line has a place, and leaves in the cycle in which its data come.
    logic soon_q;  // the word before it, of the same channel group, is not kept yet
    logic unused_rsp;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)      soon_q <= 1'b0;
      else if (a_ready) soon_q <= a_valid_q && a_pack_q.keep && g_pack_q.first && g_pack_q.at != '0
                               && g_pack_q.group == a_pack_q.group;
      else              soon_q <= 1'b0;
    end

    assign b_ready      = 1'b1;
    assign line_valid_o = b_valid_q;
    assign line_take_o  = a_fire && a_pack_q.last;
    assign rsp_ready_o  = 1'b1;
    assign rd_valid_o   = a_valid_q && !a_token_q.pad && line_ready_i && !soon_q;
    assign a_fire       = a_token_q.pad ? a_valid_q && line_ready_i && !soon_q : rd_valid_o && rd_ready_i;
    assign unused_rsp   = rsp_valid_i;
  end else begin : gen_wait
    assign line_take_o  = 1'b0;
    assign line_valid_o = b_valid_q && (b_token_q.pad || rsp_valid_i);
    assign rsp_ready_o  = b_valid_q && !b_token_q.pad && line_ready_i;
    assign b_ready      = !b_valid_q || (line_valid_o && line_ready_i);
    // The arbiter takes no other read while the one before has not left; a pad has none, so that it is waited for here.
    assign rd_valid_o   = a_valid_q && !a_token_q.pad && !(b_valid_q && b_token_q.pad && !line_ready_i);
    assign a_fire       = a_token_q.pad ? a_valid_q && b_ready : rd_valid_o && rd_ready_i;
  end
  assign line_token_o = b_token_q;
  assign line_pack_o  = b_pack_q;
  assign rd_addr_o    = a_addr_q;
  assign a_ready      = !a_valid_q || a_fire;
  assign g_ready      = !g_valid_q || a_ready;
  assign line         = g_grp_line_q + 15'(g_row_q) * 15'(src_i.row_switch);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      started_q <= 1'b0;
      g_valid_q <= 1'b0;
      a_valid_q <= 1'b0;
      b_valid_q <= 1'b0;
    end else begin
      started_q <= started_d;
      if (g_ready) g_valid_q <= cmd_valid_i;
      if (a_ready) a_valid_q <= g_valid_q;
      if (b_ready) b_valid_q <= a_fire;
      if (clear_i) begin
        g_valid_q <= 1'b0;
        a_valid_q <= 1'b0;
        b_valid_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (gen_fire) begin
      slot_q       <= slot_d;
      line_q       <= line_d;
      sub_q        <= sub_d;
      g_row_q      <= row_read;
      g_grp_line_q <= grp_line;
      g_offset_q   <= ((packed_layer ? WordAw'(word_seg) : WordAw'(cmd_i.seg)) << SpanL2) + WordAw'(grp_sub) * WordAw'(src_i.sub_pitch);
      g_token_q    <= token;
      g_pack_q     <= pack;
    end
    if (g_valid_q && a_ready) begin
      a_addr_q  <= (WordAw'(line) << PartsL2) + g_offset_q;
      a_token_q <= g_token_q;
      a_pack_q  <= g_pack_q;
    end
    if (a_fire) begin
      b_token_q <= a_token_q;
      b_pack_q  <= a_pack_q;
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (Lanes < 8 || Lanes > 256 || (Lanes & (Lanes - 1)) != 0) begin : gen_check_lanes
    $error("kpu_line_fetch: Lanes must be a power of two, 8 to 256");
  end
  `ASSERT(SlotInside, !cmd_valid_i || slot <= slot_last)
  `ASSERT(RowInside, !(cmd_valid_i && !is_pad) || row_read <= src_i.h_m1)
  if (PackRows != 0) begin : gen_assert_place
    `ASSERT(WordInTime, !b_valid_q || b_token_q.pad || rsp_valid_i || clear_i)
  end else begin : gen_assert_wait
    `ASSERT_NEXT(LineHeld, line_valid_o && !line_ready_i && !clear_i && b_token_q.pad, line_valid_o)
  end

endmodule
