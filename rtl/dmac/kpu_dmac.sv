// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// DMA controller with the K210's registers: channels that share one engine. docs/system.md,
/// section "DMA controller".
///
/// An aligned copy moves 8 bytes a cycle while memory answers every cycle. One 64-bit AXI4 master
/// with answers in order, no IDs.
module kpu_dmac #(
  /// Channels, 1..6.
  parameter int unsigned Channels = 6
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // Registers: AXI4-Lite slave
  input  logic                  s_axil_awvalid_i,
  output logic                  s_axil_awready_o,
  input  logic [11:0]           s_axil_awaddr_i,
  input  logic                  s_axil_wvalid_i,
  output logic                  s_axil_wready_o,
  input  logic [63:0]           s_axil_wdata_i,
  input  logic [7:0]            s_axil_wstrb_i,
  output logic                  s_axil_bvalid_o,
  input  logic                  s_axil_bready_i,
  output logic [1:0]            s_axil_bresp_o,
  input  logic                  s_axil_arvalid_i,
  output logic                  s_axil_arready_o,
  input  logic [11:0]           s_axil_araddr_i,
  output logic                  s_axil_rvalid_o,
  input  logic                  s_axil_rready_i,
  output logic [63:0]           s_axil_rdata_o,
  output logic [1:0]            s_axil_rresp_o,
  // Data: AXI4 master
  output logic                  m_axi_awvalid_o,
  input  logic                  m_axi_awready_i,
  output logic [31:0]           m_axi_awaddr_o,
  output logic [7:0]            m_axi_awlen_o,
  output logic [2:0]            m_axi_awsize_o,
  output logic [1:0]            m_axi_awburst_o,
  output logic                  m_axi_wvalid_o,
  input  logic                  m_axi_wready_i,
  output logic [63:0]           m_axi_wdata_o,
  output logic [7:0]            m_axi_wstrb_o,
  output logic                  m_axi_wlast_o,
  input  logic                  m_axi_bvalid_i,
  output logic                  m_axi_bready_o,
  input  logic [1:0]            m_axi_bresp_i,
  output logic                  m_axi_arvalid_o,
  input  logic                  m_axi_arready_i,
  output logic [31:0]           m_axi_araddr_o,
  output logic [7:0]            m_axi_arlen_o,
  output logic [2:0]            m_axi_arsize_o,
  output logic [1:0]            m_axi_arburst_o,
  input  logic                  m_axi_rvalid_i,
  output logic                  m_axi_rready_o,
  input  logic [63:0]           m_axi_rdata_i,
  input  logic [1:0]            m_axi_rresp_i,
  // Handshake of channel c: items its peripheral holds at [8c +: 8]; its stream is over
  input  logic [8*Channels-1:0] hs_items_i,
  input  logic [Channels-1:0]   hs_end_i,
  // Interrupts: one a channel, and of bad register accesses
  output logic [Channels-1:0]   irq_o,
  output logic                  irq_common_o
);

  if (Channels < 1 || Channels > 6) begin : gen_check_channels
    $error("kpu_dmac: Channels must be 1..6");
  end

  localparam int unsigned ChunkW = kpu_dmac_pkg::ChunkW;
  localparam int unsigned ChanW  = kpu_pkg::idx_width(Channels);  // bits of a channel's number

  // ---- Registers --------------------------------------------------------------------------------
  logic                   wr, rd;
  logic [8:0]             wr_addr, rd_addr;
  logic [7:0]             wr_strobe;
  logic [63:0]            wr_data, rd_data, common_rdata;
  logic [64*Channels-1:0] chan_rdata;
  logic [Channels-1:0]    chan_wr, en, enable, disable_ch, suspend, abort, chan_irq;
  logic                   dmac_en, soft_reset;

  kpu_axil_slave #(.AddrW(12)) u_bus (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_awaddr_i, .s_axil_wvalid_i, .s_axil_wready_o,
    .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_bresp_o,
    .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_araddr_i, .s_axil_rvalid_o, .s_axil_rready_i,
    .s_axil_rdata_o, .s_axil_rresp_o,
    .wr_o(wr), .wr_addr_o(wr_addr), .wr_strobe_o(wr_strobe), .wr_data_o(wr_data),
    .rd_o(rd), .rd_addr_o(rd_addr), .rd_data_i(rd_data)
  );

  kpu_dmac_common #(.Channels(Channels)) u_common (
    .clk_i, .rst_ni,
    .wr_i(wr), .wr_addr_i(wr_addr), .wr_strobe_i(wr_strobe), .wr_data_i(wr_data),
    .rd_i(rd), .rd_addr_i(rd_addr), .rd_data_o(common_rdata),
    .en_i(en), .chan_irq_i(chan_irq),
    .enable_o(enable), .disable_o(disable_ch), .suspend_o(suspend), .abort_o(abort),
    .dmac_en_o(dmac_en), .soft_reset_o(soft_reset),
    .irq_o, .irq_common_o
  );

  // Channel n answers from 0x100 * (n + 1) on.
  always_comb begin
    rd_data = common_rdata;
    for (int unsigned c = 0; c < Channels; c++) begin
      chan_wr[c] = wr && wr_addr[8:5] == 4'(c + 1);
      if (rd_addr[8:5] == 4'(c + 1)) rd_data = chan_rdata[64*c +: 64];
    end
  end

  // ---- Channels ---------------------------------------------------------------------------------
  logic [Channels-1:0]        chunk_valid, chunk_ready, arrived, chunk_done, list_valid;
  logic [ChunkW*Channels-1:0] chunks;
  logic [2*Channels-1:0]      src_err, dst_err;
  logic [2:0]                 list_idx;
  logic [63:0]                list_data;

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    kpu_dmac_channel #(.Index(c)) u_channel (
      .clk_i, .rst_ni,
      .soft_reset_i  (soft_reset),
      .wr_i          (chan_wr[c]),
      .wr_addr_i     (wr_addr[4:0]),
      .wr_strobe_i   (wr_strobe),
      .wr_data_i     (wr_data),
      .rd_addr_i     (rd_addr[4:0]),
      .rd_data_o     (chan_rdata[64*c +: 64]),
      .enable_i      (enable[c]),
      .disable_i     (disable_ch[c]),
      .abort_i       (abort[c]),
      .suspend_i     (suspend[c]),
      .dmac_en_i     (dmac_en),
      .en_o          (en[c]),
      .hs_items_i    (hs_items_i[8*c +: 8]),
      .hs_end_i      (hs_end_i[c]),
      .chunk_valid_o (chunk_valid[c]),
      .chunk_ready_i (chunk_ready[c]),
      .chunk_o       (chunks[ChunkW*c +: ChunkW]),
      .beat_i        (arrived[c]),
      .chunk_done_i  (chunk_done[c]),
      .src_err_i     (src_err[2*c +: 2]),
      .dst_err_i     (dst_err[2*c +: 2]),
      .list_valid_i  (list_valid[c]),
      .list_idx_i    (list_idx),
      .list_data_i   (list_data),
      .irq_o         (chan_irq[c])
    );
  end

  // ---- Turns ------------------------------------------------------------------------------------
  // The channel after the one served last comes first.
  logic [2:0]           turn_q, pick;
  logic                 pick_valid, pick_ready;
  kpu_dmac_pkg::chunk_t pick_chunk;

  always_comb begin
    pick       = turn_q;
    pick_valid = 1'b0;
    for (int unsigned i = Channels; i > 0; i--) begin : search
      logic [3:0] c;
      c = {1'b0, turn_q} + 4'(i);
      if (c >= 4'(Channels)) c = c - 4'(Channels);
      if (chunk_valid[c[ChanW-1:0]]) begin
        pick       = c[2:0];
        pick_valid = 1'b1;
      end
    end
  end
  assign pick_chunk = chunks[ChunkW*pick +: ChunkW];

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      chunk_ready[c] = pick_valid && pick_ready && pick == 3'(c);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                       turn_q <= '0;
    else if (pick_valid && pick_ready) turn_q <= pick;
  end

  // ---- Engine -----------------------------------------------------------------------------------
  logic                 run_valid, run_ready, beat_valid, beat_ready;
  kpu_dmac_pkg::chunk_t run_chunk;
  logic [63:0]          beat_data;
  logic [1:0]           beat_resp;

  kpu_dmac_read #(.Channels(Channels)) u_read (
    .clk_i, .rst_ni,
    .chunk_valid_i     (pick_valid),
    .chunk_ready_o     (pick_ready),
    .chunk_i           (pick_chunk),
    .arvalid_o         (m_axi_arvalid_o),
    .arready_i         (m_axi_arready_i),
    .araddr_o          (m_axi_araddr_o),
    .arlen_o           (m_axi_arlen_o),
    .arsize_o          (m_axi_arsize_o),
    .rvalid_i          (m_axi_rvalid_i),
    .rready_o          (m_axi_rready_o),
    .rdata_i           (m_axi_rdata_i),
    .rresp_i           (m_axi_rresp_i),
    .out_chunk_valid_o (run_valid),
    .out_chunk_ready_i (run_ready),
    .out_chunk_o       (run_chunk),
    .beat_valid_o      (beat_valid),
    .beat_ready_i      (beat_ready),
    .beat_data_o       (beat_data),
    .beat_resp_o       (beat_resp),
    .arrived_o         (arrived)
  );
  assign m_axi_arburst_o = 2'b01;
  assign m_axi_awburst_o = 2'b01;

  kpu_dmac_write #(.Channels(Channels)) u_write (
    .clk_i, .rst_ni,
    .chunk_valid_i (run_valid),
    .chunk_ready_o (run_ready),
    .chunk_i       (run_chunk),
    .beat_valid_i  (beat_valid),
    .beat_ready_o  (beat_ready),
    .beat_data_i   (beat_data),
    .beat_resp_i   (beat_resp),
    .awvalid_o     (m_axi_awvalid_o),
    .awready_i     (m_axi_awready_i),
    .awaddr_o      (m_axi_awaddr_o),
    .awlen_o       (m_axi_awlen_o),
    .awsize_o      (m_axi_awsize_o),
    .wvalid_o      (m_axi_wvalid_o),
    .wready_i      (m_axi_wready_i),
    .wdata_o       (m_axi_wdata_o),
    .wstrb_o       (m_axi_wstrb_o),
    .wlast_o       (m_axi_wlast_o),
    .bvalid_i      (m_axi_bvalid_i),
    .bready_o      (m_axi_bready_o),
    .bresp_i       (m_axi_bresp_i),
    .chunk_done_o  (chunk_done),
    .src_err_o     (src_err),
    .dst_err_o     (dst_err),
    .list_valid_o  (list_valid),
    .list_idx_o    (list_idx),
    .list_data_o   (list_data)
  );

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(EnginePicksOne, $countones(chunk_ready) <= 1)

endmodule
