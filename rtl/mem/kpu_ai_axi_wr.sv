// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Write half of the AXI4 slave in front of AI RAM; `kpu_ai_axi` has the rules.
///
/// Beats are collected and written a word at a time. 8 bytes a cycle while the arbiter grants at
/// once.
module kpu_ai_axi_wr #(
  /// Bytes of a word of AI RAM.
  parameter  int unsigned Lanes    = 64,
  /// Size of AI RAM in lines of 64 bytes.
  parameter  int unsigned Lines    = 32768,
  /// Bits of an AXI ID.
  parameter  int unsigned IdW      = 4,
  /// Bits of a byte address.
  parameter  int unsigned AxiAddrW = 21,
  localparam int unsigned AddrW    = kpu_pkg::idx_width(Lines * kpu_pkg::line_words(Lanes))
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // AXI4 AW, W and B
  input  logic                awvalid_i,
  output logic                awready_o,
  input  logic [AxiAddrW-1:0] awaddr_i,
  input  logic [IdW-1:0]      awid_i,
  input  logic [7:0]          awlen_i,
  input  logic [2:0]          awsize_i,
  input  logic [1:0]          awburst_i,
  input  logic                wvalid_i,
  output logic                wready_o,
  input  logic [63:0]         wdata_i,
  input  logic [7:0]          wstrb_i,
  input  logic                wlast_i,
  output logic                bvalid_o,
  input  logic                bready_i,
  output logic [IdW-1:0]      bid_o,
  output logic [1:0]          bresp_o,
  // AI RAM through the arbiter
  output logic                wr_valid_o,
  input  logic                wr_ready_i,
  output logic [AddrW-1:0]    wr_addr_o,
  output logic [Lanes-1:0]    wr_be_o,
  output logic [Lanes*8-1:0]  wr_data_o
);

  localparam int unsigned WordL2 = $clog2(Lanes);  // byte address bits within a word
  localparam int unsigned Burst  = AxiAddrW + IdW + 8 + 2 + 1;

  // ---- Bursts -----------------------------------------------------------------------------------
  logic                refused, burst_valid, burst_pop, burst_refused;
  logic [1:0]          bursts;
  logic [AxiAddrW-1:0] first_addr, beat_addr, beat_addr_q, next_addr;
  logic                word_end;
  logic [IdW-1:0]      id;
  logic [7:0]          len, beats_q;   // beats_q: of this burst, already taken
  logic [1:0]          size;
  logic                beat_fire, beat_last;

  assign refused = (awburst_i != 2'b01 && awlen_i != 8'd0) || awsize_i > 3'd3 ||
                   64'(awaddr_i) >= 64'(Lines) * 64'(kpu_pkg::LineBytes);

  kpu_fifo #(.Width(Burst), .Depth(2)) u_bursts (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(awvalid_i), .in_ready_o(awready_o),
    .in_data_i({awaddr_i, awid_i, awlen_i, awsize_i[1:0], refused}),
    .out_valid_o(burst_valid), .out_ready_i(burst_pop),
    .out_data_o({first_addr, id, len, size, burst_refused}),
    .count_o(bursts)
  );

  // ---- The word that is being collected ---------------------------------------------------------
  logic               done_q;          // complete: to be written, or to be dropped when refused
  logic               done_refused_q;
  logic               done_last_q;     // last of its burst: the answer follows
  logic [IdW-1:0]     done_id_q;
  logic [AddrW-1:0]   word_q;
  logic [Lanes-1:0]   be_q;
  logic [Lanes*8-1:0] data_q;
  logic               fresh_q;         // the next beat is the first one of its word
  logic [63:0]        strobe_bits;
  logic               done_fire, word_full, answer_ready;
  logic [2:0]         answers;

  assign wr_valid_o = done_q && !done_refused_q;
  assign wr_addr_o  = word_q;
  assign wr_be_o    = be_q;
  assign wr_data_o  = data_q;
  assign done_fire  = done_q && (wr_ready_i || done_refused_q);

  assign beat_addr = (beats_q == 8'd0) ? first_addr : beat_addr_q;
  assign next_addr = ((beat_addr >> size) + AxiAddrW'(1)) << size;
  // The beat is its word's last: ones above the bits within a beat.
  assign word_end  = &(beat_addr[WordL2-1:0] | ~(WordL2'('1) << size));
  assign beat_last = beats_q == len;
  assign word_full = beat_last || word_end;
  // The answer to this beat must find a place, beside one of a word that is just leaving.
  assign wready_o  = burst_valid && (!done_q || done_fire) && answers <= 3'd2;
  assign beat_fire = wvalid_i && wready_o;
  assign burst_pop = beat_fire && beat_last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beats_q <= '0;
      done_q  <= 1'b0;
      fresh_q <= 1'b1;
    end else begin
      if (done_fire) done_q <= 1'b0;
      if (beat_fire) begin
        beats_q <= beat_last ? '0 : beats_q + 8'd1;
        done_q  <= word_full;
        fresh_q <= word_full;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (beat_fire) begin
      beat_addr_q <= next_addr;
      // Several narrow beats can meet in the same eight bytes: those a beat does not strobe stay.
      for (int unsigned b = 0; b < 8; b++) strobe_bits[8*b +: 8] = {8{wstrb_i[b]}};
      for (int unsigned c = 0; c < Lanes / 8; c++) begin
        if (beat_addr[WordL2-1:0] >> 3 == WordL2'(c)) begin
          be_q[8*c +: 8]    <= (fresh_q ? 8'd0 : be_q[8*c +: 8]) | wstrb_i;
          data_q[64*c +: 64] <= (data_q[64*c +: 64] & ~strobe_bits) | (wdata_i & strobe_bits);
        end else if (fresh_q) begin
          be_q[8*c +: 8] <= 8'd0;
        end
      end
      if (word_full) begin
        word_q         <= beat_addr[WordL2 +: AddrW];
        done_refused_q <= burst_refused;
        done_last_q    <= beat_last;
        done_id_q      <= id;
      end
    end
  end

  // ---- Answers ----------------------------------------------------------------------------------
  kpu_fifo #(.Width(IdW + 1), .Depth(4)) u_answers (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(done_fire && done_last_q), .in_ready_o(answer_ready),
    .in_data_i({done_id_q, done_refused_q}),
    .out_valid_o(bvalid_o), .out_ready_i(bready_i), .out_data_o({bid_o, bresp_o[1]}),
    .count_o(answers)
  );
  assign bresp_o[0] = 1'b0;

  logic unused_read;
  assign unused_read = ^{answer_ready, bursts, wlast_i};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(LastAgrees, !beat_fire || wlast_i == beat_last)
  `ASSERT(RoomForAnswer, !(done_fire && done_last_q) || answer_ready)
  `ASSERT_KEPT(WriteHeld, wr_valid_o && !wr_ready_i, wr_valid_o, wr_addr_o)
  `ASSERT_KEPT(BHeld, bvalid_o && !bready_i, bvalid_o, bid_o)

endmodule
