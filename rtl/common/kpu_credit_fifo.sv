// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// First-in first-out buffer behind a pipeline that does not stop: a place is taken before the word sets out.
///
/// `take_i`, allowed while `free_o`, reserves a place. Its word comes with `in_valid_i` any number of cycles later and
/// is always accepted. The place is free again in the cycle after its word has left. `free_o` is a register, so
/// nothing that waits at the output is on a path to the pipeline's input.
///
/// One word in and one word out a cycle; a word is at the output, a register, three cycles after it came. To pass a
/// word a cycle Depth must cover the cycles from `take_i` to `in_valid_i` (Delay) and four more until its place is free.
module kpu_credit_fifo #(
  /// Bits of a word.
  parameter  int unsigned Width = 8,
  /// Places, a power of two.
  parameter  int unsigned Depth = 16,
  /// Cycles from take_i to in_valid_i at least.
  parameter  int unsigned Delay = 0,
  localparam int unsigned IdxW  = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  /// Drops the content and the places taken; what else happens in this cycle is dropped, too.
  input  logic             clear_i,
  // Places
  output logic             free_o,
  input  logic             take_i,
  // Words
  input  logic             in_valid_i,
  input  logic [Width-1:0] in_data_i,
  // Output stream
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o
);

  if (Depth < 2 || 1 << IdxW != Depth) begin : gen_check_depth
    $error("kpu_credit_fifo: Depth must be a power of two, at least 2");
  end
  localparam int unsigned FreeLatency = 4;  // in_valid_i to the place's being free, of a word that does not wait
  if (Depth < Delay + FreeLatency) begin : gen_check_delay
    $error("kpu_credit_fifo: Depth is too small for a word a cycle");
  end

  logic [IdxW:0]   taken_q;            // places taken
  logic [IdxW:0]   more, fewer;        // .. after a word has set out, or left
  logic            free_taken, free_not_taken;  // free_o's next value, with and without take_i
  logic [IdxW:0]   stored_q;           // words in the memory
  logic [IdxW-1:0] wr_idx_q, rd_idx_q;
  logic             fetch, move, leave;
  logic             rd_valid_q;        // the memory's output holds a word
  logic [Width-1:0] rd_data;

  assign leave = out_valid_o && out_ready_i;
  assign move  = rd_valid_q && (!out_valid_o || out_ready_i);
  assign fetch = stored_q != '0 && (!rd_valid_q || move);

  // take_i comes late: what follows from it is chosen by it, not computed from it.
  assign more           = taken_q + (IdxW+1)'(1);
  assign fewer          = taken_q - (IdxW+1)'(1);
  assign free_taken     = leave || more != (IdxW+1)'(Depth);
  assign free_not_taken = leave || taken_q != (IdxW+1)'(Depth);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      taken_q     <= '0;
      free_o      <= 1'b0;
      stored_q    <= '0;
      wr_idx_q    <= '0;
      rd_idx_q    <= '0;
      rd_valid_q  <= 1'b0;
      out_valid_o <= 1'b0;
    end else begin
      if (clear_i)              taken_q <= '0;
      else if (take_i != leave) taken_q <= take_i ? more : fewer;
      free_o <= clear_i || (take_i ? free_taken : free_not_taken);
      if (in_valid_i) wr_idx_q <= wr_idx_q + IdxW'(1);
      if (fetch)      rd_idx_q <= rd_idx_q + IdxW'(1);
      if (in_valid_i != fetch) stored_q <= in_valid_i ? stored_q + (IdxW+1)'(1) : stored_q - (IdxW+1)'(1);
      if (fetch || move)               rd_valid_q  <= fetch;
      if (!out_valid_o || out_ready_i) out_valid_o <= move;
      if (clear_i) begin
        stored_q    <= '0;
        wr_idx_q    <= '0;
        rd_idx_q    <= '0;
        rd_valid_q  <= 1'b0;
        out_valid_o <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (move) out_data_o <= rd_data;
  end

  kpu_ram_1r1w #(
    .Width (Width),
    .Depth (Depth)
  ) u_mem (
    .clk_i,
    .rd_en_i   (fetch),
    .rd_addr_i (rd_idx_q),
    .rd_data_o (rd_data),
    .wr_en_i   (in_valid_i),
    .wr_addr_i (wr_idx_q),
    .wr_data_i (in_data_i)
  );

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(TakenWhenFree, !take_i || free_o || clear_i)
  `ASSERT(WordHasPlace, stored_q + (IdxW+1)'(rd_valid_q) + (IdxW+1)'(out_valid_o)
                        + (IdxW+1)'(in_valid_i && !clear_i) <= taken_q)
  `ASSERT_KEPT(OutHeld, out_valid_o && !out_ready_i && !clear_i, out_valid_o, out_data_o)

endmodule
