// SPDX-License-Identifier: Apache-2.0

/// kpu_sdram_write: each beat becomes its four columns, in order, at their addresses, with its data and strobes, or
/// none behind the end of the memory; a burst is answered once, with its id, when its last column is out, with DECERR if
/// a beat lay behind the end; answers are held until taken. Memory of four beats, any burst lengths; of a
/// column's data and strobes a bit each, as all are alike.
module sdram_write_proof (
  input logic        clk_i,
  input logic        awvalid_i,
  input logic [5:0]  awaddr_i,
  input logic        awid_i,
  input logic        wvalid_i,
  input logic [3:0]  wdata_i,
  input logic [3:0]  wstrb_i,
  input logic        wlast_i,
  input logic        bready_i,
  input logic        col_ready_i
);
  logic        rst_ni = 1'b0;
  logic        awready, wready, bvalid, bid, col_valid, col_last;
  logic [1:0]  bresp, col_strb;
  logic [15:0] col_data;
  logic [23:0] col_addr;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  kpu_sdram_write #(.Bytes(32), .IdW(1)) u_dut (
    .clk_i, .rst_ni,
    .s_axi_awvalid_i(awvalid_i), .s_axi_awready_o(awready), .s_axi_awaddr_i(32'(awaddr_i)), .s_axi_awid_i(awid_i),
    .s_axi_wvalid_i(wvalid_i), .s_axi_wready_o(wready), .s_axi_wdata_i({15'd0, wdata_i[3], 15'd0, wdata_i[2], 15'd0, wdata_i[1], 15'd0, wdata_i[0]}),
    .s_axi_wstrb_i({1'b0, wstrb_i[3], 1'b0, wstrb_i[2], 1'b0, wstrb_i[1], 1'b0, wstrb_i[0]}),
    .s_axi_wlast_i(wlast_i),
    .s_axi_bvalid_o(bvalid), .s_axi_bready_i(bready_i), .s_axi_bid_o(bid), .s_axi_bresp_o(bresp),
    .col_valid_o(col_valid), .col_ready_i, .col_addr_o(col_addr), .col_last_o(col_last), .col_data_o(col_data),
    .col_strb_o(col_strb)
  );

  // ---- The burst and its beat: columns to come -------------------------------------------------------
  logic        open_q, ended_q, id_q, bad_q;  // a burst, all of its beats, whether one lay behind the end
  logic [3:0]  word_q;                       // of the next beat
  logic        beat_q;                       // a beat has columns to come
  logic [3:0]  at_q;                         // the next of them
  logic [3:0]  data_q, strb_q;
  logic        aw_fire, w_fire, b_fire, col_fire, inside_w;

  assign aw_fire  = awvalid_i && awready;
  assign w_fire   = wvalid_i && wready;
  assign b_fire   = bvalid && bready_i;
  assign col_fire = col_valid && col_ready_i;
  assign inside_w = word_q < 4'd4;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {open_q, ended_q, beat_q} <= '0;
    end else begin
      if (aw_fire) begin
        open_q  <= 1'b1;
        ended_q <= 1'b0;
        id_q    <= awid_i;
        bad_q   <= 1'b0;
        word_q  <= 4'(awaddr_i[5:3]);
      end else if (b_fire) begin
        open_q <= 1'b0;
      end
      if (col_fire) begin
        at_q   <= at_q + 4'd1;
        data_q <= data_q >> 1;
        strb_q <= strb_q >> 1;
        if (at_q[1:0] == 2'd3) beat_q <= 1'b0;
      end
      if (w_fire) begin
        word_q  <= word_q + 4'd1;
        ended_q <= wlast_i;
        beat_q  <= inside_w;
        at_q    <= {word_q[1:0], 2'd0};
        data_q  <= wdata_i;
        strb_q  <= wstrb_i;
        if (!inside_w) bad_q <= 1'b1;
      end
    end
  end

  always @(posedge clk_i) begin
    // A burst stays inside what its address counts to.
    assume (!w_fire || word_q < 4'd8);
    if (rst_ni) begin
      assert (!aw_fire || !open_q);
      assert (!w_fire || (open_q && !ended_q));
      // The beat before is out, or goes now.
      assert (!w_fire || !beat_q || (col_fire && at_q[1:0] == 2'd3));
      assert (col_valid == beat_q);
      if (col_valid) begin
        assert (col_addr == 24'(at_q) && col_data[0] == data_q[0] && col_strb[0] == strb_q[0]);
        assert (col_last == (ended_q && at_q[1:0] == 2'd3));
      end
      if (bvalid) assert (open_q && ended_q && !beat_q && bid == id_q && bresp == {2{bad_q}});
      if ($past(rst_ni) && $past(bvalid && !bready_i)) assert (bvalid && $stable(bid) && $stable(bresp));
    end
  end
endmodule
