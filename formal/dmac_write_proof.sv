// SPDX-License-Identifier: Apache-2.0

/// kpu_dmac_write: each byte of a chunk is written once, to its place and with its value, nothing else is; bursts have
/// as many beats as their address says and stay in 4 KiB; data are held; the chunk is done with its last answer,
/// once. One chunk at a time, up to 12 bytes, any two alignments, around a 4 KiB boundary.
module dmac_write_proof (
  input logic        clk_i,
  input logic        chunk_valid_i,
  input logic        beat_valid_i,
  input logic        wready_i,
  input logic        bvalid_i
);
  // The chunk, and one of its bytes: that one is 1, all others are 0.
  (* anyconst *) logic [2:0] src;
  (* anyconst *) logic [4:0] dst_low;  // 16 bytes before the boundary to 15 behind it
  (* anyconst *) logic [4:0] bytes;
  (* anyconst *) logic [4:0] spot;

  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic        chunk_ready, beat_ready, awvalid, wvalid, wlast, bready, done;
  logic [31:0] dst, awaddr;
  logic [7:0]  awlen, wstrb;
  logic [2:0]  awsize, list_idx;
  logic [63:0] beat, wdata, list_data;
  logic [1:0]  src_err, dst_err;
  logic        list_valid;

  // ---- Source beats ---------------------------------------------------------------------------------
  logic [4:0] beats_q;        // taken so far
  logic [5:0] mark;           // the marked byte, counted from the first source beat

  assign mark = 6'(src) + 6'(spot);
  assign beat = (3'(mark >> 3) == 3'(beats_q)) ? 64'd1 << {mark[2:0], 3'd0} : 64'd0;
  assign dst  = {20'd5, 12'd4080} + 32'(dst_low);

  kpu_dmac_write #(.Channels(1)) u_dut (
    .clk_i, .rst_ni,
    .chunk_valid_i, .chunk_ready_o(chunk_ready),
    .chunk_i({3'd0, 1'b0, 29'd0, src, dst, 3'd0, bytes, 2'b00, 4'd0}),
    .beat_valid_i, .beat_ready_o(beat_ready), .beat_data_i(beat), .beat_resp_i(2'd0),
    .awvalid_o(awvalid), .awready_i(aw_ready), .awaddr_o(awaddr), .awlen_o(awlen), .awsize_o(awsize),
    .wvalid_o(wvalid), .wready_i, .wdata_o(wdata), .wstrb_o(wstrb), .wlast_o(wlast),
    .bvalid_i, .bready_o(bready), .bresp_i(2'd0),
    .chunk_done_o(done), .src_err_o(src_err), .dst_err_o(dst_err),
    .list_valid_o(list_valid), .list_idx_o(list_idx), .list_data_o(list_data)
  );

  // ---- Destination: the words of the burst, the bytes written, bursts to answer ---------------------
  logic        started_q, done_q;
  logic [3:0]  word, word_q;          // of the next data beat: bits 6:3 of its address, enough for so few bytes
  logic [3:0]  left, left_q;          // data beats of the burst; an address may come with its data
  logic [2:0]  unanswered_q;
  logic        spot_q;                // the marked byte is written
  logic        aw_ready, aw_fire, w_fire, at_spot;
  logic [6:0]  spot_addr;
  logic [6:0]  distance;              // of the data beat's first byte from the chunk's

  // An address is taken when the data of the one before it are.
  assign aw_ready  = left_q == '0;
  assign aw_fire   = awvalid && aw_ready;
  assign left      = aw_fire ? 4'(awlen) + 4'd1 : left_q;
  assign word      = aw_fire ? awaddr[6:3] : word_q;
  assign w_fire    = wvalid && wready_i;
  assign spot_addr = dst[6:0] + 7'(spot);
  assign distance  = {word, 3'b000} - dst[6:0];
  assign at_spot   = word == spot_addr[6:3] && wstrb[spot_addr[2:0]];

  always_ff @(posedge clk_i) begin
    if (chunk_valid_i && chunk_ready) started_q <= 1'b1;
    if (beat_valid_i && beat_ready)   beats_q <= beats_q + 5'd1;
    left_q <= left - 4'(w_fire);
    word_q <= word + 4'(w_fire);
    if (w_fire && at_spot) spot_q <= 1'b1;
    unanswered_q <= unanswered_q + 3'(w_fire && wlast) - 3'(bvalid_i);
    if (done) done_q <= 1'b1;
    if (!rst_ni) begin
      started_q    <= 1'b0;
      done_q       <= 1'b0;
      beats_q      <= '0;
      left_q       <= '0;
      unanswered_q <= '0;
      spot_q       <= 1'b0;
    end
  end

  always @(posedge clk_i) begin
    assume (bytes >= 5'd1 && bytes <= 5'd12 && spot < bytes);
    assume (!chunk_valid_i || !started_q);
    assume (!bvalid_i || unanswered_q != '0);
    if (rst_ni) begin
      if (awvalid) begin
        assert (awsize == 3'd3);
        assert (awaddr >= {dst[31:3], 3'd0} && awaddr < dst + 32'(bytes));
        assert (awaddr[31:12] == 20'(({awaddr[31:3], 3'd0} + {21'd0, awlen, 3'd0}) >> 12));
      end
      if (wvalid) begin
        assert (left != '0 && wlast == (left == 4'd1));
        for (int b = 0; b < 8; b++) begin
          if (wstrb[b]) assert (distance + 7'(b) < 7'(bytes));
          if (wstrb[b]) assert (wdata[8*b +: 8] == 8'({word, 3'(b)} == spot_addr));
        end
        if (at_spot) assert (!spot_q);
      end
      if ($past(rst_ni) && $past(wvalid && !wready_i)) assert (wvalid && $stable(wdata) && $stable(wstrb));
      assert (!list_valid && src_err == '0 && dst_err == '0);
      if (done) assert (!done_q && bvalid_i && unanswered_q == 3'd1 && spot_q);
      if (done_q) assert (!wvalid && !awvalid && unanswered_q == '0);
    end
  end
endmodule
