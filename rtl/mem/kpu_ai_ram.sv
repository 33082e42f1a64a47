// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// AI RAM: the image memory, read and written in words of `Lanes` bytes.
///
/// One read and one write a cycle, and with `Ports` = 2 a second read, without neighbours. Read data is valid in the cycle after `rd_en_i` and stays until
/// the next `rd_en_i`. With word w come the bytes beside it, the last one of word w-1 and the first
/// one of word w+1, from two byte-wide copies (`last_mem`, `first_mem`): a 3x3 window needs no
/// second read. Both neighbours wrap around at the ends of the memory. A read of a word that is
/// written in the same cycle gives data of no meaning, in simulation wrong in every bit; so does a
/// neighbour's byte. kpu_ai_arbiter keeps word and write apart; neighbours are only looked at inside
/// an image that is read, which nobody writes meanwhile.
///
/// `mem` may be loaded by a test bench, together with `first_mem[w]` = byte 0 and `last_mem[w]` =
/// byte Lanes-1 of word w. docs/architecture.md, section "AI RAM and words".
module kpu_ai_ram #(
  /// Bytes of a word: 64, 32, 16 or 8.
  parameter  int unsigned Lanes = 64,
  /// Size in lines of 64 bytes, a power of two.
  parameter  int unsigned Lines = 32768,
  /// Read ports, 1 or 2.
  parameter  int unsigned Ports = 1,
  localparam int unsigned Words = Lines * kpu_pkg::line_words(Lanes),
  localparam int unsigned AddrW = kpu_pkg::idx_width(Words),
  localparam int unsigned DataW = Lanes * 8
) (
  input  logic             clk_i,
  // Read port
  input  logic             rd_en_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output logic [DataW-1:0] rd_data_o,
  /// Last byte of the word before.
  output logic [7:0]       rd_left_o,
  /// First byte of the word after.
  output logic [7:0]       rd_right_o,
  // Second read port; with one port zero
  input  logic             side_en_i,
  input  logic [AddrW-1:0] side_addr_i,
  output logic [DataW-1:0] side_data_o,
  // Write port
  input  logic             wr_en_i,
  input  logic [AddrW-1:0] wr_addr_i,
  input  logic [Lanes-1:0] wr_be_i,
  input  logic [DataW-1:0] wr_data_i
);

  if (Lanes != 64 && Lanes != 32 && Lanes != 16 && Lanes != 8) begin : gen_check_lanes
    $error("kpu_ai_ram: Lanes must be 64, 32, 16 or 8");
  end
  if (Lines < 2 || (Lines & (Lines - 1)) != 0) begin : gen_check_lines
    $error("kpu_ai_ram: Lines must be a power of two and at least 2");
  end

  (* no_rw_check *)
  logic [DataW-1:0] mem [Words] /*verilator public_flat_rw*/;
  (* no_rw_check *)
  logic [7:0] first_mem [Words] /*verilator public_flat_rw*/;
  (* no_rw_check *)
  logic [7:0] last_mem [Words] /*verilator public_flat_rw*/;

  logic [DataW-1:0] rd_data_q;
  logic [7:0]       rd_left_q, rd_right_q;

  assign rd_data_o  = rd_data_q;
  assign rd_left_o  = rd_left_q;
  assign rd_right_o = rd_right_q;

  logic [AddrW-1:0] left_addr, right_addr;

  assign left_addr  = rd_addr_i - AddrW'(1);
  assign right_addr = rd_addr_i + AddrW'(1);

  always_ff @(posedge clk_i) begin
    if (rd_en_i) begin
      rd_data_q  <= mem[rd_addr_i];
      rd_left_q  <= last_mem[left_addr];
      rd_right_q <= first_mem[right_addr];
`ifdef KPU_SIM
      if (wr_en_i && wr_addr_i == rd_addr_i)                      rd_data_q  <= ~mem[rd_addr_i];
      if (wr_en_i && wr_addr_i == left_addr && wr_be_i[Lanes-1])  rd_left_q  <= ~last_mem[left_addr];
      if (wr_en_i && wr_addr_i == right_addr && wr_be_i[0])       rd_right_q <= ~first_mem[right_addr];
`endif
    end
  end

  if (Ports == 2) begin : gen_side
    logic [DataW-1:0] side_data_q;

    assign side_data_o = side_data_q;

    always_ff @(posedge clk_i) begin
      if (side_en_i) begin
        side_data_q <= mem[side_addr_i];
`ifdef KPU_SIM
        if (wr_en_i && wr_addr_i == side_addr_i) side_data_q <= ~mem[side_addr_i];
`endif
      end
    end
  end else begin : gen_no_side
    logic unused_side;
    assign unused_side = ^{side_en_i, side_addr_i};
    assign side_data_o = '0;
  end

  // Byte writes, from which all tools infer byte enables. Verilator writes a word at once: bytes one by one cost it time.
  always_ff @(posedge clk_i) begin
    if (wr_en_i) begin : write
`ifdef VERILATOR
      logic [DataW-1:0] merged;
      for (int unsigned b = 0; b < Lanes; b++) begin
        merged[8*b +: 8] = wr_be_i[b] ? wr_data_i[8*b +: 8] : mem[wr_addr_i][8*b +: 8];
      end
      mem[wr_addr_i] <= merged;
`else
      for (int unsigned b = 0; b < Lanes; b++) begin
        if (wr_be_i[b]) mem[wr_addr_i][8*b +: 8] <= wr_data_i[8*b +: 8];
      end
`endif
      if (wr_be_i[0])       first_mem[wr_addr_i] <= wr_data_i[7:0];
      if (wr_be_i[Lanes-1]) last_mem[wr_addr_i]  <= wr_data_i[DataW-1 -: 8];
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_HELD(DataHeld, rd_en_i, {rd_data_o, rd_left_o, rd_right_o})

endmodule
