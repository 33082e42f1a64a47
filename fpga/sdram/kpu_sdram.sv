// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// A 16-bit SDR SDRAM chip of 32 MiB as the SRAM of `kpu_soc`: a 64-bit AXI4 slave for INCR bursts with IDs, with the
/// ports of `kpu_block_sram`. docs/board-sdram.md: chips, distances between commands, budgets of cycles and of time.
///
/// 2 bytes a cycle within a row of 1 KiB, across bursts; first data eight cycles after the address if the row is open,
/// TRcd later if none is, TRp + TRcd later if another one is. Reads and writes take turns, burst by burst, or beat by beat while the one whose turn it is has
/// nothing to do: neither waits for the other. Beats beyond `Bytes` are answered with DECERR and not written. Nothing
/// is answered in the first 200 us after reset.
module kpu_sdram #(
  /// Size that is used, a multiple of 8 from 16 to 32 MiB.
  parameter int unsigned Bytes  = 33554432,
  parameter int unsigned IdW    = 2,
  /// Frequency of clk_i, 10..50: half a cycle is the time that data have to and from the chip.
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

  // ns * MHz / 1000 are cycles, of a distance rounded up, of a period down.
  localparam int unsigned Up = 999;

  // ---- Reads and writes ----------------------------------------------------------------------------
  logic        rd_valid, rd_ready, rd_last, wr_valid, wr_ready, wr_last, rsp_valid;
  logic [23:0] rd_addr, wr_addr;
  logic [15:0] wr_data, rsp_data;
  logic [1:0]  wr_strb;

  kpu_sdram_read #(.Bytes(Bytes), .IdW(IdW)) u_read (
    .clk_i, .rst_ni,
    .s_axi_arvalid_i, .s_axi_arready_o, .s_axi_araddr_i, .s_axi_arid_i, .s_axi_arlen_i,
    .s_axi_rvalid_o, .s_axi_rready_i, .s_axi_rdata_o, .s_axi_rid_o, .s_axi_rresp_o, .s_axi_rlast_o,
    .col_valid_o (rd_valid),
    .col_ready_i (rd_ready),
    .col_addr_o  (rd_addr),
    .col_last_o  (rd_last),
    .rsp_valid_i (rsp_valid),
    .rsp_data_i  (rsp_data)
  );

  kpu_sdram_write #(.Bytes(Bytes), .IdW(IdW)) u_write (
    .clk_i, .rst_ni,
    .s_axi_awvalid_i, .s_axi_awready_o, .s_axi_awaddr_i, .s_axi_awid_i,
    .s_axi_wvalid_i, .s_axi_wready_o, .s_axi_wdata_i, .s_axi_wstrb_i, .s_axi_wlast_i,
    .s_axi_bvalid_o, .s_axi_bready_i, .s_axi_bid_o, .s_axi_bresp_o,
    .col_valid_o (wr_valid),
    .col_ready_i (wr_ready),
    .col_addr_o  (wr_addr),
    .col_last_o  (wr_last),
    .col_data_o  (wr_data),
    .col_strb_o  (wr_strb)
  );

  // ---- Whose turn it is ------------------------------------------------------------------------------
  // The writes' if turn_q. Who was chosen stays so until served, and goes on to the end of its burst while it can.
  logic turn_q, write, req_valid, req_ready, req_last;

  assign write     = wr_valid && (turn_q || !rd_valid);
  assign req_valid = rd_valid || wr_valid;
  assign req_last  = write ? wr_last : rd_last;
  assign rd_ready  = req_ready && !write;
  assign wr_ready  = req_ready && write;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)        turn_q <= 1'b0;
    else if (req_valid) turn_q <= (req_ready && req_last) ? !write : write;
  end

  // ---- The chip --------------------------------------------------------------------------------------
  kpu_sdram_ctrl #(
    .PowerCycles   (200 * ClkMhz),
    .RefreshCycles (7800 * ClkMhz / 1000),
    .TRcd          ((21 * ClkMhz + Up) / 1000),
    .TRp           ((21 * ClkMhz + Up) / 1000),
    .TRas          ((45 * ClkMhz + Up) / 1000),
    .TRfc          ((70 * ClkMhz + Up) / 1000),
    .TWr           (2),
    .TMrd          (2)
  ) u_ctrl (
    .clk_i, .rst_ni,
    .req_valid_i (req_valid),
    .req_ready_o (req_ready),
    .req_write_i (write),
    .req_addr_i  (write ? wr_addr : rd_addr),
    .req_data_i  (wr_data),
    .req_strb_i  (wr_strb),
    .rsp_valid_o (rsp_valid),
    .rsp_data_o  (rsp_data),
    .sdram_rasn_o, .sdram_casn_o, .sdram_wen_o, .sdram_ba_o, .sdram_a_o, .sdram_dqm_o, .sdram_d_o, .sdram_oe_o,
    .sdram_d_i
  );

  // ---- Assertions ------------------------------------------------------------------------------------
  if (ClkMhz < 10 || ClkMhz > 50) begin : gen_check_clk
    $error("kpu_sdram: ClkMhz must be 10..50");
  end
  `ASSERT_KEPT(ChoiceHeld, req_valid && !req_ready, req_valid, write)

endmodule
