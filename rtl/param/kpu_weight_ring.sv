// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Ring of weight rows between the packer and the multiplier array.
///
/// Rows are written ahead of `commit_i`, which says that the next one or two rows may be read. The
/// count of such rows runs modulo twice the ring, the low bits being the next row's address. Read
/// data is valid in the cycle after `rd_en_i` and held. docs/architecture.md, "Weights".
module kpu_weight_ring #(
  /// Rows, a power of two.
  parameter  int unsigned WeightRows  = 2048,
  /// 16: the row after the one that is read comes with it.
  parameter  int unsigned WeightBits  = 8,
  localparam int unsigned RowAw       = $clog2(WeightRows)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  /// Forgets all rows.
  input  logic                      clear_i,
  // Write port
  input  logic                      wr_en_i,
  input  logic [RowAw-1:0]          wr_row_i,
  input  logic [kpu_pkg::WRowW-1:0] wr_data_i,
  input  logic                      commit_i,
  /// Commit two rows, not one.
  input  logic                      commit_two_i,
  output logic [RowAw:0]            wr_cnt_o,
  // Read port
  input  logic                      rd_en_i,
  input  logic [RowAw-1:0]          rd_row_i,
  output logic [kpu_pkg::WRowW-1:0] rd_data_o,
  output logic [kpu_pkg::WRowW-1:0] rd_high_o   // WeightBits = 16: the row after it, else 0
);

  if (WeightBits != 16) begin : gen_one
    kpu_ram_1r1w #(.Width(kpu_pkg::WRowW), .Depth(WeightRows)) u_ram (
      .clk_i,
      .rd_en_i,
      .rd_addr_i (rd_row_i),
      .rd_data_o,
      .wr_en_i,
      .wr_addr_i (wr_row_i),
      .wr_data_i
    );
    assign rd_high_o = '0;
  end else begin : gen_two
    // Even rows and odd ones: of two that follow each other one lies in each memory.
    logic [kpu_pkg::WRowW-1:0] even, odd;
    logic [RowAw-2:0]          even_row;
    logic                      odd_first_q;

    assign even_row = rd_row_i[RowAw-1:1] + (RowAw-1)'(rd_row_i[0]);

    kpu_ram_1r1w #(.Width(kpu_pkg::WRowW), .Depth(WeightRows / 2)) u_even (
      .clk_i,
      .rd_en_i,
      .rd_addr_i (even_row),
      .rd_data_o (even),
      .wr_en_i   (wr_en_i && !wr_row_i[0]),
      .wr_addr_i (wr_row_i[RowAw-1:1]),
      .wr_data_i
    );
    kpu_ram_1r1w #(.Width(kpu_pkg::WRowW), .Depth(WeightRows / 2)) u_odd (
      .clk_i,
      .rd_en_i,
      .rd_addr_i (rd_row_i[RowAw-1:1]),
      .rd_data_o (odd),
      .wr_en_i   (wr_en_i && wr_row_i[0]),
      .wr_addr_i (wr_row_i[RowAw-1:1]),
      .wr_data_i
    );

    always_ff @(posedge clk_i) begin
      if (rd_en_i) odd_first_q <= rd_row_i[0];
    end

    assign rd_data_o = odd_first_q ? odd : even;
    assign rd_high_o = odd_first_q ? even : odd;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)       wr_cnt_o <= '0;
    else if (clear_i)  wr_cnt_o <= '0;
    else if (commit_i) wr_cnt_o <= wr_cnt_o + (commit_two_i ? (RowAw+1)'(2) : (RowAw+1)'(1));
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(NeverTheRowWritten, !(rd_en_i && wr_en_i && rd_row_i == wr_row_i))
  `ASSERT_KEPT(CountsWhatCommits, !commit_i && !clear_i, 1'b1, wr_cnt_o)

endmodule
