// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Every AXI4 master to every slave: a demultiplexer per master, a multiplexer per slave. Paths
/// that share nothing work at the same time. No latency; rules in the two parts.
///
/// Master m, slave s: the m-th, s-th field of the vectors.
module kpu_xbar #(
  localparam int unsigned M   = kpu_axi_pkg::Masters,
  localparam int unsigned S   = kpu_axi_pkg::Slaves,
  localparam int unsigned AxW = kpu_axi_pkg::AxW,
  localparam int unsigned WW  = kpu_axi_pkg::WW,
  localparam int unsigned RW  = kpu_axi_pkg::RW,
  localparam int unsigned IdW = kpu_axi_pkg::IdW
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // Masters
  input  logic [M-1:0]     m_awvalid_i,
  output logic [M-1:0]     m_awready_o,
  input  logic [AxW*M-1:0] m_aw_i,
  input  logic [M-1:0]     m_wvalid_i,
  output logic [M-1:0]     m_wready_o,
  input  logic [WW*M-1:0]  m_w_i,
  output logic [M-1:0]     m_bvalid_o,
  input  logic [M-1:0]     m_bready_i,
  output logic [2*M-1:0]   m_bresp_o,
  input  logic [M-1:0]     m_arvalid_i,
  output logic [M-1:0]     m_arready_o,
  input  logic [AxW*M-1:0] m_ar_i,
  output logic [M-1:0]     m_rvalid_o,
  input  logic [M-1:0]     m_rready_i,
  output logic [RW*M-1:0]  m_r_o,
  // Slaves
  output logic [S-1:0]     s_awvalid_o,
  input  logic [S-1:0]     s_awready_i,
  output logic [AxW*S-1:0] s_aw_o,
  output logic [IdW*S-1:0] s_awid_o,
  output logic [S-1:0]     s_wvalid_o,
  input  logic [S-1:0]     s_wready_i,
  output logic [WW*S-1:0]  s_w_o,
  input  logic [S-1:0]     s_bvalid_i,
  output logic [S-1:0]     s_bready_o,
  input  logic [IdW*S-1:0] s_bid_i,
  input  logic [2*S-1:0]   s_bresp_i,
  output logic [S-1:0]     s_arvalid_o,
  input  logic [S-1:0]     s_arready_i,
  output logic [AxW*S-1:0] s_ar_o,
  output logic [IdW*S-1:0] s_arid_o,
  input  logic [S-1:0]     s_rvalid_i,
  output logic [S-1:0]     s_rready_o,
  input  logic [IdW*S-1:0] s_rid_i,
  input  logic [RW*S-1:0]  s_r_i
);

  // Master m to slave s at bit m*S + s.
  logic [M*S-1:0] awvalid, awready, wvalid, wready, bvalid, bready;
  logic [M*S-1:0] arvalid, arready, rvalid, rready;

  for (genvar m = 0; m < M; m++) begin : gen_master
    kpu_axi_demux u_demux (
      .clk_i, .rst_ni,
      .awvalid_i(m_awvalid_i[m]), .awready_o(m_awready_o[m]), .aw_i(m_aw_i[AxW*m +: AxW]),
      .wvalid_i(m_wvalid_i[m]), .wready_o(m_wready_o[m]), .w_i(m_w_i[WW*m +: WW]),
      .bvalid_o(m_bvalid_o[m]), .bready_i(m_bready_i[m]), .bresp_o(m_bresp_o[2*m +: 2]),
      .arvalid_i(m_arvalid_i[m]), .arready_o(m_arready_o[m]), .ar_i(m_ar_i[AxW*m +: AxW]),
      .rvalid_o(m_rvalid_o[m]), .rready_i(m_rready_i[m]), .r_o(m_r_o[RW*m +: RW]),
      .awvalid_o(awvalid[m*S +: S]), .awready_i(awready[m*S +: S]),
      .wvalid_o(wvalid[m*S +: S]), .wready_i(wready[m*S +: S]),
      .bvalid_i(bvalid[m*S +: S]), .bready_o(bready[m*S +: S]), .bresp_i(s_bresp_i),
      .arvalid_o(arvalid[m*S +: S]), .arready_i(arready[m*S +: S]),
      .rvalid_i(rvalid[m*S +: S]), .rready_o(rready[m*S +: S]), .r_i(s_r_i)
    );
  end

  for (genvar s = 0; s < S; s++) begin : gen_slave
    // The masters' signals for this slave, and back.
    logic [M-1:0] awvalid_s, awready_s, wvalid_s, wready_s, bvalid_s, bready_s;
    logic [M-1:0] arvalid_s, arready_s, rvalid_s, rready_s;
    for (genvar m = 0; m < M; m++) begin : gen_wire
      assign awvalid_s[m]     = awvalid[m*S + s];
      assign awready[m*S + s] = awready_s[m];
      assign wvalid_s[m]      = wvalid[m*S + s];
      assign wready[m*S + s]  = wready_s[m];
      assign bvalid[m*S + s]  = bvalid_s[m];
      assign bready_s[m]      = bready[m*S + s];
      assign arvalid_s[m]     = arvalid[m*S + s];
      assign arready[m*S + s] = arready_s[m];
      assign rvalid[m*S + s]  = rvalid_s[m];
      assign rready_s[m]      = rready[m*S + s];
    end

    kpu_axi_mux u_mux (
      .clk_i, .rst_ni,
      .awvalid_i(awvalid_s), .awready_o(awready_s), .aw_i(m_aw_i),
      .wvalid_i(wvalid_s), .wready_o(wready_s), .w_i(m_w_i),
      .bvalid_o(bvalid_s), .bready_i(bready_s),
      .arvalid_i(arvalid_s), .arready_o(arready_s), .ar_i(m_ar_i),
      .rvalid_o(rvalid_s), .rready_i(rready_s),
      .awvalid_o(s_awvalid_o[s]), .awready_i(s_awready_i[s]), .aw_o(s_aw_o[AxW*s +: AxW]),
      .awid_o(s_awid_o[IdW*s +: IdW]),
      .wvalid_o(s_wvalid_o[s]), .wready_i(s_wready_i[s]), .w_o(s_w_o[WW*s +: WW]),
      .bvalid_i(s_bvalid_i[s]), .bready_o(s_bready_o[s]), .bid_i(s_bid_i[IdW*s +: IdW]),
      .arvalid_o(s_arvalid_o[s]), .arready_i(s_arready_i[s]), .ar_o(s_ar_o[AxW*s +: AxW]),
      .arid_o(s_arid_o[IdW*s +: IdW]),
      .rvalid_i(s_rvalid_i[s]), .rready_o(s_rready_o[s]), .rid_i(s_rid_i[IdW*s +: IdW])
    );
  end

  // ---- Assertions -------------------------------------------------------------------------------
  for (genvar m = 0; m < M; m++) begin : gen_assert
    `ASSERT(OneSlaveAnswersReads, $onehot0(rvalid[m*S +: S]))
    `ASSERT(OneSlaveAnswersWrites, $onehot0(bvalid[m*S +: S]))
  end

endmodule
