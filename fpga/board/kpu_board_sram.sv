// SPDX-License-Identifier: Apache-2.0

/// The SRAM of `kpu_board`: block memory, or a chip of SDRAM. docs/board.md, docs/board-sdram.md.
module kpu_board_sram #(
  /// 1: SDRAM; 0: block memory, and the chip's pins rest.
  parameter int unsigned Sdram  = 0,
  /// Size, as in kpu_sdram and kpu_block_sram.
  parameter int unsigned Bytes  = 98304,
  parameter int unsigned IdW    = 2,
  /// Frequency of clk_i; for SDRAM.
  parameter int unsigned ClkMhz = 25
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  // AXI4
  input  logic           s_axi_awvalid_i,
  output logic           s_axi_awready_o,
  input  logic [31:0]    s_axi_awaddr_i,
  input  logic [IdW-1:0] s_axi_awid_i,
  input  logic           s_axi_wvalid_i,
  output logic           s_axi_wready_o,
  input  logic [63:0]    s_axi_wdata_i,
  input  logic [7:0]     s_axi_wstrb_i,
  input  logic           s_axi_wlast_i,
  output logic           s_axi_bvalid_o,
  input  logic           s_axi_bready_i,
  output logic [IdW-1:0] s_axi_bid_o,
  output logic [1:0]     s_axi_bresp_o,
  input  logic           s_axi_arvalid_i,
  output logic           s_axi_arready_o,
  input  logic [31:0]    s_axi_araddr_i,
  input  logic [IdW-1:0] s_axi_arid_i,
  input  logic [7:0]     s_axi_arlen_i,
  output logic           s_axi_rvalid_o,
  input  logic           s_axi_rready_i,
  output logic [63:0]    s_axi_rdata_o,
  output logic [IdW-1:0] s_axi_rid_o,
  output logic [1:0]     s_axi_rresp_o,
  output logic           s_axi_rlast_o,
  // The chip, as in kpu_sdram_ctrl
  output logic           sdram_rasn_o,
  output logic           sdram_casn_o,
  output logic           sdram_wen_o,
  output logic [1:0]     sdram_ba_o,
  output logic [12:0]    sdram_a_o,
  output logic [1:0]     sdram_dqm_o,
  output logic [15:0]    sdram_d_o,
  output logic           sdram_oe_o,
  input  logic [15:0]    sdram_d_i
);

  if (Sdram != 0) begin : gen_sdram
    kpu_sdram #(.Bytes(Bytes), .IdW(IdW), .ClkMhz(ClkMhz)) u_sdram (
      .clk_i, .rst_ni,
      .s_axi_awvalid_i, .s_axi_awready_o, .s_axi_awaddr_i, .s_axi_awid_i, .s_axi_wvalid_i, .s_axi_wready_o,
      .s_axi_wdata_i, .s_axi_wstrb_i, .s_axi_wlast_i, .s_axi_bvalid_o, .s_axi_bready_i, .s_axi_bid_o, .s_axi_bresp_o,
      .s_axi_arvalid_i, .s_axi_arready_o, .s_axi_araddr_i, .s_axi_arid_i, .s_axi_arlen_i, .s_axi_rvalid_o,
      .s_axi_rready_i, .s_axi_rdata_o, .s_axi_rid_o, .s_axi_rresp_o, .s_axi_rlast_o,
      .sdram_rasn_o, .sdram_casn_o, .sdram_wen_o, .sdram_ba_o, .sdram_a_o, .sdram_dqm_o, .sdram_d_o, .sdram_oe_o, .sdram_d_i
    );
  end else begin : gen_block
    kpu_block_sram #(.Bytes(Bytes), .IdW(IdW)) u_block (
      .clk_i, .rst_ni,
      .s_axi_awvalid_i, .s_axi_awready_o, .s_axi_awaddr_i, .s_axi_awid_i, .s_axi_wvalid_i, .s_axi_wready_o,
      .s_axi_wdata_i, .s_axi_wstrb_i, .s_axi_wlast_i, .s_axi_bvalid_o, .s_axi_bready_i, .s_axi_bid_o, .s_axi_bresp_o,
      .s_axi_arvalid_i, .s_axi_arready_o, .s_axi_araddr_i, .s_axi_arid_i, .s_axi_arlen_i, .s_axi_rvalid_o,
      .s_axi_rready_i, .s_axi_rdata_o, .s_axi_rid_o, .s_axi_rresp_o, .s_axi_rlast_o
    );

    logic unused_sdram;
    assign {sdram_rasn_o, sdram_casn_o, sdram_wen_o} = 3'b111;
    assign {sdram_ba_o, sdram_a_o, sdram_d_o}        = '0;
    assign sdram_dqm_o  = 2'b11;
    assign sdram_oe_o   = 1'b0;
    assign unused_sdram = ^{sdram_d_i, ClkMhz == 0};
  end

endmodule
