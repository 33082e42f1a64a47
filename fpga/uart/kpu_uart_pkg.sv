// SPDX-License-Identifier: Apache-2.0

/// Packets of the serial bridge; docs/board.md, "Packets", describes them.
package kpu_uart_pkg;

  // First byte of a request: an operation with its flags.
  localparam logic [7:0] OpRead  = 8'h40;
  localparam logic [7:0] OpWrite = 8'h41;
  localparam logic [7:0] OpState = 8'h48;
  localparam int unsigned FlagFixed = 1;  // bit: all words at the same address
  localparam int unsigned FlagHalf  = 2;  // bit: accesses of 32 bits

  // First byte of an answer: the request's with the top bit set, or what was wrong with it.
  localparam logic [7:0] BadChecksum  = 8'hE1;
  localparam logic [7:0] BadOperation = 8'hE2;

  localparam int unsigned HeaderBytes = 6;    // operation, words minus one, four of address
  localparam int unsigned MaxWords    = 128;  // of one packet

  localparam logic [15:0] CrcStart = 16'hFFFF;

  /// Cyclic redundancy check over one more byte: polynomial 0x1021, most significant bit first.
  function automatic logic [15:0] crc_next(input logic [15:0] crc, input logic [7:0] data);
    crc_next = crc ^ {data, 8'd0};
    for (int unsigned b = 0; b < 8; b++) begin
      crc_next = crc_next[15] ? {crc_next[14:0], 1'b0} ^ 16'h1021 : {crc_next[14:0], 1'b0};
    end
  endfunction

  /// Whether the byte is an operation with flags that go with it.
  function automatic logic is_operation(input logic [7:0] op);
    is_operation = (op & 8'hF8) == OpRead || op == OpState;
  endfunction

endpackage
