// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// One value for each output channel of two layers: the one that computes and the one that loads.
///
/// Banks of one value each, bank = channel mod 4, row = {half, channel div 4}: the batch-norm words and the weight
/// terms of up to four neighbouring channels are read together. Read data is valid in the cycle after `rd_en_i`
/// and held; channel 4r+b at [b*Width +: Width]. A machine whose words hold one channel only needs no neighbours:
/// its buffer gives channel 4r+rd_bank_i in the place of bank 0.
module kpu_chan_buffer #(
  parameter int unsigned Lanes = 64,
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
  input  logic [1:0]         rd_bank_i,
  output logic [4*Width-1:0] rd_data_o
);

  if (kpu_pkg::grp_mask(Lanes) == '0) begin : gen_single
    kpu_ram_1r1w #(.Width(Width), .Depth(2048)) u_ram (
      .clk_i,
      .rd_en_i,
      .rd_addr_i ({rd_row_i, rd_bank_i}),
      .rd_data_o (rd_data_o[Width-1:0]),
      .wr_en_i,
      .wr_addr_i ({wr_half_i, wr_chan_i}),
      .wr_data_i
    );
    assign rd_data_o[4*Width-1:Width] = '0;
  end else begin : gen_banks
    logic unused_bank;
    assign unused_bank = ^rd_bank_i;
    for (genvar b = 0; b < 4; b++) begin : gen_bank
      kpu_ram_1r1w #(.Width(Width), .Depth(512)) u_ram (
        .clk_i,
        .rd_en_i,
        .rd_addr_i (rd_row_i),
        .rd_data_o (rd_data_o[b*Width +: Width]),
        .wr_en_i   (wr_en_i && wr_chan_i[1:0] == 2'(b)),
        .wr_addr_i ({wr_half_i, wr_chan_i[9:2]}),
        .wr_data_i
      );
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_HELD(DataHeld, rd_en_i, rd_data_o)

endmodule
