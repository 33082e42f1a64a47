// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Cuts a stream of 8-byte beats into takes of 1 to 18 bytes.
///
/// The beats of one fetch are a segment: `open_i` says at which byte of its first beat the segment
/// starts, takes consume it in order, and the take with `take_last_i` also drops the rest of its
/// beat. A take needs its bytes to be inside (`take_ready_o`); they are at `bytes_o` in the next
/// cycle, and in that cycle only. One beat in and one take out a cycle; four beats of storage,
/// so that 18 bytes at any alignment fit.
module kpu_byte_funnel (
  input  logic         clk_i,
  input  logic         rst_ni,
  /// Drops the content.
  input  logic         clear_i,
  // Beats
  input  logic         beat_valid_i,
  output logic         beat_ready_o,
  input  logic [63:0]  beat_i,
  // Start of a segment; never together with a take
  input  logic         open_i,
  input  logic [2:0]   open_off_i,
  // Takes
  input  logic         take_valid_i,
  output logic         take_ready_o,
  /// 1..18.
  input  logic [4:0]   take_bytes_i,
  input  logic         take_last_i,
  /// Where in its beat the byte behind the take lies.
  output logic [2:0]   take_end_o,
  /// First byte at 7:0; bytes beyond the taken ones have no meaning.
  output logic [143:0] bytes_o
);

  localparam int unsigned Beats = 4;

  (* ram_style = "distributed" *)
  logic [63:0]  mem [Beats];
  logic [1:0]   wr_idx_q, rd_idx_q;
  logic [2:0]   cnt_q;  // beats inside, 0..4
  logic [2:0]   off_q;  // first byte not taken, in the oldest beat
  logic         push, take;
  logic [4:0]   end_off;  // one past the taken bytes, from the oldest beat's first byte; at most 25
  logic [2:0]   beats_touched, beats_left_behind, pop;
  logic [255:0] window;

  assign end_off           = 5'(off_q) + take_bytes_i;
  assign take_end_o        = end_off[2:0];
  assign beats_left_behind = 3'(end_off >> 3);
  assign beats_touched     = beats_left_behind + 3'(end_off[2:0] != 3'd0);
  assign take_ready_o      = cnt_q >= beats_touched;
  assign take              = take_valid_i && take_ready_o;
  assign pop               = !take ? 3'd0 : take_last_i ? beats_touched : beats_left_behind;
  assign beat_ready_o      = cnt_q != 3'(Beats) || pop != 3'd0;
  assign push              = beat_valid_i && beat_ready_o;

  assign window = {mem[rd_idx_q + 2'd3], mem[rd_idx_q + 2'd2], mem[rd_idx_q + 2'd1], mem[rd_idx_q]};

  always_ff @(posedge clk_i) begin
    if (push) mem[wr_idx_q] <= beat_i;
    if (cnt_q != '0) bytes_o <= 144'(window >> {off_q, 3'b000});
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_idx_q <= '0;
      rd_idx_q <= '0;
      cnt_q    <= '0;
      off_q    <= '0;
    end else if (clear_i) begin
      wr_idx_q <= '0;
      rd_idx_q <= '0;
      cnt_q    <= '0;
      off_q    <= '0;
    end else begin
      if (push) wr_idx_q <= wr_idx_q + 2'd1;
      rd_idx_q <= rd_idx_q + pop[1:0];
      cnt_q    <= cnt_q + 3'(push) - pop;
      if (take) off_q <= take_last_i ? 3'd0 : end_off[2:0];
      else if (open_i) off_q <= open_off_i;
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(TakeInRange, !take_valid_i || (take_bytes_i >= 5'd1 && take_bytes_i <= 5'd18))
  `ASSERT(OpenAtBeat, !open_i || off_q == 3'd0)
  `ASSERT(OpenAlone, !(open_i && take_valid_i))
  `ASSERT(CountInRange, cnt_q <= 3'(Beats))

endmodule
