// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// What is known of the read bursts that are open, until their last data: a queue for each ID, because
/// AXI4 keeps the order of a master's own bursts only. A burst may be looked up a cycle after it came in.
module kpu_axi_open #(
  /// Bits that are known of a burst.
  parameter  int unsigned Width  = 8,
  /// Bursts of an ID, at least 1.
  parameter  int unsigned Bursts = 8,
  localparam int unsigned Ids    = kpu_axi_pkg::Masters,
  localparam int unsigned IdW    = kpu_axi_pkg::IdW
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // A burst begins; room_o: there is a place for one of this ID
  input  logic             begin_i,
  input  logic [IdW-1:0]   begin_id_i,
  input  logic [Width-1:0] burst_i,
  output logic             room_o,
  // The oldest burst of an ID, which ends with end_i
  input  logic [IdW-1:0]   id_i,
  output logic [Width-1:0] burst_o,
  input  logic             end_i
);

  localparam int unsigned CntW = $clog2(Bursts + 1);

  logic [Ids-1:0]       room, open;
  logic [Width*Ids-1:0] oldest;
  logic [CntW*Ids-1:0]  unused_count;

  for (genvar i = 0; i < Ids; i++) begin : gen_id
    kpu_fifo #(.Width(Width), .Depth(Bursts)) u_bursts (
      .clk_i, .rst_ni, .clear_i(1'b0), .count_o(unused_count[CntW*i +: CntW]),
      .in_valid_i(begin_i && begin_id_i == IdW'(i)), .in_ready_o(room[i]), .in_data_i(burst_i),
      .out_valid_o(open[i]), .out_ready_i(end_i && id_i == IdW'(i)), .out_data_o(oldest[Width*i +: Width])
    );
  end

  always_comb begin
    room_o  = 1'b0;
    burst_o = '0;
    for (int unsigned i = 0; i < Ids; i++) begin
      if (begin_id_i == IdW'(i)) room_o  = room[i];
      if (id_i == IdW'(i))       burst_o = oldest[Width*i +: Width];
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(BeginsWithRoom, !begin_i || room_o)
  `ASSERT(EndsOpenOne, !end_i || (id_i < IdW'(Ids) && open[id_i]))

endmodule
