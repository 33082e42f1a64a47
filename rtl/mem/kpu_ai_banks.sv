// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// AI RAM for words of several lines: a bank for each line of a word, by the low bits of the line address, so that a word
/// that begins at any line is one access.
///
/// Addresses are those of lines. A word is the line at its address and those that follow, wrapping around at the end of the
/// memory; line i of it is byte 64 * i and on. Ports, latency and what a read gives of a word or neighbour that is written in
/// the same cycle are those of kpu_ai_ram. Behind the banks' output registers is a rotation by lines.
/// docs/architecture.md, section "Wider than a line".
module kpu_ai_banks #(
  /// Bytes of a word: 128 or 256.
  parameter  int unsigned Lanes = 128,
  /// Size in lines of 64 bytes, a power of two, at least two words.
  parameter  int unsigned Lines = 32768,
  localparam int unsigned AddrW = kpu_pkg::idx_width(Lines),
  localparam int unsigned DataW = Lanes * 8
) (
  input  logic             clk_i,
  // Read port
  input  logic             rd_en_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output logic [DataW-1:0] rd_data_o,
  /// Last byte of the line before the word.
  output logic [7:0]       rd_left_o,
  /// First byte of the line after the word.
  output logic [7:0]       rd_right_o,
  // Write port
  input  logic             wr_en_i,
  input  logic [AddrW-1:0] wr_addr_i,
  input  logic [Lanes-1:0] wr_be_i,
  input  logic [DataW-1:0] wr_data_i
);

  localparam int unsigned LineBytes = kpu_pkg::LineBytes;
  localparam int unsigned LineW     = LineBytes * 8;
  localparam int unsigned Banks     = kpu_pkg::word_lines(Lanes);
  localparam int unsigned BankW     = $clog2(Banks);
  localparam int unsigned RowW      = AddrW - BankW;

  if (Lanes != 128 && Lanes != 256) begin : gen_check_lanes
    $error("kpu_ai_banks: Lanes must be 128 or 256");
  end
  if (Lines < 2 * Banks || (Lines & (Lines - 1)) != 0) begin : gen_check_lines
    $error("kpu_ai_banks: Lines must be a power of two, two words or more");
  end

  logic [BankW-1:0]   rd_first, wr_first;   // bank of the word's first line
  logic [BankW-1:0]   rd_first_q;
  logic [DataW-1:0]   bank_data;            // bank b's line at [b*LineW +: LineW]
  logic [Banks*8-1:0] bank_left, bank_right;

  assign rd_first = rd_addr_i[BankW-1:0];
  assign wr_first = wr_addr_i[BankW-1:0];

  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_first_q <= rd_first;
  end

  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    logic [RowW-1:0]      rd_row, wr_row;
    logic [BankW-1:0]     wr_line;          // the word's line that the bank takes
    logic [LineBytes-1:0] wr_be;
    logic [LineW-1:0]     wr_data;
    logic [LineW-1:0]     unused_side;

    // The bank's line of the word is the first that is not before the word: in banks before that of its first line, a row down.
    assign rd_row  = RowW'((rd_addr_i + AddrW'(Banks - 1 - b)) >> BankW);
    assign wr_row  = RowW'((wr_addr_i + AddrW'(Banks - 1 - b)) >> BankW);
    assign wr_line = BankW'(b) - wr_first;
    assign wr_be   = wr_be_i[32'(wr_line)*LineBytes +: LineBytes];
    assign wr_data = wr_data_i[32'(wr_line)*LineW +: LineW];

    kpu_ai_ram #(.Lanes(LineBytes), .Lines(Lines / Banks)) u_ram (
      .clk_i,
      .rd_en_i,
      .rd_addr_i   (rd_row),
      .rd_data_o   (bank_data[b*LineW +: LineW]),
      .rd_left_o   (bank_left[b*8 +: 8]),
      .rd_right_o  (bank_right[b*8 +: 8]),
      .side_en_i   (1'b0),
      .side_addr_i ('0),
      .side_data_o (unused_side),
      .wr_en_i     (wr_en_i && wr_be != '0),
      .wr_addr_i   (wr_row),
      .wr_be_i     (wr_be),
      .wr_data_i   (wr_data)
    );
  end

  // The line before the word is in the bank of its last line, a row up; the one after in the bank of its first, a row down.
  for (genvar i = 0; i < Banks; i++) begin : gen_line
    assign rd_data_o[i*LineW +: LineW] = bank_data[32'(BankW'(rd_first_q + BankW'(i)))*LineW +: LineW];
  end
  assign rd_left_o  = bank_left[32'(BankW'(rd_first_q - BankW'(1)))*8 +: 8];
  assign rd_right_o = bank_right[32'(rd_first_q)*8 +: 8];

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_HELD(DataHeld, rd_en_i, {rd_data_o, rd_left_o, rd_right_o})

endmodule
