// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Activation table of the next layer: loaded while a layer computes, then handed to all lanes entry by entry.
///
/// Words arrive in the order of memory: 16 segments {x_start, y_mul, shift}, then the 16 bytes of bias in two
/// words. want_i says that the layer that starts needs this table. As soon as it is complete its entries leave,
/// from the last one to the first, one a cycle; 21 cycles in all. On the way each entry gets its key, the
/// minimum of its x_start and those of all later entries. docs/architecture.md, "Post-processing, pooling,
/// write-back".
module kpu_act_table (
  input  logic                clk_i,
  input  logic                rst_ni,
  /// Gives up the layer that wants the table and the table.
  input  logic                clear_i,
  /// Gives up the table; its words may have come or not.
  input  logic                drop_i,
  // Words of the table
  input  logic                wr_en_i,
  input  logic [4:0]          wr_idx_i,
  input  logic [63:0]         wr_data_i,
  /// A table is complete and has not left: no words of another one.
  output logic                full_o,
  // To the lanes
  input  logic                want_i,
  /// Low from the cycle after want_i until a line may enter kpu_post: the entries still to come are there
  /// before it arrives at the activation.
  output logic                ready_o,
  output logic                entry_valid_o,
  output kpu_pkg::act_entry_t entry_o
);

  // Each word of bias lies above the eight segments it belongs to, so that one count from 17 to 0 reads
  // them in the right order.
  localparam logic [4:0] WordTop  = 5'(kpu_pkg::ActWords - 1);
  localparam logic [4:0] WordLow  = 5'(kpu_pkg::ActSegments / 2);
  // Reads that may be left when a line enters kpu_post: they are in the lanes when it needs them.
  localparam int unsigned ReadToLane = 4;
  localparam logic [4:0] EarlyEnd    = 5'(kpu_pkg::PostActStage - ReadToLane);

  typedef enum logic [1:0] {StIdle, StWait, StSend} state_e;

  state_e     state_d, state_q;
  logic       full_d, full_q, last_word;
  logic [4:0] rd_idx_d, rd_idx_q;  // word that is read
  logic [4:0] sent_idx_q;          // .. that was read in the cycle before
  logic       send;

  assign last_word = wr_en_i && wr_idx_i == WordTop;
  assign send      = state_q == StSend;
  assign rd_idx_d  = send ? rd_idx_q - 5'd1 : WordTop;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      // Waiting for a layer that needs the table.
      StIdle: if (want_i) state_d = full_q ? StSend : StWait;
      // Waiting for the table's last word.
      StWait: if (full_q) state_d = StSend;
      // Eighteen cycles: a word is read.
      StSend: if (rd_idx_q == '0) state_d = StIdle;
      default: state_d = StIdle;
    endcase
    if (clear_i) state_d = StIdle;

    full_d = full_q || last_word;
    if (state_d == StSend) full_d = 1'b0;
    if (clear_i || drop_i) full_d = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      full_q  <= 1'b0;
      full_o  <= 1'b0;
      ready_o <= 1'b1;
    end else begin
      state_q <= state_d;
      full_q  <= full_d;
      full_o  <= full_d || state_d == StSend;
      ready_o <= state_d == StIdle || (send && rd_idx_d <= EarlyEnd);
    end
  end

  // ---- Words -------------------------------------------------------------------------------------
  logic [4:0]  wr_addr;
  logic [63:0] rd_word;

  always_comb begin
    wr_addr = wr_idx_i;
    if (wr_idx_i >= WordLow) wr_addr = wr_idx_i + 5'd1;
    if (wr_idx_i == WordTop - 5'd1) wr_addr = WordLow;
    if (wr_idx_i == WordTop) wr_addr = WordTop;
  end

  kpu_ram_1r1w #(.Width(64), .Depth(kpu_pkg::ActWords)) u_words (
    .clk_i,
    .rd_en_i   (send),
    .rd_addr_i (rd_idx_q),
    .rd_data_o (rd_word),
    .wr_en_i,
    .wr_addr_i (wr_addr),
    .wr_data_i
  );

  always_ff @(posedge clk_i) begin
    rd_idx_q   <= rd_idx_d;
    sent_idx_q <= rd_idx_q;
  end

  // ---- Entries, two cycles after their word was read: the memory alone takes half of one ---------
  localparam int unsigned StartW = kpu_pkg::ConvW;

  logic              sent_q, word_valid_q, entry_valid_q;
  logic [4:0]        word_idx_q;
  logic              is_bias;
  logic [63:0]       word_q;
  logic [63:0]       bias_q;       // the next entry's at 63:56
  logic [StartW-1:0] start, key;
  logic              unused_word;

  assign is_bias     = word_idx_q == WordTop || word_idx_q == WordLow;
  assign start       = word_q[24 +: StartW];
  assign unused_word = ^word_q[63:60];

  // entry_o.key is the minimum of the entries before.
  always_comb begin
    key = start;
    if (word_idx_q != WordTop - 5'd1 && signed'(entry_o.key) < signed'(start)) key = entry_o.key;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sent_q        <= 1'b0;
      word_valid_q  <= 1'b0;
      entry_valid_q <= 1'b0;
    end else begin
      sent_q        <= send && !clear_i;
      word_valid_q  <= sent_q && !clear_i;
      entry_valid_q <= word_valid_q && !is_bias && !clear_i;
    end
  end

  always_ff @(posedge clk_i) begin
    word_q     <= rd_word;
    word_idx_q <= sent_idx_q;
    if (word_valid_q) bias_q <= is_bias ? word_q : bias_q << 8;
    if (word_valid_q && !is_bias) begin
      entry_o.idx     <= 4'((word_idx_q > WordLow) ? word_idx_q - 5'd1 : word_idx_q);
      entry_o.key     <= key;
      entry_o.x_start <= start;
      entry_o.y_mul   <= word_q[8 +: 16];
      entry_o.shift   <= word_q[7:0];
      entry_o.bias    <= bias_q[63:56];
    end
  end

  assign entry_valid_o = entry_valid_q;

  // ---- Assertions --------------------------------------------------------------------------------
  if (kpu_pkg::PostActStage < ReadToLane) begin : gen_check_early
    $error("kpu_act_table: a line would be at the activation before the last entry");
  end
  `ASSERT(EntryInTime, !entry_valid_o || $past(send, ReadToLane - 1))
  `ASSERT(IdxInRange, !wr_en_i || 32'(wr_idx_i) < kpu_pkg::ActWords)
  `ASSERT(NotOverwritten, !wr_en_i || !full_o)
  `ASSERT(WantWhenIdle, !want_i || state_q == StIdle)

endmodule
