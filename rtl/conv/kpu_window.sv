// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Line slots and tap registers: collects the lines of the next window while the array works on this one.
///
/// A line (raw word of AI RAM and its two neighbour bytes) is padded and masked when it enters its slot, one a
/// cycle. When the last line of a window is in, full_o rises; take_i loads all nine taps of every lane in one
/// cycle (docs/architecture.md, "Line stage and taps") and frees the slots in that same cycle, so windows of one
/// line pass at one a cycle. taps_o: tap t of lane l at [(t * Lanes + l) * 8 +: 8], from the cycle after take_i.
module kpu_window #(
  parameter  int unsigned Lanes = 64,
  localparam int unsigned VecW  = Lanes * kpu_pkg::PixelW
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clear_i,
  // Layer; start_i is a pulse, cfg_i stable from then on
  input  logic                          start_i,
  input  kpu_pkg::layer_cfg_t           cfg_i,
  // Lines
  input  logic                          line_valid_i,
  output logic                          line_ready_o,
  input  kpu_pkg::line_token_t          line_token_i,
  input  logic [VecW-1:0]               line_data_i,
  input  logic [7:0]                    line_left_i,   // byte before the word
  input  logic [7:0]                    line_right_i,  // byte after it
  // Windows
  output logic                          full_o,
  input  logic                          take_i,
  output logic [kpu_pkg::Taps*VecW-1:0] taps_o
);

  localparam int unsigned Quarter  = Lanes / 4;
  localparam int unsigned QuarterW = VecW / 4;

  // ---- Masks of the layer ------------------------------------------------------------------------
  // A byte is all ones where the condition holds.
  logic [VecW-1:0] inside_q;       // last segment: lane holds a pixel of the image
  logic [VecW-1:0] edge_q;         // last segment: first lane right of the image
  logic [VecW-1:0] grp_start_q;    // first lane of a channel, lane 0 excepted
  logic [VecW-1:0] grp_end_q;      // last lane of a channel, last lane excepted
  logic [1:0]      grp_l2;
  logic            start_q;

  assign grp_l2 = cfg_i.grp_l2 & kpu_pkg::grp_mask(Lanes);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) start_q <= 1'b0;
    else         start_q <= start_i;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_mask
    logic [6:0] pos;               // lane within its channel
    assign pos = 7'(l) & (7'(Lanes - 1) >> grp_l2);
    always_ff @(posedge clk_i) begin
      if (start_q) begin
        inside_q[l*8 +: 8]    <= {8{pos < cfg_i.seg_last_px}};
        edge_q[l*8 +: 8]      <= {8{pos == cfg_i.seg_last_px}};
        grp_start_q[l*8 +: 8] <= {8{pos == '0 && l != 0}};
        grp_end_q[l*8 +: 8]   <= {8{pos == 7'(Lanes - 1) >> grp_l2 && l != Lanes - 1}};
      end
    end
  end

  // ---- Slots -------------------------------------------------------------------------------------
  logic [VecW-1:0]    slot_q [kpu_pkg::PointTaps];
  logic [7:0]         left_q [3];  // neighbour bytes, only the rows of a 3x3 window need them
  logic [7:0]         right_q [3];
  logic               full_q;
  kpu_pkg::tap_load_e load_q;
  logic [2:0]         groups_m1_q;
  logic [VecW-1:0]    valid_vec_q; // lanes whose channel exists
  logic               line_fire;

  assign line_ready_o = !full_q || take_i;
  assign line_fire    = line_valid_i && line_ready_o;
  assign full_o       = full_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q <= 1'b0;
    end else begin
      if (take_i)                              full_q <= 1'b0;
      if (line_fire && line_token_i.win_last)  full_q <= 1'b1;
      if (clear_i)                             full_q <= 1'b0;
    end
  end

  // Padding happens here, once per line; everything is zero in channels that do not exist.
  logic [VecW-1:0] pad_vec, valid_vec, line_vec;
  logic [7:0]      pad_first, pad_last;  // pad value in the first and in the last lane's channel

  assign pad_vec   = {Lanes{cfg_i.pad_value}};
  assign valid_vec = {{QuarterW{line_token_i.quarter_valid[3]}}, {QuarterW{line_token_i.quarter_valid[2]}},
                      {QuarterW{line_token_i.quarter_valid[1]}}, {QuarterW{line_token_i.quarter_valid[0]}}};
  assign pad_first = cfg_i.pad_value & {8{line_token_i.quarter_valid[0]}};
  assign pad_last  = cfg_i.pad_value & {8{line_token_i.quarter_valid[3]}};

  always_ff @(posedge clk_i) begin
    if (line_fire) begin
      if (line_token_i.pad) begin
        line_vec = pad_vec;
      end else if (line_token_i.seg_last) begin
        line_vec = (line_data_i & inside_q)
                 | (cfg_i.pad_nearest ? {line_data_i[VecW-9:0], 8'd0} & edge_q : pad_vec & ~inside_q);
      end else begin
        line_vec = line_data_i;
      end
      line_vec = line_vec & valid_vec;
      slot_q[line_token_i.slot] <= line_vec;
      if (line_token_i.pad_slot0) slot_q[0] <= pad_vec & valid_vec;
      valid_vec_q <= valid_vec;

      if (cfg_i.kernel3) begin
        for (int unsigned s = 0; s < 3; s++) begin
          if (line_token_i.slot == 3'(s)) begin
            if (line_token_i.pad)             left_q[s] <= pad_first;
            else if (!line_token_i.seg_first) left_q[s] <= line_left_i;
            else if (cfg_i.pad_nearest)       left_q[s] <= line_vec[7:0];
            else                              left_q[s] <= pad_first;

            if (line_token_i.pad)             right_q[s] <= pad_last;
            else if (!line_token_i.seg_last)  right_q[s] <= line_right_i;
            else if (cfg_i.pad_nearest)       right_q[s] <= line_vec[VecW-8 +: 8];
            else                              right_q[s] <= pad_last;
          end
        end
        if (line_token_i.pad_slot0) begin
          left_q[0]  <= pad_first;
          right_q[0] <= pad_last;
        end
      end

      load_q      <= line_token_i.load;
      groups_m1_q <= line_token_i.groups_m1;
    end
  end

  // ---- Taps --------------------------------------------------------------------------------------
  // Row ky of a 3x3 window: left, centre and right pixel of every lane.
  logic [3*VecW-1:0] row_q [3];
  logic [3*VecW-1:0] row_new [3];
  logic [VecW-1:0]   edge_fill;
  logic [VecW-1:0]   point [kpu_pkg::PointTaps];

  assign taps_o = {row_q[2], row_q[1], row_q[0]};

  always_ff @(posedge clk_i) begin
    if (take_i) begin
      if (load_q == kpu_pkg::LoadPoint) begin
        for (int unsigned t = 0; t < kpu_pkg::PointTaps; t++) begin
          point[t] = (3'(t) <= groups_m1_q) ? slot_q[t] : '0;
        end
        row_q[0] <= {point[2], point[1], point[0]};
        row_q[1] <= {point[5], point[4], point[3]};
        row_q[2] <= {{VecW{1'b0}}, point[7], point[6]};
      end else begin
        for (int unsigned s = 0; s < 3; s++) begin
          edge_fill  = cfg_i.pad_nearest ? slot_q[s] : pad_vec & valid_vec_q;
          row_new[s] = {
            ({right_q[s], slot_q[s][VecW-1:8]} & ~grp_end_q) | (edge_fill & grp_end_q),
            slot_q[s],
            ({slot_q[s][VecW-9:0], left_q[s]} & ~grp_start_q) | (edge_fill & grp_start_q)
          };
        end
        row_q[2] <= row_new[2];
        unique case (load_q)
          kpu_pkg::LoadShift1: begin
            row_q[1] <= row_q[2];
            row_q[0] <= row_q[1];
          end
          kpu_pkg::LoadShift2: begin
            row_q[1] <= row_new[1];
            row_q[0] <= row_q[2];
          end
          default: begin
            row_q[1] <= row_new[1];
            row_q[0] <= row_new[0];
          end
        endcase
      end
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (Quarter * 4 != Lanes) begin : gen_check_lanes
    $error("kpu_window: Lanes must be a multiple of 4");
  end
  `ASSERT(TakeWhenFull, !take_i || full_q)

endmodule
