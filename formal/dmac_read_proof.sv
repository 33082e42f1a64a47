// SPDX-License-Identifier: Apache-2.0

/// kpu_dmac_read: the requests of a chunk read exactly its words, or its items from a fixed address, in order; none
/// crosses 4 KiB; requests are held; a beat is asked for only when it has a place, so data never wait; every beat
/// that arrives is told to its channel. Chunks of up to 24 bytes around a 4 KiB boundary, 17 places.
module dmac_read_proof (
  input logic        clk_i,
  input logic        chunk_valid_i,
  input logic        chan_i,
  input logic [4:0]  src_low_i,     // 16 bytes before the boundary to 15 behind it
  input logic [4:0]  bytes_i,
  input logic        fixed_i,
  input logic [1:0]  width_i,
  input logic        arready_i,
  input logic        rvalid_i,
  input logic        out_ready_i,
  input logic        beat_ready_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic        chunk_ready, arvalid, rready, out_valid, beat_valid;
  logic [31:0] src, araddr;
  logic [7:0]  arlen;
  logic [2:0]  arsize;
  logic [81:0] out_chunk;
  logic [63:0] beat_data;
  logic [1:0]  beat_resp, arrived;

  assign src = {20'd5, 12'd4080} + 32'(src_low_i);

  kpu_dmac_read #(.Beats(17), .Channels(2)) u_dut (
    .clk_i, .rst_ni,
    .chunk_valid_i, .chunk_ready_o(chunk_ready),
    .chunk_i({2'b00, chan_i, 1'b0, src, 32'd0, 3'd0, bytes_i, fixed_i, 1'b0, width_i, 2'd0}),
    .arvalid_o(arvalid), .arready_i, .araddr_o(araddr), .arlen_o(arlen), .arsize_o(arsize),
    .rvalid_i, .rready_o(rready), .rdata_i(64'd0), .rresp_i(2'd0),
    .out_chunk_valid_o(out_valid), .out_chunk_ready_i(out_ready_i), .out_chunk_o(out_chunk),
    .beat_valid_o(beat_valid), .beat_ready_i, .beat_data_o(beat_data), .beat_resp_o(beat_resp),
    .arrived_o(arrived)
  );

  // ---- What the chunk still has to ask for, and beats that have been asked for ----------------------
  logic        take, ar_fire, fixed_q;
  logic [31:0] next_q;              // address of the next request
  logic [4:0]  left_q;              // beats
  logic [1:0]  width_q;
  logic [4:0]  open_q;
  logic [5:0]  span, words;

  assign take    = chunk_valid_i && chunk_ready;
  assign ar_fire = arvalid && arready_i;
  assign span    = 6'(src[2:0]) + 6'(bytes_i) + 6'd7;
  assign words   = span >> 3;

  always_ff @(posedge clk_i) begin
    if (ar_fire) begin
      left_q <= left_q - 5'(arlen) - 5'd1;
      if (!fixed_q) next_q <= {next_q[31:3] + 29'(arlen) + 29'd1, 3'd0};
    end
    if (take) begin
      next_q  <= src;
      left_q  <= fixed_i ? bytes_i >> width_i : 5'(words);
      fixed_q <= fixed_i;
      width_q <= width_i;
    end
    open_q <= open_q + (ar_fire ? 5'(arlen) + 5'd1 : 5'd0) - 5'(rvalid_i);
    if (!rst_ni) begin
      left_q <= '0;
      open_q <= '0;
    end
  end

  always @(posedge clk_i) begin
    assume (bytes_i >= 5'd1 && bytes_i <= 5'd24);
    // Fixed sources give whole items, at an address of their size.
    assume (!fixed_i || (bytes_i << (3'd5 - 3'(width_i)) == '0 && src_low_i << (3'd5 - 3'(width_i)) == '0));
    assume (!fixed_i || bytes_i >> width_i <= 5'd4);
    assume (!rvalid_i || open_q != '0);
    if (rst_ni) begin
      assert (arvalid == (left_q != '0));
      assert (!take || left_q == '0 || (ar_fire && left_q == 5'(arlen) + 5'd1));
      if (arvalid) begin
        assert (araddr == next_q && 5'(arlen) < left_q && arlen < 8'd17);
        assert (arsize == (fixed_q ? {1'b0, width_q} : 3'd3));
        assert (!fixed_q || arlen == 8'd0);
        assert (araddr[31:12] == 20'(({araddr[31:3], 3'd0} + {21'd0, arlen, 3'd0}) >> 12));
      end
      if ($past(rst_ni) && $past(arvalid && !arready_i)) assert (arvalid && $stable(araddr) && $stable(arlen));
      assert (open_q <= 5'd17);
      assert (!rvalid_i || rready);
      assert ((arrived != '0) == rvalid_i && arrived != 2'b11);
    end
  end
endmodule
