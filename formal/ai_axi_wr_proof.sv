// SPDX-License-Identifier: Apache-2.0

/// kpu_ai_axi_wr: every burst is answered once, in order, with its id, SLVERR for refused ones, and not before its
/// bytes are in AI RAM; answers are held until taken. Any one byte of AI RAM holds what the last burst wrote
/// to it, and nothing else: checked whenever no word is under way. Bursts of up to two beats, AI RAM of one
/// line, 16 lanes.
module ai_axi_wr_proof (
  input logic       clk_i,
  input logic       awvalid_i,
  input logic [6:0] awaddr_i,
  input logic       awid_i,
  input logic       awlen_i,
  input logic [2:0] awsize_i,
  input logic [1:0] awburst_i,
  input logic       wvalid_i,
  input logic [7:0] wdata_i,
  input logic [7:0] wstrb_i,
  input logic       bready_i,
  input logic       wr_ready_i
);
  (* anyconst *) logic [5:0] spot;  // byte address in AI RAM

  logic         rst_ni = 1'b0;
  logic         awready, wready, bvalid, bid, wr_valid;
  logic [1:0]   bresp;
  logic [1:0]   wr_addr;
  logic [15:0]  wr_be;
  logic [127:0] wr_data;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  // ---- Accepted bursts: at most two without their data ----------------------------------------------
  logic       refused, aw_fire, w_fire, b_fire;
  logic [11:0] first_q, second_q;   // {refused, id, address, size, beats left minus one}, oldest first
  logic [11:0] entry;
  logic [1:0] open_q;
  logic       w_last;

  assign refused = (awburst_i != 2'b01 && awlen_i) || awsize_i > 3'd3 || awaddr_i[6];
  assign aw_fire = awvalid_i && awready;
  assign w_fire  = wvalid_i && wready;
  assign b_fire  = bvalid && bready_i;
  assign entry   = {refused, awid_i, awaddr_i, awsize_i[1:0], awlen_i};
  assign w_last  = !first_q[0];

  kpu_ai_axi_wr #(.Lanes(16), .Lines(1), .IdW(1), .AxiAddrW(7)) u_dut (
    .clk_i, .rst_ni,
    .awvalid_i, .awready_o(awready), .awaddr_i, .awid_i, .awlen_i(8'(awlen_i)), .awsize_i, .awburst_i,
    .wvalid_i, .wready_o(wready), .wdata_i(64'(wdata_i) << {spot[2:0], 3'b000}), .wstrb_i, .wlast_i(w_last),
    .bvalid_o(bvalid), .bready_i, .bid_o(bid), .bresp_o(bresp),
    .wr_valid_o(wr_valid), .wr_ready_i, .wr_addr_o(wr_addr), .wr_be_o(wr_be), .wr_data_o(wr_data)
  );

  // First byte of the next beat: the burst's address, then multiples of its size.
  logic [6:0] beat_addr, next_addr;

  assign beat_addr = first_q[9:3];
  assign next_addr = ((beat_addr >> first_q[2:1]) + 7'd1) << first_q[2:1];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 2'd0;
    end else begin
      open_q <= open_q + 2'(aw_fire) - 2'(w_fire && w_last);
      if (w_fire) first_q <= {first_q[11:10], next_addr, first_q[2:1], 1'b0};
      if (w_fire && w_last) first_q <= second_q;
      if (aw_fire) begin
        if (open_q == 2'd0 || (open_q == 2'd1 && w_fire && w_last)) first_q <= entry;
        else                                                      second_q <= entry;
      end
    end
  end

  // ---- Answers that are still to come, oldest lowest: {refused, id} ---------------------------------
  logic [11:0] owed_d, owed_q;
  logic [2:0]  owed_cnt_d, owed_cnt_q;

  always_comb begin
    owed_d     = owed_q;
    owed_cnt_d = owed_cnt_q;
    if (b_fire) begin
      owed_d     = owed_d >> 2;
      owed_cnt_d = owed_cnt_d - 3'd1;
    end
    if (w_fire && w_last) begin
      owed_d     = (owed_d & ~(12'd3 << (2 * owed_cnt_d))) | 12'(first_q[11:10]) << (2 * owed_cnt_d);
      owed_cnt_d = owed_cnt_d + 3'd1;
    end
  end

  // ---- The byte at `spot`: what bursts say, and what is in AI RAM -----------------------------------
  logic [7:0] want_q, ram_q;
  logic       hit, word_full;
  logic       inside_q;          // a word lacks beats
  logic       ends_q;            // the word that is complete is its burst's last

  assign hit = w_fire && !first_q[11] && beat_addr[5:3] == spot[5:3] && wstrb_i[spot[2:0]];
  assign word_full = w_last || next_addr[3:0] == 4'd0;

  always_ff @(posedge clk_i) begin
    owed_q     <= owed_d;
    owed_cnt_q <= rst_ni ? owed_cnt_d : 3'd0;
    if (!rst_ni) begin
      want_q   <= '0;
      ram_q    <= '0;
      inside_q <= 1'b0;
    end else begin
      if (hit) want_q <= wdata_i;
      if (w_fire) inside_q <= !word_full;
      if (w_fire) ends_q <= w_last;
      if (wr_valid && wr_ready_i && wr_addr == spot[5:4] && wr_be[spot[3:0]]) begin
        ram_q <= wr_data[{spot[3:0], 3'b000} +: 8];
      end
    end
  end

  always @(posedge clk_i) begin
    // AXI: a burst stays inside 4 KiB, here inside the address space; data come after their address (the
    // slave takes none before) and stay until they are taken.
    assume (refused || (8'(awaddr_i) + (8'(awlen_i) << awsize_i[1:0])) < 8'd64);
    if (rst_ni) begin
      assert (owed_cnt_q <= 3'd5);
      if (w_fire) assert (open_q != 2'd0);
      if (bvalid) begin
        assert (owed_cnt_q != 3'd0);
        assert (bid == owed_q[0] && bresp == {owed_q[1], 1'b0});
      end
      if ($past(rst_ni) && $past(bvalid && !bready_i)) assert (bvalid && $stable(bid) && $stable(bresp));
      if ($past(rst_ni) && $past(wr_valid && !wr_ready_i)) begin
        assert (wr_valid && $stable(wr_addr) && $stable(wr_be));
      end
      if (!inside_q && !wr_valid) assert (ram_q == want_q);
      if (wr_valid && ends_q && bvalid) assert (owed_cnt_q >= 3'd2);
    end
  end
endmodule
