// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// From a 32-bit AXI4-Lite port to the 64-bit one of the KPU's registers (docs/integration.md, "Registers over 32 bits").
///
/// Either half of a register is read and written by itself, at its own address, but for two registers
/// whose accesses have effects:
///   layer_argument_fifo  a write of the low half (0x00) is kept here; one of the high half (0x04) pushes
///                        both as one word. What was kept is zero after that.
///   fifo_data_out        a read of the low half (0x30) pops a word; its high half is kept here, and reads
///                        of the high half (0x34) give it.
/// One read and one write at a time, side by side; four cycles each where the KPU answers in the next
/// cycle, two where the halves are kept. Addresses and data of a write are taken together. Responses are passed on.
module kpu_axil_narrow (
  input  logic        clk_i,
  input  logic        rst_ni,
  // AXI4-Lite slave, 32 bits
  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [11:0] s_axil_awaddr_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  input  logic [31:0] s_axil_wdata_i,
  input  logic [3:0]  s_axil_wstrb_i,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  output logic [1:0]  s_axil_bresp_o,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  input  logic [11:0] s_axil_araddr_i,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  output logic [31:0] s_axil_rdata_o,
  output logic [1:0]  s_axil_rresp_o,
  // AXI4-Lite master, 64 bits
  output logic        m_axil_awvalid_o,
  input  logic        m_axil_awready_i,
  output logic [11:0] m_axil_awaddr_o,
  output logic        m_axil_wvalid_o,
  input  logic        m_axil_wready_i,
  output logic [63:0] m_axil_wdata_o,
  output logic [7:0]  m_axil_wstrb_o,
  input  logic        m_axil_bvalid_i,
  output logic        m_axil_bready_o,
  input  logic [1:0]  m_axil_bresp_i,
  output logic        m_axil_arvalid_o,
  input  logic        m_axil_arready_i,
  output logic [11:0] m_axil_araddr_o,
  input  logic        m_axil_rvalid_i,
  output logic        m_axil_rready_o,
  input  logic [63:0] m_axil_rdata_i,
  input  logic [1:0]  m_axil_rresp_i
);

  localparam logic [9:0] ArgumentLow  = {kpu_reg_pkg::AddrLayerArgumentFifo, 1'b0};
  localparam logic [9:0] ArgumentHigh = {kpu_reg_pkg::AddrLayerArgumentFifo, 1'b1};
  localparam logic [9:0] StreamLow    = {kpu_reg_pkg::AddrFifoDataOut, 1'b0};
  localparam logic [9:0] StreamHigh   = {kpu_reg_pkg::AddrFifoDataOut, 1'b1};

  typedef enum logic [1:0] {StIdle, StAsk, StWait, StAnswer} state_e;

  // ---- Writes ------------------------------------------------------------------------------------
  state_e      wr_state_d, wr_state_q;
  logic        wr_take, wr_aw_open_q, wr_w_open_q, wr_aw_done, wr_w_done;
  logic [9:0]  wr_half_q;
  logic [31:0] wr_data_q, kept_arg_q, arg_bytes;
  logic [3:0]  wr_strb_q;
  logic [1:0]  wr_resp_q;

  assign wr_take          = wr_state_q == StIdle && s_axil_awvalid_i && s_axil_wvalid_i && rst_ni;
  assign s_axil_awready_o = wr_take;
  assign s_axil_wready_o  = wr_take;
  assign s_axil_bvalid_o  = wr_state_q == StAnswer;
  assign s_axil_bresp_o   = wr_resp_q;

  assign m_axil_awvalid_o = wr_state_q == StAsk && wr_aw_open_q;
  assign m_axil_wvalid_o  = wr_state_q == StAsk && wr_w_open_q;
  assign m_axil_bready_o  = wr_state_q == StWait;
  assign m_axil_awaddr_o  = {wr_half_q[9:1], 3'b000};
  assign wr_aw_done       = !wr_aw_open_q || m_axil_awready_i;
  assign wr_w_done        = !wr_w_open_q || m_axil_wready_i;

  always_comb begin
    m_axil_wdata_o = {wr_data_q, wr_data_q};
    m_axil_wstrb_o = wr_half_q[0] ? {wr_strb_q, 4'h0} : {4'h0, wr_strb_q};
    if (wr_half_q == ArgumentHigh) begin
      m_axil_wdata_o = {wr_data_q, kept_arg_q};
      m_axil_wstrb_o = {wr_strb_q, 4'hF};
    end
    for (int unsigned b = 0; b < 4; b++) begin
      arg_bytes[8*b +: 8] = s_axil_wstrb_i[b] ? s_axil_wdata_i[8*b +: 8] : kept_arg_q[8*b +: 8];
    end

    wr_state_d = wr_state_q;
    case (wr_state_q)
      // Waiting for address and data.
      StIdle:   if (wr_take) wr_state_d = s_axil_awaddr_i[11:2] == ArgumentLow ? StAnswer : StAsk;
      // Waiting until the registers have taken both.
      StAsk:    if (wr_aw_done && wr_w_done) wr_state_d = StWait;
      // Waiting for their answer.
      StWait:   if (m_axil_bvalid_i) wr_state_d = StAnswer;
      // Waiting until the master takes the answer.
      StAnswer: if (s_axil_bready_i) wr_state_d = StIdle;
      default:  wr_state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_state_q <= StIdle;
      kept_arg_q <= '0;
    end else begin
      wr_state_q <= wr_state_d;
      if (wr_take && s_axil_awaddr_i[11:2] == ArgumentLow) kept_arg_q <= arg_bytes;
      if (wr_state_q == StWait && wr_half_q == ArgumentHigh) kept_arg_q <= '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (wr_take) begin
      wr_half_q <= s_axil_awaddr_i[11:2];
      wr_data_q <= s_axil_wdata_i;
      wr_strb_q <= s_axil_wstrb_i;
      wr_resp_q <= 2'b00;
    end else if (wr_state_q == StWait) begin
      wr_resp_q <= m_axil_bresp_i;
    end
    wr_aw_open_q <= wr_take || (wr_aw_open_q && !m_axil_awready_i);
    wr_w_open_q  <= wr_take || (wr_w_open_q && !m_axil_wready_i);
  end

  // ---- Reads -------------------------------------------------------------------------------------
  state_e      rd_state_d, rd_state_q;
  logic        rd_take;
  logic [9:0]  rd_half_q;
  logic [31:0] rd_data_q, kept_stream_q;
  logic [1:0]  rd_resp_q;

  assign rd_take          = rd_state_q == StIdle && s_axil_arvalid_i && rst_ni;
  assign s_axil_arready_o = rd_state_q == StIdle && rst_ni;
  assign s_axil_rvalid_o  = rd_state_q == StAnswer;
  assign s_axil_rdata_o   = rd_data_q;
  assign s_axil_rresp_o   = rd_resp_q;

  assign m_axil_arvalid_o = rd_state_q == StAsk;
  assign m_axil_araddr_o  = {rd_half_q[9:1], 3'b000};
  assign m_axil_rready_o  = rd_state_q == StWait;

  always_comb begin
    rd_state_d = rd_state_q;
    case (rd_state_q)
      // Waiting for an address.
      StIdle:   if (rd_take) rd_state_d = s_axil_araddr_i[11:2] == StreamHigh ? StAnswer : StAsk;
      // Waiting until the registers have taken it.
      StAsk:    if (m_axil_arready_i) rd_state_d = StWait;
      // Waiting for data.
      StWait:   if (m_axil_rvalid_i) rd_state_d = StAnswer;
      // Waiting until the master takes them.
      StAnswer: if (s_axil_rready_i) rd_state_d = StIdle;
      default:  rd_state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rd_state_q    <= StIdle;
      kept_stream_q <= '0;
    end else begin
      rd_state_q <= rd_state_d;
      if (m_axil_rready_o && m_axil_rvalid_i && rd_half_q == StreamLow) kept_stream_q <= m_axil_rdata_i[63:32];
    end
  end

  always_ff @(posedge clk_i) begin
    if (rd_take) begin
      rd_half_q <= s_axil_araddr_i[11:2];
      rd_data_q <= kept_stream_q;
      rd_resp_q <= 2'b00;
    end else if (rd_state_q == StWait) begin
      rd_data_q <= rd_half_q[0] ? m_axil_rdata_i[63:32] : m_axil_rdata_i[31:0];
      rd_resp_q <= m_axil_rresp_i;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{s_axil_awaddr_i[1:0], s_axil_araddr_i[1:0]};

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_KEPT(BHeld, s_axil_bvalid_o && !s_axil_bready_i, s_axil_bvalid_o, s_axil_bresp_o)
  `ASSERT_KEPT(RHeld, s_axil_rvalid_o && !s_axil_rready_i, s_axil_rvalid_o, s_axil_rdata_o)
  `ASSERT_KEPT(AwHeld, m_axil_awvalid_o && !m_axil_awready_i, m_axil_awvalid_o, m_axil_awaddr_o)
  `ASSERT_KEPT(WHeld, m_axil_wvalid_o && !m_axil_wready_i, m_axil_wvalid_o, m_axil_wdata_o)
  `ASSERT_KEPT(ArHeld, m_axil_arvalid_o && !m_axil_arready_i, m_axil_arvalid_o, m_axil_araddr_o)

endmodule
