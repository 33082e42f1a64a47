// SPDX-License-Identifier: Apache-2.0

/// kpu_ai_axi_rd: every burst is answered once, in order, with its id, with exactly its number of beats and
/// the last one marked; answers are held until taken; a refused burst gets SLVERR and reads nothing; words
/// asked for lie in the accepted burst. Bursts of up to four beats, AI RAM of four lines, 16 lanes.
module ai_axi_rd_proof (
  input logic         clk_i,
  input logic         arvalid_i,
  input logic [8:0]   araddr_i,
  input logic         arid_i,
  input logic [1:0]   arlen_i,
  input logic [2:0]   arsize_i,
  input logic [1:0]   arburst_i,
  input logic         rready_i,
  input logic         rd_ready_i,
  input logic [1:0]   rsp_data_i
);
  logic        rst_ni = 1'b0;
  logic        arready, rvalid, rid, rlast, rd_valid, rsp_q;
  logic [63:0] rdata;
  logic [1:0]  rresp;
  logic [3:0]  rd_addr;

  always_ff @(posedge clk_i) begin
    rst_ni <= 1'b1;
    rsp_q  <= rst_ni && rd_valid && rd_ready_i;
  end

  kpu_ai_axi_rd #(.Lanes(16), .Lines(4), .IdW(1), .AxiAddrW(9)) u_dut (
    .clk_i, .rst_ni,
    .arvalid_i, .arready_o(arready), .araddr_i, .arid_i, .arlen_i(8'(arlen_i)), .arsize_i, .arburst_i,
    .rvalid_o(rvalid), .rready_i, .rdata_o(rdata), .rid_o(rid), .rresp_o(rresp), .rlast_o(rlast),
    .rd_valid_o(rd_valid), .rd_ready_i, .rd_addr_o(rd_addr),
    .rsp_valid_i(rsp_q), .rsp_data_i(128'(rsp_data_i))
  );

  // ---- Bursts that wait for their answer, oldest lowest: {error, id, beats left minus one} -----------
  logic       refused;
  logic [3:0] want0_q, want1_q;
  logic [1:0] open_q;
  logic       ar_fire, r_fire;

  assign refused = (arburst_i != 2'b01 && arlen_i != 2'd0) || arsize_i > 3'd3 || araddr_i[8];
  assign ar_fire = arvalid_i && arready;
  assign r_fire  = rvalid && rready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 2'd0;
    end else begin
      open_q <= open_q + 2'(ar_fire) - 2'(r_fire && rlast);
      if (r_fire) want0_q[1:0] <= want0_q[1:0] - 2'd1;
      if (r_fire && rlast) want0_q <= want1_q;
      if (ar_fire) begin
        if (open_q == 2'd0 || (open_q == 2'd1 && r_fire && rlast)) want0_q <= {refused, arid_i, arlen_i};
        else                                                     want1_q <= {refused, arid_i, arlen_i};
      end
    end
  end

  always @(posedge clk_i) begin
    // AXI: a burst stays inside 4 KiB; here inside the address space.
    assume (refused || (10'(araddr_i) + (10'(arlen_i) << arsize_i[1:0])) < 10'd256);
    if (rst_ni) begin
      if (rvalid) begin
        assert (open_q != 2'd0);
        assert (rid == want0_q[2]);
        assert (rlast == (want0_q[1:0] == 2'd0));
        assert (rresp == {want0_q[3], 1'b0});
      end
      if ($past(rst_ni) && $past(rvalid && !rready_i)) begin
        assert (rvalid && $stable(rlast) && $stable(rid) && $stable(rresp) && $stable(rdata));
      end
    end
  end
endmodule
