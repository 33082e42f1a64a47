// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Block memory as the SRAM of `kpu_soc`: a 64-bit AXI4 slave for INCR bursts with IDs.
///
/// One burst at a time in each direction, a beat a cycle within it, first data two cycles after the address.
/// Beats beyond `Bytes` are answered with DECERR and not written.
module kpu_block_sram #(
  /// Size, a multiple of 8 from 16.
  parameter int unsigned Bytes = 98304,
  parameter int unsigned IdW   = 2
) (
  input  logic           clk_i,
  input  logic           rst_ni,
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
  output logic           s_axi_rlast_o
);

  localparam int unsigned Words = Bytes / 8;
  localparam int unsigned AddrW = kpu_pkg::idx_width(Words);
  localparam logic [28:0] End   = 29'(Words);

  localparam logic [1:0] DecodeError = 2'b11;

  // ---- Memory: a byte column each, so that every tool finds the byte enables ---------------------
  logic              rd_en, wr_en;
  logic [28:0]       rd_word_q, wr_word_q;

  for (genvar b = 0; b < 8; b++) begin : gen_column
    kpu_ram_1r1w #(.Width(8), .Depth(Words)) u_ram (
      .clk_i,
      .rd_en_i   (rd_en && rd_word_q < End),
      .rd_addr_i (rd_word_q[AddrW-1:0]),
      .rd_data_o (s_axi_rdata_o[8*b +: 8]),
      .wr_en_i   (wr_en && s_axi_wstrb_i[b]),
      .wr_addr_i (wr_word_q[AddrW-1:0]),
      .wr_data_i (s_axi_wdata_i[8*b +: 8])
    );
  end

  // ---- Reads -------------------------------------------------------------------------------------
  logic       rvalid_q, rlast_q, rbad_q;
  logic [8:0] beats_q;  // still to be read from the memory

  assign s_axi_arready_o = beats_q == 9'd0 && !rvalid_q;
  assign rd_en           = beats_q != 9'd0 && (!rvalid_q || s_axi_rready_i);
  assign s_axi_rvalid_o  = rvalid_q;
  assign s_axi_rlast_o   = rlast_q;
  assign s_axi_rresp_o   = rbad_q ? DecodeError : 2'b00;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rvalid_q <= 1'b0;
      beats_q  <= 9'd0;
    end else begin
      if (rd_en)               rvalid_q <= 1'b1;
      else if (s_axi_rready_i) rvalid_q <= 1'b0;
      if (s_axi_arvalid_i && s_axi_arready_o) beats_q <= 9'(s_axi_arlen_i) + 9'd1;
      else if (rd_en)                         beats_q <= beats_q - 9'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (s_axi_arvalid_i && s_axi_arready_o) begin
      rd_word_q   <= s_axi_araddr_i[31:3];
      s_axi_rid_o <= s_axi_arid_i;
    end else if (rd_en) begin
      rd_word_q <= rd_word_q + 29'd1;
      rlast_q   <= beats_q == 9'd1;
      rbad_q    <= rd_word_q >= End;
    end
  end

  // ---- Writes ------------------------------------------------------------------------------------
  logic writing_q, bvalid_q, wbad_q;

  assign s_axi_awready_o = !writing_q && !bvalid_q;
  assign s_axi_wready_o  = writing_q;
  assign wr_en           = writing_q && s_axi_wvalid_i && wr_word_q < End;
  assign s_axi_bvalid_o  = bvalid_q;
  assign s_axi_bresp_o   = wbad_q ? DecodeError : 2'b00;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      writing_q <= 1'b0;
      bvalid_q  <= 1'b0;
    end else begin
      if (s_axi_awvalid_i && s_axi_awready_o) writing_q <= 1'b1;
      if (bvalid_q && s_axi_bready_i)         bvalid_q  <= 1'b0;
      if (writing_q && s_axi_wvalid_i && s_axi_wlast_i) begin
        writing_q <= 1'b0;
        bvalid_q  <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (s_axi_awvalid_i && s_axi_awready_o) begin
      wr_word_q   <= s_axi_awaddr_i[31:3];
      wbad_q      <= 1'b0;
      s_axi_bid_o <= s_axi_awid_i;
    end else if (writing_q && s_axi_wvalid_i) begin
      wr_word_q <= wr_word_q + 29'd1;
      if (wr_word_q >= End) wbad_q <= 1'b1;
    end
  end

  logic unused_addr;
  assign unused_addr = ^{s_axi_awaddr_i[2:0], s_axi_araddr_i[2:0]};

  // ---- Assertions --------------------------------------------------------------------------------
  if (Bytes < 16 || Bytes % 8 != 0) begin : gen_check_bytes
    $error("kpu_block_sram: Bytes must be a multiple of 8 from 16");
  end
  `ASSERT_KEPT(RHeld, s_axi_rvalid_o && !s_axi_rready_i, s_axi_rvalid_o, s_axi_rdata_o)
  `ASSERT_NEXT(BHeld, s_axi_bvalid_o && !s_axi_bready_i, s_axi_bvalid_o)

endmodule
