// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// AXI4 read master: turns (address, bytes) commands into a stream of aligned 8-byte beats.
///
/// A command of any alignment becomes INCR bursts of at most `burst_m1_i + 1` beats that cover its
/// first to its last byte and never cross a 4 KiB boundary. Beats leave in order, commands follow
/// each other without a gap on the read-data channel: one beat a cycle as long as `MaxOutstanding`
/// bursts hide the memory's latency (4 x 16 beats: 60 cycles). A burst address takes two cycles.
///
/// A beat with an error response is dropped, with all that is outstanding; `err_o` pulses in the
/// next cycle. `abort_i` drops everything, too. Commands are accepted again when nothing is
/// outstanding. docs/architecture.md, "Blocks".
module kpu_axi_reader #(
  /// Bursts whose data may be outstanding.
  parameter int unsigned MaxOutstanding = 4,
  /// Bits of a command's byte count.
  parameter int unsigned BytesW         = 25
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  /// Forget the command and drop what was asked for.
  input  logic              abort_i,
  /// Beats of the longest burst, minus one.
  input  logic [3:0]        burst_m1_i,
  // Commands
  input  logic              cmd_valid_i,
  output logic              cmd_ready_o,
  input  logic [31:0]       cmd_addr_i,
  /// At least 1.
  input  logic [BytesW-1:0] cmd_bytes_i,
  /// Comes back with an error of this command.
  input  logic [1:0]        cmd_kind_i,
  /// No command, no burst outstanding.
  output logic              idle_o,
  output logic              err_o,
  output logic [1:0]        err_kind_o,
  /// A beat was accepted in the cycle before.
  output logic              beat_seen_o,
  // Beats
  output logic              beat_valid_o,
  input  logic              beat_ready_i,
  output logic [63:0]       beat_o,
  // AXI4 read channels; the id is constant
  output logic              m_axi_arvalid_o,
  input  logic              m_axi_arready_i,
  output logic [31:0]       m_axi_araddr_o,
  output logic [7:0]        m_axi_arlen_o,
  output logic [2:0]        m_axi_arsize_o,
  output logic [1:0]        m_axi_arburst_o,
  input  logic              m_axi_rvalid_i,
  output logic              m_axi_rready_o,
  input  logic [63:0]       m_axi_rdata_i,
  input  logic [1:0]        m_axi_rresp_i,
  input  logic              m_axi_rlast_i
);

  if (MaxOutstanding < 1) begin : gen_check_outstanding
    $error("kpu_axi_reader: MaxOutstanding must be at least 1");
  end

  localparam int unsigned BeatAw = 29;          // address of an 8-byte beat
  localparam int unsigned CntW   = BytesW - 2;  // beats of a command

  typedef enum logic [1:0] {StIdle, StSize, StIssue} state_e;

  state_e             state_d, state_q;
  logic [BeatAw-1:0]  addr_q;   // next beat to ask for
  logic [CntW-1:0]    left_q;   // beats still to ask for
  logic [1:0]         kind_q;
  logic [3:0]         len_q;    // beats of the burst at the address channel, minus one
  logic               last_q;   // it is the command's last burst
  logic               drain_q;  // what arrives is dropped
  logic               cmd_fire, issue_fire, outstanding, slot_free, drop;
  logic               beat_fire, beat_bad, fifo_ready;
  logic [1:0]         oldest_kind;

  // ---- Burst addresses --------------------------------------------------------------------------
  logic [CntW-1:0] cmd_beats;
  logic [9:0]      page_left;  // beats to the next 4 KiB boundary, 1..512
  logic [4:0]      burst_max, len_page, len;
  logic            last;

  assign cmd_beats = CntW'((BytesW'(cmd_addr_i[2:0]) + cmd_bytes_i + BytesW'(7)) >> 3);
  assign page_left = 10'd512 - 10'(addr_q[8:0]);
  assign burst_max = 5'(burst_m1_i) + 5'd1;
  assign len_page  = (page_left < 10'(burst_max)) ? page_left[4:0] : burst_max;
  assign last      = left_q <= CntW'(len_page);
  assign len       = last ? left_q[4:0] : len_page;

  assign drop        = drain_q || abort_i;
  assign cmd_ready_o = state_q == StIdle && !drop;
  assign cmd_fire    = cmd_valid_i && cmd_ready_o;
  assign issue_fire  = m_axi_arvalid_o && m_axi_arready_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      // Waiting for a command.
      StIdle: if (cmd_fire) state_d = StSize;
      // Waiting for a free place among the outstanding bursts; the next burst's length is taken.
      StSize: begin
        if (drop) state_d = StIdle;
        else if (slot_free) state_d = StIssue;
      end
      // Waiting for the address channel; an address once shown is never taken back.
      StIssue: begin
        if (m_axi_arready_i) state_d = (last_q || drop) ? StIdle : StSize;
      end
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      drain_q <= 1'b0;
    end else begin
      state_q <= state_d;
      drain_q <= abort_i || beat_bad || (drain_q && !idle_o);
    end
  end

  always_ff @(posedge clk_i) begin
    if (cmd_fire) begin
      addr_q <= cmd_addr_i[31:3];
      left_q <= cmd_beats;
      kind_q <= cmd_kind_i;
    end
    if (state_q == StSize && state_d == StIssue) begin
      len_q  <= 4'(len - 5'd1);
      last_q <= last;
    end
    if (issue_fire) begin
      addr_q <= addr_q + BeatAw'(len_q) + BeatAw'(1);
      left_q <= left_q - CntW'(len_q) - CntW'(1);
    end
  end

  assign m_axi_arvalid_o = state_q == StIssue;
  assign m_axi_araddr_o  = {addr_q, 3'b000};
  assign m_axi_arlen_o   = 8'(len_q);
  assign m_axi_arsize_o  = 3'd3;
  assign m_axi_arburst_o = 2'b01;

  // ---- Outstanding bursts -----------------------------------------------------------------------
  localparam int unsigned OutCntW = $clog2(MaxOutstanding + 1);

  logic [OutCntW-1:0] unused_out_cnt;

  kpu_fifo #(.Width(2), .Depth(MaxOutstanding)) u_outstanding (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .in_valid_i  (issue_fire),
    .in_ready_o  (slot_free),
    .in_data_i   (kind_q),
    .out_valid_o (outstanding),
    .out_ready_i (beat_fire && m_axi_rlast_i),
    .out_data_o  (oldest_kind),
    .count_o     (unused_out_cnt)
  );

  assign idle_o = state_q == StIdle && !outstanding;

  // ---- Read data --------------------------------------------------------------------------------
  logic [1:0] unused_beat_cnt;
  logic       unused_resp;

  assign m_axi_rready_o = drop || fifo_ready;
  assign beat_fire      = m_axi_rvalid_i && m_axi_rready_o;
  assign beat_bad       = beat_fire && m_axi_rresp_i[1] && !drop;
  assign unused_resp    = m_axi_rresp_i[0];

  kpu_fifo #(.Width(64), .Depth(2)) u_beats (
    .clk_i,
    .rst_ni,
    .clear_i     (drop),
    .in_valid_i  (m_axi_rvalid_i),
    .in_ready_o  (fifo_ready),
    .in_data_i   (m_axi_rdata_i),
    .out_valid_o (beat_valid_o),
    .out_ready_i (beat_ready_i),
    .out_data_o  (beat_o),
    .count_o     (unused_beat_cnt)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      err_o       <= 1'b0;
      beat_seen_o <= 1'b0;
    end else begin
      err_o       <= beat_bad;
      beat_seen_o <= beat_fire;
    end
  end

  always_ff @(posedge clk_i) begin
    if (beat_bad) err_kind_o <= oldest_kind;
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(CmdNotEmpty, !cmd_valid_i || cmd_bytes_i != '0)
  `ASSERT_KEPT(ArHeld, m_axi_arvalid_o && !m_axi_arready_i, m_axi_arvalid_o, {m_axi_araddr_o, m_axi_arlen_o})
  `ASSERT(BurstInPage, !m_axi_arvalid_o || 10'(addr_q[8:0]) + 10'(len_q) < 10'd512)
  `ASSERT(DataAskedFor, !m_axi_rvalid_i || outstanding)

endmodule
