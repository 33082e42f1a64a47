// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Memory with one read and one write port, both synchronous.
///
/// Read data is valid in the cycle after `rd_en_i` and stays until the next `rd_en_i`. A read of
/// the word that is written in the same cycle gives data of no meaning, in simulation wrong in every
/// bit (block memories differ; without `no_rw_check` Yosys would add a bypass). Addresses are below Depth; its users assert that.
module kpu_ram_1r1w #(
  /// Bits of a word.
  parameter  int unsigned Width = 8,
  /// Words.
  parameter  int unsigned Depth = 16,
  localparam int unsigned AddrW = kpu_pkg::idx_width(Depth)
) (
  input  logic             clk_i,
  // Read port
  input  logic             rd_en_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output logic [Width-1:0] rd_data_o,
  // Write port
  input  logic             wr_en_i,
  input  logic [AddrW-1:0] wr_addr_i,
  input  logic [Width-1:0] wr_data_i
);

  (* no_rw_check, ram_style = "block" *)
  logic [Width-1:0] mem [Depth];
  logic [Width-1:0] rd_data_q;

  assign rd_data_o = rd_data_q;

  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_data_q <= mem[rd_addr_i];
`ifdef KPU_SIM
    if (rd_en_i && wr_en_i && rd_addr_i == wr_addr_i) rd_data_q <= ~mem[rd_addr_i];
`endif
    if (wr_en_i) mem[wr_addr_i] <= wr_data_i;
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_HELD(DataHeld, rd_en_i, rd_data_o)

endmodule
