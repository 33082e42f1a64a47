// SPDX-License-Identifier: Apache-2.0

/// One value for each output channel of two layers: the one that computes and the one that loads.
///
/// Four banks, bank = channel mod 4, row = {half, channel div 4}: the batch-norm words and the
/// weight terms of up to four neighbouring channels are read together. Read data is valid in the
/// cycle after `rd_en_i` and held; channel 4r+b at [b*Width +: Width].
module kpu_chan_buffer #(
  /// Bits of a value.
  parameter int unsigned Width = 60
) (
  input  logic               clk_i,
  // Write port
  input  logic               wr_en_i,
  input  logic               wr_half_i,
  input  logic [9:0]         wr_chan_i,
  input  logic [Width-1:0]   wr_data_i,
  // Read port
  input  logic               rd_en_i,
  input  logic [8:0]         rd_row_i,
  output logic [4*Width-1:0] rd_data_o
);

  for (genvar b = 0; b < 4; b++) begin : gen_bank
    kpu_ram_1r1w #(.Width(Width), .Depth(512)) u_ram (
      .clk_i,
      .rd_en_i,
      .rd_addr_i (rd_row_i),
      .rd_data_o (rd_data_o[b*Width +: Width]),
      .wr_en_i   (wr_en_i && wr_chan_i[1:0] == 2'(b)),
      .wr_addr_i ({wr_half_i, wr_chan_i[9:2]}),
      .wr_data_i (wr_data_i)
    );
  end

endmodule
