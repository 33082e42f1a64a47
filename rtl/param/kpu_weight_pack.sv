// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Places the weights of each take in a row of four slots of nine bytes and writes finished rows.
///
/// Low and high bytes of 16-bit weights go to two rows, written in two cycles (the takes come at
/// most every other cycle then). A finished row is written in the cycle after its last take's
/// bytes, the row of high bytes one cycle later. Bytes that no weight fills keep what was there.
/// There is nothing to clear: a dropped job's rows never count. docs/architecture.md, "Weights".
module kpu_weight_pack #(
  parameter int unsigned Lanes         = 64,
  /// Input channels of a 1x1 take.
  parameter int unsigned PointChannels = 8,
  /// Bits of a ring row's address.
  parameter int unsigned RowAw         = 11
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // Job
  input  kpu_pkg::kind_t              kind_i,
  input  logic [1:0]                  grp_l2_i,
  // Takes
  input  logic                        valid_i,
  input  logic [1:0]                  pos_i,
  input  logic                        row_end_i,
  input  logic [RowAw-1:0]            row_i,
  input  logic [kpu_pkg::KernelW-1:0] low_i,   // low byte of weight t at [8t +: 8]
  input  logic [kpu_pkg::KernelW-1:0] high_i,
  // Rows
  output logic                        wr_en_o,
  output logic [RowAw-1:0]            wr_row_o,
  output logic [kpu_pkg::WRowW-1:0]   wr_data_o
);

  localparam int unsigned KernelW   = kpu_pkg::KernelW;
  localparam int unsigned Slots     = kpu_pkg::Slots;
  localparam int unsigned PointTaps = PointChannels;

  logic [kpu_pkg::WRowW-1:0] low_q, high_q;
  logic [RowAw-1:0]          row_q;
  logic                      low_valid_q, high_valid_q;
  logic [1:0]                point_grp_l2;

  // Only the channels of 1x1 layers are dealt to the slots by their place in the word.
  assign point_grp_l2 = (kind_i.kernel3 || kind_i.depthwise) ? 2'd0
                                                              : grp_l2_i & kpu_pkg::grp_mask(Lanes);

  // `row` with the weights of a take at position `pos`. With g channels in a word, the slots s of a
  // window take channel g*t + (s mod g) as tap t, and 4/g windows share the row.
  function automatic logic [kpu_pkg::WRowW-1:0] place(
    input logic [kpu_pkg::WRowW-1:0] row,
    input logic [KernelW-1:0]        weights,
    input logic [1:0]                pos,
    input logic [1:0]                grp_l2
  );
    int unsigned chan;  // of the row
    place = row;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (grp_l2 == 2'd0) begin
        if (pos == 2'(s)) place[s*KernelW +: KernelW] = weights;
      end else begin
        for (int unsigned t = 0; t < PointTaps; t++) begin
          if (grp_l2 == 2'd1) begin
            chan = (s / 2) * 2 * PointTaps + 2*t + s%2;
          end else begin
            chan = 4*t + s;
          end
          if (pos == 2'(chan / PointTaps)) begin
            place[s*KernelW + t*8 +: 8] = weights[(chan % PointTaps)*8 +: 8];
          end
        end
      end
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      low_q <= place(low_q, low_i, pos_i, point_grp_l2);
      if (!kind_i.eight_bit) high_q <= place(high_q, high_i, pos_i, point_grp_l2);
      if (row_end_i) row_q <= row_i;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      low_valid_q  <= 1'b0;
      high_valid_q <= 1'b0;
    end else begin
      low_valid_q  <= valid_i && row_end_i;
      high_valid_q <= low_valid_q && !kind_i.eight_bit;
    end
  end

  assign wr_en_o   = low_valid_q || high_valid_q;
  assign wr_row_o  = high_valid_q ? row_q + RowAw'(1) : row_q;
  assign wr_data_o = high_valid_q ? high_q : low_q;

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(OneRowAtATime, !(low_valid_q && high_valid_q))
  `ASSERT(HighInTime, !high_valid_q || $past(valid_i, kpu_pkg::PackLatency))
  `ASSERT_NEXT(TakesApart, valid_i && !kind_i.eight_bit, !valid_i)

endmodule
