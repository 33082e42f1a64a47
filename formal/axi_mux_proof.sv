// SPDX-License-Identifier: Apache-2.0

/// kpu_axi_mux: the slave gets each address once, with the number of its master; write data in the order of the
/// addresses, each burst from its own master; data and answers go to the master they name and to no other.
/// Bursts of any length.
module axi_mux_proof (
  input logic       clk_i,
  input logic [2:0] arvalid_i,
  input logic       slave_arready_i,
  input logic       slave_rvalid_i,
  input logic [1:0] slave_rid_i,
  input logic [2:0] rready_i,
  input logic [2:0] awvalid_i,
  input logic [2:0] wvalid_i,
  input logic [2:0] last_i,        // the master's beat is the last of its burst
  input logic       slave_awready_i,
  input logic       slave_wready_i,
  input logic       slave_bvalid_i,
  input logic [1:0] slave_bid_i,
  input logic [2:0] bready_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic [2:0]   arready, rvalid, awready, wready, bvalid;
  logic         slave_arvalid, slave_rready, slave_awvalid, slave_wvalid, slave_bready;
  logic [44:0]  slave_ar, slave_aw;
  logic [72:0]  slave_w;
  logic [1:0]   slave_arid, slave_awid;
  logic [134:0] ax;
  logic [218:0] w;

  // Addresses and data carry the number of their master.
  for (genvar m = 0; m < 3; m++) begin : gen_master
    assign ax[45*m +: 45] = 45'(m);
    assign w[73*m +: 73]  = {64'(m), 8'hff, last_i[m]};
  end

  kpu_axi_mux u_dut (
    .clk_i, .rst_ni,
    .awvalid_i, .awready_o(awready), .aw_i(ax), .wvalid_i, .wready_o(wready), .w_i(w),
    .bvalid_o(bvalid), .bready_i,
    .arvalid_i, .arready_o(arready), .ar_i(ax), .rvalid_o(rvalid), .rready_i,
    .awvalid_o(slave_awvalid), .awready_i(slave_awready_i), .aw_o(slave_aw), .awid_o(slave_awid),
    .wvalid_o(slave_wvalid), .wready_i(slave_wready_i), .w_o(slave_w),
    .bvalid_i(slave_bvalid_i), .bready_o(slave_bready), .bid_i(slave_bid_i),
    .arvalid_o(slave_arvalid), .arready_i(slave_arready_i), .ar_o(slave_ar), .arid_o(slave_arid),
    .rvalid_i(slave_rvalid_i), .rready_o(slave_rready), .rid_i(slave_rid_i)
  );

  // ---- Write bursts whose data are still to come, oldest lowest -------------------------------------
  logic [7:0] turn_d, turn_q;
  logic [2:0] turn_cnt_d, turn_cnt_q;
  logic [1:0] turn;

  assign turn = turn_q[1:0];

  always_comb begin
    turn_d     = turn_q;
    turn_cnt_d = turn_cnt_q;
    if (slave_wvalid && slave_wready_i && slave_w[0]) begin
      turn_d     = turn_d >> 2;
      turn_cnt_d = turn_cnt_d - 3'd1;
    end
    if (slave_awvalid && slave_awready_i) begin
      turn_d     = (turn_d & ~(8'd3 << {turn_cnt_d, 1'b0})) | 8'(slave_awid) << {turn_cnt_d, 1'b0};
      turn_cnt_d = turn_cnt_d + 3'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    turn_q     <= turn_d;
    turn_cnt_q <= rst_ni ? turn_cnt_d : 3'd0;
  end

  always @(posedge clk_i) begin
    assume (slave_rid_i < 2'd3 && slave_bid_i < 2'd3);
    if (rst_ni && $past(rst_ni)) begin
      assume (($past(arvalid_i & ~arready) & ~arvalid_i) == '0);
      assume (($past(awvalid_i & ~awready) & ~awvalid_i) == '0);
    end
    if (rst_ni) begin
      // Addresses
      assert (slave_arvalid == (arvalid_i != '0));
      if (slave_arvalid) assert (arvalid_i[slave_arid] && slave_ar == 45'(slave_arid));
      assert ((arvalid_i & arready) == (slave_arvalid && slave_arready_i ? 3'b001 << slave_arid : 3'b000));
      assert (slave_awvalid == (awvalid_i != '0 && turn_cnt_q != 3'd4));
      if (slave_awvalid) assert (awvalid_i[slave_awid] && slave_aw == 45'(slave_awid));
      assert ((awvalid_i & awready) == (slave_awvalid && slave_awready_i ? 3'b001 << slave_awid : 3'b000));
      // Data
      assert (turn_cnt_q <= 3'd4);
      if (turn_cnt_q == '0) begin
        assert (!slave_wvalid && wready == '0);
      end else begin
        assert (slave_wvalid == wvalid_i[turn] && wready == (slave_wready_i ? 3'b001 << turn : 3'b000));
        assert (slave_w == {64'(turn), 8'hff, last_i[turn]});
      end
      // What comes back
      assert (rvalid == (slave_rvalid_i ? 3'b001 << slave_rid_i : 3'b000) && slave_rready == rready_i[slave_rid_i]);
      assert (bvalid == (slave_bvalid_i ? 3'b001 << slave_bid_i : 3'b000) && slave_bready == bready_i[slave_bid_i]);
    end
  end
endmodule
