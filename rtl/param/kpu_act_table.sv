// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Activation table: a shadow that is loaded while a layer computes, and the active one.
///
/// Words arrive in the order of memory: 16 segments {x_start, y_mul, shift}, then the 16 bytes of
/// bias in two words. `apply_i` makes the shadow active from the next cycle on. Instead of x_start the
/// table holds each segment's suffix minimum, min(x_start[i..15]): the key of the search, and in
/// the segment that the search finds equal to its x_start. Only segment 0 can be taken without its
/// x_start being below; that x_start is kept beside. Entry i is at [i*W +: W]. docs/architecture.md, "Post-processing, pooling, write-back".
module kpu_act_table (
  input  logic         clk_i,
  input  logic         rst_ni,
  // Words of the shadow table
  input  logic         wr_en_i,
  input  logic [4:0]   wr_idx_i,
  input  logic [63:0]  wr_data_i,
  // Active table
  input  logic         apply_i,
  output logic [575:0] key_o,     // 16 x 36, signed
  output logic [35:0]  start0_o,  // x_start of segment 0, signed
  output logic [255:0] mul_o,     // 16 x 16, signed
  output logic [127:0] shift_o,   // 16 x 8
  output logic [127:0] bias_o     // 16 x 8
);

  localparam int unsigned Segments = kpu_pkg::ActSegments;
  localparam int unsigned StartW   = kpu_pkg::ConvW;

  logic [575:0]      key_q;
  logic [StartW-1:0] start0_q;
  logic [255:0]      mul_q;
  logic [127:0]      shift_q, bias_q;
  logic [StartW-1:0] start_in;

  assign start_in = wr_data_i[59:24];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) begin
      for (int unsigned i = 0; i < Segments; i++) begin
        if (wr_idx_i == 5'(i)) begin
          shift_q[i*8 +: 8]         <= wr_data_i[7:0];
          mul_q[i*16 +: 16]         <= wr_data_i[23:8];
          key_q[i*StartW +: StartW] <= start_in;
        end else if (wr_idx_i > 5'(i) && !wr_idx_i[4]
                     && signed'(start_in) < signed'(key_q[i*StartW +: StartW])) begin
          key_q[i*StartW +: StartW] <= start_in;
        end
      end
      if (wr_idx_i == 5'd0)  start0_q       <= start_in;
      if (wr_idx_i == 5'd16) bias_q[63:0]   <= wr_data_i;
      if (wr_idx_i == 5'd17) bias_q[127:64] <= wr_data_i;
    end
    if (apply_i) begin
      key_o    <= key_q;
      start0_o <= start0_q;
      mul_o    <= mul_q;
      shift_o  <= shift_q;
      bias_o   <= bias_q;
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(IdxInRange, !wr_en_i || wr_idx_i < 5'd18)

endmodule
