// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// From one AXI4 slave port to the AXI4-Lite slaves of the register blocks.
///
/// Reads pass one a cycle, so that fifo_data_out streams; bursts are taken apart, FIXED ones stay
/// at their address. Writes pass one at a time. Block b is bit b, or b-th field, of the vectors.
module kpu_axi_to_axil #(
  localparam int unsigned B   = kpu_axi_pkg::Blocks,
  localparam int unsigned IdW = kpu_axi_pkg::IdW
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // AXI4 slave
  input  logic             awvalid_i,
  output logic             awready_o,
  input  kpu_axi_pkg::ax_t aw_i,
  input  logic [IdW-1:0]   awid_i,
  input  logic             wvalid_i,
  output logic             wready_o,
  input  kpu_axi_pkg::w_t  w_i,
  output logic             bvalid_o,
  input  logic             bready_i,
  output logic [IdW-1:0]   bid_o,
  input  logic             arvalid_i,
  output logic             arready_o,
  input  kpu_axi_pkg::ax_t ar_i,
  input  logic [IdW-1:0]   arid_i,
  output logic             rvalid_o,
  input  logic             rready_i,
  output kpu_axi_pkg::r_t  r_o,
  output logic [IdW-1:0]   rid_o,
  // AXI4-Lite masters: addresses and data go to all, valid to one
  output logic [B-1:0]     awvalid_o,
  input  logic [B-1:0]     awready_i,
  output logic [11:0]      awaddr_o,
  output logic [B-1:0]     wvalid_o,
  output logic [63:0]      wdata_o,
  output logic [7:0]       wstrb_o,
  input  logic [B-1:0]     bvalid_i,
  output logic [B-1:0]     arvalid_o,
  input  logic [B-1:0]     arready_i,
  output logic [11:0]      araddr_o,
  input  logic [B-1:0]     rvalid_i,
  output logic [B-1:0]     rready_o,
  input  logic [64*B-1:0]  rdata_i
);

  function automatic logic [31:0] next_addr(input logic [31:0] addr, input logic [2:0] size,
                                            input logic [1:0] burst);
    next_addr = addr;
    if (burst != 2'b00) next_addr = ((addr >> size) + 32'd1) << size;
  endfunction

  // ---- Reads ------------------------------------------------------------------------------------
  kpu_axi_pkg::ax_t rd_q;
  logic [IdW-1:0]   rd_id_q;
  logic             rd_busy_q, rd_fire, rd_last, note_ready, note_valid, note_last;
  logic [1:0]       rd_block, note_block;
  logic [2:0]       notes;

  assign rd_block  = kpu_axi_pkg::block_of(rd_q.addr[31:12]);
  assign rd_last   = rd_q.len == 8'd0;
  assign araddr_o  = rd_q.addr[11:0];
  assign arready_o = !rd_busy_q || (rd_fire && rd_last);

  always_comb begin
    rd_fire  = 1'b0;
    rvalid_o = 1'b0;
    r_o      = '0;
    r_o.last = note_last;
    for (int unsigned b = 0; b < B; b++) begin
      arvalid_o[b] = rd_busy_q && note_ready && rd_block == 2'(b);
      rready_o[b]  = note_valid && note_block == 2'(b) && rready_i;
      if (rd_block == 2'(b)) rd_fire = rd_busy_q && note_ready && arready_i[b];
      if (note_valid && note_block == 2'(b)) begin
        rvalid_o = rvalid_i[b];
        r_o.data = rdata_i[64*b +: 64];
      end
    end
  end

  // Whose answer comes next.
  kpu_fifo #(.Width(3 + IdW), .Depth(4)) u_notes (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(rd_fire), .in_ready_o(note_ready), .in_data_i({rd_block, rd_last, rd_id_q}),
    .out_valid_o(note_valid), .out_ready_i(rvalid_o && rready_i),
    .out_data_o({note_block, note_last, rid_o}), .count_o(notes)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                      rd_busy_q <= 1'b0;
    else if (arvalid_i && arready_o)  rd_busy_q <= 1'b1;
    else if (rd_fire && rd_last)      rd_busy_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (arvalid_i && arready_o) begin
      rd_q    <= ar_i;
      rd_id_q <= arid_i;
    end else if (rd_fire) begin
      rd_q.addr <= next_addr(rd_q.addr, rd_q.size, rd_q.burst);
      rd_q.len  <= rd_q.len - 8'd1;
    end
  end

  // ---- Writes -----------------------------------------------------------------------------------
  typedef enum logic [1:0] {WrIdle, WrBeat, WrWait, WrAnswer} wr_state_e;

  wr_state_e        wr_state_d, wr_state_q;
  kpu_axi_pkg::ax_t wr_q;
  logic [IdW-1:0]   wr_id_q;
  logic [1:0]       wr_block;
  logic             wr_taken, wr_answered, wr_last_q;

  assign wr_block  = kpu_axi_pkg::block_of(wr_q.addr[31:12]);
  assign awready_o = wr_state_q == WrIdle;
  assign wready_o  = wr_state_q == WrBeat && wr_taken;
  assign bvalid_o  = wr_state_q == WrAnswer;
  assign bid_o     = wr_id_q;
  assign awaddr_o  = wr_q.addr[11:0];
  assign wdata_o   = w_i.data;
  assign wstrb_o   = w_i.strb;

  always_comb begin
    wr_taken    = 1'b0;
    wr_answered = 1'b0;
    for (int unsigned b = 0; b < B; b++) begin
      awvalid_o[b] = wr_state_q == WrBeat && wvalid_i && wr_block == 2'(b);
      wvalid_o[b]  = awvalid_o[b];
      // The slaves take address and data together.
      if (wr_block == 2'(b)) begin
        wr_taken    = wvalid_i && awready_i[b];
        wr_answered = bvalid_i[b];
      end
    end
    wr_state_d = wr_state_q;
    case (wr_state_q)
      // Waiting for an address.
      WrIdle: if (awvalid_i) wr_state_d = WrBeat;
      // Waiting for data, and for the block to take them.
      WrBeat: if (wr_taken) wr_state_d = WrWait;
      // Waiting for the block's answer.
      WrWait: if (wr_answered) wr_state_d = wr_last_q ? WrAnswer : WrBeat;
      // Waiting until the master takes the answer.
      WrAnswer: if (bready_i) wr_state_d = WrIdle;
      default: wr_state_d = WrIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) wr_state_q <= WrIdle;
    else         wr_state_q <= wr_state_d;
  end

  always_ff @(posedge clk_i) begin
    if (awvalid_i && awready_o) begin
      wr_q    <= aw_i;
      wr_id_q <= awid_i;
    end else if (wr_state_q == WrWait && wr_answered) begin
      wr_q.addr <= next_addr(wr_q.addr, wr_q.size, wr_q.burst);
    end
    if (wr_state_q == WrBeat) wr_last_q <= w_i.last;
  end

  logic unused_bits;
  assign unused_bits = ^{notes, rd_q, wr_q};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_KEPT(RHeld, rvalid_o && !rready_i, rvalid_o, rid_o)

endmodule
