// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Read half of the AXI4 slave in front of AI RAM; `kpu_ai_axi` has the rules.
///
/// Two bursts are in work at a time: one is fetched, word by word, while the other gives its beats.
/// A word is read once and serves all its beats. 8 bytes a cycle while the arbiter grants at once,
/// first data three cycles after the address.
module kpu_ai_axi_rd #(
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
  // AXI4 AR and R
  input  logic                arvalid_i,
  output logic                arready_o,
  input  logic [AxiAddrW-1:0] araddr_i,
  input  logic [IdW-1:0]      arid_i,
  input  logic [7:0]          arlen_i,
  input  logic [2:0]          arsize_i,
  input  logic [1:0]          arburst_i,
  output logic                rvalid_o,
  input  logic                rready_i,
  output logic [63:0]         rdata_o,
  output logic [IdW-1:0]      rid_o,
  output logic [1:0]          rresp_o,
  output logic                rlast_o,
  // AI RAM through the arbiter
  output logic                rd_valid_o,
  input  logic                rd_ready_i,
  output logic [AddrW-1:0]    rd_addr_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*8-1:0]  rsp_data_i
);

  localparam int unsigned WordL2 = $clog2(Lanes);  // byte address bits within a word
  localparam int unsigned Burst  = AxiAddrW + IdW + 8 + 2 + 1;

  // ---- Accepting bursts -------------------------------------------------------------------------
  // A burst goes to the fetch below and, through a FIFO, to the beats.
  logic                refused;      // answered with SLVERR, without touching AI RAM
  logic [AxiAddrW-1:0] last_addr;    // of the burst's last beat
  logic                accept, burst_ready;

  assign last_addr = araddr_i + (AxiAddrW'(arlen_i) << arsize_i[1:0]);
  // The first address is enough: a burst that leaves AI RAM at its end crosses 4 KiB, which AXI
  // forbids.
  assign refused   = (arburst_i != 2'b01 && arlen_i != 8'd0) || arsize_i > 3'd3 ||
                     64'(araddr_i) >= 64'(Lines) * 64'(kpu_pkg::LineBytes);

  // ---- Fetch: from words of AI RAM to a FIFO of two words ---------------------------------------
  logic               fetch_q;       // words of a burst are still to be read
  logic [AddrW-1:0]   fetch_word_q, fetch_last_q;
  logic               fetch_fire, words_ready, word_valid, word_pop;
  logic [1:0]         words;         // in the FIFO
  logic               reading_q;     // a word arrives in this cycle
  logic [Lanes*8-1:0] word;

  assign arready_o  = burst_ready && (!fetch_q || (fetch_fire && fetch_word_q == fetch_last_q));
  assign accept     = arvalid_i && arready_o;
  assign rd_valid_o = fetch_q && (words + {1'b0, reading_q} < 2'd2);
  assign rd_addr_o  = fetch_word_q;
  assign fetch_fire = rd_valid_o && rd_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fetch_q   <= 1'b0;
      reading_q <= 1'b0;
    end else begin
      reading_q <= fetch_fire;
      if (accept)                                          fetch_q <= !refused;
      else if (fetch_fire && fetch_word_q == fetch_last_q) fetch_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      fetch_word_q <= araddr_i[WordL2 +: AddrW];
      fetch_last_q <= last_addr[WordL2 +: AddrW];
    end else if (fetch_fire) begin
      fetch_word_q <= fetch_word_q + AddrW'(1);
    end
  end

  kpu_fifo #(.Width(Lanes * 8), .Depth(2)) u_words (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(rsp_valid_i), .in_ready_o(words_ready), .in_data_i(rsp_data_i),
    .out_valid_o(word_valid), .out_ready_i(word_pop), .out_data_o(word),
    .count_o(words)
  );

  // ---- Beats ------------------------------------------------------------------------------------
  logic                burst_valid, burst_pop;
  logic [1:0]          bursts;
  logic [AxiAddrW-1:0] first_addr, beat_addr, beat_addr_q, next_addr;
  logic                word_end;
  logic [7:0]          len, beats_q;   // beats_q: of this burst, already given
  logic [1:0]          size;
  logic                burst_refused, beat_fire;

  kpu_fifo #(.Width(Burst), .Depth(2)) u_bursts (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(accept), .in_ready_o(burst_ready),
    .in_data_i({araddr_i, arid_i, arlen_i, arsize_i[1:0], refused}),
    .out_valid_o(burst_valid), .out_ready_i(burst_pop),
    .out_data_o({first_addr, rid_o, len, size, burst_refused}),
    .count_o(bursts)
  );

  assign beat_addr = (beats_q == 8'd0) ? first_addr : beat_addr_q;
  assign next_addr = ((beat_addr >> size) + AxiAddrW'(1)) << size;
  // The beat is its word's last: ones above the bits within a beat.
  assign word_end  = &(beat_addr[WordL2-1:0] | ~(WordL2'('1) << size));
  assign rvalid_o  = burst_valid && (word_valid || burst_refused);
  assign rlast_o   = beats_q == len;
  assign rresp_o   = {burst_refused, 1'b0};
  assign rdata_o   = burst_refused ? '0 : word[(WordL2+3)'({beat_addr[WordL2-1:0] >> 3, 6'd0}) +: 64];
  assign beat_fire = rvalid_o && rready_i;
  assign burst_pop = beat_fire && rlast_o;
  assign word_pop  = beat_fire && !burst_refused && (rlast_o || word_end);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)        beats_q <= '0;
    else if (beat_fire) beats_q <= rlast_o ? '0 : beats_q + 8'd1;
  end

  always_ff @(posedge clk_i) begin
    if (beat_fire) beat_addr_q <= next_addr;
  end

  logic unused_read;
  assign unused_read = ^{words_ready, bursts, last_addr};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(RoomForWord, !rsp_valid_i || words_ready)
  `ASSERT(AnswerExpected, rsp_valid_i == reading_q)
  `ASSERT_KEPT(RHeld, rvalid_o && !rready_i, rvalid_o, {rdata_o, rlast_o, rid_o})

endmodule
