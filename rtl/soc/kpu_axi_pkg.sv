// SPDX-License-Identifier: Apache-2.0

/// Payloads of the AXI4 channels between the blocks of the system, and the system's address map
/// (docs/system.md). IDs are separate: on a slave's side they are the number of the master.
package kpu_axi_pkg;

  typedef struct packed {
    logic [31:0] addr;
    logic [7:0]  len;
    logic [2:0]  size;
    logic [1:0]  burst;
  } ax_t;

  typedef struct packed {
    logic [63:0] data;
    logic [7:0]  strb;
    logic        last;
  } w_t;

  typedef struct packed {
    logic [63:0] data;
    logic [1:0]  resp;
    logic        last;
  } r_t;

  localparam int unsigned AxW = 45;  // bits of ax_t
  localparam int unsigned WW  = 73;  // .. w_t
  localparam int unsigned RW  = 67;  // .. r_t
  localparam int unsigned IdW = 2;   // number of a master

  localparam logic [1:0] RespOkay        = 2'b00;
  localparam logic [1:0] RespDecodeError = 2'b11;

  localparam logic [1:0] BurstFixed = 2'b00;
  localparam logic [1:0] BurstIncr  = 2'b01;
  localparam logic [1:0] BurstWrap  = 2'b10;

  /// The worse of two answers.
  function automatic logic [1:0] worse(input logic [1:0] a, input logic [1:0] b);
    worse = (a > b) ? a : b;
  endfunction

  // ---- Masters ----------------------------------------------------------------------------------
  localparam int unsigned Masters    = 3;
  localparam int unsigned MasterCpu  = 0;
  localparam int unsigned MasterDmac = 1;
  localparam int unsigned MasterKpu  = 2;

  // ---- Slaves -----------------------------------------------------------------------------------
  localparam int unsigned Slaves     = 3;
  localparam int unsigned SlaveSram  = 0;
  localparam int unsigned SlaveAiRam = 1;
  localparam int unsigned SlaveRegs  = 2;
  localparam int unsigned SlaveNone  = 3;  // nobody's address

  // ---- Register blocks behind SlaveRegs ---------------------------------------------------------
  localparam int unsigned Blocks      = 3;
  localparam int unsigned BlockKpu    = 0;
  localparam int unsigned BlockDmac   = 1;
  localparam int unsigned BlockSelect = 2;

  localparam logic [19:0] PageKpu    = 20'h40800;  // address / 4096
  localparam logic [19:0] PageDmac   = 20'h50000;
  localparam logic [19:0] PageSelect = 20'h50440;

  /// Pages 0x5xxxx: the chip's other devices, behind the memory port.
  localparam logic [3:0]  PagesOutside = 4'h5;

  /// Whose page it is.
  function automatic logic [1:0] slave_of(input logic [19:0] page);
    slave_of = 2'(SlaveNone);
    // 0x4000_0000 and 0x8000_0000: 6 MiB of SRAM, then 2 MiB of AI RAM
    if (page[19:11] == 9'h080 || page[19:11] == 9'h100) begin
      slave_of = (page[10:9] == 2'b11) ? 2'(SlaveAiRam) : 2'(SlaveSram);
    end
    if (page[19:16] == PagesOutside) slave_of = 2'(SlaveSram);
    if (page == PageKpu || page == PageDmac || page == PageSelect) slave_of = 2'(SlaveRegs);
  endfunction

  /// Which register block a page of SlaveRegs belongs to.
  function automatic logic [1:0] block_of(input logic [19:0] page);
    block_of = (page == PageKpu) ? 2'(BlockKpu) : (page == PageDmac) ? 2'(BlockDmac)
                                                                     : 2'(BlockSelect);
  endfunction

endpackage
