// SPDX-License-Identifier: Apache-2.0

/// kpu_axi_to_axil: every beat of a burst is one AXI4-Lite access, of the right block, at the right address, in order;
/// read data come back with the id of their burst and the last one marked; a write burst is answered once, after
/// its last access. Bursts of up to four beats, FIXED and INCR, that stay in their page; blocks that answer
/// accesses in order, after any time.
module axi_to_axil_proof (
  input logic        clk_i,
  input logic        arvalid_i,
  input logic [1:0]  ar_block_i,
  input logic [3:0]  ar_addr_i,
  input logic [1:0]  ar_len_i,
  input logic        ar_fixed_i,
  input logic        ar_id_i,
  input logic        rready_i,
  input logic [2:0]  block_arready_i,
  input logic [2:0]  block_rvalid_i,
  input logic        awvalid_i,
  input logic [1:0]  aw_block_i,
  input logic [3:0]  aw_addr_i,
  input logic [1:0]  aw_len_i,
  input logic        aw_fixed_i,
  input logic        aw_id_i,
  input logic        wvalid_i,
  input logic        bready_i,
  input logic [2:0]  block_awready_i,
  input logic [2:0]  block_bvalid_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  function automatic logic [31:0] address(input logic [1:0] block, input logic [3:0] low);
    address = {block == 2'd0 ? kpu_axi_pkg::PageKpu : block == 2'd1 ? kpu_axi_pkg::PageDmac
                                                                   : kpu_axi_pkg::PageSelect, 5'd0, low, 3'd0};
  endfunction

  logic        arready, rvalid, awready, wready, bvalid, w_last;
  logic [1:0]  rid, bid;
  logic [66:0] r;
  logic [2:0]  block_arvalid, block_rready, block_awvalid, block_wvalid;
  logic [11:0] araddr, awaddr;
  logic [63:0] wdata;
  logic [7:0]  wstrb;

  kpu_axi_to_axil u_dut (
    .clk_i, .rst_ni,
    .awvalid_i, .awready_o(awready),
    .aw_i({address(aw_block_i, aw_addr_i), 6'd0, aw_len_i, 3'd3, 1'b0, !aw_fixed_i}), .awid_i({1'b0, aw_id_i}),
    .wvalid_i, .wready_o(wready), .w_i({64'd0, 8'hff, w_last}),
    .bvalid_o(bvalid), .bready_i, .bid_o(bid),
    .arvalid_i, .arready_o(arready),
    .ar_i({address(ar_block_i, ar_addr_i), 6'd0, ar_len_i, 3'd3, 1'b0, !ar_fixed_i}), .arid_i({1'b0, ar_id_i}),
    .rvalid_o(rvalid), .rready_i, .r_o(r), .rid_o(rid),
    .awvalid_o(block_awvalid), .awready_i(block_awready_i), .awaddr_o(awaddr),
    .wvalid_o(block_wvalid), .wdata_o(wdata), .wstrb_o(wstrb), .bvalid_i(block_bvalid_i),
    .arvalid_o(block_arvalid), .arready_i(block_arready_i), .araddr_o(araddr),
    .rvalid_i(block_rvalid_i), .rready_o(block_rready), .rdata_i({64'd2, 64'd1, 64'd0})
  );

  // ---- Reads: the burst that is being taken apart, and accesses that wait for data ------------------
  // An access: {id, last, block}, oldest lowest; data name their block.
  logic [2:0]  rd_left_q;                // accesses still to make, 0: none
  logic [1:0]  rd_block_q;
  logic [3:0]  rd_addr_q;
  logic        rd_fixed_q, rd_id_q;
  logic [19:0] way_d, way_q;
  logic [2:0]  way_cnt_d, way_cnt_q;
  logic        rd_access, r_fire;

  assign rd_access = (block_arvalid & block_arready_i) != '0;
  assign r_fire    = rvalid && rready_i;

  always_comb begin
    way_d     = way_q;
    way_cnt_d = way_cnt_q;
    if (r_fire) begin
      way_d     = way_d >> 4;
      way_cnt_d = way_cnt_d - 3'd1;
    end
    if (rd_access) begin
      way_d     = (way_d & ~(20'hf << {way_cnt_d, 2'd0})) |
                  20'({rd_id_q, rd_left_q == 3'd1, rd_block_q}) << {way_cnt_d, 2'd0};
      way_cnt_d = way_cnt_d + 3'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    way_q     <= way_d;
    way_cnt_q <= rst_ni ? way_cnt_d : 3'd0;
    if (rd_access) begin
      rd_left_q <= rd_left_q - 3'd1;
      if (!rd_fixed_q) rd_addr_q <= rd_addr_q + 4'd1;
    end
    if (arvalid_i && arready) begin
      rd_left_q  <= 3'(ar_len_i) + 3'd1;
      rd_block_q <= ar_block_i;
      rd_addr_q  <= ar_addr_i;
      rd_fixed_q <= ar_fixed_i;
      rd_id_q    <= ar_id_i;
    end
    if (!rst_ni) rd_left_q <= '0;
  end

  // ---- Writes: one burst ----------------------------------------------------------------------------
  logic [2:0] wr_left_q;                 // beats still to come
  logic [1:0] wr_block_q;
  logic [3:0] wr_addr_q;
  logic       wr_fixed_q, wr_id_q;
  logic       wr_open_q;                 // an access without its answer
  logic       wr_owed_q;                 // the burst is not answered yet
  logic       wr_access, wr_answer;

  assign w_last    = wr_left_q == 3'd1;
  assign wr_access = (block_awvalid & block_awready_i) != '0;
  assign wr_answer = block_bvalid_i[wr_block_q];

  always_ff @(posedge clk_i) begin
    if (wr_access) begin
      wr_left_q <= wr_left_q - 3'd1;
      wr_open_q <= 1'b1;
      if (!wr_fixed_q) wr_addr_q <= wr_addr_q + 4'd1;
    end else if (wr_open_q && wr_answer) begin
      wr_open_q <= 1'b0;
    end
    if (bvalid && bready_i) wr_owed_q <= 1'b0;
    if (awvalid_i && awready) begin
      wr_left_q  <= 3'(aw_len_i) + 3'd1;
      wr_block_q <= aw_block_i;
      wr_addr_q  <= aw_addr_i;
      wr_fixed_q <= aw_fixed_i;
      wr_id_q    <= aw_id_i;
      wr_owed_q  <= 1'b1;
    end
    if (!rst_ni) begin
      wr_left_q <= '0;
      wr_open_q <= 1'b0;
      wr_owed_q <= 1'b0;
    end
  end

  always @(posedge clk_i) begin
    assume (ar_block_i < 2'd3 && 5'(ar_addr_i) + 5'(ar_len_i) < 5'd16);
    assume (aw_block_i < 2'd3 && 5'(aw_addr_i) + 5'(aw_len_i) < 5'd16);
    for (int b = 0; b < 3; b++) begin
      // Blocks give data and answers for accesses only, and hold data.
      assume (!block_rvalid_i[b] || (way_cnt_q != '0 && way_q[1:0] == 2'(b)));
      assume (!block_bvalid_i[b] || (wr_open_q && wr_block_q == 2'(b)));
      if (rst_ni && $past(rst_ni) && $past(block_rvalid_i[b] && !block_rready[b])) assume (block_rvalid_i[b]);
    end
    if (rst_ni) begin
      // Reads
      assert ((block_arvalid & (block_arvalid - 3'd1)) == '0);
      if (block_arvalid != '0) begin
        assert (rd_left_q != '0 && block_arvalid[rd_block_q]);
        assert (araddr == {5'd0, rd_addr_q, 3'd0});
      end
      if (arready) assert (rd_left_q == '0 || (rd_access && rd_left_q == 3'd1));
      assert (way_cnt_q <= 3'd4);
      if (rvalid) begin
        assert (way_cnt_q != '0);
        assert (r[66:3] == 64'(way_q[1:0]) && r[2:1] == 2'b00 && r[0] == way_q[2] && rid == {1'b0, way_q[3]});
      end
      if (way_cnt_q != '0) assert (rvalid == block_rvalid_i[way_q[1:0]]);
      // A block gives its data up exactly when the master takes them.
      assert (((block_rvalid_i & block_rready) != '0) == r_fire);
      // Writes
      assert (block_awvalid == block_wvalid);
      assert ((block_awvalid & (block_awvalid - 3'd1)) == '0);
      assert (wr_access == (wvalid_i && wready));
      if (block_awvalid != '0) begin
        assert (wr_left_q != '0 && !wr_open_q && block_awvalid[wr_block_q] && wvalid_i);
        assert (awaddr == {5'd0, wr_addr_q, 3'd0});
      end
      if (awready) assert (!wr_owed_q);
      if (bvalid) assert (wr_owed_q && wr_left_q == '0 && !wr_open_q && bid == {1'b0, wr_id_q});
      if ($past(rst_ni) && $past(bvalid && !bready_i)) assert (bvalid && $stable(bid));
    end
  end
endmodule
