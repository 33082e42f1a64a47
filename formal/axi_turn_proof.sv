// SPDX-License-Identifier: Apache-2.0

/// kpu_axi_turn: somebody is chosen exactly when somebody wants, it is one who wants, a choice stands until it
/// is taken, and while a master waits each of the others is served at most once. Masters want until they
/// are served.
module axi_turn_proof (
  input logic       clk_i,
  input logic [2:0] want_i,
  input logic       go_i
);
  (* anyconst *) logic [1:0] waiting;  // any master
  (* anyconst *) logic [1:0] other;    // any other

  logic       rst_ni = 1'b0;
  logic       any, served_q;           // other has been served since `waiting` began to wait
  logic [1:0] pick;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  kpu_axi_turn u_dut (.clk_i, .rst_ni, .want_i, .go_i, .any_o(any), .pick_o(pick));

  always_ff @(posedge clk_i) begin
    if (!rst_ni || !want_i[waiting])  served_q <= 1'b0;
    else if (any && go_i) served_q <= pick == waiting ? 1'b0 : served_q || pick == other;
  end

  always @(posedge clk_i) begin
    assume (waiting < 2'd3 && other < 2'd3 && waiting != other);
    if (rst_ni && $past(rst_ni)) begin
      for (int m = 0; m < 3; m++) begin
        assume (!$past(want_i[m] && !(any && go_i && pick == 2'(m))) || want_i[m]);
      end
    end
    if (rst_ni) begin
      assert (any == (want_i != '0));
      assert (!any || (pick < 2'd3 && want_i[pick]));
      if ($past(rst_ni) && $past(any && !go_i)) assert ($stable(pick));
      assert (!(any && go_i && want_i[waiting] && pick == other && served_q));
    end
  end
endmodule
