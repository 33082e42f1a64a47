// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Whose turn it is among the masters that want something: the first one behind the master served
/// last. A choice stands until it is taken.
module kpu_axi_turn #(
  localparam int unsigned M   = kpu_axi_pkg::Masters,
  localparam int unsigned IdW = kpu_axi_pkg::IdW
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic [M-1:0]   want_i,
  /// The choice is taken in this cycle, if there is one.
  input  logic           go_i,
  output logic           any_o,
  output logic [IdW-1:0] pick_o
);

  logic [IdW-1:0] last_q, hold_q, found;
  logic           held_q;

  always_comb begin
    found = last_q;
    for (int unsigned i = M; i > 0; i--) begin : search
      logic [IdW:0] m;
      m = {1'b0, last_q} + (IdW+1)'(i);
      if (m >= (IdW+1)'(M)) m = m - (IdW+1)'(M);
      if (want_i[m[IdW-1:0]]) found = m[IdW-1:0];
    end
  end

  assign any_o  = want_i != '0;
  assign pick_o = held_q ? hold_q : found;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      last_q <= '0;
      hold_q <= '0;
      held_q <= 1'b0;
    end else begin
      held_q <= any_o && !go_i;
      hold_q <= pick_o;
      if (any_o && go_i) last_q <= pick_o;
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_KEPT(ChoiceStands, any_o && !go_i, 1'b1, pick_o)

endmodule
