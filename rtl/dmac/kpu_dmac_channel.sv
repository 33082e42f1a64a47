// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// One channel of the DMA controller: its registers, and the state machine that cuts its block into
/// chunks for the shared engine. docs/system.md, section "DMA controller".
///
/// A chunk is planned in one cycle and offered in the next ones, while the engine still works on
/// those before it; as long as the next chunk is like the one before, a chunk is offered every cycle.
module kpu_dmac_channel #(
  /// Number of this channel, goes with every chunk.
  parameter int unsigned Index = 0
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  /// Registers to their reset values; the engine must be idle.
  input  logic                 soft_reset_i,
  // Registers
  input  logic                 wr_i,
  input  logic [4:0]           wr_addr_i,
  input  logic [7:0]           wr_strobe_i,
  input  logic [63:0]          wr_data_i,      // zero where not strobed
  input  logic [4:0]           rd_addr_i,
  output logic [63:0]          rd_data_o,
  // Control: the channel-enable register
  input  logic                 enable_i,       // pulse
  input  logic                 disable_i,      // pulse
  input  logic                 abort_i,        // pulse
  input  logic                 suspend_i,      // level
  input  logic                 dmac_en_i,      // level
  output logic                 en_o,
  // Handshake of a peripheral source: items it holds; its stream is over
  input  logic [7:0]           hs_items_i,
  input  logic                 hs_end_i,
  // Chunks
  output logic                 chunk_valid_o,
  input  logic                 chunk_ready_i,
  output kpu_dmac_pkg::chunk_t chunk_o,
  // From the engine, about this channel's chunks
  input  logic                 beat_i,         // an item or word has arrived
  input  logic                 chunk_done_i,   // a chunk is written and answered
  input  logic [1:0]           src_err_i,      // {slave, decode} error of a read
  input  logic [1:0]           dst_err_i,      // .. of a write
  input  logic                 list_valid_i,   // word list_idx_i of a linked-list item
  input  logic [2:0]           list_idx_i,
  input  logic [63:0]          list_data_i,
  output logic                 irq_o
);

  // ---- Fields -----------------------------------------------------------------------------------
  logic [31:0] sar_q, dar_q;
  logic [21:0] block_ts_q;
  logic [63:0] ctl_q, cfg_q, llp_q;
  logic [1:0]  src_width, dst_width;
  logic        src_fixed, dst_fixed, list_mode, handshake;

  // Items wider than the bus move as the bus is wide.
  assign src_width = (ctl_q[10:8]  > 3'd3) ? 2'd3 : ctl_q[9:8];
  assign dst_width = (ctl_q[13:11] > 3'd3) ? 2'd3 : ctl_q[12:11];
  assign src_fixed = ctl_q[4];
  assign dst_fixed = ctl_q[6];
  assign list_mode = cfg_q[1:0] == 2'd3 || cfg_q[3:2] == 2'd3;
  assign handshake = cfg_q[33] && !cfg_q[35];  // flow from a peripheral, in hardware

  // ---- State ------------------------------------------------------------------------------------
  typedef enum logic [2:0] {ChIdle, ChList, ChListWait, ChBlock, ChPlan, ChOffer, ChDrain} state_e;

  state_e      state_d, state_q;
  logic        en_q, stop_q, failed_q;     // stop_q: disabled or aborted while running
  logic        aborted_q;
  logic [31:0] src_q, dst_q;               // of the next chunk
  logic [24:0] left_q;                     // bytes of the block not yet asked for
  logic [7:0]  bytes_q;                    // of the chunk that is offered
  logic [3:0]  chunks_q;                   // asked for and not done
  logic [7:0]  items_q;                    // asked for and not arrived
  logic [7:0]  items_asked;                // .. with the chunk that is taken now
  logic        offer_fire, list_done, list_good, ending;
  logic        again;                      // the next chunk is like the one that is offered

  assign en_o        = en_q;
  assign offer_fire  = chunk_valid_o && chunk_ready_i;
  assign list_done   = list_valid_i && list_idx_i == 3'd4;
  assign list_good   = list_data_i[63] && !failed_q && src_err_i == '0;  // the last word is ctl
  assign ending      = stop_q || failed_q;
  assign items_asked = (offer_fire && state_q == ChOffer && handshake) ? bytes_q >> src_width : '0;

  assign chunk_valid_o = state_q == ChList || state_q == ChOffer;
  always_comb begin
    chunk_o           = '0;
    chunk_o.chan      = 3'(Index);
    chunk_o.list_item = state_q == ChList;
    chunk_o.src       = chunk_o.list_item ? {llp_q[31:6], 6'd0} : src_q;
    chunk_o.dst       = dst_q;
    chunk_o.bytes     = chunk_o.list_item ? 8'(kpu_dmac_pkg::ListBytes) : bytes_q;
    chunk_o.src_fixed = src_fixed && !chunk_o.list_item;
    chunk_o.dst_fixed = dst_fixed;
    chunk_o.src_width = src_width;
    chunk_o.dst_width = dst_width;
  end

  // ---- Size of the next chunk -------------------------------------------------------------------
  logic [3:0]  src_l2, dst_l2, burst_l2, limit_l2;   // log2 of bytes
  logic [12:0] src_room, dst_room;                   // bytes to the next 4 KiB
  logic [7:0]  avail, bytes, item, full;
  logic [10:0] avail_bytes;
  logic        one_more;

  // Codes of a burst length: 1, 4, 8, 16, 32, ... items.
  assign src_l2   = 4'(src_width) + ((ctl_q[17:14] == 4'd0) ? 4'd0 :
                                     (ctl_q[17:14] > 4'd6)  ? 4'd7 : ctl_q[17:14] + 4'd1);
  assign dst_l2   = 4'(dst_width) + ((ctl_q[21:18] == 4'd0) ? 4'd0 :
                                     (ctl_q[21:18] > 4'd6)  ? 4'd7 : ctl_q[21:18] + 4'd1);
  assign burst_l2 = (src_l2 < dst_l2) ? src_l2 : dst_l2;
  // At least one item of either side.
  always_comb begin
    limit_l2 = (burst_l2 > 4'(kpu_dmac_pkg::ChunkBytesL2)) ? 4'(kpu_dmac_pkg::ChunkBytesL2)
                                                           : burst_l2;
    if (src_fixed && limit_l2 > 4'(src_width) + 4'd4) limit_l2 = 4'(src_width) + 4'd4;
    if (limit_l2 < 4'(src_width)) limit_l2 = 4'(src_width);
    if (limit_l2 < 4'(dst_width)) limit_l2 = 4'(dst_width);
  end
  assign full = 8'd1 << limit_l2[2:0];
  // A fixed side moves whole items only.
  always_comb begin
    item = 8'd1;
    if (src_fixed) item = 8'd1 << src_width;
    if (dst_fixed && item < 8'd1 << dst_width) item = 8'd1 << dst_width;
  end
  assign src_room    = 13'd4096 - {1'b0, src_q[11:0]};
  assign dst_room    = 13'd4096 - {1'b0, dst_q[11:0]};
  assign avail       = (hs_items_i > items_q) ? hs_items_i - items_q : '0;
  // Drivers ask for one word more than a stream has. A block's only item is never that one: the end is then
  // the end of an earlier stream.
  assign one_more    = hs_end_i && items_q == '0 && left_q == 25'd1 << src_width && block_ts_q != '0;
  assign avail_bytes = (avail == '0 && one_more) ? 11'd1 << src_width : 11'(avail) << src_width;
  always_comb begin
    bytes = full;
    if (25'(bytes) > left_q) bytes = left_q[7:0];
    if (!src_fixed && 13'(bytes) > src_room) bytes = src_room[7:0];
    if (!dst_fixed && 13'(bytes) > dst_room) bytes = dst_room[7:0];
    bytes = bytes & ~(item - 8'd1);
    if (bytes == '0) bytes = (25'(item) > left_q) ? left_q[7:0] : item;
    // Beats are counted as items: of an incrementing source, whose words hold several, one at a time.
    if (handshake && !src_fixed) bytes = 8'd1 << src_width;
    if (handshake && 11'(bytes) > avail_bytes) bytes = avail_bytes[7:0];
  end

  // A full chunk at a multiple of its size, of which the block and the peripheral have another one: that needs no
  // planning, so that blocks of single items, as drivers ask for, move an item a cycle.
  logic [6:0]  moving;           // low address bits of the sides that move
  assign moving = (src_fixed ? '0 : src_q[6:0]) | (dst_fixed ? '0 : dst_q[6:0]);
  assign again  = bytes_q == full && left_q >= {16'd0, full, 1'b0} && (moving & 7'(full - 8'd1)) == '0 &&
                  (!handshake || avail_bytes >= {2'd0, full, 1'b0}) && !ending && !suspend_i && chunks_q < 4'd14;

  always_comb begin
    state_d = state_q;
    case (state_q)
      // Waiting to be enabled.
      ChIdle: if (en_q && dmac_en_i) state_d = list_mode ? ChList : ChBlock;
      // The item of the linked list is asked for.
      ChList: if (offer_fire) state_d = ChListWait;
      // .. and waited for.
      ChListWait: if (list_done) state_d = list_good ? ChBlock : ChDrain;
      // Working addresses are loaded.
      ChBlock: state_d = ChPlan;
      // The next chunk is sized, when there is something to move.
      ChPlan: begin
        if (ending || left_q == '0)                                state_d = ChDrain;
        else if (bytes != '0 && !suspend_i && chunks_q != '1) state_d = ChOffer;
      end
      // The engine takes it, and further ones like it.
      ChOffer: if (offer_fire && !again) state_d = ChPlan;
      // Everything asked for is done; then the next item of a list, or the end.
      ChDrain: begin
        if (chunks_q == '0) state_d = (ending || !list_mode || ctl_q[62]) ? ChIdle : ChList;
      end
      default: state_d = ChIdle;
    endcase
    if (ending && state_q == ChBlock) state_d = ChDrain;
  end

  logic block_done, finished;
  assign block_done = state_q == ChDrain && chunks_q == '0 && !ending;
  assign finished   = state_q == ChDrain && state_d == ChIdle;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= ChIdle;
      en_q      <= 1'b0;
      stop_q    <= 1'b0;
      aborted_q <= 1'b0;
      failed_q  <= 1'b0;
      chunks_q  <= '0;
      items_q   <= '0;
    end else begin
      state_q <= state_d;
      if (enable_i) en_q <= 1'b1;
      if (finished || (state_q == ChIdle && (disable_i || abort_i || !dmac_en_i))) en_q <= 1'b0;
      stop_q    <= state_q != ChIdle && !finished && (stop_q || disable_i || abort_i || !dmac_en_i);
      aborted_q <= state_q != ChIdle && !finished && (aborted_q || abort_i);
      failed_q  <= !finished && (failed_q || src_err_i != '0 || dst_err_i != '0 ||
                                 (list_done && !list_good));
      if (offer_fire != chunk_done_i) chunks_q <= offer_fire ? chunks_q + 4'd1 : chunks_q - 4'd1;
      items_q <= items_q + items_asked - ((beat_i && items_q != '0) ? 8'd1 : 8'd0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == ChBlock) begin
      // A fixed address is that of an item.
      src_q  <= src_fixed ? (sar_q >> src_width) << src_width : sar_q;
      dst_q  <= dst_fixed ? (dar_q >> dst_width) << dst_width : dar_q;
      left_q <= (25'(block_ts_q) + 25'd1) << src_width;
    end else if (offer_fire && state_q == ChOffer) begin
      if (!src_fixed) src_q <= src_q + 32'(bytes_q);
      if (!dst_fixed) dst_q <= dst_q + 32'(bytes_q);
      left_q <= left_q - 25'(bytes_q);
    end
    if (state_q == ChPlan) bytes_q <= bytes;
  end

  // ---- Registers --------------------------------------------------------------------------------
  logic        wr_block;      // registers of the block change only while the channel is off
  logic [31:0] int_en_q, int_status_q, int_signal_q, int_set, int_clear;
  logic [21:0] completed;
  logic        counting_q;    // left_q belongs to the block that the registers say

  assign wr_block  = wr_i && !en_q;
  assign int_clear = (wr_i && wr_addr_i == kpu_dmac_pkg::RegIntClear) ? wr_data_i[31:0] : '0;
  assign completed = counting_q ? 22'((((25'(block_ts_q) + 25'd1) << src_width) - left_q) >> src_width) : '0;

  always_comb begin
    int_set = '0;
    int_set[kpu_dmac_pkg::IntBlockDone]    = block_done;
    int_set[kpu_dmac_pkg::IntTransferDone] = finished && !ending;
    int_set[kpu_dmac_pkg::IntSrcDecode]    = src_err_i[0] && !list_valid_i;
    int_set[kpu_dmac_pkg::IntSrcSlave]     = src_err_i[1] && !list_valid_i;
    int_set[kpu_dmac_pkg::IntListDecode]   = src_err_i[0] && list_valid_i;
    int_set[kpu_dmac_pkg::IntListSlave]    = src_err_i[1] && list_valid_i;
    int_set[kpu_dmac_pkg::IntDstDecode]    = dst_err_i[0];
    int_set[kpu_dmac_pkg::IntDstSlave]     = dst_err_i[1];
    int_set[kpu_dmac_pkg::IntListInvalid]  = list_done && !list_data_i[63];
    int_set[kpu_dmac_pkg::IntDisabled]     = finished && stop_q && !aborted_q;
    int_set[kpu_dmac_pkg::IntAborted]      = finished && aborted_q;
  end

  assign irq_o = (int_status_q & int_signal_q) != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                                                       counting_q <= 1'b0;
    else if (soft_reset_i || list_valid_i)                             counting_q <= 1'b0;
    else if (wr_block && wr_addr_i == kpu_dmac_pkg::RegBlockTs)        counting_q <= 1'b0;
    else if (wr_block && wr_addr_i == kpu_dmac_pkg::RegCtl)            counting_q <= 1'b0;
    else if (state_q == ChBlock)                                       counting_q <= 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sar_q        <= '0;
      dar_q        <= '0;
      block_ts_q   <= '0;
      ctl_q        <= '0;
      cfg_q        <= '0;
      llp_q        <= '0;
      int_en_q     <= '0;
      int_signal_q <= '1;
      int_status_q <= '0;
    end else if (soft_reset_i) begin
      sar_q        <= '0;
      dar_q        <= '0;
      block_ts_q   <= '0;
      ctl_q        <= '0;
      cfg_q        <= '0;
      llp_q        <= '0;
      int_en_q     <= '0;
      int_signal_q <= '1;
      int_status_q <= '0;
    end else begin
      int_status_q <= (int_status_q & ~int_clear) | (int_set & int_en_q);
      if (wr_i && wr_addr_i == kpu_dmac_pkg::RegIntStatusEn) int_en_q     <= 32'(kpu_dmac_pkg::written(64'(int_en_q), wr_data_i, wr_strobe_i));
      if (wr_i && wr_addr_i == kpu_dmac_pkg::RegIntSignalEn) int_signal_q <= 32'(kpu_dmac_pkg::written(64'(int_signal_q), wr_data_i, wr_strobe_i));
      if (wr_block) begin
        case (wr_addr_i)
          kpu_dmac_pkg::RegSar:     sar_q      <= 32'(kpu_dmac_pkg::written(64'(sar_q), wr_data_i, wr_strobe_i));
          kpu_dmac_pkg::RegDar:     dar_q      <= 32'(kpu_dmac_pkg::written(64'(dar_q), wr_data_i, wr_strobe_i));
          kpu_dmac_pkg::RegBlockTs: block_ts_q <= 22'(kpu_dmac_pkg::written(64'(block_ts_q), wr_data_i, wr_strobe_i));
          kpu_dmac_pkg::RegCtl:     ctl_q      <= kpu_dmac_pkg::written(ctl_q, wr_data_i, wr_strobe_i);
          kpu_dmac_pkg::RegCfg:     cfg_q      <= kpu_dmac_pkg::written(cfg_q, wr_data_i, wr_strobe_i);
          kpu_dmac_pkg::RegLlp:     llp_q      <= kpu_dmac_pkg::written(llp_q, wr_data_i, wr_strobe_i);
          default: ;
        endcase
      end
      if (list_valid_i) begin
        case (list_idx_i)
          3'd0:    sar_q      <= list_data_i[31:0];
          3'd1:    dar_q      <= list_data_i[31:0];
          3'd2:    block_ts_q <= list_data_i[21:0];
          3'd3:    llp_q      <= list_data_i;
          default: ctl_q      <= list_data_i;
        endcase
      end
    end
  end

  always_comb begin
    case (rd_addr_i)
      kpu_dmac_pkg::RegSar:         rd_data_o = 64'(sar_q);
      kpu_dmac_pkg::RegDar:         rd_data_o = 64'(dar_q);
      kpu_dmac_pkg::RegBlockTs:     rd_data_o = 64'(block_ts_q);
      kpu_dmac_pkg::RegCtl:         rd_data_o = ctl_q;
      kpu_dmac_pkg::RegCfg:         rd_data_o = cfg_q;
      kpu_dmac_pkg::RegLlp:         rd_data_o = llp_q;
      kpu_dmac_pkg::RegStatus:      rd_data_o = 64'(completed);
      kpu_dmac_pkg::RegIntStatusEn: rd_data_o = 64'(int_en_q);
      kpu_dmac_pkg::RegIntStatus:   rd_data_o = 64'(int_status_q);
      kpu_dmac_pkg::RegIntSignalEn: rd_data_o = 64'(int_signal_q);
      default:                      rd_data_o = '0;
    endcase
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(ChunkInRange, !chunk_valid_o || (chunk_o.bytes != '0 && chunk_o.bytes <= 8'd128))
  `ASSERT(ChunkOfBlock, state_q != ChOffer || 25'(bytes_q) <= left_q)
  `ASSERT(ChunkInPage, state_q != ChOffer || handshake || item > 8'd1 ||
          ((src_fixed || !kpu_dmac_pkg::crosses(src_q[11:0], bytes_q)) &&
           (dst_fixed || !kpu_dmac_pkg::crosses(dst_q[11:0], bytes_q))))
  `ASSERT(DoneWasAsked, !chunk_done_i || chunks_q != '0)
  `ASSERT(AnswersWhileOn, !(list_valid_i || src_err_i != '0 || dst_err_i != '0) || en_q)
  `ASSERT_KEPT(ChunkHeld, chunk_valid_o && !chunk_ready_i, chunk_valid_o, chunk_o)
  `ASSERT(ResetWhenOff, !soft_reset_i || (state_q == ChIdle && !en_q))

endmodule
