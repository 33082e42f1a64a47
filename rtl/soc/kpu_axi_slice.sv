// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Register slice: all five channels of an AXI4 port through two-word FIFOs, so that no path crosses it.
///
/// A beat a cycle on every channel, one cycle of latency each way. Payloads are opaque (types of kpu_axi_pkg,
/// with or without ID in front).
module kpu_axi_slice #(
  /// Bits of the address channels, the write answer and the read answer.
  parameter  int unsigned AxW = kpu_axi_pkg::AxW,
  parameter  int unsigned BW  = 2,
  parameter  int unsigned RW  = kpu_axi_pkg::RW,
  localparam int unsigned WW  = kpu_axi_pkg::WW
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  // From the master
  input  logic           s_awvalid_i,
  output logic           s_awready_o,
  input  logic [AxW-1:0] s_aw_i,
  input  logic           s_wvalid_i,
  output logic           s_wready_o,
  input  logic [WW-1:0]  s_w_i,
  output logic           s_bvalid_o,
  input  logic           s_bready_i,
  output logic [BW-1:0]  s_b_o,
  input  logic           s_arvalid_i,
  output logic           s_arready_o,
  input  logic [AxW-1:0] s_ar_i,
  output logic           s_rvalid_o,
  input  logic           s_rready_i,
  output logic [RW-1:0]  s_r_o,
  // To the slave
  output logic           m_awvalid_o,
  input  logic           m_awready_i,
  output logic [AxW-1:0] m_aw_o,
  output logic           m_wvalid_o,
  input  logic           m_wready_i,
  output logic [WW-1:0]  m_w_o,
  input  logic           m_bvalid_i,
  output logic           m_bready_o,
  input  logic [BW-1:0]  m_b_i,
  output logic           m_arvalid_o,
  input  logic           m_arready_i,
  output logic [AxW-1:0] m_ar_o,
  input  logic           m_rvalid_i,
  output logic           m_rready_o,
  input  logic [RW-1:0]  m_r_i
);

  logic [9:0] unused_count;

  kpu_fifo #(.Width(AxW)) u_aw (
    .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_count[1:0]),
    .in_valid_i(s_awvalid_i), .in_ready_o(s_awready_o), .in_data_i(s_aw_i),
    .out_valid_o(m_awvalid_o), .out_ready_i(m_awready_i), .out_data_o(m_aw_o)
  );

  kpu_fifo #(.Width(WW)) u_w (
    .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_count[3:2]),
    .in_valid_i(s_wvalid_i), .in_ready_o(s_wready_o), .in_data_i(s_w_i),
    .out_valid_o(m_wvalid_o), .out_ready_i(m_wready_i), .out_data_o(m_w_o)
  );

  kpu_fifo #(.Width(BW)) u_b (
    .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_count[5:4]),
    .in_valid_i(m_bvalid_i), .in_ready_o(m_bready_o), .in_data_i(m_b_i),
    .out_valid_o(s_bvalid_o), .out_ready_i(s_bready_i), .out_data_o(s_b_o)
  );

  kpu_fifo #(.Width(AxW)) u_ar (
    .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_count[7:6]),
    .in_valid_i(s_arvalid_i), .in_ready_o(s_arready_o), .in_data_i(s_ar_i),
    .out_valid_o(m_arvalid_o), .out_ready_i(m_arready_i), .out_data_o(m_ar_o)
  );

  kpu_fifo #(.Width(RW)) u_r (
    .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_count[9:8]),
    .in_valid_i(m_rvalid_i), .in_ready_o(m_rready_o), .in_data_i(m_r_i),
    .out_valid_o(s_rvalid_o), .out_ready_i(s_rready_i), .out_data_o(s_r_o)
  );

  logic unused_bits;
  assign unused_bits = ^unused_count;

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_KEPT(AwHeld, m_awvalid_o && !m_awready_i, m_awvalid_o, m_aw_o)
  `ASSERT_KEPT(WHeld, m_wvalid_o && !m_wready_i, m_wvalid_o, m_w_o)
  `ASSERT_KEPT(ArHeld, m_arvalid_o && !m_arready_i, m_arvalid_o, m_ar_o)

endmodule
