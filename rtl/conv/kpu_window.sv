// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Line slots and tap registers: collects the lines of the next window while the array works on this one.
///
/// A line (raw word of AI RAM and its two neighbour bytes) is padded and masked when it enters its slot, one a
/// cycle. When the last line of a window is in, full_o rises; want_i then loads all nine taps of every lane in one
/// cycle (docs/architecture.md, "Line stage and taps") and frees the slots in that same cycle, so windows of one
/// line pass at one a cycle. taps_o: tap t of lane l at [(t * Lanes + l) * 8 +: 8], from the cycle after.
module kpu_window #(
  parameter  int unsigned Lanes         = 64,
  /// Lines of a 1x1 window at most.
  parameter  int unsigned PointChannels = 8,
  localparam int unsigned VecW          = Lanes * kpu_pkg::PixelW
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clear_i,
  // Layer; start_i is a pulse, the others stable from then on
  input  logic                          start_i,
  input  logic [1:0]                    grp_l2_i,
  input  logic [8:0]                    last_px_i,
  input  kpu_pkg::pad_t                 pad_i,
  // Lines
  input  logic                          line_valid_i,
  output logic                          line_ready_o,
  input  kpu_pkg::line_token_t          line_token_i,
  input  logic [VecW-1:0]               line_data_i,
  input  logic [7:0]                    line_left_i,   // byte before the word
  input  logic [7:0]                    line_right_i,  // byte after it
  // Windows
  output logic                          full_o,
  input  logic                          want_i,        // taken if full
  output logic [kpu_pkg::Taps*VecW-1:0] taps_o
);

  localparam int unsigned QuarterW = VecW / kpu_pkg::Quarters;
  localparam int unsigned PxW      = $clog2(Lanes) + 1;  // bits of a number of lanes

  // ---- Masks of the layer ------------------------------------------------------------------------
  // A byte is all ones where the condition holds.
  logic [VecW-1:0] inside_q;       // last segment: lane holds a pixel of the image
  logic [VecW-1:0] edge_q;         // last segment: first lane right of the image
  logic [VecW-1:0] grp_start_q;    // first lane of a channel, lane 0 excepted
  logic [VecW-1:0] grp_end_q;      // last lane of a channel, last lane excepted
  logic [1:0]      grp_l2;
  logic [PxW-1:0]  last_px;        // 1..Lanes
  logic            start_q;

  assign grp_l2  = grp_l2_i & kpu_pkg::grp_mask(Lanes);
  assign last_px = PxW'(last_px_i);

  logic unused_px;                 // bits of wider shapes
  assign unused_px = ^last_px_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) start_q <= 1'b0;
    else         start_q <= start_i;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_mask
    logic [PxW-1:0] pos;           // lane within its channel
    assign pos = PxW'(l) & (PxW'(Lanes - 1) >> grp_l2);
    always_ff @(posedge clk_i) begin
      if (start_q) begin
        inside_q[l*8 +: 8]    <= {8{pos < last_px}};
        edge_q[l*8 +: 8]      <= {8{pos == last_px}};
        grp_start_q[l*8 +: 8] <= {8{pos == '0 && l != 0}};
        grp_end_q[l*8 +: 8]   <= {8{pos == PxW'(Lanes - 1) >> grp_l2 && l != Lanes - 1}};
      end
    end
  end

  // ---- Lines -------------------------------------------------------------------------------------
  // Padding happens here, once per line; everything is zero in channels that do not exist.
  logic [VecW-1:0] pad_vec, valid_vec, line_vec;
  logic [VecW-1:0] take_data, take_edge, take_pad;  // what each lane takes
  logic [3:0]      quarter_valid;
  logic [7:0]      pad_first, pad_last;  // pad value in the first and in the last lane's channel
  logic [7:0]      left, right;          // neighbours of the line

  always_comb begin
    pad_vec   = {Lanes{pad_i.value}};
    quarter_valid = line_token_i.quarter_valid | {4{kpu_pkg::grp_mask(Lanes) == '0}};
    valid_vec = {{QuarterW{quarter_valid[3]}}, {QuarterW{quarter_valid[2]}},
                 {QuarterW{quarter_valid[1]}}, {QuarterW{quarter_valid[0]}}};
    pad_first = pad_i.value & {8{quarter_valid[0]}};
    pad_last  = pad_i.value & {8{quarter_valid[3]}};

    take_data = (inside_q | {VecW{!line_token_i.seg_last}}) & {VecW{!line_token_i.pad}};
    take_edge = edge_q & {VecW{!line_token_i.pad && line_token_i.seg_last && pad_i.nearest}};
    take_pad  = ~take_data & {VecW{line_token_i.pad || !pad_i.nearest}};
    line_vec  = ((line_data_i & take_data) | ({line_data_i[VecW-9:0], 8'd0} & take_edge) | (pad_vec & take_pad))
              & valid_vec;

    left  = pad_first;
    right = pad_last;
    if (!line_token_i.pad) begin
      if (!line_token_i.seg_first)  left = line_left_i;
      else if (pad_i.nearest)   left = line_vec[7:0];
      if (!line_token_i.seg_last)   right = line_right_i;
      else if (pad_i.nearest)   right = line_vec[VecW-8 +: 8];
    end
  end

  // ---- Slots -------------------------------------------------------------------------------------
  logic               full_q, take;
  kpu_pkg::tap_load_e load_q;
  logic [VecW-1:0]    pad_vec_q;         // pad value in the lanes whose channel exists
  logic               line_fire;
  logic               point;             // line of a 1x1 window
  logic [2:0]         slot;

  assign point = line_token_i.load == kpu_pkg::LoadPoint;

  // The lines of a 1x1 window that go to the taps in the middle lie where the rows of a 3x3 window do: that
  // saves a multiplexer at every third tap.
  always_comb begin
    slot = line_token_i.slot;
    if (point) begin
      unique case (line_token_i.slot)
        3'd0:    slot = 3'd3;
        3'd1:    slot = 3'd0;
        3'd2:    slot = 3'd4;
        3'd3:    slot = 3'd5;
        3'd4:    slot = 3'd1;
        3'd5:    slot = 3'd6;
        3'd6:    slot = 3'd7;
        default: slot = 3'd2;
      endcase
    end
  end

  assign take         = want_i && full_q;
  assign line_ready_o = !full_q || want_i;
  assign line_fire    = line_valid_i && line_ready_o;
  assign full_o       = full_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q <= 1'b0;
    end else begin
      if (take)                              full_q <= 1'b0;
      if (line_fire && line_token_i.win_last)  full_q <= 1'b1;
      if (clear_i)                             full_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (line_fire) begin
      load_q    <= line_token_i.load;
      pad_vec_q <= pad_vec & valid_vec;
    end
  end

  for (genvar s = 0; s < kpu_pkg::PointTaps; s++) begin : gen_slot
    localparam logic [2:0] PointIdx = 3'(32'o65320741 >> (3 * s));  // the line of a 1x1 window that lies here
    logic            own, pad_above;     // the line is this slot's, it brings a pad line for slot 0
    logic            empty;              // another slot's line is the first of a 1x1 window, which may have no more
    logic [VecW-1:0] slot_q;
    assign own       = line_fire && slot == 3'(s);
    assign pad_above = line_fire && line_token_i.pad_slot0 && s == 0;
    assign empty     = line_fire && point && line_token_i.slot == '0 && slot != 3'(s);
    if (s < 3 || 32'(PointIdx) < PointChannels) begin : gen_used
      always_ff @(posedge clk_i) begin
        if (empty)                 slot_q <= '0;
        else if (own || pad_above) slot_q <= pad_above ? pad_vec & valid_vec : line_vec;
      end
    end else begin : gen_unused
      logic unused_slot;
      assign slot_q      = '0;
      assign unused_slot = ^{own, pad_above, empty};
    end
    if (s < 3) begin : gen_neighbours    // only the rows of a 3x3 window need them
      logic [7:0] left_q, right_q;
      always_ff @(posedge clk_i) begin
        if (own || pad_above) begin
          left_q  <= pad_above ? pad_first : left;
          right_q <= pad_above ? pad_last : right;
        end
      end
    end
  end

  // ---- Taps --------------------------------------------------------------------------------------
  // Row ky of a 3x3 window: left, centre and right pixel of every lane.
  logic [3*VecW-1:0] row0_q, row1_q, row2_q;

  assign taps_o = {row2_q, row1_q, row0_q};

  // The three taps of a row: the line, shifted to both sides within each channel.
  function automatic logic [3*VecW-1:0] tap_row(
    input logic [VecW-1:0] line, input logic [7:0] line_left, input logic [7:0] line_right,
    input logic [VecW-1:0] fill, input logic [VecW-1:0] starts, input logic [VecW-1:0] ends
  );
    tap_row = {
      ({line_right, line[VecW-1:8]} & ~ends) | (fill & ends),
      line,
      ({line[VecW-9:0], line_left} & ~starts) | (fill & starts)
    };
  endfunction

  logic [VecW-1:0] fill0, fill1, fill2;  // what a lane at a channel's edge sees beyond it

  assign fill0 = pad_i.nearest ? gen_slot[0].slot_q : pad_vec_q;
  assign fill1 = pad_i.nearest ? gen_slot[1].slot_q : pad_vec_q;
  assign fill2 = pad_i.nearest ? gen_slot[2].slot_q : pad_vec_q;

  always_ff @(posedge clk_i) begin
    if (take) begin
      unique case (load_q)
        kpu_pkg::LoadPoint:  row0_q <= {gen_slot[4].slot_q, gen_slot[0].slot_q, gen_slot[3].slot_q};
        kpu_pkg::LoadShift1: row0_q <= row1_q;
        kpu_pkg::LoadShift2: row0_q <= row2_q;
        default: row0_q <= tap_row(gen_slot[0].slot_q, gen_slot[0].gen_neighbours.left_q,
                                   gen_slot[0].gen_neighbours.right_q, fill0, grp_start_q, grp_end_q);
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      unique case (load_q)
        kpu_pkg::LoadPoint:  row1_q <= {gen_slot[6].slot_q, gen_slot[1].slot_q, gen_slot[5].slot_q};
        kpu_pkg::LoadShift1: row1_q <= row2_q;
        default: row1_q <= tap_row(gen_slot[1].slot_q, gen_slot[1].gen_neighbours.left_q,
                                   gen_slot[1].gen_neighbours.right_q, fill1, grp_start_q, grp_end_q);
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      unique case (load_q)
        kpu_pkg::LoadPoint: row2_q <= {{VecW{1'b0}}, gen_slot[2].slot_q, gen_slot[7].slot_q};
        default: row2_q <= tap_row(gen_slot[2].slot_q, gen_slot[2].gen_neighbours.left_q,
                                   gen_slot[2].gen_neighbours.right_q, fill2, grp_start_q, grp_end_q);
      endcase
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (Lanes % kpu_pkg::Quarters != 0) begin : gen_check_lanes
    $error("kpu_window: Lanes must be a multiple of 4");
  end
  `ASSERT_NEXT(FullHeld, full_o && !want_i && !clear_i, full_o)

endmodule
