// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Shares the two ports of `kpu_ai_ram` among its users.
///
/// Read port, strongest first: line fetch, output stream, AXI4 slave. Write port: write-back, AXI4
/// slave. A weaker request that has waited `AgeLimit` cycles (the stream's: `StrLimit`) wins once, so nobody starves. A write that
/// was taken is in a register for a cycle and goes to the RAM from there. A read of the word that is
/// written in the same cycle has no meaning, so it waits, and in the next cycle no write is taken: a
/// read that comes after a write was taken gives what was written, two cycles later at most. Words of
/// several lines meet as soon as a line of one may be a line of the other. All readers see the same data buses of the RAM, which hold until the next read:
///
/// * Line fetch: the answer is valid from the cycle after the request on and stays until taken, at
///   one word a cycle. If somebody else reads meanwhile, the word is read again by itself and
///   `conv_rsp_valid_o` is low until it is back. `Prompt` = 1: it is always taken in its first cycle, and never read again.
/// * Output stream and AXI4 slave: `*_rsp_valid_o` in the cycle after the request, for one cycle.
///
/// `Ports` = 2: the line fetch has the first read port alone, the others share the second. `Banks` = n: the RAM is n
/// banks of one port each, the low bits of the address say which; a read waits for a write to its bank as for one to
/// its word. `Gap` = n: a port rests for n cycles after an access.
///
/// docs/architecture.md, section "AI RAM and words".
module kpu_ai_arbiter #(
  /// Bytes of a word.
  parameter int unsigned Lanes    = 64,
  /// Bits of a word address.
  parameter int unsigned AddrW    = 15,
  /// Cycles a weaker request waits at most while stronger ones go on, 1..255.
  parameter int unsigned AgeLimit = 16,
  /// Read ports, 1 or 2.
  parameter int unsigned Ports    = 1,
  /// Banks with one port for reads and writes, a power of two; 0: reads and writes have ports of their own.
  parameter int unsigned Banks    = 0,
  /// Cycles that a port rests after an access, 0..3.
  parameter int unsigned Gap      = 0,
  /// 1: the line fetch takes each word in the cycle in which it comes, so that none is read again.
  parameter int unsigned Prompt   = 0,
  /// AgeLimit of the output stream, 1..255.
  parameter int unsigned StrLimit = AgeLimit
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  /// Drops what line fetch and output stream have asked for.
  input  logic               clear_i,
  // Line fetch
  input  logic               conv_rd_valid_i,
  output logic               conv_rd_ready_o,
  input  logic [AddrW-1:0]   conv_rd_addr_i,
  output logic               conv_rsp_valid_o,
  input  logic               conv_rsp_ready_i,
  // Output stream
  input  logic               str_rd_valid_i,
  output logic               str_rd_ready_o,
  input  logic [AddrW-1:0]   str_rd_addr_i,
  output logic               str_rsp_valid_o,
  // AXI4 slave, reads
  input  logic               axi_rd_valid_i,
  output logic               axi_rd_ready_o,
  input  logic [AddrW-1:0]   axi_rd_addr_i,
  output logic               axi_rsp_valid_o,
  // Write-back
  input  logic               wb_wr_valid_i,
  output logic               wb_wr_ready_o,
  input  logic [AddrW-1:0]   wb_wr_addr_i,
  input  logic [Lanes-1:0]   wb_wr_be_i,
  input  logic [Lanes*8-1:0] wb_wr_data_i,
  // AXI4 slave, writes
  input  logic               axi_wr_valid_i,
  output logic               axi_wr_ready_o,
  input  logic [AddrW-1:0]   axi_wr_addr_i,
  input  logic [Lanes-1:0]   axi_wr_be_i,
  input  logic [Lanes*8-1:0] axi_wr_data_i,
  // RAM
  output logic               ram_rd_en_o,
  output logic [AddrW-1:0]   ram_rd_addr_o,
  // .. second read port, with Ports = 2
  output logic               ram_side_en_o,
  output logic [AddrW-1:0]   ram_side_addr_o,
  output logic               ram_wr_en_o,
  output logic [AddrW-1:0]   ram_wr_addr_o,
  output logic [Lanes-1:0]   ram_wr_be_o,
  output logic [Lanes*8-1:0] ram_wr_data_o
);

  // A limit above Gap: of two that are old at a port that rests, each has its turn.
  if (AgeLimit <= Gap || AgeLimit > 255 || StrLimit <= Gap || StrLimit > 255 || StrLimit < 1) begin : gen_check_age
    $error("kpu_ai_arbiter: AgeLimit and StrLimit must be above Gap, 1..255");
  end
  if ((Ports != 1 && Ports != 2) || (Banks & (Banks - 1)) != 0 || (Ports == 2 && Banks != 0) || Gap > 3) begin : gen_check_ram
    $error("kpu_ai_arbiter: Ports must be 1 or 2, Banks 0 or a power of two, 0 with two ports, Gap at most 3");
  end

  // Lines of a word: words meet in less than so many of them.
  localparam int unsigned Span = kpu_pkg::word_lines(Lanes);
  // Bits of an address that a read and a write must differ in to be made in the same cycle.
  localparam logic [AddrW-1:0] Apart = (Banks == 0) ? {AddrW{1'b1}} : AddrW'(Banks - 1);

  function automatic logic same_word(input logic [AddrW-1:0] written, input logic [AddrW-1:0] read);
    logic [AddrW-1:0] lines;
    lines     = read - written + AddrW'(Span - 1);
    same_word = (Span == 1) ? ((written ^ read) & Apart) == '0 : lines < AddrW'(2 * Span - 1);
  endfunction

  // ---- Rest after an access ---------------------------------------------------------------------
  logic rd_rests, side_rests, wr_rests;   // side: the read port of output stream and AXI4 slave
  logic wr_take;

  if (Gap == 0) begin : gen_no_rest
    assign rd_rests   = 1'b0;
    assign side_rests = 1'b0;
    assign wr_rests   = 1'b0;
  end else begin : gen_rest
    logic [1:0] rd_rest_q, side_rest_q, wr_rest_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        rd_rest_q   <= '0;
        side_rest_q <= '0;
        wr_rest_q   <= '0;
      end else begin
        if (ram_rd_en_o)         rd_rest_q <= 2'(Gap);
        else if (rd_rests)       rd_rest_q <= rd_rest_q - 2'd1;
        if (ram_side_en_o)       side_rest_q <= 2'(Gap);
        else if (|side_rest_q)   side_rest_q <= side_rest_q - 2'd1;
        if (wr_take)             wr_rest_q <= 2'(Gap);
        else if (wr_rests)       wr_rest_q <= wr_rest_q - 2'd1;
      end
    end

    assign rd_rests   = |rd_rest_q;
    assign side_rests = (Ports == 2) ? |side_rest_q : rd_rests;
    assign wr_rests   = |wr_rest_q;
  end

  // ---- Read ports -------------------------------------------------------------------------------
  logic [7:0]       str_age_d, str_age_q, axi_rd_age_d, axi_rd_age_q;
  logic             str_aged_q, axi_rd_aged_q;   // registers: paths through every unit begin here
  logic             conv_pend_q;   // a word was asked for and is not yet taken
  logic             conv_here_q;   // and the RAM's output holds it
  logic [AddrW-1:0] conv_addr_q;
  logic             str_rsp_q, axi_rsp_q;
  logic             conv_taken, conv_again, conv_want, conv_yields, conv_first;
  logic             conv_sel, str_sel, axi_rd_sel;         // whose turn it is
  logic             conv_meets, str_meets, axi_rd_meets;   // it would read the word that is written
  logic             conv_gnt, str_gnt, axi_rd_gnt;
  logic             meets, met_q;                          // met_q: no write is taken in this cycle
  logic [AddrW-1:0] conv_addr;

  assign str_age_d    = (!str_rd_valid_i || str_gnt) ? '0 : str_aged_q ? str_age_q : str_age_q + 8'd1;
  assign axi_rd_age_d = (!axi_rd_valid_i || axi_rd_gnt) ? '0 : axi_rd_aged_q ? axi_rd_age_q : axi_rd_age_q + 8'd1;

  if (Prompt != 0) begin : gen_prompt
    logic unused_here;
    assign conv_rsp_valid_o = conv_pend_q;
    assign conv_taken       = conv_pend_q;
    assign conv_again       = 1'b0;
    assign unused_here      = ^{conv_here_q, conv_rsp_ready_i, conv_addr_q};
  end else begin : gen_wait
    assign conv_rsp_valid_o = conv_pend_q && conv_here_q;
    assign conv_taken       = conv_rsp_valid_o && conv_rsp_ready_i;
    assign conv_again       = conv_pend_q && !conv_here_q;
  end
  assign conv_want        = conv_again || (conv_rd_valid_i && (!conv_pend_q || conv_taken));

  assign conv_yields = Ports == 1 && (str_aged_q || axi_rd_aged_q);
  assign conv_first  = Ports == 1 && conv_want;

  assign str_sel    = str_rd_valid_i && !(axi_rd_aged_q && !str_aged_q) && (str_aged_q || !conv_first) && !side_rests;
  assign axi_rd_sel = axi_rd_valid_i && !str_sel && (axi_rd_aged_q || !conv_first) && !side_rests;
  assign conv_sel   = conv_want && !conv_yields && !rd_rests;

  assign conv_addr    = conv_again ? conv_addr_q : conv_rd_addr_i;
  assign conv_meets   = ram_wr_en_o && same_word(ram_wr_addr_o, conv_addr);      // registers on both sides
  assign str_meets    = ram_wr_en_o && same_word(ram_wr_addr_o, str_rd_addr_i);
  assign axi_rd_meets = ram_wr_en_o && same_word(ram_wr_addr_o, axi_rd_addr_i);
  assign meets        = (conv_sel && conv_meets) || (str_sel && str_meets) || (axi_rd_sel && axi_rd_meets);

  assign conv_gnt   = conv_sel && !conv_meets;
  assign str_gnt    = str_sel && !str_meets;
  assign axi_rd_gnt = axi_rd_sel && !axi_rd_meets;

  assign conv_rd_ready_o = (!conv_pend_q || conv_taken) && !conv_yields && !conv_meets && !rd_rests;
  assign str_rd_ready_o  = str_gnt;
  assign axi_rd_ready_o  = axi_rd_gnt;
  assign str_rsp_valid_o = str_rsp_q;
  assign axi_rsp_valid_o = axi_rsp_q;

  logic             side_en;
  logic [AddrW-1:0] side_addr;

  assign side_en   = str_gnt || axi_rd_gnt;
  assign side_addr = str_gnt ? str_rd_addr_i : axi_rd_addr_i;

  if (Ports == 2) begin : gen_two
    assign ram_rd_en_o     = conv_gnt;
    assign ram_rd_addr_o   = conv_addr;
    assign ram_side_en_o   = side_en;
    assign ram_side_addr_o = side_addr;
  end else begin : gen_one
    assign ram_rd_en_o     = conv_gnt || side_en;
    assign ram_rd_addr_o   = side_en ? side_addr : conv_addr;
    assign ram_side_en_o   = 1'b0;
    assign ram_side_addr_o = '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      conv_pend_q   <= 1'b0;
      conv_here_q   <= 1'b0;
      str_rsp_q     <= 1'b0;
      axi_rsp_q     <= 1'b0;
      str_age_q     <= '0;
      axi_rd_age_q  <= '0;
      str_aged_q    <= 1'b0;
      axi_rd_aged_q <= 1'b0;
      met_q         <= 1'b0;
    end else begin
      met_q <= meets;
      if (conv_gnt) begin
        conv_pend_q <= 1'b1;
        conv_here_q <= 1'b1;
      end else begin
        if (conv_taken) conv_pend_q <= 1'b0;
        if (ram_rd_en_o) conv_here_q <= 1'b0;
      end
      str_rsp_q     <= str_gnt;
      axi_rsp_q     <= axi_rd_gnt;
      str_age_q     <= str_age_d;
      axi_rd_age_q  <= axi_rd_age_d;
      str_aged_q    <= str_age_d == 8'(StrLimit);
      axi_rd_aged_q <= axi_rd_age_d == 8'(AgeLimit);
      if (clear_i) begin
        conv_pend_q <= 1'b0;
        str_rsp_q   <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (conv_gnt && !conv_again) conv_addr_q <= conv_rd_addr_i;
  end

  // ---- Write port -------------------------------------------------------------------------------
  logic [7:0] axi_wr_age_d, axi_wr_age_q;
  logic       axi_wr_aged_q, axi_wr_sel, wr_open;

  assign axi_wr_sel     = axi_wr_aged_q || !wb_wr_valid_i;
  assign wr_open        = !met_q && !wr_rests;
  assign wb_wr_ready_o  = !axi_wr_aged_q && wr_open;
  assign axi_wr_ready_o = axi_wr_sel && wr_open;

  assign axi_wr_age_d  = (!axi_wr_valid_i || axi_wr_ready_o) ? '0 : axi_wr_aged_q ? axi_wr_age_q : axi_wr_age_q + 8'd1;

  assign wr_take = wr_open && (axi_wr_sel ? axi_wr_valid_i : wb_wr_valid_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      axi_wr_age_q  <= '0;
      axi_wr_aged_q <= 1'b0;
      ram_wr_en_o   <= 1'b0;
    end else begin
      axi_wr_age_q  <= axi_wr_age_d;
      axi_wr_aged_q <= axi_wr_age_d == 8'(AgeLimit);
      ram_wr_en_o   <= wr_take;
    end
  end

  always_ff @(posedge clk_i) begin
    if (wr_take) begin
      ram_wr_addr_o <= axi_wr_sel ? axi_wr_addr_i : wb_wr_addr_i;
      ram_wr_be_o   <= axi_wr_sel ? axi_wr_be_i   : wb_wr_be_i;
      ram_wr_data_o <= axi_wr_sel ? axi_wr_data_i : wb_wr_data_i;
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(OneReader, {1'b0, conv_gnt} + {1'b0, str_gnt} + {1'b0, axi_rd_gnt} <= 2'(Ports))
  `ASSERT(NeverTheWordWritten, !(ram_rd_en_o && ram_wr_en_o && same_word(ram_wr_addr_o, ram_rd_addr_o)))
  `ASSERT(NorOnTheSide, !(ram_side_en_o && ram_wr_en_o && ram_side_addr_o == ram_wr_addr_o))
  `ASSERT(ConvTaken, Prompt == 0 || !conv_rsp_valid_o || conv_rsp_ready_i)
  `ASSERT_NEXT(ConvAnswered, conv_gnt && !clear_i, conv_rsp_valid_o)
  `ASSERT_NEXT(ConvKept, conv_pend_q && !conv_taken && !clear_i, conv_pend_q)
  `ASSERT_KEPT(ConvRequestHeld, conv_rd_valid_i && !conv_rd_ready_o && !clear_i,
               conv_rd_valid_i, conv_rd_addr_i, clear_i)
  `ASSERT_KEPT(StrRequestHeld, str_rd_valid_i && !str_rd_ready_o && !clear_i,
               str_rd_valid_i, str_rd_addr_i, clear_i)
  `ASSERT_KEPT(AxiRequestHeld, axi_rd_valid_i && !axi_rd_ready_o, axi_rd_valid_i, axi_rd_addr_i)
  `ASSERT(NobodyStarves, str_age_q <= 8'(StrLimit) && axi_rd_age_q <= 8'(AgeLimit))

endmodule
