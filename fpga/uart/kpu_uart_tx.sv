// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Serial transmitter: eight data bits, no parity, one stop bit, least significant bit first.
///
/// A byte a ten bit times; it is taken when `valid_i` and `ready_o` are both high.
module kpu_uart_tx #(
  /// Clock cycles of a bit, from 4.
  parameter int unsigned ClksPerBit = 25
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       valid_i,
  output logic       ready_o,
  input  logic [7:0] data_i,
  output logic       tx_o
);

  localparam int unsigned CntW = $clog2(ClksPerBit);

  logic [CntW-1:0] cnt_q;   // cycles left of this bit
  logic [3:0]      left_q;  // bits left, the one on the line included
  logic [9:0]      bits_q;  // the line is bit 0

  assign ready_o = left_q == 4'd0;
  assign tx_o    = bits_q[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cnt_q  <= '0;
      left_q <= 4'd0;
      bits_q <= '1;
    end else if (left_q == 4'd0) begin
      if (valid_i) begin
        cnt_q  <= CntW'(ClksPerBit - 1);
        left_q <= 4'd10;
        bits_q <= {1'b1, data_i, 1'b0};
      end
    end else if (cnt_q != '0) begin
      cnt_q <= cnt_q - CntW'(1);
    end else begin
      cnt_q  <= CntW'(ClksPerBit - 1);
      left_q <= left_q - 4'd1;
      bits_q <= {1'b1, bits_q[9:1]};
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (ClksPerBit < 4) begin : gen_check_clks
    $error("kpu_uart_tx: ClksPerBit must be at least 4");
  end
  `ASSERT(LineRestsHigh, left_q != 4'd0 || tx_o)

endmodule
