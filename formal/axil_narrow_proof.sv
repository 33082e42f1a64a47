// SPDX-License-Identifier: Apache-2.0

/// kpu_axil_narrow: every access of the 32-bit port is answered once, and is one access of the half that it names on the
/// 64-bit port, with its bytes and that access's response; but a write of the low half of layer_argument_fifo reaches
/// nobody and its bytes go with the next one of the high half, and a read of the high half of fifo_data_out
/// reaches nobody and gives what the last read of the low half brought along. Registers that take addresses and
/// data in any order and answer after any time; a reset at any time takes nothing and forgets everything.
module axil_narrow_proof (
  input logic        clk_i,
  input logic        rst_i,
  input logic        awvalid_i,
  input logic        wvalid_i,
  input logic        bready_i,
  input logic        arvalid_i,
  input logic        rready_i,
  input logic [11:0] awaddr_i,
  input logic [11:0] araddr_i,
  input logic [31:0] wdata_i,
  input logic [3:0]  wstrb_i,
  input logic        reg_awready_i,
  input logic        reg_wready_i,
  input logic        reg_bvalid_i,
  input logic [1:0]  reg_bresp_i,
  input logic        reg_arready_i,
  input logic        reg_rvalid_i,
  input logic [63:0] reg_rdata_i,
  input logic [1:0]  reg_rresp_i
);
  logic started_q = 1'b0;
  logic rst_ni;
  always_ff @(posedge clk_i) started_q <= 1'b1;
  assign rst_ni = started_q && !rst_i;

  logic        awready, wready, bvalid, arready, rvalid;
  logic [1:0]  bresp, rresp;
  logic [31:0] rdata;
  logic        reg_awvalid, reg_wvalid, reg_bready, reg_arvalid, reg_rready;
  logic [11:0] reg_awaddr, reg_araddr;
  logic [63:0] reg_wdata;
  logic [7:0]  reg_wstrb;

  kpu_axil_narrow u_dut (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i(awvalid_i), .s_axil_awready_o(awready), .s_axil_awaddr_i(awaddr_i),
    .s_axil_wvalid_i(wvalid_i), .s_axil_wready_o(wready), .s_axil_wdata_i(wdata_i), .s_axil_wstrb_i(wstrb_i),
    .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready_i), .s_axil_bresp_o(bresp),
    .s_axil_arvalid_i(arvalid_i), .s_axil_arready_o(arready), .s_axil_araddr_i(araddr_i),
    .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready_i), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp),
    .m_axil_awvalid_o(reg_awvalid), .m_axil_awready_i(reg_awready_i), .m_axil_awaddr_o(reg_awaddr),
    .m_axil_wvalid_o(reg_wvalid), .m_axil_wready_i(reg_wready_i), .m_axil_wdata_o(reg_wdata),
    .m_axil_wstrb_o(reg_wstrb), .m_axil_bvalid_i(reg_bvalid_i), .m_axil_bready_o(reg_bready),
    .m_axil_bresp_i(reg_bresp_i),
    .m_axil_arvalid_o(reg_arvalid), .m_axil_arready_i(reg_arready_i), .m_axil_araddr_o(reg_araddr),
    .m_axil_rvalid_i(reg_rvalid_i), .m_axil_rready_o(reg_rready), .m_axil_rdata_i(reg_rdata_i),
    .m_axil_rresp_i(reg_rresp_i)
  );

  // ---- Writes: what has to reach the registers, what has to be answered --------------------------
  logic        wr_open_q;              // a write that is not answered yet
  logic        wr_aw_q, wr_w_q;        // its address, its data still have to be taken by the registers
  logic        wr_b_q;                 // the registers have not answered it yet
  logic [11:0] wr_addr_q;
  logic [63:0] wr_data_q;
  logic [7:0]  wr_strb_q;
  logic [1:0]  wr_resp_q;
  logic [31:0] kept_q;
  logic        wr_take, wr_low, wr_high;

  assign wr_take = awvalid_i && awready;
  assign wr_low  = awaddr_i[11:2] == 10'h000;
  assign wr_high = awaddr_i[11:2] == 10'h001;

  always_ff @(posedge clk_i) begin
    if (wr_take) begin
      wr_open_q <= 1'b1;
      wr_aw_q   <= !wr_low;
      wr_w_q    <= !wr_low;
      wr_b_q    <= !wr_low;
      wr_addr_q <= {awaddr_i[11:3], 3'd0};
      wr_resp_q <= 2'b00;
      if (wr_high)          {wr_strb_q, wr_data_q} <= {wstrb_i, 4'hf, wdata_i, kept_q};
      else if (awaddr_i[2]) {wr_strb_q, wr_data_q} <= {wstrb_i, 4'h0, wdata_i, 32'd0};
      else                  {wr_strb_q, wr_data_q} <= {4'h0, wstrb_i, 32'd0, wdata_i};
      for (int b = 0; b < 4; b++) begin
        if (wr_high)                   kept_q[8*b +: 8] <= 8'd0;
        else if (wr_low && wstrb_i[b]) kept_q[8*b +: 8] <= wdata_i[8*b +: 8];
      end
    end
    if (reg_awvalid && reg_awready_i) wr_aw_q <= 1'b0;
    if (reg_wvalid && reg_wready_i)   wr_w_q  <= 1'b0;
    if (reg_bvalid_i && reg_bready) begin
      wr_b_q    <= 1'b0;
      wr_resp_q <= reg_bresp_i;
    end
    if (bvalid && bready_i) wr_open_q <= 1'b0;
    if (!rst_ni) begin
      {wr_open_q, wr_aw_q, wr_w_q, wr_b_q} <= '0;
      kept_q <= '0;
    end
  end

  // ---- Reads -------------------------------------------------------------------------------------
  logic        rd_open_q, rd_ar_q, rd_r_q, rd_high_q, rd_stream_q;
  logic [11:0] rd_addr_q;
  logic [31:0] rd_data_q, stream_q;
  logic [1:0]  rd_resp_q;
  logic        rd_take, rd_kept;

  assign rd_take = arvalid_i && arready;
  assign rd_kept = araddr_i[11:2] == 10'h00d;

  always_ff @(posedge clk_i) begin
    if (rd_take) begin
      rd_open_q   <= 1'b1;
      rd_ar_q     <= !rd_kept;
      rd_r_q      <= !rd_kept;
      rd_high_q   <= araddr_i[2];
      rd_stream_q <= araddr_i[11:2] == 10'h00c;
      rd_addr_q   <= {araddr_i[11:3], 3'd0};
      rd_data_q   <= stream_q;
      rd_resp_q   <= 2'b00;
    end
    if (reg_arvalid && reg_arready_i) rd_ar_q <= 1'b0;
    if (reg_rvalid_i && reg_rready) begin
      rd_r_q    <= 1'b0;
      rd_data_q <= rd_high_q ? reg_rdata_i[63:32] : reg_rdata_i[31:0];
      rd_resp_q <= reg_rresp_i;
      if (rd_stream_q) stream_q <= reg_rdata_i[63:32];
    end
    if (rvalid && rready_i) rd_open_q <= 1'b0;
    if (!rst_ni) begin
      {rd_open_q, rd_ar_q, rd_r_q} <= '0;
      stream_q <= '0;
    end
  end

  always @(posedge clk_i) begin
    // Registers answer accesses only, once they have address and data.
    assume (!reg_bvalid_i || (wr_b_q && !wr_aw_q && !wr_w_q));
    assume (!reg_rvalid_i || (rd_r_q && !rd_ar_q));
    if (!rst_ni) begin
      assert (!awready && !wready && !arready);
    end else begin
      // Writes
      assert (awready == wready);
      if (awready) assert (awvalid_i && wvalid_i && !wr_open_q);
      assert (!(awvalid_i && wvalid_i && !wr_open_q) || awready);
      assert (reg_awvalid == wr_aw_q && reg_wvalid == wr_w_q);
      if (reg_awvalid) assert (reg_awaddr == wr_addr_q);
      if (reg_wvalid) assert (reg_wstrb == wr_strb_q);
      for (int b = 0; b < 8; b++) begin
        if (reg_wvalid && wr_strb_q[b]) assert (reg_wdata[8*b +: 8] == wr_data_q[8*b +: 8]);
      end
      if (reg_bvalid_i) assert (reg_bready);
      assert (bvalid == (wr_open_q && !wr_b_q));
      if (bvalid) assert (bresp == wr_resp_q);
      // Reads
      if (arready) assert (!rd_open_q);
      assert (!(arvalid_i && !rd_open_q) || arready);
      assert (reg_arvalid == rd_ar_q);
      if (reg_arvalid) assert (reg_araddr == rd_addr_q);
      if (reg_rvalid_i) assert (reg_rready);
      assert (rvalid == (rd_open_q && !rd_r_q));
      if (rvalid) assert (rdata == rd_data_q && rresp == rd_resp_q);
    end
  end
endmodule
