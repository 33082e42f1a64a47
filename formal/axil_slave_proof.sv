// SPDX-License-Identifier: Apache-2.0

/// kpu_axil_slave: every access reaches the register file once and is answered once, answers are held
/// until taken, and read data are those of the access.
module axil_slave_proof (
  input logic        clk_i,
  input logic        awvalid_i,
  input logic        wvalid_i,
  input logic        bready_i,
  input logic        arvalid_i,
  input logic        rready_i,
  input logic [11:0] awaddr_i,
  input logic [11:0] araddr_i,
  input logic [63:0] wdata_i,
  input logic [7:0]  wstrb_i,
  input logic [63:0] reg_data_i
);
  logic        rst_ni = 1'b0;
  logic        awready, wready, bvalid, arready, rvalid, wr, rd;
  logic [1:0]  bresp, rresp;
  logic [63:0] rdata, wr_data;
  logic [8:0]  wr_addr, rd_addr;
  logic [7:0]  wr_strobe;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  kpu_axil_slave u_dut (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i(awvalid_i), .s_axil_awready_o(awready), .s_axil_awaddr_i(awaddr_i),
    .s_axil_wvalid_i(wvalid_i), .s_axil_wready_o(wready), .s_axil_wdata_i(wdata_i), .s_axil_wstrb_i(wstrb_i),
    .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready_i), .s_axil_bresp_o(bresp),
    .s_axil_arvalid_i(arvalid_i), .s_axil_arready_o(arready), .s_axil_araddr_i(araddr_i),
    .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready_i), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp),
    .wr_o(wr), .wr_addr_o(wr_addr), .wr_strobe_o(wr_strobe), .wr_data_o(wr_data),
    .rd_o(rd), .rd_addr_o(rd_addr), .rd_data_i(reg_data_i)
  );

  // Accesses that wait for their answer, and what a read has to give.
  logic        write_open_q, read_open_q;
  logic [63:0] want_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_open_q <= 1'b0;
      read_open_q  <= 1'b0;
    end else begin
      write_open_q <= (awvalid_i && awready) || (write_open_q && !(bvalid && bready_i));
      read_open_q  <= (arvalid_i && arready) || (read_open_q && !(rvalid && rready_i));
    end
    if (arvalid_i && arready) want_q <= reg_data_i;
  end

  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (awready == wready);
      assert (wr == (awvalid_i && awready));
      assert (!wr || (wvalid_i && wr_addr == awaddr_i[11:3] && wr_strobe == wstrb_i));
      for (int b = 0; b < 8; b++) begin
        if (wr) assert (wr_data[8*b +: 8] == (wstrb_i[b] ? wdata_i[8*b +: 8] : 8'd0));
      end
      assert (bvalid == write_open_q);
      assert (!(wr && write_open_q) || bready_i);
      assert (rd == (arvalid_i && arready));
      assert (!rd || rd_addr == araddr_i[11:3]);
      assert (rvalid == read_open_q);
      assert (!rvalid || rdata == want_q);
      assert (bresp == 2'b00 && rresp == 2'b00);
      // Nothing is refused for ever: a free slave takes what is complete.
      assert (!(awvalid_i && wvalid_i && !write_open_q) || wr);
      assert (!(arvalid_i && !read_open_q) || rd);
    end
  end
endmodule
