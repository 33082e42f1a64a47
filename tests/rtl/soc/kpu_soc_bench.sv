// SPDX-License-Identifier: Apache-2.0

/// The interconnect of kpu_soc with the same slices, for its unit test; masters, slaves and register
/// blocks are outside. Field m or s of a vector belongs to master m or slave s; the lower bits of
/// each 64 of an address port are an ax_t.
module kpu_soc_bench #(
  localparam int unsigned M   = kpu_axi_pkg::Masters,
  localparam int unsigned S   = kpu_axi_pkg::Slaves,
  localparam int unsigned D   = S - 1,  // slaves before the register blocks
  localparam int unsigned B   = kpu_axi_pkg::Blocks,
  localparam int unsigned AxW = kpu_axi_pkg::AxW,
  localparam int unsigned WW  = kpu_axi_pkg::WW,
  localparam int unsigned RW  = kpu_axi_pkg::RW,
  localparam int unsigned IdW = kpu_axi_pkg::IdW
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // Masters; 0 comes through a slice
  input  logic [M-1:0]      m_awvalid_i,
  output logic [M-1:0]      m_awready_o,
  input  logic [64*M-1:0]   m_aw_i,
  input  logic [M-1:0]      m_wvalid_i,
  output logic [M-1:0]      m_wready_o,
  input  logic [64*M-1:0]   m_wdata_i,
  input  logic [8*M-1:0]    m_wstrb_i,
  input  logic [M-1:0]      m_wlast_i,
  output logic [M-1:0]      m_bvalid_o,
  input  logic [M-1:0]      m_bready_i,
  output logic [2*M-1:0]    m_bresp_o,
  input  logic [M-1:0]      m_arvalid_i,
  output logic [M-1:0]      m_arready_o,
  input  logic [64*M-1:0]   m_ar_i,
  output logic [M-1:0]      m_rvalid_o,
  input  logic [M-1:0]      m_rready_i,
  output logic [64*M-1:0]   m_rdata_o,
  output logic [2*M-1:0]    m_rresp_o,
  output logic [M-1:0]      m_rlast_o,
  // Slaves; 0 is behind a slice. Of the last one, which serves the register blocks, addresses alone
  // are seen, in the cycle in which they are taken.
  output logic [S-1:0]      s_awvalid_o,
  input  logic [D-1:0]      s_awready_i,
  output logic [IdW*S-1:0]  s_awid_o,
  output logic [64*S-1:0]   s_aw_o,
  output logic [D-1:0]      s_wvalid_o,
  input  logic [D-1:0]      s_wready_i,
  output logic [64*D-1:0]   s_wdata_o,
  output logic [8*D-1:0]    s_wstrb_o,
  output logic [D-1:0]      s_wlast_o,
  input  logic [D-1:0]      s_bvalid_i,
  output logic [D-1:0]      s_bready_o,
  input  logic [IdW*D-1:0]  s_bid_i,
  input  logic [2*D-1:0]    s_bresp_i,
  output logic [S-1:0]      s_arvalid_o,
  input  logic [D-1:0]      s_arready_i,
  output logic [IdW*S-1:0]  s_arid_o,
  output logic [64*S-1:0]   s_ar_o,
  input  logic [D-1:0]      s_rvalid_i,
  output logic [D-1:0]      s_rready_o,
  input  logic [IdW*D-1:0]  s_rid_i,
  input  logic [64*D-1:0]   s_rdata_i,
  input  logic [2*D-1:0]    s_rresp_i,
  input  logic [D-1:0]      s_rlast_i,
  // Register blocks
  output logic [B-1:0]      b_awvalid_o,
  input  logic [B-1:0]      b_awready_i,
  output logic [11:0]       b_awaddr_o,
  output logic [B-1:0]      b_wvalid_o,
  output logic [63:0]       b_wdata_o,
  output logic [7:0]        b_wstrb_o,
  input  logic [B-1:0]      b_bvalid_i,
  output logic [B-1:0]      b_arvalid_o,
  input  logic [B-1:0]      b_arready_i,
  output logic [11:0]       b_araddr_o,
  input  logic [B-1:0]      b_rvalid_i,
  output logic [B-1:0]      b_rready_o,
  input  logic [64*B-1:0]   b_rdata_i
);

  // ---- Crossbar ---------------------------------------------------------------------------------
  logic [M-1:0]     m_awvalid, m_awready, m_wvalid, m_wready, m_bvalid, m_bready;
  logic [M-1:0]     m_arvalid, m_arready, m_rvalid, m_rready;
  logic [AxW*M-1:0] m_aw, m_ar;
  logic [WW*M-1:0]  m_w;
  logic [2*M-1:0]   m_bresp;
  logic [RW*M-1:0]  m_r;
  logic [S-1:0]     s_awvalid, s_awready, s_wvalid, s_wready, s_bvalid, s_bready;
  logic [S-1:0]     s_arvalid, s_arready, s_rvalid, s_rready;
  logic [AxW*S-1:0] s_aw, s_ar;
  logic [WW*S-1:0]  s_w;
  logic [IdW*S-1:0] s_awid, s_bid, s_arid, s_rid;
  logic [2*S-1:0]   s_bresp;
  logic [RW*S-1:0]  s_r;

  kpu_xbar u_xbar (
    .clk_i, .rst_ni,
    .m_awvalid_i(m_awvalid), .m_awready_o(m_awready), .m_aw_i(m_aw), .m_wvalid_i(m_wvalid),
    .m_wready_o(m_wready), .m_w_i(m_w), .m_bvalid_o(m_bvalid), .m_bready_i(m_bready),
    .m_bresp_o(m_bresp), .m_arvalid_i(m_arvalid), .m_arready_o(m_arready), .m_ar_i(m_ar),
    .m_rvalid_o(m_rvalid), .m_rready_i(m_rready), .m_r_o(m_r),
    .s_awvalid_o(s_awvalid), .s_awready_i(s_awready), .s_aw_o(s_aw), .s_awid_o(s_awid),
    .s_wvalid_o(s_wvalid), .s_wready_i(s_wready), .s_w_o(s_w), .s_bvalid_i(s_bvalid),
    .s_bready_o(s_bready), .s_bid_i(s_bid), .s_bresp_i(s_bresp), .s_arvalid_o(s_arvalid),
    .s_arready_i(s_arready), .s_ar_o(s_ar), .s_arid_o(s_arid), .s_rvalid_i(s_rvalid),
    .s_rready_o(s_rready), .s_rid_i(s_rid), .s_r_i(s_r)
  );

  // ---- Masters ----------------------------------------------------------------------------------
  kpu_axi_slice u_cpu_slice (
    .clk_i, .rst_ni,
    .s_awvalid_i(m_awvalid_i[0]), .s_awready_o(m_awready_o[0]), .s_aw_i(m_aw_i[0 +: AxW]),
    .s_wvalid_i(m_wvalid_i[0]), .s_wready_o(m_wready_o[0]),
    .s_w_i({m_wdata_i[63:0], m_wstrb_i[7:0], m_wlast_i[0]}),
    .s_bvalid_o(m_bvalid_o[0]), .s_bready_i(m_bready_i[0]), .s_b_o(m_bresp_o[1:0]),
    .s_arvalid_i(m_arvalid_i[0]), .s_arready_o(m_arready_o[0]), .s_ar_i(m_ar_i[0 +: AxW]),
    .s_rvalid_o(m_rvalid_o[0]), .s_rready_i(m_rready_i[0]),
    .s_r_o({m_rdata_o[63:0], m_rresp_o[1:0], m_rlast_o[0]}),
    .m_awvalid_o(m_awvalid[0]), .m_awready_i(m_awready[0]), .m_aw_o(m_aw[0 +: AxW]),
    .m_wvalid_o(m_wvalid[0]), .m_wready_i(m_wready[0]), .m_w_o(m_w[0 +: WW]),
    .m_bvalid_i(m_bvalid[0]), .m_bready_o(m_bready[0]), .m_b_i(m_bresp[1:0]),
    .m_arvalid_o(m_arvalid[0]), .m_arready_i(m_arready[0]), .m_ar_o(m_ar[0 +: AxW]),
    .m_rvalid_i(m_rvalid[0]), .m_rready_o(m_rready[0]), .m_r_i(m_r[0 +: RW])
  );

  assign m_awvalid[M-1:1]   = m_awvalid_i[M-1:1];
  assign m_awready_o[M-1:1] = m_awready[M-1:1];
  assign m_wvalid[M-1:1]    = m_wvalid_i[M-1:1];
  assign m_wready_o[M-1:1]  = m_wready[M-1:1];
  assign m_bvalid_o[M-1:1]  = m_bvalid[M-1:1];
  assign m_bready[M-1:1]    = m_bready_i[M-1:1];
  assign m_bresp_o[2*M-1:2] = m_bresp[2*M-1:2];
  assign m_arvalid[M-1:1]   = m_arvalid_i[M-1:1];
  assign m_arready_o[M-1:1] = m_arready[M-1:1];
  assign m_rvalid_o[M-1:1]  = m_rvalid[M-1:1];
  assign m_rready[M-1:1]    = m_rready_i[M-1:1];
  for (genvar m = 1; m < M; m++) begin : gen_master
    assign m_aw[AxW*m +: AxW] = m_aw_i[64*m +: AxW];
    assign m_ar[AxW*m +: AxW] = m_ar_i[64*m +: AxW];
    assign m_w[WW*m +: WW]    = {m_wdata_i[64*m +: 64], m_wstrb_i[8*m +: 8], m_wlast_i[m]};
    assign {m_rdata_o[64*m +: 64], m_rresp_o[2*m +: 2], m_rlast_o[m]} = m_r[RW*m +: RW];
  end

  // ---- Slaves -----------------------------------------------------------------------------------
  logic [AxW*S-1:0] aw_seen, ar_seen;

  kpu_axi_slice #(.AxW(IdW + AxW), .BW(IdW + 2), .RW(IdW + RW)) u_sram_slice (
    .clk_i, .rst_ni,
    .s_awvalid_i(s_awvalid[0]), .s_awready_o(s_awready[0]),
    .s_aw_i({s_awid[0 +: IdW], s_aw[0 +: AxW]}),
    .s_wvalid_i(s_wvalid[0]), .s_wready_o(s_wready[0]), .s_w_i(s_w[0 +: WW]),
    .s_bvalid_o(s_bvalid[0]), .s_bready_i(s_bready[0]), .s_b_o({s_bid[0 +: IdW], s_bresp[1:0]}),
    .s_arvalid_i(s_arvalid[0]), .s_arready_o(s_arready[0]),
    .s_ar_i({s_arid[0 +: IdW], s_ar[0 +: AxW]}),
    .s_rvalid_o(s_rvalid[0]), .s_rready_i(s_rready[0]), .s_r_o({s_rid[0 +: IdW], s_r[0 +: RW]}),
    .m_awvalid_o(s_awvalid_o[0]), .m_awready_i(s_awready_i[0]),
    .m_aw_o({s_awid_o[0 +: IdW], aw_seen[0 +: AxW]}),
    .m_wvalid_o(s_wvalid_o[0]), .m_wready_i(s_wready_i[0]),
    .m_w_o({s_wdata_o[63:0], s_wstrb_o[7:0], s_wlast_o[0]}),
    .m_bvalid_i(s_bvalid_i[0]), .m_bready_o(s_bready_o[0]),
    .m_b_i({s_bid_i[0 +: IdW], s_bresp_i[1:0]}),
    .m_arvalid_o(s_arvalid_o[0]), .m_arready_i(s_arready_i[0]),
    .m_ar_o({s_arid_o[0 +: IdW], ar_seen[0 +: AxW]}),
    .m_rvalid_i(s_rvalid_i[0]), .m_rready_o(s_rready_o[0]),
    .m_r_i({s_rid_i[0 +: IdW], s_rdata_i[63:0], s_rresp_i[1:0], s_rlast_i[0]})
  );

  assign s_awvalid_o[1]    = s_awvalid[1];
  assign s_awready[1]      = s_awready_i[1];
  assign s_wvalid_o[1]     = s_wvalid[1];
  assign s_wready[1]       = s_wready_i[1];
  assign s_bvalid[1]       = s_bvalid_i[1];
  assign s_bready_o[1]     = s_bready[1];
  assign s_bid[IdW +: IdW] = s_bid_i[IdW +: IdW];
  assign s_bresp[3:2]      = s_bresp_i[3:2];
  assign s_arvalid_o[1]    = s_arvalid[1];
  assign s_arready[1]      = s_arready_i[1];
  assign s_rvalid[1]       = s_rvalid_i[1];
  assign s_rready_o[1]     = s_rready[1];
  assign s_rid[IdW +: IdW] = s_rid_i[IdW +: IdW];
  assign s_r[RW +: RW]     = {s_rdata_i[127:64], s_rresp_i[3:2], s_rlast_i[1]};
  assign {s_wdata_o[127:64], s_wstrb_o[15:8], s_wlast_o[1]} = s_w[WW +: WW];

  kpu_axi_to_axil u_registers (
    .clk_i, .rst_ni,
    .awvalid_i(s_awvalid[2]), .awready_o(s_awready[2]), .aw_i(s_aw[2*AxW +: AxW]),
    .awid_i(s_awid[2*IdW +: IdW]), .wvalid_i(s_wvalid[2]), .wready_o(s_wready[2]),
    .w_i(s_w[2*WW +: WW]), .bvalid_o(s_bvalid[2]), .bready_i(s_bready[2]),
    .bid_o(s_bid[2*IdW +: IdW]), .arvalid_i(s_arvalid[2]), .arready_o(s_arready[2]),
    .ar_i(s_ar[2*AxW +: AxW]), .arid_i(s_arid[2*IdW +: IdW]), .rvalid_o(s_rvalid[2]),
    .rready_i(s_rready[2]), .r_o(s_r[2*RW +: RW]), .rid_o(s_rid[2*IdW +: IdW]),
    .awvalid_o(b_awvalid_o), .awready_i(b_awready_i), .awaddr_o(b_awaddr_o), .wvalid_o(b_wvalid_o),
    .wdata_o(b_wdata_o), .wstrb_o(b_wstrb_o), .bvalid_i(b_bvalid_i), .arvalid_o(b_arvalid_o),
    .arready_i(b_arready_i), .araddr_o(b_araddr_o), .rvalid_i(b_rvalid_i), .rready_o(b_rready_o),
    .rdata_i(b_rdata_i)
  );
  assign s_bresp[5:4]   = 2'b00;
  assign s_awvalid_o[2] = s_awvalid[2] && s_awready[2];
  assign s_arvalid_o[2] = s_arvalid[2] && s_arready[2];

  assign aw_seen[AxW +: 2*AxW]  = s_aw[AxW +: 2*AxW];
  assign ar_seen[AxW +: 2*AxW]  = s_ar[AxW +: 2*AxW];
  assign s_awid_o[IdW +: 2*IdW] = s_awid[IdW +: 2*IdW];
  assign s_arid_o[IdW +: 2*IdW] = s_arid[IdW +: 2*IdW];
  for (genvar s = 0; s < S; s++) begin : gen_slave
    assign s_aw_o[64*s +: 64] = 64'(aw_seen[AxW*s +: AxW]);
    assign s_ar_o[64*s +: 64] = 64'(ar_seen[AxW*s +: AxW]);
  end

  logic unused_bits;
  assign unused_bits = ^{m_aw_i, m_ar_i};

endmodule
