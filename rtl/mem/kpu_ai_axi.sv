// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// AXI4 slave, 64 bits wide, in front of AI RAM. Byte address 0 is byte 0 of line 0.
///
/// INCR bursts of 1..256 beats and single beats of any size up to 8 bytes; byte strobes; IDs are
/// echoed, answers come in order. Reads and writes are independent; a write is in AI RAM when its
/// answer is valid. An address beyond AI RAM, a FIXED or WRAP burst or a size above 8 bytes is
/// answered with SLVERR (reads: data zero) and touches nothing. Throughput: see the two halves.
module kpu_ai_axi #(
  /// Bytes of a word of AI RAM.
  parameter  int unsigned Lanes    = 64,
  /// Size of AI RAM in lines of 64 bytes.
  parameter  int unsigned Lines    = 32768,
  /// Bits of an AXI ID.
  parameter  int unsigned IdW      = 4,
  /// Bits of a byte address, at least those of AI RAM.
  parameter  int unsigned AxiAddrW = 21,
  localparam int unsigned AddrW    = kpu_pkg::idx_width(Lines * kpu_pkg::line_words(Lanes))
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // AXI4 slave
  input  logic                s_axi_awvalid_i,
  output logic                s_axi_awready_o,
  input  logic [AxiAddrW-1:0] s_axi_awaddr_i,
  input  logic [IdW-1:0]      s_axi_awid_i,
  input  logic [7:0]          s_axi_awlen_i,
  input  logic [2:0]          s_axi_awsize_i,
  input  logic [1:0]          s_axi_awburst_i,
  input  logic                s_axi_wvalid_i,
  output logic                s_axi_wready_o,
  input  logic [63:0]         s_axi_wdata_i,
  input  logic [7:0]          s_axi_wstrb_i,
  input  logic                s_axi_wlast_i,
  output logic                s_axi_bvalid_o,
  input  logic                s_axi_bready_i,
  output logic [IdW-1:0]      s_axi_bid_o,
  output logic [1:0]          s_axi_bresp_o,
  input  logic                s_axi_arvalid_i,
  output logic                s_axi_arready_o,
  input  logic [AxiAddrW-1:0] s_axi_araddr_i,
  input  logic [IdW-1:0]      s_axi_arid_i,
  input  logic [7:0]          s_axi_arlen_i,
  input  logic [2:0]          s_axi_arsize_i,
  input  logic [1:0]          s_axi_arburst_i,
  output logic                s_axi_rvalid_o,
  input  logic                s_axi_rready_i,
  output logic [63:0]         s_axi_rdata_o,
  output logic [IdW-1:0]      s_axi_rid_o,
  output logic [1:0]          s_axi_rresp_o,
  output logic                s_axi_rlast_o,
  // AI RAM through the arbiter
  output logic                rd_valid_o,
  input  logic                rd_ready_i,
  output logic [AddrW-1:0]    rd_addr_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*8-1:0]  rsp_data_i,
  output logic                wr_valid_o,
  input  logic                wr_ready_i,
  output logic [AddrW-1:0]    wr_addr_o,
  output logic [Lanes-1:0]    wr_be_o,
  output logic [Lanes*8-1:0]  wr_data_o
);

  if (AxiAddrW < $clog2(Lines * kpu_pkg::LineBytes)) begin : gen_check_addr
    $error("kpu_ai_axi: AxiAddrW is too small for Lines");
  end

  kpu_ai_axi_rd #(.Lanes(Lanes), .Lines(Lines), .IdW(IdW), .AxiAddrW(AxiAddrW)) u_rd (
    .clk_i, .rst_ni,
    .arvalid_i(s_axi_arvalid_i), .arready_o(s_axi_arready_o), .araddr_i(s_axi_araddr_i),
    .arid_i(s_axi_arid_i), .arlen_i(s_axi_arlen_i), .arsize_i(s_axi_arsize_i),
    .arburst_i(s_axi_arburst_i),
    .rvalid_o(s_axi_rvalid_o), .rready_i(s_axi_rready_i), .rdata_o(s_axi_rdata_o),
    .rid_o(s_axi_rid_o), .rresp_o(s_axi_rresp_o), .rlast_o(s_axi_rlast_o),
    .rd_valid_o, .rd_ready_i, .rd_addr_o, .rsp_valid_i, .rsp_data_i
  );

  kpu_ai_axi_wr #(.Lanes(Lanes), .Lines(Lines), .IdW(IdW), .AxiAddrW(AxiAddrW)) u_wr (
    .clk_i, .rst_ni,
    .awvalid_i(s_axi_awvalid_i), .awready_o(s_axi_awready_o), .awaddr_i(s_axi_awaddr_i),
    .awid_i(s_axi_awid_i), .awlen_i(s_axi_awlen_i), .awsize_i(s_axi_awsize_i),
    .awburst_i(s_axi_awburst_i),
    .wvalid_i(s_axi_wvalid_i), .wready_o(s_axi_wready_o), .wdata_i(s_axi_wdata_i),
    .wstrb_i(s_axi_wstrb_i), .wlast_i(s_axi_wlast_i),
    .bvalid_o(s_axi_bvalid_o), .bready_i(s_axi_bready_i), .bid_o(s_axi_bid_o),
    .bresp_o(s_axi_bresp_o),
    .wr_valid_o, .wr_ready_i, .wr_addr_o, .wr_be_o, .wr_data_o
  );

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_KEPT(ArHeld, s_axi_arvalid_i && !s_axi_arready_o, s_axi_arvalid_i, s_axi_araddr_i)
  `ASSERT_KEPT(AwHeld, s_axi_awvalid_i && !s_axi_awready_o, s_axi_awvalid_i, s_axi_awaddr_i)
  `ASSERT_KEPT(WHeld, s_axi_wvalid_i && !s_axi_wready_o,
               s_axi_wvalid_i, {s_axi_wdata_i, s_axi_wstrb_i, s_axi_wlast_i})

endmodule
