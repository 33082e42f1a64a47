// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Serial receiver: eight data bits, no parity, one stop bit, least significant bit first.
///
/// Samples in the middle of each bit. `valid_o` is high for one cycle per byte, in the middle of its stop
/// bit; a byte without a stop bit is dropped with a cycle of `error_o`.
module kpu_uart_rx #(
  /// Clock cycles of a bit, from 4.
  parameter int unsigned ClksPerBit = 25
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  /// The line, from outside the clock's domain.
  input  logic       rx_i,
  output logic       valid_o,
  output logic [7:0] data_o,
  output logic       error_o
);

  localparam int unsigned CntW = $clog2(ClksPerBit);
  localparam logic [3:0] StopBit = 4'd9;

  logic [1:0]      sync_q;
  logic            busy_q, sample;
  logic [CntW-1:0] cnt_q;  // cycles to the next sample
  logic [3:0]      bit_q;  // 0 start bit, 1..8 data, 9 stop bit
  logic [7:0]      data_q;

  assign sample  = busy_q && cnt_q == '0;
  assign valid_o = sample && bit_q == StopBit && sync_q[1];
  assign error_o = sample && bit_q == StopBit && !sync_q[1];
  assign data_o  = data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sync_q <= 2'b11;
      busy_q <= 1'b0;
      cnt_q  <= '0;
      bit_q  <= 4'd0;
    end else begin
      sync_q <= {sync_q[0], rx_i};
      if (!busy_q) begin
        busy_q <= !sync_q[1];
        cnt_q  <= CntW'(ClksPerBit / 2 - 1);
        bit_q  <= 4'd0;
      end else if (!sample) begin
        cnt_q <= cnt_q - CntW'(1);
      end else begin
        cnt_q <= CntW'(ClksPerBit - 1);
        bit_q <= (bit_q == StopBit) ? 4'd0 : bit_q + 4'd1;
        // A start bit that is over by its middle was a disturbance.
        if (bit_q == StopBit || (bit_q == 4'd0 && sync_q[1])) busy_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (sample && bit_q != StopBit) data_q <= {sync_q[1], data_q[7:1]};
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (ClksPerBit < 4) begin : gen_check_clks
    $error("kpu_uart_rx: ClksPerBit must be at least 4");
  end
  `ASSERT(BitInRange, bit_q <= StopBit)

endmodule
