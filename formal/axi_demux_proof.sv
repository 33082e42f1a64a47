// SPDX-License-Identifier: Apache-2.0

/// kpu_axi_demux: every burst goes to the slave it addresses and to no other; data and answers come back in the order
/// of the bursts, each once; a burst to nobody gets DECERR, as many beats as it asked for, the last one marked; a
/// burst to an idle port is offered at once. Up to three bursts of up to four beats each way; slaves that answer
/// after any time.
module axi_demux_proof (
  input logic       clk_i,
  input logic       arvalid_i,
  input logic [1:0] ar_slave_i,    // 3: nobody
  input logic [1:0] ar_len_i,
  input logic       rready_i,
  input logic [2:0] slave_arready_i,
  input logic [2:0] slave_rvalid_i,
  input logic       awvalid_i,
  input logic [1:0] aw_slave_i,
  input logic [1:0] aw_len_i,
  input logic       wvalid_i,
  input logic       bready_i,
  input logic [2:0] slave_awready_i,
  input logic [2:0] slave_wready_i,
  input logic [2:0] slave_bvalid_i
);
  localparam logic [1:0] None = 2'd3;

  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  function automatic logic [31:0] address(input logic [1:0] slave);
    case (slave)
      2'd0:    address = 32'h8000_0000;
      2'd1:    address = 32'h8060_0000;
      2'd2:    address = 32'h4080_0000;
      default: address = 32'h0000_0000;
    endcase
  endfunction

  logic         arready, rvalid, awready, wready, bvalid, r_last, w_last;
  logic [66:0]  r;
  logic [1:0]   bresp;
  logic [2:0]   slave_arvalid, slave_rready, slave_awvalid, slave_wvalid, slave_bready;
  logic [200:0] slave_r;

  // Data and answers carry the number of their slave.
  for (genvar s = 0; s < 3; s++) begin : gen_slave
    assign slave_r[67*s +: 67] = {64'(s), 2'b00, r_last};
  end

  kpu_axi_demux u_dut (
    .clk_i, .rst_ni,
    .awvalid_i, .awready_o(awready), .aw_i({address(aw_slave_i), 6'd0, aw_len_i, 3'd3, 2'b01}),
    .wvalid_i, .wready_o(wready), .w_i({64'd0, 8'hff, w_last}),
    .bvalid_o(bvalid), .bready_i, .bresp_o(bresp),
    .arvalid_i, .arready_o(arready), .ar_i({address(ar_slave_i), 6'd0, ar_len_i, 3'd3, 2'b01}),
    .rvalid_o(rvalid), .rready_i, .r_o(r),
    .awvalid_o(slave_awvalid), .awready_i(slave_awready_i),
    .wvalid_o(slave_wvalid), .wready_i(slave_wready_i),
    .bvalid_i(slave_bvalid_i), .bready_o(slave_bready), .bresp_i({2'd2, 2'd1, 2'd0}),
    .arvalid_o(slave_arvalid), .arready_i(slave_arready_i),
    .rvalid_i(slave_rvalid_i), .rready_o(slave_rready), .r_i(slave_r)
  );

  // ---- Reads under way, oldest lowest: {slave, beats left minus one} --------------------------------
  logic [11:0] rd_d, rd_q;
  logic [1:0]  rd_cnt_d, rd_cnt_q, rd_slave;
  logic        ar_fire, r_fire;

  assign ar_fire  = arvalid_i && arready;
  assign r_fire   = rvalid && rready_i;
  assign rd_slave = rd_q[3:2];
  assign r_last   = rd_q[1:0] == 2'd0;

  always_comb begin
    rd_d     = rd_q;
    rd_cnt_d = rd_cnt_q;
    if (r_fire) begin
      rd_d[1:0] = rd_d[1:0] - 2'd1;
      if (r_last) begin
        rd_d     = rd_q >> 4;
        rd_cnt_d = rd_cnt_d - 2'd1;
      end
    end
    if (ar_fire) begin
      rd_d     = (rd_d & ~(12'hf << {rd_cnt_d, 2'd0})) | 12'({ar_slave_i, ar_len_i}) << {rd_cnt_d, 2'd0};
      rd_cnt_d = rd_cnt_d + 2'd1;
    end
  end

  // ---- Writes under way: answers owed and data owed, both oldest lowest -----------------------------
  logic [5:0]  wr_d, wr_q;             // {slave}
  logic [1:0]  wr_cnt_d, wr_cnt_q, wr_slave;
  logic [11:0] data_d, data_q;         // {slave, beats left minus one}
  logic [1:0]  data_cnt_d, data_cnt_q, data_slave;
  logic        aw_fire, w_fire, b_fire;

  assign aw_fire    = awvalid_i && awready;
  assign w_fire     = wvalid_i && wready;
  assign b_fire     = bvalid && bready_i;
  assign wr_slave   = wr_q[1:0];
  assign data_slave = data_q[3:2];
  assign w_last     = data_q[1:0] == 2'd0;

  always_comb begin
    wr_d       = wr_q;
    wr_cnt_d   = wr_cnt_q;
    data_d     = data_q;
    data_cnt_d = data_cnt_q;
    if (b_fire) begin
      wr_d     = wr_d >> 2;
      wr_cnt_d = wr_cnt_d - 2'd1;
    end
    if (w_fire) begin
      data_d[1:0] = data_d[1:0] - 2'd1;
      if (w_last) begin
        data_d     = data_q >> 4;
        data_cnt_d = data_cnt_d - 2'd1;
      end
    end
    if (aw_fire) begin
      wr_d       = (wr_d & ~(6'd3 << {wr_cnt_d, 1'b0})) | 6'(aw_slave_i) << {wr_cnt_d, 1'b0};
      wr_cnt_d   = wr_cnt_d + 2'd1;
      data_d     = (data_d & ~(12'hf << {data_cnt_d, 2'd0})) | 12'({aw_slave_i, aw_len_i}) << {data_cnt_d, 2'd0};
      data_cnt_d = data_cnt_d + 2'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    rd_q       <= rd_d;
    wr_q       <= wr_d;
    data_q     <= data_d;
    rd_cnt_q   <= rst_ni ? rd_cnt_d : 2'd0;
    wr_cnt_q   <= rst_ni ? wr_cnt_d : 2'd0;
    data_cnt_q <= rst_ni ? data_cnt_d : 2'd0;
  end

  always @(posedge clk_i) begin
    assume (!arvalid_i || rd_cnt_q != 2'd3);
    assume (!awvalid_i || wr_cnt_q != 2'd3);
    for (int s = 0; s < 3; s++) begin
      // A slave gives data for its bursts, and an answer when it has all data of the burst.
      assume (!slave_rvalid_i[s] || (rd_cnt_q != 2'd0 && rd_slave == 2'(s)));
      assume (!slave_bvalid_i[s] || (wr_cnt_q > data_cnt_q && wr_slave == 2'(s)));
    end
    if (rst_ni) begin
      // Reads
      assert (slave_arvalid == '0 || (arvalid_i && slave_arvalid == 3'b001 << ar_slave_i));
      if (arvalid_i && rd_cnt_q == 2'd0) assert (ar_slave_i == None ? arready : slave_arvalid != '0);
      if (slave_arvalid != '0) assert (arready == slave_arready_i[ar_slave_i]);
      if (rvalid) begin
        assert (rd_cnt_q != 2'd0 && r[0] == r_last);
        assert (rd_slave == None ? r[2:1] == 2'b11 : r[66:3] == 64'(rd_slave));
      end
      if (rd_cnt_q != 2'd0) assert (rvalid == (rd_slave == None || slave_rvalid_i[rd_slave]));
      assert (((slave_rvalid_i & slave_rready) != '0) == (r_fire && rd_slave != None));
      // Writes
      assert (slave_awvalid == '0 || (awvalid_i && slave_awvalid == 3'b001 << aw_slave_i));
      if (awvalid_i && wr_cnt_q == 2'd0) assert (aw_slave_i == None ? awready : slave_awvalid != '0);
      if (slave_awvalid != '0) assert (awready == slave_awready_i[aw_slave_i]);
      if (data_cnt_q == 2'd0) begin
        assert (slave_wvalid == '0 && !wready);
      end else begin
        assert (slave_wvalid == (wvalid_i && data_slave != None ? 3'b001 << data_slave : 3'b000));
        assert (wready == (data_slave == None || slave_wready_i[data_slave]));
      end
      if (bvalid) assert (wr_cnt_q > data_cnt_q && bresp == wr_slave);
      if (wr_cnt_q > data_cnt_q) assert (bvalid == (wr_slave == None || slave_bvalid_i[wr_slave]));
      assert (((slave_bvalid_i & slave_bready) != '0) == (b_fire && wr_slave != None));
    end
  end
endmodule
