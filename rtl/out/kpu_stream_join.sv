// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// The work of `kpu_stream_pack` for `Overlap` = 1: a word every cycle where runs have nine bytes or more, since the end of a
/// run and the beginning of the next one leave in one word.
///
/// Holds up to 16 bytes: the word that is offered and those behind it. In a cycle in which that word leaves, or none is offered,
/// takes as many bytes of the run as then have room, 8 to 16; a run of eight or fewer takes a cycle. Eight bytes are
/// offered in the cycle after they were taken, fewer at the end of the image, with zeros behind them, a cycle later.
///
/// docs/architecture.md, section "Overlapping ends".
module kpu_stream_join #(
  parameter  int unsigned Lanes = 64,
  localparam int unsigned LaneW = $clog2(Lanes)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  // Words with in_bytes_m1_i + 1 bytes from quarter in_quarter_i on
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  logic [Lanes*8-1:0] in_word_i,
  input  logic [1:0]         in_quarter_i,
  input  logic [LaneW-1:0]   in_bytes_m1_i,
  input  logic               in_last_i,
  // Stream
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [63:0]        out_data_o,
  output logic               out_last_o
);

  if (Lanes < 16) begin : gen_check_lanes
    $error("kpu_stream_join: Lanes must be at least 16");
  end

  logic [LaneW-1:0] pos_q;    // bytes of the run taken so far
  logic [4:0]       cnt_q;    // bytes held, 0..16
  logic [127:0]     held_q;   // those beyond the count have no meaning
  logic             end_q;    // the last run is in

  logic [3:0]       keep;     // bytes that stay when the word that is offered leaves, 0..8
  logic [LaneW:0]   first;    // byte of the run that belongs into lane 0, from -8 on
  logic [LaneW:0]   ends;     // lane of the last byte
  logic [4:0]       sum;      // bytes held, with those of the run
  logic [LaneW-1:0] from;     // byte of the word that belongs into lane 0
  logic [127:0]     part;     // the 16 bytes from there on, each in its lane of the word
  logic [127:0]     turned;   // .. from lane 0 on
  logic             fits, pad, adv, take;

  assign out_valid_o = cnt_q[4:3] != 2'd0;
  assign out_data_o  = held_q[63:0];
  assign out_last_o  = end_q && cnt_q == 5'd8;

  assign adv        = !out_valid_o || out_ready_i;
  assign keep       = {cnt_q[4], cnt_q[2:0]};
  assign first      = (LaneW+1)'(pos_q) - (LaneW+1)'(keep);
  assign ends       = (LaneW+1)'(in_bytes_m1_i) - first;
  assign fits       = ends >> 4 == '0;
  assign sum        = fits ? 5'(ends[3:0]) + 5'd1 : 5'd16;
  assign pad        = end_q && cnt_q[2:0] != 3'd0;
  assign take       = in_valid_i && adv && !end_q && !clear_i;
  assign in_ready_o = adv && !end_q && !clear_i && fits;

  assign from  = first[LaneW-1:0] + (LaneW'(in_quarter_i) << (LaneW - 2));

  for (genvar i = 0; i < 16; i++) begin : gen_part
    if (Lanes == 16) begin : gen_whole
      assign part[i*8 +: 8] = in_word_i[i*8 +: 8];
    end else begin : gen_choice
      logic [LaneW-5:0] sixteen;
      assign sixteen        = from[LaneW-1:4] + (LaneW-4)'(5'(from[3:0]) >= 5'(i + 1));
      assign part[i*8 +: 8] = in_word_i[{sixteen, 4'(i), 3'd0} +: 8];
    end
  end

  always_comb begin
    turned = part;
    if (from[3]) turned = {turned[63:0], turned[127:64]};
    if (from[2]) turned = {turned[31:0], turned[127:32]};
    if (from[1]) turned = {turned[15:0], turned[127:16]};
    if (from[0]) turned = {turned[7:0],  turned[127:8]};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pos_q <= '0;
      cnt_q <= '0;
      end_q <= 1'b0;
    end else if (clear_i) begin
      pos_q <= '0;
      cnt_q <= '0;
      end_q <= 1'b0;
    end else if (adv) begin
      cnt_q <= 5'(keep);
      if (take) begin
        pos_q <= fits ? '0 : first[LaneW-1:0] + LaneW'(16);
        cnt_q <= sum;
        end_q <= fits && in_last_i;
      end
      if (pad)        cnt_q <= 5'd8;
      if (out_last_o) end_q <= 1'b0;
    end
  end

  // Lanes that are not kept take what comes, be it taken or not; zeros fill the last word.
  for (genvar b = 0; b < 8; b++) begin : gen_lane
    logic kept;
    assign kept = keep >= 4'(b + 1);
    always_ff @(posedge clk_i) begin
      if (adv && (out_valid_o || !kept)) begin
        held_q[b*8 +: 8] <= kept ? held_q[64 + b*8 +: 8] : turned[b*8 +: 8];
        if (pad && !kept) held_q[b*8 +: 8] <= 8'd0;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (adv) held_q[127:64] <= turned[127:64];
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(CountInRange, cnt_q <= 5'd16)
  `ASSERT(EndHoldsBytes, !end_q || cnt_q != '0)

endmodule
