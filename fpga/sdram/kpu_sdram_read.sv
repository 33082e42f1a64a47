// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Reads of `kpu_sdram`: cuts AXI bursts into columns, four a beat, and makes beats of what they hold.
///
/// Asks for a column a cycle, across bursts, too, as long as there is a place for the beat: `Places` may be on their way
/// or wait to be taken. Beats beyond `Bytes` ask for nothing and are answered with DECERR.
module kpu_sdram_read #(
  /// Size of the memory, a multiple of 8 up to 32 MiB.
  parameter int unsigned Bytes  = 33554432,
  parameter int unsigned IdW    = 2,
  /// Beats asked for and not taken yet, from 4.
  parameter int unsigned Places = 8
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  // Bursts of 64-bit beats, INCR
  input  logic           s_axi_arvalid_i,
  output logic           s_axi_arready_o,
  input  logic [31:0]    s_axi_araddr_i,
  input  logic [IdW-1:0] s_axi_arid_i,
  input  logic [7:0]     s_axi_arlen_i,
  output logic           s_axi_rvalid_o,
  input  logic           s_axi_rready_i,
  output logic [63:0]    s_axi_rdata_o,
  output logic [IdW-1:0] s_axi_rid_o,
  output logic [1:0]     s_axi_rresp_o,
  output logic           s_axi_rlast_o,
  // Columns; `last` is a burst's last one
  output logic           col_valid_o,
  input  logic           col_ready_i,
  output logic [23:0]    col_addr_o,
  output logic           col_last_o,
  // What they hold, in order
  input  logic           rsp_valid_i,
  input  logic [15:0]    rsp_data_i
);

  localparam logic [28:0] End         = 29'(Bytes / 8);
  localparam logic [1:0]  DecodeError = 2'b11;

  // ---- The burst that is asked for ---------------------------------------------------------------
  logic [8:0]     beats_q;   // that were not asked for yet
  logic [28:0]    word_q;    // the next of them
  logic [1:0]     col_q;     // its next column
  logic [IdW-1:0] id_q;
  logic           active, outside, place, col_fire, outside_fire, beat_end, last, ar_fire;

  assign active       = beats_q != '0;
  assign outside      = word_q >= End;
  assign last         = beats_q == 9'd1;
  assign col_valid_o  = active && !outside && (place || col_q != 2'd0);
  assign col_addr_o   = {word_q[21:0], col_q};
  assign col_last_o   = last && col_q == 2'd3;
  assign col_fire     = col_valid_o && col_ready_i;
  assign outside_fire = active && outside && place;
  assign beat_end     = outside_fire || (col_fire && col_q == 2'd3);

  assign s_axi_arready_o = !active || (beat_end && last);
  assign ar_fire         = s_axi_arvalid_i && s_axi_arready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beats_q <= '0;
      col_q   <= '0;
    end else begin
      if (ar_fire)       beats_q <= 9'(s_axi_arlen_i) + 9'd1;
      else if (beat_end) beats_q <= beats_q - 9'd1;
      if (col_fire)      col_q   <= col_q + 2'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (ar_fire) begin
      word_q <= s_axi_araddr_i[31:3];
      id_q   <= s_axi_arid_i;
    end else if (beat_end) begin
      word_q <= word_q + 29'd1;
    end
  end

  // ---- Beats on their way ------------------------------------------------------------------------
  logic tag_valid, tag_outside, data_valid, data_push, data_ready, r_fire;
  logic [63:0] data;
  logic [$clog2(Places + 1)-1:0] unused_tags, unused_data;

  kpu_fifo #(.Width(IdW + 2), .Depth(Places)) u_tags (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i  (outside_fire || (col_fire && col_q == 2'd0)),
    .in_ready_o  (place),
    .in_data_i   ({outside, last, id_q}),
    .out_valid_o (tag_valid),
    .out_ready_i (r_fire),
    .out_data_o  ({tag_outside, s_axi_rlast_o, s_axi_rid_o}),
    .count_o     (unused_tags)
  );

  // ---- Their data --------------------------------------------------------------------------------
  logic [47:0] part_q;   // the first columns of a beat, the latest on top
  logic [1:0]  parts_q;  // how many

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)          parts_q <= '0;
    else if (rsp_valid_i) parts_q <= parts_q + 2'd1;
  end

  always_ff @(posedge clk_i) begin
    if (rsp_valid_i) part_q <= {rsp_data_i, part_q[47:16]};
  end

  assign data_push = rsp_valid_i && parts_q == 2'd3;

  kpu_fifo #(.Width(64), .Depth(Places)) u_data (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i  (data_push),
    .in_ready_o  (data_ready),
    .in_data_i   ({rsp_data_i, part_q}),
    .out_valid_o (data_valid),
    .out_ready_i (r_fire && !tag_outside),
    .out_data_o  (data),
    .count_o     (unused_data)
  );

  assign s_axi_rvalid_o = tag_valid && (tag_outside || data_valid);
  assign s_axi_rdata_o  = tag_outside ? 64'd0 : data;
  assign s_axi_rresp_o  = tag_outside ? DecodeError : 2'b00;
  assign r_fire         = s_axi_rvalid_o && s_axi_rready_i;

  logic unused_addr;
  assign unused_addr = ^{s_axi_araddr_i[2:0], data_ready};

  // ---- Assertions --------------------------------------------------------------------------------
  if (Bytes < 16 || Bytes % 8 != 0 || Bytes > 33554432 || Places < 4) begin : gen_check_bytes
    $error("kpu_sdram_read: Bytes must be a multiple of 8 from 16 to 32 MiB, Places from 4");
  end
  `ASSERT(DataHavePlace, !data_push || data_ready)
  `ASSERT_KEPT(RHeld, s_axi_rvalid_o && !s_axi_rready_i, s_axi_rvalid_o, s_axi_rdata_o)
  `ASSERT_KEPT(ColumnHeld, col_valid_o && !col_ready_i, col_valid_o, col_addr_o)

endmodule
