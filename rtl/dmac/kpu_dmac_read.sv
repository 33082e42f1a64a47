// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Read half of the DMA engine: takes chunks, asks for their data on AXI4, and keeps the data in a
/// FIFO for the write half, which gets the same chunks in the same order.
///
/// A chunk is taken when the FIFO has a place for all of its beats, so data never wait on the bus.
/// An incrementing source is one burst of 64-bit beats (or single ones across 4 KiB), a fixed one a
/// single beat per item.
module kpu_dmac_read #(
  /// Beats the FIFO holds: at least 17, the beats of the largest chunk.
  parameter int unsigned Beats    = 64,
  /// Channels that are told when an item arrives.
  parameter int unsigned Channels = 6
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // Chunks
  input  logic                 chunk_valid_i,
  output logic                 chunk_ready_o,
  input  kpu_dmac_pkg::chunk_t chunk_i,
  // AXI4 AR and R
  output logic                 arvalid_o,
  input  logic                 arready_i,
  output logic [31:0]          araddr_o,
  output logic [7:0]           arlen_o,
  output logic [2:0]           arsize_o,
  input  logic                 rvalid_i,
  output logic                 rready_o,
  input  logic [63:0]          rdata_i,
  input  logic [1:0]           rresp_i,
  // To the write half
  output logic                 out_chunk_valid_o,
  input  logic                 out_chunk_ready_i,
  output kpu_dmac_pkg::chunk_t out_chunk_o,
  output logic                 beat_valid_o,
  input  logic                 beat_ready_i,
  output logic [63:0]          beat_data_o,
  output logic [1:0]           beat_resp_o,
  /// A beat for this channel has arrived.
  output logic [Channels-1:0]  arrived_o
);

  if (Beats < 17 || Beats > 128) begin : gen_check_beats
    $error("kpu_dmac_read: Beats must be 17..128");
  end

  localparam int unsigned CntW = $clog2(Beats + 1);

  // ---- Chunks in work ---------------------------------------------------------------------------
  // Beats of a chunk: the words it touches, or its items. A linked-list item is aligned.
  logic [7:0]      span;          // bytes from the start of its first word
  logic [7:0]      beats;
  logic [CntW-1:0] reserved_q;    // beats asked for or in the FIFO
  logic            take, room, order_ready, fetch_ready, ask_free, beat_fire;
  logic [3:0]      chunks_out, fetches;

  assign span  = {5'd0, chunk_i.src[2:0]} + chunk_i.bytes;
  assign beats = chunk_i.src_fixed ? chunk_i.bytes >> chunk_i.src_width
                                   : {3'd0, span[7:3]} + {7'd0, span[2:0] != '0};
  assign room  = 9'(reserved_q) + 9'(beats) <= 9'(Beats);

  assign chunk_ready_o = room && order_ready && fetch_ready && ask_free;
  assign take          = chunk_valid_i && chunk_ready_o;
  assign beat_fire     = beat_valid_o && beat_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) reserved_q <= '0;
    else         reserved_q <= reserved_q + (take ? CntW'(beats) : '0) - CntW'(beat_fire);
  end

  kpu_fifo #(.Width(kpu_dmac_pkg::ChunkW), .Depth(8)) u_order (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(take), .in_ready_o(order_ready), .in_data_i(chunk_i),
    .out_valid_o(out_chunk_valid_o), .out_ready_i(out_chunk_ready_i), .out_data_o(out_chunk_o),
    .count_o(chunks_out)
  );

  // ---- Addresses --------------------------------------------------------------------------------
  logic                 ask_q;          // addresses of a chunk are still to be given
  kpu_dmac_pkg::chunk_t chunk_q;
  logic [7:0]           beats_q;        // of the burst, or items still to ask for
  logic                 single_q;       // beat by beat instead of in a burst
  logic                 ask_last;

  assign ask_last  = !single_q || beats_q == 8'd1;
  assign ask_free  = !ask_q || (arready_i && ask_last);
  assign arvalid_o = ask_q;
  assign araddr_o  = chunk_q.src;
  assign arlen_o   = single_q ? 8'd0 : beats_q - 8'd1;
  assign arsize_o  = chunk_q.src_fixed ? {1'b0, chunk_q.src_width} : 3'd3;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                     ask_q <= 1'b0;
    else if (take)                   ask_q <= 1'b1;
    else if (arready_i && ask_last)  ask_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      chunk_q  <= chunk_i;
      beats_q  <= beats;
      single_q <= chunk_i.src_fixed || kpu_dmac_pkg::crosses(chunk_i.src[11:0], chunk_i.bytes);
    end else if (ask_q && arready_i) begin
      beats_q <= beats_q - 8'd1;
      if (!chunk_q.src_fixed) chunk_q.src <= {chunk_q.src[31:3] + 29'd1, 3'd0};
    end
  end

  // ---- Data -------------------------------------------------------------------------------------
  logic [CntW-1:0] held;
  logic [2:0]      arrive_chan;
  logic [7:0]      arrive_beats;
  logic            arrive_valid, arrive_fire, arrive_last;
  logic [7:0]      arrived_q;           // beats of the chunk at the head that are there

  kpu_fifo #(.Width(66), .Depth(Beats)) u_beats (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(rvalid_i), .in_ready_o(rready_o), .in_data_i({rresp_i, rdata_i}),
    .out_valid_o(beat_valid_o), .out_ready_i(beat_ready_i),
    .out_data_o({beat_resp_o, beat_data_o}), .count_o(held)
  );

  // Whose beats arrive, in the order of the addresses.
  kpu_fifo #(.Width(11), .Depth(8)) u_fetches (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(take), .in_ready_o(fetch_ready), .in_data_i({chunk_i.chan, beats}),
    .out_valid_o(arrive_valid), .out_ready_i(arrive_fire && arrive_last),
    .out_data_o({arrive_chan, arrive_beats}), .count_o(fetches)
  );
  assign arrive_fire = rvalid_i && rready_o;
  assign arrive_last = arrived_q == arrive_beats - 8'd1;
  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      arrived_o[c] = arrive_fire && arrive_chan == 3'(c);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)          arrived_q <= '0;
    else if (arrive_fire) arrived_q <= arrive_last ? '0 : arrived_q + 8'd1;
  end

  logic unused_bits;
  assign unused_bits = ^{chunks_out, fetches, held, arrive_valid, chunk_q};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(RoomForData, !rvalid_i || rready_o)
  `ASSERT(DataExpected, !rvalid_i || arrive_valid)
  `ASSERT(ReservedInRange, 32'(reserved_q) <= Beats)
  `ASSERT_KEPT(ArHeld, arvalid_o && !arready_i, arvalid_o, araddr_o)

endmodule
