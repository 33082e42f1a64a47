// SPDX-License-Identifier: Apache-2.0

/// kpu_sdram_read: every burst is answered in order, with its id, with exactly its number of beats and the last one
/// marked, DECERR behind the end of the memory, which is never asked for; answers are held until taken. What columns hold,
/// and when they come, is left open. Memory of two beats, bursts of one or two.
module sdram_read_proof (
  input logic       clk_i,
  input logic       arvalid_i,
  input logic [4:0] araddr_i,
  input logic       arid_i,
  input logic       arlen_i,
  input logic       rready_i,
  input logic       col_ready_i,
  input logic       rsp_valid_i
);
  logic        rst_ni = 1'b0;
  logic        arready, rvalid, rid, rlast, col_valid, col_last;
  logic [63:0] rdata;
  logic [1:0]  rresp;
  logic [23:0] col_addr;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  kpu_sdram_read #(.Bytes(16), .IdW(1), .Places(4)) u_dut (
    .clk_i, .rst_ni,
    .s_axi_arvalid_i(arvalid_i), .s_axi_arready_o(arready), .s_axi_araddr_i(32'(araddr_i)), .s_axi_arid_i(arid_i),
    .s_axi_arlen_i(8'(arlen_i)),
    .s_axi_rvalid_o(rvalid), .s_axi_rready_i(rready_i), .s_axi_rdata_o(rdata), .s_axi_rid_o(rid), .s_axi_rresp_o(rresp),
    .s_axi_rlast_o(rlast),
    .col_valid_o(col_valid), .col_ready_i, .col_addr_o(col_addr), .col_last_o(col_last),
    .rsp_valid_i, .rsp_data_i(16'd0)
  );

  // ---- Beats that wait for their answer, oldest lowest: {behind the end, last, id} ---------------------
  // Four have places; two belong to the burst that is asked for.
  logic [2:0] want_q [6];
  logic [2:0] open_q, at;
  logic       ar_fire, r_fire;

  assign ar_fire = arvalid_i && arready;
  assign r_fire  = rvalid && rready_i;
  assign at      = open_q - 3'(r_fire);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) open_q <= '0;
    else         open_q <= at + (ar_fire ? 3'(arlen_i) + 3'd1 : 3'd0);
    for (int i = 0; i < 6; i++) begin
      if (r_fire && i < 5) want_q[i] <= want_q[i + 1];
      if (ar_fire && 3'(i) == at) want_q[i] <= {araddr_i[4], !arlen_i, arid_i};
      if (ar_fire && arlen_i && 3'(i) == at + 3'd1) want_q[i] <= {araddr_i[4] || araddr_i[3], 1'b1, arid_i};
    end
  end

  always @(posedge clk_i) begin
    // A burst stays inside what its address counts to.
    assume (3'(araddr_i[4:3]) + 3'(arlen_i) < 3'd4);
    if (rst_ni) begin
      if (rvalid) begin
        assert (open_q != '0);
        assert ({rlast, rid} == want_q[0][1:0] && rresp == {2{want_q[0][2]}});
      end
      if (col_valid) assert (col_addr < 24'd8);
      if ($past(rst_ni) && $past(rvalid && !rready_i)) assert (rvalid && $stable(rlast) && $stable(rid) && $stable(rresp));
    end
  end
endmodule
