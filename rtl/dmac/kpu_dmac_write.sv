// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Write half of the DMA engine: takes the bytes of each chunk out of the beats that were read,
/// moves them to their place in the destination's words and writes them.
///
/// Each cycle moves as many bytes as are left in the source beat and fit the destination word: 8
/// when both have the same offset in a word. An incrementing destination is one burst (or single
/// words across 4 KiB), a fixed one a single beat per item. After a read error the rest of the
/// chunk is written with its strobes off. Words of a linked-list item go to the channel.
module kpu_dmac_write #(
  /// Channels that are told what became of their chunks.
  parameter int unsigned Channels = 6
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // From the read half
  input  logic                 chunk_valid_i,
  output logic                 chunk_ready_o,
  input  kpu_dmac_pkg::chunk_t chunk_i,
  input  logic                 beat_valid_i,
  output logic                 beat_ready_o,
  input  logic [63:0]          beat_data_i,
  input  logic [1:0]           beat_resp_i,
  // AXI4 AW, W and B
  output logic                 awvalid_o,
  input  logic                 awready_i,
  output logic [31:0]          awaddr_o,
  output logic [7:0]           awlen_o,
  output logic [2:0]           awsize_o,
  output logic                 wvalid_o,
  input  logic                 wready_i,
  output logic [63:0]          wdata_o,
  output logic [7:0]           wstrb_o,
  output logic                 wlast_o,
  input  logic                 bvalid_i,
  output logic                 bready_o,
  input  logic [1:0]           bresp_i,
  // To the channels: a bit each; {slave, decode} errors at [2c +: 2]
  output logic [Channels-1:0]   chunk_done_o,
  output logic [2*Channels-1:0] src_err_o,
  output logic [2*Channels-1:0] dst_err_o,
  output logic [Channels-1:0]   list_valid_o,
  output logic [2:0]            list_idx_o,
  output logic [63:0]           list_data_o
);

  /// {slave error, decode error} of an AXI response.
  function automatic logic [1:0] error_bits(input logic [1:0] resp);
    error_bits = {resp == 2'b10, resp == 2'b11};
  endfunction

  // ---- The chunk in work ------------------------------------------------------------------------
  logic                 busy_q;
  kpu_dmac_pkg::chunk_t chunk_q;
  logic [7:0]           left_q;       // bytes of the chunk still to move
  logic [2:0]           src_pos_q;    // of the next byte in the source beat
  logic [2:0]           dst_pos_q;    // of the next byte in the destination word
  logic [7:0]           src_used_q;   // bytes taken from this source item (fixed source)
  logic [7:0]           dst_used_q;   // bytes of this destination item (fixed destination)
  logic                 bad_q;        // a beat of this chunk came with an error
  logic [63:0]          word_q;       // bytes of the destination word so far
  logic [7:0]           strb_q;
  logic                 single_q;     // word by word instead of in a burst
  logic                 load, load_single, last_move;

  assign load        = chunk_valid_i && chunk_ready_o;
  assign load_single = chunk_i.dst_fixed ||
                       kpu_dmac_pkg::crosses(chunk_i.dst[11:0], chunk_i.bytes);

  // ---- One move ---------------------------------------------------------------------------------
  logic [3:0]  src_avail, dst_room, count;
  logic        move, move_ready, word_full, beat_used, bad;
  logic [2:0]  turn;
  logic [63:0] turned, word;
  logic [7:0]  mask, strb;

  // Bytes of the source beat, room in the destination word; an item ends either early.
  assign src_avail = chunk_q.src_fixed ? (4'd1 << chunk_q.src_width) - src_used_q[3:0]
                                       : 4'd8 - {1'b0, src_pos_q};
  assign dst_room  = chunk_q.dst_fixed ? (4'd1 << chunk_q.dst_width) - dst_used_q[3:0]
                                       : 4'd8 - {1'b0, dst_pos_q};
  always_comb begin
    count = (src_avail < dst_room) ? src_avail : dst_room;
    if (8'(count) > left_q) count = left_q[3:0];
  end

  assign turn      = dst_pos_q - src_pos_q;
  assign last_move = 8'(count) == left_q;
  assign beat_used = count == src_avail || last_move;
  assign word_full = count == dst_room  || last_move;
  assign bad       = bad_q || beat_resp_i[1];
  assign mask      = 8'((9'd1 << count) - 9'd1) << dst_pos_q;
  assign strb      = strb_q | mask;

  always_comb begin
    turned = (beat_data_i << {turn, 3'd0}) | (beat_data_i >> (7'd64 - {1'b0, turn, 3'd0}));
    for (int unsigned b = 0; b < 8; b++) begin
      word[8*b +: 8] = mask[b] ? turned[8*b +: 8] : word_q[8*b +: 8];
    end
  end

  // ---- Queues to the bus ------------------------------------------------------------------------
  logic        aw_ready, w_ready, b_ready, w_in;
  logic        aw_single, aw_burst, aw_in, aw_last;
  logic [31:0] aw_addr;
  logic [7:0]  burst_span, aw_len;
  logic [2:0]  aws, aw_size, aw_chan, bursts_open;
  logic [1:0]  ws;
  logic [2:0]  b_chan;
  logic        b_valid, b_is_last;

  // A burst's address goes out when its chunk is loaded, that of a single word with the word: not both in a cycle.
  assign chunk_ready_o = (!busy_q || (move && last_move && (!single_q || load_single))) && aw_ready && b_ready;
  assign aw_burst      = load && !load_single && !chunk_i.list_item;
  assign aw_single     = w_in && single_q;
  assign aw_in         = aw_burst || aw_single;
  assign burst_span    = {5'd0, chunk_i.dst[2:0]} + chunk_i.bytes - 8'd1;  // to its last byte
  assign aw_addr       = aw_burst ? chunk_i.dst : chunk_q.dst;
  assign aw_len        = aw_burst ? burst_span >> 3 : 8'd0;
  assign aw_size       = (aw_burst || !chunk_q.dst_fixed) ? 3'd3 : {1'b0, chunk_q.dst_width};
  assign aw_chan       = aw_burst ? chunk_i.chan : chunk_q.chan;
  assign aw_last       = aw_burst || last_move;

  assign move_ready   = chunk_q.list_item || (w_ready && (!single_q || (aw_ready && b_ready)));
  assign move         = busy_q && beat_valid_i && move_ready;
  assign beat_ready_o = busy_q && move_ready && beat_used;
  assign w_in         = move && word_full && !chunk_q.list_item;

  kpu_fifo #(.Width(43), .Depth(4)) u_aw (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(aw_in), .in_ready_o(aw_ready), .in_data_i({aw_addr, aw_len, aw_size}),
    .out_valid_o(awvalid_o), .out_ready_i(awready_i),
    .out_data_o({awaddr_o, awlen_o, awsize_o}), .count_o(aws)
  );

  kpu_fifo #(.Width(73), .Depth(2)) u_w (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(w_in), .in_ready_o(w_ready),
    .in_data_i({word, bad ? 8'd0 : strb, single_q || last_move}),
    .out_valid_o(wvalid_o), .out_ready_i(wready_i),
    .out_data_o({wdata_o, wstrb_o, wlast_o}), .count_o(ws)
  );

  // Bursts whose answer is out; the last one of a chunk ends it.
  kpu_fifo #(.Width(4), .Depth(7)) u_open (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(aw_in), .in_ready_o(b_ready), .in_data_i({aw_chan, aw_last}),
    .out_valid_o(b_valid), .out_ready_i(bvalid_i), .out_data_o({b_chan, b_is_last}),
    .count_o(bursts_open)
  );
  assign bready_o = 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
    end else begin
      if (load)                   busy_q <= 1'b1;
      else if (move && last_move) busy_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      chunk_q    <= chunk_i;
      left_q     <= chunk_i.bytes;
      src_pos_q  <= chunk_i.src[2:0];
      dst_pos_q  <= chunk_i.list_item ? '0 : chunk_i.dst[2:0];
      src_used_q <= '0;
      dst_used_q <= '0;
      bad_q      <= 1'b0;
      strb_q     <= '0;
      single_q   <= load_single;
    end else if (move) begin
      left_q     <= left_q - 8'(count);
      src_used_q <= beat_used ? '0 : src_used_q + 8'(count);
      src_pos_q  <= !beat_used        ? src_pos_q + count[2:0] :
                    chunk_q.src_fixed ? chunk_q.src[2:0] : '0;
      dst_used_q <= word_full ? '0 : dst_used_q + 8'(count);
      dst_pos_q  <= !word_full        ? dst_pos_q + count[2:0] :
                    chunk_q.dst_fixed ? chunk_q.dst[2:0] : '0;
      bad_q      <= bad;
      word_q     <= word;
      strb_q     <= word_full ? '0 : strb;
      if (word_full && !chunk_q.dst_fixed) chunk_q.dst <= {chunk_q.dst[31:3] + 29'd1, 3'd0};
    end
  end

  // ---- What the channels are told ---------------------------------------------------------------
  logic [2:0] list_idx_q;

  assign list_idx_o  = list_idx_q;
  assign list_data_o = beat_data_i;
  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      chunk_done_o[c] = (bvalid_i && b_is_last && b_chan == 3'(c)) ||
                        (move && last_move && chunk_q.list_item && chunk_q.chan == 3'(c));
      list_valid_o[c] = move && chunk_q.list_item && chunk_q.chan == 3'(c);
      src_err_o[2*c +: 2] = (move && chunk_q.chan == 3'(c)) ? error_bits(beat_resp_i) : '0;
      dst_err_o[2*c +: 2] = (bvalid_i && b_chan == 3'(c))   ? error_bits(bresp_i)     : '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                    list_idx_q <= '0;
    else if (load)                  list_idx_q <= '0;
    else if (move && chunk_q.list_item)  list_idx_q <= list_idx_q + 3'd1;
  end

  logic unused_bits;
  assign unused_bits = ^{aws, ws, bursts_open, b_valid, chunk_q, src_used_q, dst_used_q};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(AnswerExpected, !bvalid_i || b_valid)
  `ASSERT(MovesSomething, !move || count != '0)
  `ASSERT_KEPT(AwHeld, awvalid_o && !awready_i, awvalid_o, awaddr_o)
  `ASSERT_KEPT(WHeld, wvalid_o && !wready_i, wvalid_o, {wdata_o, wstrb_o})

endmodule
