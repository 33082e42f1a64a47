// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// AXI4-Lite slave, 64 bits wide, in front of a register file: one strobe per access.
///
/// One read and one write a cycle; answers follow one cycle later and are always OKAY. Bytes that a
/// write does not strobe arrive as zero, `wr_strobe_o` says which. The register file answers a read
/// within the cycle of `rd_o`.
module kpu_axil_slave #(
  /// Bits of a byte address; the low three are ignored.
  parameter int unsigned AddrW = 12
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // AXI4-Lite slave
  input  logic             s_axil_awvalid_i,
  output logic             s_axil_awready_o,
  input  logic [AddrW-1:0] s_axil_awaddr_i,
  input  logic             s_axil_wvalid_i,
  output logic             s_axil_wready_o,
  input  logic [63:0]      s_axil_wdata_i,
  input  logic [7:0]       s_axil_wstrb_i,
  output logic             s_axil_bvalid_o,
  input  logic             s_axil_bready_i,
  output logic [1:0]       s_axil_bresp_o,
  input  logic             s_axil_arvalid_i,
  output logic             s_axil_arready_o,
  input  logic [AddrW-1:0] s_axil_araddr_i,
  output logic             s_axil_rvalid_o,
  input  logic             s_axil_rready_i,
  output logic [63:0]      s_axil_rdata_o,
  output logic [1:0]       s_axil_rresp_o,
  // Register file: word addresses
  output logic             wr_o,
  output logic [AddrW-4:0] wr_addr_o,
  output logic [7:0]       wr_strobe_o,
  output logic [63:0]      wr_data_o,
  output logic             rd_o,
  output logic [AddrW-4:0] rd_addr_o,
  input  logic [63:0]      rd_data_i
);

  logic        bvalid_q, rvalid_q;
  logic [63:0] rdata_q;

  // A write waits until address and data are both there.
  assign wr_o             = s_axil_awvalid_i && s_axil_wvalid_i && (!bvalid_q || s_axil_bready_i);
  assign s_axil_awready_o = wr_o;
  assign s_axil_wready_o  = wr_o;
  assign wr_addr_o        = s_axil_awaddr_i[AddrW-1:3];
  assign wr_strobe_o      = s_axil_wstrb_i;
  always_comb begin
    for (int unsigned b = 0; b < 8; b++) begin
      wr_data_o[8*b +: 8] = s_axil_wstrb_i[b] ? s_axil_wdata_i[8*b +: 8] : 8'd0;
    end
  end

  assign s_axil_arready_o = !rvalid_q || s_axil_rready_i;
  assign rd_o             = s_axil_arvalid_i && s_axil_arready_o;
  assign rd_addr_o        = s_axil_araddr_i[AddrW-1:3];

  assign s_axil_bvalid_o = bvalid_q;
  assign s_axil_bresp_o  = 2'b00;
  assign s_axil_rvalid_o = rvalid_q;
  assign s_axil_rdata_o  = rdata_q;
  assign s_axil_rresp_o  = 2'b00;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bvalid_q <= 1'b0;
      rvalid_q <= 1'b0;
    end else begin
      if (wr_o) bvalid_q <= 1'b1;
      else if (s_axil_bready_i) bvalid_q <= 1'b0;
      if (rd_o) rvalid_q <= 1'b1;
      else if (s_axil_rready_i) rvalid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rd_o) rdata_q <= rd_data_i;
  end

  logic unused_addr;
  assign unused_addr = ^{s_axil_awaddr_i[2:0], s_axil_araddr_i[2:0]};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_NEXT(BHeld, s_axil_bvalid_o && !s_axil_bready_i, s_axil_bvalid_o)
  `ASSERT_KEPT(RHeld, s_axil_rvalid_o && !s_axil_rready_i, s_axil_rvalid_o, s_axil_rdata_o)

endmodule
