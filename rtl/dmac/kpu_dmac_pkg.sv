// SPDX-License-Identifier: Apache-2.0

/// Types shared by the modules of the DMA controller (docs/system.md).
package kpu_dmac_pkg;

  localparam int unsigned ChunkBytesL2 = 7;   // a chunk is at most 128 bytes
  localparam int unsigned ListBytes    = 40;  // of a linked-list item that are read

  /// One piece of a block: bytes that are read and written together. A side that crosses 4 KiB
  /// (only where an item does) is accessed word by word.
  typedef struct packed {
    logic [2:0]  chan;
    logic        list_item;   // for the channel itself, nothing to write
    logic [31:0] src;
    logic [31:0] dst;
    logic [7:0]  bytes;       // 1..128
    logic        src_fixed;   // item by item from one address
    logic        dst_fixed;   // item by item to one address
    logic [1:0]  src_width;   // log2 of bytes per item
    logic [1:0]  dst_width;
  } chunk_t;

  localparam int unsigned ChunkW = 82;  // bits of chunk_t

  /// Interrupt status of a channel.
  localparam int unsigned IntBlockDone    = 0;
  localparam int unsigned IntTransferDone = 1;
  localparam int unsigned IntSrcDecode    = 5;
  localparam int unsigned IntDstDecode    = 6;
  localparam int unsigned IntSrcSlave     = 7;
  localparam int unsigned IntDstSlave     = 8;
  localparam int unsigned IntListDecode   = 9;
  localparam int unsigned IntListSlave    = 11;
  localparam int unsigned IntListInvalid  = 13;
  localparam int unsigned IntDisabled     = 30;
  localparam int unsigned IntAborted      = 31;

  /// Registers of a channel: byte offset / 8.
  localparam logic [4:0] RegSar         = 5'h00;
  localparam logic [4:0] RegDar         = 5'h01;
  localparam logic [4:0] RegBlockTs     = 5'h02;
  localparam logic [4:0] RegCtl         = 5'h03;
  localparam logic [4:0] RegCfg         = 5'h04;
  localparam logic [4:0] RegLlp         = 5'h05;
  localparam logic [4:0] RegStatus      = 5'h06;
  localparam logic [4:0] RegIntStatusEn = 5'h10;
  localparam logic [4:0] RegIntStatus   = 5'h11;
  localparam logic [4:0] RegIntSignalEn = 5'h12;
  localparam logic [4:0] RegIntClear    = 5'h13;

  /// Whether a range of bytes crosses 4 KiB.
  function automatic logic crosses(input logic [11:0] first, input logic [7:0] bytes);
    crosses = {1'b0, first} + 13'(bytes) > 13'd4096;
  endfunction

  /// A register after a write: the bytes that are strobed are new, the others stay.
  function automatic logic [63:0] written(input logic [63:0] old, input logic [63:0] data, input logic [7:0] strobe);
    for (int unsigned b = 0; b < 8; b++) written[8*b +: 8] = strobe[b] ? data[8*b +: 8] : old[8*b +: 8];
  endfunction

endpackage
