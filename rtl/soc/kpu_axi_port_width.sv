// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// The system's memory port in the width of its memory (docs/system.md, "Width of the memory bus"): kpu_axi_narrow_bus,
/// kpu_axi_widen_bus, or with 8 bytes nothing.
///
/// Payloads as in those two.
module kpu_axi_port_width #(
  /// Bytes of a beat of the memory, 4, 8 or 16.
  parameter  int unsigned BusBytes = 8,
  /// Reads of a master that may be open, where the width is another.
  parameter  int unsigned Bursts   = 8,
  localparam int unsigned IdW      = kpu_axi_pkg::IdW,
  localparam int unsigned AxW      = IdW + kpu_axi_pkg::AxW,
  localparam int unsigned WW       = kpu_axi_pkg::WW,
  localparam int unsigned RW       = IdW + kpu_axi_pkg::RW,
  localparam int unsigned MWW      = 9 * BusBytes + 1,
  localparam int unsigned MRW      = IdW + 8 * BusBytes + 3
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // From the master, 8 bytes wide
  input  logic              s_awvalid_i,
  output logic              s_awready_o,
  input  logic [AxW-1:0]    s_aw_i,
  input  logic              s_wvalid_i,
  output logic              s_wready_o,
  input  logic [WW-1:0]     s_w_i,
  output logic              s_bvalid_o,
  input  logic              s_bready_i,
  output logic [IdW+1:0]    s_b_o,
  input  logic              s_arvalid_i,
  output logic              s_arready_o,
  input  logic [AxW-1:0]    s_ar_i,
  output logic              s_rvalid_o,
  input  logic              s_rready_i,
  output logic [RW-1:0]     s_r_o,
  // To the memory, BusBytes wide
  output logic              m_awvalid_o,
  input  logic              m_awready_i,
  output logic [AxW-1:0]    m_aw_o,
  output logic              m_wvalid_o,
  input  logic              m_wready_i,
  output logic [MWW-1:0]    m_w_o,
  input  logic              m_bvalid_i,
  output logic              m_bready_o,
  input  logic [IdW+1:0]    m_b_i,
  output logic              m_arvalid_o,
  input  logic              m_arready_i,
  output logic [AxW-1:0]    m_ar_o,
  input  logic              m_rvalid_i,
  output logic              m_rready_o,
  input  logic [MRW-1:0]    m_r_i
);

  if (BusBytes == 8) begin : gen_as_it_is
    assign {m_awvalid_o, s_awready_o, m_aw_o} = {s_awvalid_i, m_awready_i, s_aw_i};
    assign {m_wvalid_o, s_wready_o, m_w_o}    = {s_wvalid_i, m_wready_i, s_w_i};
    assign {s_bvalid_o, m_bready_o, s_b_o}    = {m_bvalid_i, s_bready_i, m_b_i};
    assign {m_arvalid_o, s_arready_o, m_ar_o} = {s_arvalid_i, m_arready_i, s_ar_i};
    assign {s_rvalid_o, m_rready_o, s_r_o}    = {m_rvalid_i, s_rready_i, m_r_i};
  end else if (BusBytes == 4) begin : gen_narrow
    kpu_axi_narrow_bus #(.Bursts(Bursts)) u_narrow_bus (
      .clk_i, .rst_ni,
      .s_awvalid_i, .s_awready_o, .s_aw_i, .s_wvalid_i, .s_wready_o, .s_w_i, .s_bvalid_o, .s_bready_i, .s_b_o,
      .s_arvalid_i, .s_arready_o, .s_ar_i, .s_rvalid_o, .s_rready_i, .s_r_o,
      .m_awvalid_o, .m_awready_i, .m_aw_o, .m_wvalid_o, .m_wready_i, .m_w_o, .m_bvalid_i, .m_bready_o, .m_b_i,
      .m_arvalid_o, .m_arready_i, .m_ar_o, .m_rvalid_i, .m_rready_o, .m_r_i
    );
  end else if (BusBytes == 16) begin : gen_wide
    // Devices, whose registers a read may change, are asked for what is wanted of them only.
    kpu_axi_pkg::ax_t aw, ar;
    assign aw = s_aw_i[kpu_axi_pkg::AxW-1:0];
    assign ar = s_ar_i[kpu_axi_pkg::AxW-1:0];

    kpu_axi_widen_bus #(.Bursts(Bursts)) u_widen_bus (
      .clk_i, .rst_ni,
      .s_awvalid_i, .s_awready_o, .s_aw_i, .s_awwide_i(!aw.addr[28]), .s_wvalid_i, .s_wready_o, .s_w_i, .s_bvalid_o, .s_bready_i, .s_b_o,
      .s_arvalid_i, .s_arready_o, .s_ar_i, .s_arwide_i(!ar.addr[28]), .s_rvalid_o, .s_rready_i, .s_r_o,
      .m_awvalid_o, .m_awready_i, .m_aw_o, .m_wvalid_o, .m_wready_i, .m_w_o, .m_bvalid_i, .m_bready_o, .m_b_i,
      .m_arvalid_o, .m_arready_i, .m_ar_o, .m_rvalid_i, .m_rready_o, .m_r_i
    );

    logic unused_bits;
    assign unused_bits = ^{aw, ar};
  end else begin : gen_check_bus
    $error("kpu_axi_port_width: BusBytes must be 4, 8 or 16");
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_KEPT(ReadHeld, m_arvalid_o && !m_arready_i, m_arvalid_o, m_ar_o)
  `ASSERT_KEPT(WriteHeld, m_awvalid_o && !m_awready_i, m_awvalid_o, m_aw_o)

endmodule
