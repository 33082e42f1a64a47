// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Reset that begins at once and ends with the clock: two flip-flops. `rst_no` is high from the second
/// rising edge after `rst_ni` went high. docs/integration.md, "Clock and reset".
module kpu_reset_sync (
  input  logic clk_i,
  input  logic rst_ni,
  output logic rst_no
);

  // Kept apart and in order by tools that would take them for a shift register.
  (* ASYNC_REG = "TRUE", keep = "true" *)
  logic [1:0] release_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) release_q <= 2'b00;
    else         release_q <= {release_q[0], 1'b1};
  end
  assign rst_no = release_q[1];

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(InOrder, release_q != 2'b10)

endmodule
