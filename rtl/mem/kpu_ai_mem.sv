// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// AI RAM with its arbiter and its AXI4 slave: all of `rtl/mem`, as `kpu_top` uses it.
///
/// The ports are those of `kpu_ai_arbiter` and `kpu_ai_axi`, where their rules are; `rd_data_o`,
/// `rd_left_o` and `rd_right_o` are the line fetch's, `str_data_o` is the output stream's; with one port both are the same.
/// With more than 64 lanes an address is that of a word's first line, and the AXI4 slave works on that line alone.
module kpu_ai_mem #(
  /// Bytes of a word: 256, 128, 64, 32, 16 or 8.
  parameter  int unsigned Lanes    = 64,
  /// Size in lines of 64 bytes, a power of two.
  parameter  int unsigned Lines    = 32768,
  /// Read ports, banks and rest after an access, as in `kpu_ai_arbiter`.
  parameter  int unsigned Ports    = 1,
  parameter  int unsigned Banks    = 0,
  parameter  int unsigned Gap      = 0,
  /// 1: the line fetch takes its words at once, and the output stream waits less for a turn.
  parameter  int unsigned Prompt   = 0,
  /// Bits of an AXI ID.
  parameter  int unsigned IdW      = 4,
  /// Bits of a byte address on AXI.
  parameter  int unsigned AxiAddrW = 21,
  localparam int unsigned AxiLanes = kpu_pkg::line_lanes(Lanes),
  localparam int unsigned AddrW    = kpu_pkg::idx_width(Lines * kpu_pkg::line_words(Lanes)),
  // A row of 40 bytes is a word that leaves in five cycles: a turn in five keeps such a stream going.
  localparam int unsigned StrLimit = (Prompt != 0) ? 4 : 16
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  /// Drops what line fetch and output stream have asked for.
  input  logic                clear_i,
  // Line fetch
  input  logic                conv_rd_valid_i,
  output logic                conv_rd_ready_o,
  input  logic [AddrW-1:0]    conv_rd_addr_i,
  output logic                conv_rsp_valid_o,
  input  logic                conv_rsp_ready_i,
  // Output stream
  input  logic                str_rd_valid_i,
  output logic                str_rd_ready_o,
  input  logic [AddrW-1:0]    str_rd_addr_i,
  output logic                str_rsp_valid_o,
  output logic [AxiLanes*8-1:0] str_data_o,   // .. of a line at most, as the AXI4 slave takes it
  // Read data of the line fetch
  output logic [Lanes*8-1:0]  rd_data_o,
  output logic [7:0]          rd_left_o,
  output logic [7:0]          rd_right_o,
  // Write-back
  input  logic                wb_wr_valid_i,
  output logic                wb_wr_ready_o,
  input  logic [AddrW-1:0]    wb_wr_addr_i,
  input  logic [Lanes-1:0]    wb_wr_be_i,
  input  logic [Lanes*8-1:0]  wb_wr_data_i,
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
  output logic                s_axi_rlast_o
);

  logic                  axi_rd_valid, axi_rd_ready, axi_rsp_valid, axi_wr_valid, axi_wr_ready;
  logic [AddrW-1:0]      axi_rd_addr, axi_wr_addr;
  logic [AxiLanes-1:0]   axi_wr_be;
  logic [AxiLanes*8-1:0] axi_wr_data;
  logic                  ram_rd_en, ram_side_en, ram_wr_en;
  logic [AddrW-1:0]      ram_rd_addr, ram_side_addr, ram_wr_addr;
  logic [AxiLanes*8-1:0] side_data;
  logic [Lanes-1:0]      ram_wr_be;
  logic [Lanes*8-1:0]    ram_wr_data;

  kpu_ai_axi #(.Lanes(AxiLanes), .Lines(Lines), .IdW(IdW), .AxiAddrW(AxiAddrW)) u_axi (
    .clk_i, .rst_ni,
    .s_axi_awvalid_i, .s_axi_awready_o, .s_axi_awaddr_i, .s_axi_awid_i, .s_axi_awlen_i,
    .s_axi_awsize_i, .s_axi_awburst_i, .s_axi_wvalid_i, .s_axi_wready_o, .s_axi_wdata_i,
    .s_axi_wstrb_i, .s_axi_wlast_i, .s_axi_bvalid_o, .s_axi_bready_i, .s_axi_bid_o,
    .s_axi_bresp_o, .s_axi_arvalid_i, .s_axi_arready_o, .s_axi_araddr_i, .s_axi_arid_i,
    .s_axi_arlen_i, .s_axi_arsize_i, .s_axi_arburst_i, .s_axi_rvalid_o, .s_axi_rready_i,
    .s_axi_rdata_o, .s_axi_rid_o, .s_axi_rresp_o, .s_axi_rlast_o,
    .rd_valid_o(axi_rd_valid), .rd_ready_i(axi_rd_ready), .rd_addr_o(axi_rd_addr),
    .rsp_valid_i(axi_rsp_valid), .rsp_data_i(str_data_o),
    .wr_valid_o(axi_wr_valid), .wr_ready_i(axi_wr_ready), .wr_addr_o(axi_wr_addr),
    .wr_be_o(axi_wr_be), .wr_data_o(axi_wr_data)
  );

  kpu_ai_arbiter #(.Lanes(Lanes), .AddrW(AddrW), .Ports(Ports), .Banks(Banks), .Gap(Gap), .Prompt(Prompt), .StrLimit(StrLimit)) u_arbiter (
    .clk_i, .rst_ni, .clear_i,
    .conv_rd_valid_i, .conv_rd_ready_o, .conv_rd_addr_i, .conv_rsp_valid_o, .conv_rsp_ready_i,
    .str_rd_valid_i, .str_rd_ready_o, .str_rd_addr_i, .str_rsp_valid_o,
    .axi_rd_valid_i(axi_rd_valid), .axi_rd_ready_o(axi_rd_ready), .axi_rd_addr_i(axi_rd_addr),
    .axi_rsp_valid_o(axi_rsp_valid),
    .wb_wr_valid_i, .wb_wr_ready_o, .wb_wr_addr_i, .wb_wr_be_i, .wb_wr_data_i,
    .axi_wr_valid_i(axi_wr_valid), .axi_wr_ready_o(axi_wr_ready), .axi_wr_addr_i(axi_wr_addr),
    .axi_wr_be_i(Lanes'(axi_wr_be)), .axi_wr_data_i((Lanes*8)'(axi_wr_data)),
    .ram_rd_en_o(ram_rd_en), .ram_rd_addr_o(ram_rd_addr), .ram_side_en_o(ram_side_en),
    .ram_side_addr_o(ram_side_addr), .ram_wr_en_o(ram_wr_en),
    .ram_wr_addr_o(ram_wr_addr), .ram_wr_be_o(ram_wr_be), .ram_wr_data_o(ram_wr_data)
  );

  if (Lanes > kpu_pkg::LineBytes) begin : gen_wide
    logic unused_side;
    assign unused_side = ^{ram_side_en, ram_side_addr};
    assign side_data   = '0;

    kpu_ai_banks #(.Lanes(Lanes), .Lines(Lines)) u_banks (
      .clk_i,
      .rd_en_i(ram_rd_en), .rd_addr_i(ram_rd_addr), .rd_data_o, .rd_left_o, .rd_right_o,
      .wr_en_i(ram_wr_en), .wr_addr_i(ram_wr_addr), .wr_be_i(ram_wr_be), .wr_data_i(ram_wr_data)
    );
  end else begin : gen_line
    kpu_ai_ram #(.Lanes(Lanes), .Lines(Lines), .Ports(Ports)) u_ram (
      .clk_i,
      .rd_en_i(ram_rd_en), .rd_addr_i(ram_rd_addr), .rd_data_o, .rd_left_o, .rd_right_o,
      .side_en_i(ram_side_en), .side_addr_i(ram_side_addr), .side_data_o(side_data),
      .wr_en_i(ram_wr_en), .wr_addr_i(ram_wr_addr), .wr_be_i(ram_wr_be), .wr_data_i(ram_wr_data)
    );
  end

  assign str_data_o = (Ports == 2) ? side_data : rd_data_o[AxiLanes*8-1:0];

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(NeverTheWordWritten, !(ram_rd_en && ram_wr_en && ram_rd_addr == ram_wr_addr))

endmodule
