// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// A 64-bit AXI4 master at a 128-bit AXI4 slave: two beats of 8 bytes that lie in the same 16 share one of the slave.
/// docs/system.md, "Width of the memory bus".
///
/// INCR bursts of 8-byte beats become bursts of 16-byte beats, where s_awwide_i or s_arwide_i allows it; reads then see
/// the rest of the first and the last 16 bytes, too, and an error of a beat is one of both its halves. All
/// others, and single beats, pass as they are, in their lanes. No burst crosses 4 KiB that did not. IDs are kept,
/// read data of different IDs may come mixed.
///
/// Of the master's beats one a cycle. Write addresses take a cycle, nothing else does. A slave may wait for data before it
/// takes their address.
///
/// Payloads as in kpu_axi_slice, IDs in front: s_* {id, ax_t}, w_t, {id, resp}, {id, r_t}; m_* the same with
/// 128 bits of data and 16 strobes.
module kpu_axi_widen_bus #(
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
  // From the master; wide: it is a memory's address, beats may be joined
  input  logic              s_awvalid_i,
  output logic              s_awready_o,
  input  logic [AxW-1:0]    s_aw_i,
  input  logic              s_awwide_i,
  input  logic              s_wvalid_i,
  output logic              s_wready_o,
  input  logic [WW-1:0]     s_w_i,
  output logic              s_bvalid_o,
  input  logic              s_bready_i,
  output logic [IdW+1:0]    s_b_o,
  input  logic              s_arvalid_i,
  output logic              s_arready_o,
  input  logic [AxW-1:0]    s_ar_i,
  input  logic              s_arwide_i,
  output logic              s_rvalid_o,
  input  logic              s_rready_i,
  output logic [RW-1:0]     s_r_o,
  // To the slave
  output logic              m_awvalid_o,
  input  logic              m_awready_i,
  output logic [AxW-1:0]    m_aw_o,
  output logic              m_wvalid_o,
  input  logic              m_wready_i,
  output logic [144:0]      m_w_o,
  input  logic              m_bvalid_i,
  output logic              m_bready_o,
  input  logic [IdW+1:0]    m_b_i,
  output logic              m_arvalid_o,
  input  logic              m_arready_i,
  output logic [AxW-1:0]    m_ar_o,
  input  logic              m_rvalid_i,
  output logic              m_rready_o,
  input  logic [IdW+130:0]  m_r_i
);

  // What is known of an open burst: {wide, still, high_end, size, place}
  localparam int unsigned KnownW = 9;

  // ---- Addresses --------------------------------------------------------------------------------
  function automatic logic is_wide(input logic [1:0] burst, input logic [2:0] size, input logic [7:0] len);
    is_wide = burst == kpu_axi_pkg::BurstIncr && size == 3'd3 && len != '0;
  endfunction

  // An ax_t of wide beats. No struct in the function: Yosys 0.23 does not resolve it.
  function automatic logic [kpu_axi_pkg::AxW-1:0] widened(input logic [31:0] addr, input logic [7:0] len, input logic [1:0] burst);
    widened = {addr, 8'((9'(len) + 9'(addr[3])) >> 1), 3'd4, burst};
  endfunction

  // All beats lie in the same half: FIXED, and WRAP around at most 8 bytes.
  function automatic logic is_still(input logic [1:0] burst, input logic [2:0] size, input logic [7:0] len);
    is_still = burst == kpu_axi_pkg::BurstFixed || (burst == kpu_axi_pkg::BurstWrap && len < (8'd8 >> size));
  endfunction

  // Where the beat behind one lies.
  function automatic logic [3:0] behind(input logic still, input logic [1:0] size, input logic [3:0] place);
    behind = still ? place : ((place >> size) + 4'd1) << size;
  endfunction

  // ---- Reads ------------------------------------------------------------------------------------
  logic [IdW-1:0]    ar_id, r_id;
  kpu_axi_pkg::ax_t  ar;
  logic              ar_wide, ar_room;
  logic [KnownW-1:0] ar_known;
  logic [127:0]      r_data;
  logic [1:0]        r_resp;
  logic              r_last, r_fire, r_done;            // the slave's beat has given all it has
  logic              r_wide, r_still, r_high_end;       // of the burst; it ends in a high half
  logic [1:0]        r_size;
  logic [3:0]        r_first, r_place;                  // in 16 bytes: of the first beat, of this one
  logic [Ids-1:0]    begun_q;                           // bursts that have data
  logic [4*Ids-1:0]  place_q;                           // of the next beat, if there was one

  assign {ar_id, ar} = s_ar_i;
  assign ar_known    = {ar_wide, is_still(ar.burst, ar.size, ar.len), ar.addr[3] ^ ar.len[0], ar.size[1:0], ar.addr[3:0]};
  assign ar_wide     = s_arwide_i && is_wide(ar.burst, ar.size, ar.len);
  assign m_arvalid_o = s_arvalid_i && ar_room;
  assign s_arready_o = m_arready_i && ar_room;
  assign m_ar_o      = ar_wide ? {ar_id, widened(ar.addr, ar.len, ar.burst)} : s_ar_i;

  assign {r_id, r_data, r_resp, r_last} = m_r_i;
  assign r_fire                         = s_rvalid_o && s_rready_i;

  kpu_axi_open #(.Width(KnownW), .Bursts(Bursts)) u_reads (
    .clk_i, .rst_ni, .begin_i(m_arvalid_o && m_arready_i), .begin_id_i(ar_id), .burst_i(ar_known),
    .room_o(ar_room), .id_i(r_id), .burst_o({r_wide, r_still, r_high_end, r_size, r_first}),
    .end_i(r_fire && r_done && r_last)
  );

  assign r_place    = begun_q[r_id] ? place_q[4*r_id +: 4] : r_first;
  assign r_done     = !r_wide || r_place[3] || (r_last && !r_high_end);
  assign s_rvalid_o = m_rvalid_i;
  assign m_rready_o = s_rready_i && r_done;
  assign s_r_o      = {r_id, r_place[3] ? r_data[127:64] : r_data[63:0], r_resp, r_last && r_done};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)     begun_q <= '0;
    else if (r_fire) begun_q[r_id] <= !(r_last && r_done);
  end

  always_ff @(posedge clk_i) begin
    if (r_fire) place_q[4*r_id +: 4] <= behind(r_still, r_size, r_place);
  end

  // ---- Writes -----------------------------------------------------------------------------------
  logic [IdW-1:0]   aw_id;
  kpu_axi_pkg::ax_t aw;
  logic             aw_wide, aw_room, w_room;
  logic [KnownW-1:0] aw_known;
  logic [63:0]      w_data, low_data_q;
  logic [7:0]       w_strb, low_strb_q;           // of a low half that waits for the high one, else 0
  logic             w_last, w_valid, w_fire, w_low;
  logic             w_wide, w_still, unused_high_end, w_begun_q;
  logic [1:0]       w_size;
  logic [3:0]       w_first, w_place, w_place_q;
  logic [1:0]       unused_aw_count;
  logic [2:0]       unused_w_count;

  assign {aw_id, aw} = s_aw_i;
  assign aw_known    = {aw_wide, is_still(aw.burst, aw.size, aw.len), aw.addr[3] ^ aw.len[0], aw.size[1:0], aw.addr[3:0]};
  assign aw_wide     = s_awwide_i && is_wide(aw.burst, aw.size, aw.len);
  assign s_awready_o = aw_room && w_room;

  kpu_fifo #(.Width(AxW)) u_addresses (
    .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_aw_count),
    .in_valid_i(s_awvalid_i && w_room), .in_ready_o(aw_room), .in_data_i(aw_wide ? {aw_id, widened(aw.addr, aw.len, aw.burst)} : s_aw_i),
    .out_valid_o(m_awvalid_o), .out_ready_i(m_awready_i), .out_data_o(m_aw_o)
  );

  kpu_fifo #(.Width(KnownW), .Depth(4)) u_writes (
    .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_w_count),
    .in_valid_i(s_awvalid_i && aw_room), .in_ready_o(w_room), .in_data_i(aw_known),
    .out_valid_o(w_valid), .out_ready_i(w_fire && w_last),
    .out_data_o({w_wide, w_still, unused_high_end, w_size, w_first})
  );

  assign {w_data, w_strb, w_last} = s_w_i;
  assign w_fire     = s_wvalid_i && s_wready_o;
  assign w_place    = w_begun_q ? w_place_q : w_first;
  assign w_low      = w_wide && !w_place[3] && !w_last;  // waits for its other half
  assign m_wvalid_o = s_wvalid_i && w_valid && !w_low;
  assign s_wready_o = w_valid && (m_wready_i || w_low);
  assign m_w_o      = {w_data, w_wide && w_place[3] ? low_data_q : w_data,
                       w_place[3] ? {w_strb, low_strb_q} : {8'd0, w_strb}, w_last};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      w_begun_q  <= 1'b0;
      low_strb_q <= '0;
    end else if (w_fire) begin
      w_begun_q  <= !w_last;
      low_strb_q <= w_low ? w_strb : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (w_fire) begin
      w_place_q  <= behind(w_still, w_size, w_place);
      low_data_q <= w_data;
    end
  end

  assign s_bvalid_o = m_bvalid_i;
  assign m_bready_o = s_bready_i;
  assign s_b_o      = m_b_i;

  logic unused_bits;
  assign unused_bits = ^{unused_high_end, unused_aw_count, unused_w_count};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_KEPT(ArHeld, m_arvalid_o && !m_arready_i, m_arvalid_o, m_ar_o)
  `ASSERT_KEPT(WHeld, m_wvalid_o && !m_wready_i, m_wvalid_o, m_w_o)
  `ASSERT_KEPT(RHeld, s_rvalid_o && !s_rready_i, s_rvalid_o, s_r_o)

endmodule
