// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Writes of `kpu_sdram`: cuts AXI bursts into columns, four a beat, with the beat's strobes.
///
/// One burst at a time; a beat is taken while the one before is written, so columns follow each other if beats do. The
/// answer comes when the chip has been told the last column. Beats beyond `Bytes` are not written, and answered with
/// DECERR.
module kpu_sdram_write #(
  /// Size of the memory, a multiple of 8 up to 32 MiB.
  parameter int unsigned Bytes = 33554432,
  parameter int unsigned IdW   = 2
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  // Bursts of 64-bit beats, INCR
  input  logic           s_axi_awvalid_i,
  output logic           s_axi_awready_o,
  input  logic [31:0]    s_axi_awaddr_i,
  input  logic [IdW-1:0] s_axi_awid_i,
  input  logic           s_axi_wvalid_i,
  output logic           s_axi_wready_o,
  input  logic [63:0]    s_axi_wdata_i,
  input  logic [7:0]     s_axi_wstrb_i,
  input  logic           s_axi_wlast_i,
  output logic           s_axi_bvalid_o,
  input  logic           s_axi_bready_i,
  output logic [IdW-1:0] s_axi_bid_o,
  output logic [1:0]     s_axi_bresp_o,
  // Columns; `last` is a burst's last one
  output logic           col_valid_o,
  input  logic           col_ready_i,
  output logic [23:0]    col_addr_o,
  output logic           col_last_o,
  output logic [15:0]    col_data_o,
  output logic [1:0]     col_strb_o
);

  localparam logic [28:0] End         = 29'(Bytes / 8);
  localparam logic [1:0]  DecodeError = 2'b11;

  typedef enum logic [1:0] {StIdle, StBeats, StLast, StAnswer} state_e;

  state_e      state_d, state_q;
  logic        full_q;            // a beat is here
  logic [28:0] word_q;            // where it goes
  logic [1:0]  col_q;             // its next column, which is lowest in the beat's register
  logic [63:0] data_q;
  logic [7:0]  strb_q;
  logic        bad_q, outside, col_fire, beat_end, w_fire, aw_fire;

  assign outside     = word_q >= End;
  assign col_valid_o = full_q && !outside;
  assign col_addr_o  = {word_q[21:0], col_q};
  assign col_last_o  = state_q == StLast && col_q == 2'd3;
  assign col_data_o  = data_q[15:0];
  assign col_strb_o  = strb_q[1:0];
  assign col_fire    = col_valid_o && col_ready_i;
  assign beat_end    = full_q && (outside || (col_fire && col_q == 2'd3));

  assign s_axi_awready_o = state_q == StIdle;
  assign s_axi_wready_o  = state_q == StBeats && (!full_q || beat_end);
  assign s_axi_bvalid_o  = state_q == StAnswer;
  assign s_axi_bresp_o   = bad_q ? DecodeError : 2'b00;
  assign aw_fire         = s_axi_awvalid_i && s_axi_awready_o;
  assign w_fire          = s_axi_wvalid_i && s_axi_wready_o;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      // Waits for an address.
      StIdle:   if (aw_fire) state_d = StBeats;
      // Takes beats until the last one.
      StBeats:  if (w_fire && s_axi_wlast_i) state_d = StLast;
      // Waits until that has been written.
      StLast:   if (beat_end) state_d = StAnswer;
      // Waits until the answer is taken.
      StAnswer: if (s_axi_bready_i) state_d = StIdle;
      default:  state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      full_q  <= 1'b0;
      col_q   <= '0;
    end else begin
      state_q <= state_d;
      if (w_fire)        full_q <= 1'b1;
      else if (beat_end) full_q <= 1'b0;
      if (col_fire)      col_q  <= col_q + 2'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (aw_fire) begin
      word_q      <= s_axi_awaddr_i[31:3];
      s_axi_bid_o <= s_axi_awid_i;
      bad_q       <= 1'b0;
    end else if (beat_end) begin
      word_q <= word_q + 29'd1;
      if (outside) bad_q <= 1'b1;
    end
    if (w_fire) begin
      data_q <= s_axi_wdata_i;
      strb_q <= s_axi_wstrb_i;
    end else if (col_fire) begin
      data_q <= data_q >> 16;
      strb_q <= strb_q >> 2;
    end
  end

  logic unused_addr;
  assign unused_addr = ^s_axi_awaddr_i[2:0];

  // ---- Assertions --------------------------------------------------------------------------------
  if (Bytes < 16 || Bytes % 8 != 0 || Bytes > 33554432) begin : gen_check_bytes
    $error("kpu_sdram_write: Bytes must be a multiple of 8 from 16 to 32 MiB");
  end
  `ASSERT_KEPT(BHeld, s_axi_bvalid_o && !s_axi_bready_i, s_axi_bvalid_o, s_axi_bresp_o)
  `ASSERT_KEPT(ColumnHeld, col_valid_o && !col_ready_i, col_valid_o, col_addr_o)

endmodule
