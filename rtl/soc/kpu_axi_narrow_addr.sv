// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Addresses of bursts of a 64-bit AXI4 bus as addresses of a 32-bit one, for kpu_axi_narrow_bus.
///
/// Bursts of smaller beats stay as they are. One of 8-byte beats becomes INCR bursts of 4-byte beats, a
/// first half that the address leaves out being left out; it takes one such piece, but one for each
/// 128 beats of INCR, one for each beat of FIXED, and two where WRAP wraps. No piece leaves the burst's
/// bytes, so none crosses 4 KiB. A cycle of latency, an address a cycle.
module kpu_axi_narrow_addr #(
  localparam int unsigned IdW = kpu_axi_pkg::IdW,
  localparam int unsigned AxW = kpu_axi_pkg::AxW
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // Bursts, {id, ax_t}
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  logic [IdW+AxW-1:0] in_i,
  // Pieces
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [IdW-1:0]     out_id_o,
  output kpu_axi_pkg::ax_t   out_o,
  /// It is cut out of beats of 8 bytes.
  output logic               halves_o,
  /// It is all of its burst; the last of it.
  output logic               whole_o,
  output logic               last_o
);

  localparam logic [7:0] MostBeats = 8'd128;

  logic             valid_q;
  logic [IdW-1:0]   id_q;
  kpu_axi_pkg::ax_t in, ax_q;
  logic [8:0]       left_q;   // beats of 8 bytes still to ask for
  logic [3:0]       place;    // of the beat in the burst's bytes, for WRAP
  logic [7:0]       most, beats;
  logic             take, go;

  assign in         = in_i[AxW-1:0];
  assign in_ready_o = !valid_q || (out_ready_i && last_o);
  assign take       = in_valid_i && in_ready_o;
  assign go         = valid_q && out_ready_i;

  assign place = ax_q.addr[6:3] & ax_q.len[3:0];
  always_comb begin
    unique case (ax_q.burst)
      kpu_axi_pkg::BurstFixed: most = 8'd1;
      kpu_axi_pkg::BurstWrap:  most = 8'(ax_q.len[3:0]) + 8'd1 - 8'(place);
      default:                 most = MostBeats;
    endcase
  end
  assign beats = (left_q < 9'(most)) ? left_q[7:0] : most;

  assign out_valid_o = valid_q;
  assign out_id_o    = id_q;
  assign halves_o    = ax_q.size == 3'd3;
  assign last_o      = !halves_o || left_q == 9'(beats);
  assign whole_o     = !halves_o || (last_o && left_q == 9'(ax_q.len) + 9'd1);

  always_comb begin
    out_o = ax_q;
    if (halves_o) begin
      out_o.len   = 8'((9'(beats) << 1) - 9'd1 - 9'(ax_q.addr[2]));
      out_o.size  = 3'd2;
      out_o.burst = kpu_axi_pkg::BurstIncr;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)   valid_q <= 1'b0;
    else if (take) valid_q <= 1'b1;
    else if (go && last_o) valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      id_q   <= in_i[AxW +: IdW];
      ax_q   <= in;
      left_q <= 9'(in.len) + 9'd1;
    end else if (go) begin
      left_q <= left_q - 9'(beats);
      unique case (ax_q.burst)
        kpu_axi_pkg::BurstFixed: ;
        kpu_axi_pkg::BurstWrap:  ax_q.addr[6:3] <= ax_q.addr[6:3] & ~ax_q.len[3:0];
        default:                 ax_q.addr <= {ax_q.addr[31:3] + 29'(beats), 3'b000};
      endcase
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_KEPT(PieceHeld, out_valid_o && !out_ready_i, out_valid_o, {out_id_o, out_o})

endmodule
