// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Lets several AXI4 masters share one slave. A burst's ID is the number of its master; answers
/// find their way by it. Masters take turns, address by address. No latency.
///
/// A burst's data pass when its address has been taken. So the slave must take an address without
/// waiting for data (AXI4 lets it wait): one that does not needs a kpu_axi_slice in front of it, which
/// does, as the memory of kpu_soc has.
///
/// Master m is bit m, or m-th field, of the vectors.
module kpu_axi_mux #(
  localparam int unsigned M   = kpu_axi_pkg::Masters,
  localparam int unsigned IdW = kpu_axi_pkg::IdW,
  localparam int unsigned AxW = kpu_axi_pkg::AxW,
  localparam int unsigned WW  = kpu_axi_pkg::WW
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // Masters: read data and answers go to all, valid to one
  input  logic [M-1:0]     awvalid_i,
  output logic [M-1:0]     awready_o,
  input  logic [AxW*M-1:0] aw_i,
  input  logic [M-1:0]     wvalid_i,
  output logic [M-1:0]     wready_o,
  input  logic [WW*M-1:0]  w_i,
  output logic [M-1:0]     bvalid_o,
  input  logic [M-1:0]     bready_i,
  input  logic [M-1:0]     arvalid_i,
  output logic [M-1:0]     arready_o,
  input  logic [AxW*M-1:0] ar_i,
  output logic [M-1:0]     rvalid_o,
  input  logic [M-1:0]     rready_i,
  // Slave
  output logic             awvalid_o,
  input  logic             awready_i,
  output kpu_axi_pkg::ax_t aw_o,
  output logic [IdW-1:0]   awid_o,
  output logic             wvalid_o,
  input  logic             wready_i,
  output kpu_axi_pkg::w_t  w_o,
  input  logic             bvalid_i,
  output logic             bready_o,
  input  logic [IdW-1:0]   bid_i,
  output logic             arvalid_o,
  input  logic             arready_i,
  output kpu_axi_pkg::ax_t ar_o,
  output logic [IdW-1:0]   arid_o,
  input  logic             rvalid_i,
  output logic             rready_o,
  input  logic [IdW-1:0]   rid_i
);

  // ---- Reads ------------------------------------------------------------------------------------
  logic [IdW-1:0] ar_pick;
  logic           ar_any;

  kpu_axi_turn u_ar_turn (
    .clk_i, .rst_ni, .want_i(arvalid_i), .go_i(arready_i), .any_o(ar_any), .pick_o(ar_pick)
  );
  assign arvalid_o = ar_any;
  assign arid_o    = ar_pick;
  assign ar_o      = ar_i[AxW*ar_pick +: AxW];
  always_comb begin
    rready_o = 1'b0;
    for (int unsigned m = 0; m < M; m++) begin
      arready_o[m] = ar_any && arready_i && ar_pick == IdW'(m);
      rvalid_o[m]  = rvalid_i && rid_i == IdW'(m);
      if (rid_i == IdW'(m)) rready_o = rready_i[m];
    end
  end

  // ---- Writes -----------------------------------------------------------------------------------
  // Data follow their addresses: whose turn it is stands in a queue.
  logic [IdW-1:0] aw_pick, w_pick;
  logic           aw_any, turn_free, w_turn;
  logic [2:0]     turns;

  kpu_axi_turn u_aw_turn (
    .clk_i, .rst_ni, .want_i(awvalid_i), .go_i(awready_i && turn_free), .any_o(aw_any),
    .pick_o(aw_pick)
  );
  kpu_fifo #(.Width(IdW), .Depth(4)) u_turns (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(aw_any && awready_i), .in_ready_o(turn_free), .in_data_i(aw_pick),
    .out_valid_o(w_turn), .out_ready_i(wvalid_o && wready_i && w_o.last), .out_data_o(w_pick),
    .count_o(turns)
  );
  assign awvalid_o = aw_any && turn_free;
  assign awid_o    = aw_pick;
  assign aw_o      = aw_i[AxW*aw_pick +: AxW];
  assign w_o       = w_i[WW*w_pick +: WW];
  always_comb begin
    wvalid_o = 1'b0;
    bready_o = 1'b0;
    for (int unsigned m = 0; m < M; m++) begin
      awready_o[m] = aw_any && awready_i && turn_free && aw_pick == IdW'(m);
      wready_o[m]  = w_turn && wready_i && w_pick == IdW'(m);
      bvalid_o[m]  = bvalid_i && bid_i == IdW'(m);
      if (w_turn && w_pick == IdW'(m)) wvalid_o = wvalid_i[m];
      if (bid_i == IdW'(m))            bready_o = bready_i[m];
    end
  end

  logic unused_count;
  assign unused_count = ^turns;

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(KnownReader, !rvalid_i || rid_i < IdW'(M))
  `ASSERT(KnownWriter, !bvalid_i || bid_i < IdW'(M))
  `ASSERT_KEPT(ArHeld, arvalid_o && !arready_i, arvalid_o, arid_o)
  `ASSERT_KEPT(AwHeld, awvalid_o && !awready_i, awvalid_o, awid_o)

endmodule
