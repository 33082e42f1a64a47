// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// A 64-bit AXI4 master at a 32-bit AXI4 slave: each beat of 8 bytes takes two of the slave, smaller ones one.
/// docs/system.md, "Width of the memory bus".
///
/// All bursts, sizes and alignments; how addresses become others says kpu_axi_narrow_addr. IDs are kept,
/// read data of different IDs may come mixed. The worse answer of a beat's two halves is the beat's, that of a
/// burst's pieces the burst's. A write burst of several pieces goes alone: each piece waits until everything
/// before it has been answered.
///
/// A beat of the slave a cycle on each data channel. Addresses take a cycle (reads) or two (writes) more, data none. A
/// slave may wait for data before it takes their address.
///
/// Payloads as in kpu_axi_slice, IDs in front: s_* {id, ax_t}, w_t, {id, resp}, {id, r_t}; m_* the same with
/// 32 bits of data and 4 strobes.
module kpu_axi_narrow_bus #(
  /// Reads of an ID that may be open.
  parameter  int unsigned Bursts = 8,
  localparam int unsigned IdW    = kpu_axi_pkg::IdW,
  localparam int unsigned Ids    = kpu_axi_pkg::Masters,
  localparam int unsigned AxW    = IdW + kpu_axi_pkg::AxW,
  localparam int unsigned WW     = kpu_axi_pkg::WW,
  localparam int unsigned RW     = IdW + kpu_axi_pkg::RW
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // From the master
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
  // To the slave
  output logic              m_awvalid_o,
  input  logic              m_awready_i,
  output logic [AxW-1:0]    m_aw_o,
  output logic              m_wvalid_o,
  input  logic              m_wready_i,
  output logic [36:0]       m_w_o,
  input  logic              m_bvalid_i,
  output logic              m_bready_o,
  input  logic [IdW+1:0]    m_b_i,
  output logic              m_arvalid_o,
  input  logic              m_arready_i,
  output logic [AxW-1:0]    m_ar_o,
  input  logic              m_rvalid_i,
  output logic              m_rready_o,
  input  logic [IdW+34:0]   m_r_i
);

  // ---- Read addresses ---------------------------------------------------------------------------
  logic             ar_valid, ar_halves, ar_last, ar_room, unused_ar_whole;
  logic [IdW-1:0]   ar_id;
  kpu_axi_pkg::ax_t ar;

  kpu_axi_narrow_addr u_ar (
    .clk_i, .rst_ni, .in_valid_i(s_arvalid_i), .in_ready_o(s_arready_o), .in_i(s_ar_i),
    .out_valid_o(ar_valid), .out_ready_i(m_arready_i && ar_room), .out_id_o(ar_id), .out_o(ar), .halves_o(ar_halves),
    .whole_o(unused_ar_whole), .last_o(ar_last)
  );
  assign m_arvalid_o = ar_valid && ar_room;
  assign m_ar_o      = {ar_id, ar};

  // ---- Read data: low halves wait for the high ones -----------------------------------------------
  logic [IdW-1:0]    r_id;
  logic [31:0]       r_data, low_data;
  logic [1:0]        r_resp, low_resp;
  logic              r_last, r_fire;
  logic              r_halves, r_skip, r_end;  // of the piece: its beats are halves, the first is a high one; it ends its burst
  logic              r_low;                    // this is a low half
  logic [Ids-1:0]    begun_q, half_q;          // pieces that have data; low halves that wait
  logic [34*Ids-1:0] low_q;

  assign {r_id, r_data, r_resp, r_last} = m_r_i;
  assign r_fire                         = m_rvalid_i && m_rready_o;

  kpu_axi_open #(.Width(3), .Bursts(Bursts)) u_reads (
    .clk_i, .rst_ni, .begin_i(m_arvalid_o && m_arready_i), .begin_id_i(ar_id),
    .burst_i({ar_halves, ar_halves && ar.addr[2], ar_last}), .room_o(ar_room),
    .id_i(r_id), .burst_o({r_halves, r_skip, r_end}), .end_i(r_fire && r_last)
  );

  assign r_low                = r_halves && !half_q[r_id] && (begun_q[r_id] || !r_skip);
  assign {low_data, low_resp} = half_q[r_id] ? low_q[34*r_id +: 34] : {r_data, kpu_axi_pkg::RespOkay};
  assign s_rvalid_o           = m_rvalid_i && !r_low;
  assign m_rready_o           = s_rready_i || r_low;
  assign s_r_o                = {r_id, r_data, low_data, kpu_axi_pkg::worse(r_resp, low_resp), r_last && r_end};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      begun_q <= '0;
      half_q  <= '0;
    end else if (r_fire) begin
      begun_q[r_id] <= !r_last;
      half_q[r_id]  <= r_low;
    end
  end

  always_ff @(posedge clk_i) begin
    if (r_fire && r_low) low_q[34*r_id +: 34] <= {r_data, r_resp};
  end

  // ---- Write addresses --------------------------------------------------------------------------
  localparam int unsigned OpenW = 8;  // more than the crossbar lets through

  logic             aw_valid, aw_halves, aw_whole, aw_last, aw_room, w_room, aw_may, aw_go;
  logic [IdW-1:0]   aw_id;
  kpu_axi_pkg::ax_t aw;
  logic [OpenW-1:0] open_q;           // pieces without an answer
  logic             alone_q, more_q;  // the one that is open is a piece of several; more of them follow
  logic             b_fire;
  logic [1:0]       resp_q;           // worst answer of those before
  logic [1:0]       unused_aw_count;
  logic [2:0]       unused_w_count;

  kpu_axi_narrow_addr u_aw (
    .clk_i, .rst_ni, .in_valid_i(s_awvalid_i), .in_ready_o(s_awready_o), .in_i(s_aw_i),
    .out_valid_o(aw_valid), .out_ready_i(aw_go), .out_id_o(aw_id), .out_o(aw), .halves_o(aw_halves),
    .whole_o(aw_whole), .last_o(aw_last)
  );
  assign aw_may = open_q == '0 || (aw_whole && !alone_q && open_q != '1);
  assign aw_go  = aw_valid && aw_room && w_room && aw_may;

  kpu_fifo #(.Width(AxW)) u_addresses (
    .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_aw_count),
    .in_valid_i(aw_go), .in_ready_o(aw_room), .in_data_i({aw_id, aw}),
    .out_valid_o(m_awvalid_o), .out_ready_i(m_awready_i), .out_data_o(m_aw_o)
  );

  // ---- Write data -------------------------------------------------------------------------------
  logic [63:0] w_data;
  logic [7:0]  w_strb;
  logic        w_last, w_valid, w_halves, w_skip;
  logic [7:0]  w_len, w_cnt_q;  // beats of the slave but one; those that went
  logic        w_half_q;        // the low half went
  logic        w_high, w_end, w_fire;

  kpu_fifo #(.Width(10), .Depth(4)) u_writes (
    .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_w_count),
    .in_valid_i(aw_go), .in_ready_o(w_room), .in_data_i({aw_halves, aw.addr[2], aw.len}),
    .out_valid_o(w_valid), .out_ready_i(w_fire && w_end), .out_data_o({w_halves, w_skip, w_len})
  );

  assign {w_data, w_strb, w_last} = s_w_i;
  // A small beat lies where its strobes are.
  assign w_high     = w_halves ? w_half_q || (w_skip && w_cnt_q == '0) : w_strb[7:4] != '0;
  assign w_end      = w_cnt_q == w_len;
  assign w_fire     = m_wvalid_o && m_wready_i;
  assign m_wvalid_o = s_wvalid_i && w_valid;
  assign s_wready_o = m_wready_i && w_valid && (w_high || !w_halves);
  assign m_w_o      = {w_high ? w_data[63:32] : w_data[31:0], w_high ? w_strb[7:4] : w_strb[3:0], w_end};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      w_cnt_q  <= '0;
      w_half_q <= 1'b0;
    end else if (w_fire) begin
      w_cnt_q  <= w_end ? '0 : w_cnt_q + 8'd1;
      w_half_q <= w_halves && !w_high;
    end
  end

  // ---- Write answers ----------------------------------------------------------------------------
  logic [IdW-1:0] b_id;
  logic [1:0]     b_resp;
  logic           b_part;  // not the last piece's

  assign {b_id, b_resp} = m_b_i;
  assign b_part     = alone_q && more_q;
  assign b_fire     = m_bvalid_i && m_bready_o;
  assign s_bvalid_o = m_bvalid_i && !b_part;
  assign m_bready_o = s_bready_i || b_part;
  assign s_b_o      = {b_id, kpu_axi_pkg::worse(b_resp, resp_q)};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q  <= '0;
      alone_q <= 1'b0;
      more_q  <= 1'b0;
      resp_q  <= kpu_axi_pkg::RespOkay;
    end else begin
      if (aw_go != b_fire) open_q <= aw_go ? open_q + OpenW'(1) : open_q - OpenW'(1);
      if (b_fire) begin
        alone_q <= 1'b0;
        resp_q  <= b_part ? kpu_axi_pkg::worse(b_resp, resp_q) : kpu_axi_pkg::RespOkay;
      end
      if (aw_go) begin
        alone_q <= !aw_whole;
        more_q  <= !aw_last;
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{unused_ar_whole, unused_aw_count, unused_w_count};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(SmallBeatsInAHalf, !m_wvalid_o || w_halves || w_strb[7:4] == '0 || w_strb[3:0] == '0)
  `ASSERT(LastIsLast, !(s_wvalid_i && s_wready_o && w_last) || w_end)
  `ASSERT(AnswerOpen, !m_bvalid_i || open_q != '0)
  `ASSERT_KEPT(WHeld, m_wvalid_o && !m_wready_i, m_wvalid_o, m_w_o)
  `ASSERT_KEPT(RHeld, s_rvalid_o && !s_rready_i, s_rvalid_o, s_r_o)

endmodule
