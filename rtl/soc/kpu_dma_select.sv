// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// The DMA-select registers of the K210's system controller: which request line each DMA channel
/// listens to. 32-bit registers at 0x64 (channels 0 to 4, six bits each) and 0x68 (channel 5); the
/// rest of the page reads zero.
module kpu_dma_select (
  input  logic        clk_i,
  input  logic        rst_ni,
  // AXI4-Lite slave
  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [11:0] s_axil_awaddr_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  input  logic [63:0] s_axil_wdata_i,
  input  logic [7:0]  s_axil_wstrb_i,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  output logic [1:0]  s_axil_bresp_o,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  input  logic [11:0] s_axil_araddr_i,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  output logic [63:0] s_axil_rdata_o,
  output logic [1:0]  s_axil_rresp_o,
  /// Request line of channel c at [6c +: 6].
  output logic [35:0] select_o
);

  localparam logic [8:0] WordSelect0 = 9'h00C;  // 0x60: its upper half is 0x64
  localparam logic [8:0] WordSelect1 = 9'h00D;  // 0x68

  logic        wr, rd;
  logic [8:0]  wr_addr, rd_addr;
  logic [7:0]  wr_strobe;
  logic [63:0] wr_data, rd_data;
  logic [29:0] select0_q;
  logic [5:0]  select1_q;

  kpu_axil_slave #(.AddrW(12)) u_bus (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_awaddr_i, .s_axil_wvalid_i, .s_axil_wready_o,
    .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_bresp_o,
    .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_araddr_i, .s_axil_rvalid_o, .s_axil_rready_i,
    .s_axil_rdata_o, .s_axil_rresp_o,
    .wr_o(wr), .wr_addr_o(wr_addr), .wr_strobe_o(wr_strobe), .wr_data_o(wr_data),
    .rd_o(rd), .rd_addr_o(rd_addr), .rd_data_i(rd_data)
  );

  // A half is written as a whole.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      select0_q <= '0;
      select1_q <= '0;
    end else if (wr) begin
      if (wr_addr == WordSelect0 && wr_strobe[4]) select0_q <= wr_data[61:32];
      if (wr_addr == WordSelect1 && wr_strobe[0]) select1_q <= wr_data[5:0];
    end
  end

  assign rd_data  = (rd_addr == WordSelect0) ? {2'd0, select0_q, 32'd0} :
                    (rd_addr == WordSelect1) ? 64'(select1_q) : '0;
  assign select_o = {select1_q, select0_q};

  logic unused_bits;
  assign unused_bits = ^{rd, wr_strobe, wr_data};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_KEPT(SelectKept, !wr, 1'b1, select_o)

endmodule
