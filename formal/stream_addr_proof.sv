// SPDX-License-Identifier: Apache-2.0

/// kpu_stream_addr: every word of the output image is asked for once, in stream order, at the address
/// docs/architecture.md ("AI RAM and words") gives, never before its channel is complete, and nothing after
/// the last one. All layouts; images of up to eight channels, four rows and 47 columns, small pitches, so
/// that the products of the reference stay small. 16 lanes have the most words in a line.
module stream_addr_proof (
  input logic        clk_i,
  input logic        ready_i,
  input logic [10:0] oc_done_i
);
  localparam int unsigned Lanes = 16;

  (* anyconst *) logic [2:0] oc_m1;
  (* anyconst *) logic [1:0] oh_m1;
  (* anyconst *) logic [5:0] ow_m1;
  (* anyconst *) logic [2:0] ch_switch;
  (* anyconst *) logic [1:0] row_switch;
  (* anyconst *) logic [1:0] sub_l2;   // channels per line: 1, 2, 4
  (* anyconst *) logic [3:0] first;

  kpu_pkg::image_t dst;

  always_comb begin
    dst            = '0;
    dst.line       = 15'(first);
    dst.ch_m1      = 10'(oc_m1);
    dst.h_m1       = 9'(oh_m1);
    dst.w_m1       = 10'(ow_m1);
    dst.ch_switch  = 15'(ch_switch);
    dst.row_switch = 4'(row_switch);
    dst.sub_l2     = sub_l2;
    dst.sub_pitch  = 3'd4 >> sub_l2;
  end

  logic        rst_ni = 1'b0;
  logic        start_q = 1'b0, started_q = 1'b0;
  logic        valid, last;
  logic [16:0] addr;
  logic [1:0]  quarter;
  logic [3:0]  bytes_m1;

  always_ff @(posedge clk_i) begin
    rst_ni    <= 1'b1;
    start_q   <= rst_ni && !start_q && !started_q;
    started_q <= started_q || start_q;
  end

  kpu_stream_addr #(.Lanes(Lanes)) u_dut (
    .clk_i, .rst_ni, .clear_i(1'b0), .start_i(start_q), .dst_i(dst), .oc_done_i,
    .valid_o(valid), .ready_i, .addr_o(addr), .quarter_o(quarter), .bytes_m1_o(bytes_m1), .last_o(last)
  );

  // ---- Reference: the next word --------------------------------------------------------------------
  logic [2:0]  oc_q;
  logic [1:0]  row_q, word_q;
  logic        over_q;
  logic [2:0]  grp, sub;
  logic [16:0] want;

  assign grp  = oc_q >> sub_l2;
  assign sub  = oc_q & ~(3'b111 << sub_l2);
  assign want = ((17'(first) + 17'(6'(grp) * 6'(ch_switch)) + 17'(4'(row_q) * 4'(row_switch))) << 2) +
                17'(6'(sub) * 6'(dst.sub_pitch)) + 17'(word_q);

  always_ff @(posedge clk_i) begin
    if (start_q || !rst_ni) begin
      {oc_q, row_q, word_q} <= '0;
      over_q <= 1'b0;
    end else if (valid && ready_i) begin
      word_q <= word_q + 2'd1;
      if (word_q == 2'(ow_m1 >> 4)) begin
        word_q <= '0;
        row_q  <= row_q + 2'd1;
        if (row_q == oh_m1) begin
          row_q <= '0;
          oc_q  <= oc_q + 3'd1;
          if (oc_q == oc_m1) over_q <= 1'b1;
        end
      end
    end
  end

  always @(posedge clk_i) begin
    assume (sub_l2 != 2'd3);
    assume (ow_m1 < 6'd47);
    if (rst_ni && started_q) begin
      assert (valid == (!over_q && oc_done_i > 11'(oc_q)));
      if (valid) begin
        assert (addr == want);
        assert (quarter == 2'd0);
        assert (bytes_m1 == ((word_q == 2'(ow_m1 >> 4)) ? ow_m1[3:0] : 4'd15));
        assert (last == (oc_q == oc_m1 && row_q == oh_m1 && word_q == 2'(ow_m1 >> 4)));
      end
    end
  end

  // Progress never falls back within a layer.
  always @(posedge clk_i) if (started_q && $past(started_q)) assume (oc_done_i >= $past(oc_done_i));
endmodule
