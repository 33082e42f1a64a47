// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Weight term of each output channel: K = ((arg_w * sum(W)) >> shr_w) + arg_add * n.
///
/// One take of up to nine weights a cycle; the sum closes with `oc_end_i`, and K, saturated to 49
/// signed bits, is out six cycles after that take (`Stages`), at one channel a cycle. Ends of rows
/// and of the layer travel with the same delay, so that they come out not before the K of their
/// channels. docs/architecture.md, "Weights" and "Widths".
module kpu_kterm (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  /// Drops what is in flight.
  input  logic                        clear_i,
  // Job: stable while its takes are in flight
  input  kpu_pkg::kterm_cfg_t         factors_i,
  // Takes
  input  logic                        valid_i,
  input  logic [3:0]                  weights_i,  // weights in the take, 1..9
  input  logic                        oc_end_i,
  input  logic                        row_end_i,
  input  logic                        layer_end_i,
  input  logic [kpu_pkg::KernelW-1:0] low_i,      // low byte of weight t at [8t +: 8]
  input  logic [kpu_pkg::KernelW-1:0] high_i,
  // Six cycles later
  output logic                        k_valid_o,
  output logic [kpu_pkg::KTermW-1:0]  k_o,
  output logic                        row_end_o,
  output logic                        layer_end_o
);

  localparam int unsigned Stages = kpu_pkg::KTermLatency;
  localparam int unsigned KTermW = kpu_pkg::KTermW;
  localparam int unsigned WSumW  = kpu_pkg::WSumW;
  localparam int unsigned HalfW  = WSumW / 2;  // sum(W) is multiplied in two halves
  localparam int unsigned PartW  = 24 + HalfW + 1;
  localparam int unsigned ProdW  = 24 + WSumW + 1;

  // Bit s-1 is set when stage s holds the end of an output channel, row or layer.
  logic [Stages-1:0] oc_end_vq, row_end_vq, layer_end_vq;
  logic              take_q;  // stage 1 holds a take

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      take_q       <= 1'b0;
      oc_end_vq    <= '0;
      row_end_vq   <= '0;
      layer_end_vq <= '0;
    end else if (clear_i) begin
      take_q       <= 1'b0;
      oc_end_vq    <= '0;
      row_end_vq   <= '0;
      layer_end_vq <= '0;
    end else begin
      take_q       <= valid_i;
      oc_end_vq    <= {oc_end_vq[Stages-2:0], valid_i && oc_end_i};
      row_end_vq   <= {row_end_vq[Stages-2:0], valid_i && row_end_i};
      layer_end_vq <= {layer_end_vq[Stages-2:0], valid_i && layer_end_i};
    end
  end

  // ---- Stages 1 and 2: sum(W) -------------------------------------------------------------------
  logic [17:0]      part_q0, part_q1, part_q2;  // three weights each
  logic [WSumW-1:0] sum_q;
  logic             first_q;  // the next take begins an output channel

  // Sum of the weights 3*third .. 3*third+2 of the take, those from `count` on left out.
  function automatic logic [17:0] sum3(
    input logic [kpu_pkg::KernelW-1:0] low,
    input logic [kpu_pkg::KernelW-1:0] high,
    input logic [3:0]                  count,
    input int unsigned                 third
  );
    sum3 = '0;
    for (int unsigned t = 0; t < 3; t++) begin
      if (count > 4'(3*third + t)) begin
        sum3 = sum3 + 18'({high[(3*third + t)*8 +: 8], low[(3*third + t)*8 +: 8]});
      end
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      part_q0 <= sum3(low_i, high_i, weights_i, 0);
      part_q1 <= sum3(low_i, high_i, weights_i, 1);
      part_q2 <= sum3(low_i, high_i, weights_i, 2);
    end
    if (take_q) begin
      sum_q <= (first_q ? WSumW'(0) : sum_q) + WSumW'(part_q0) + WSumW'(part_q1) + WSumW'(part_q2);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)      first_q <= 1'b1;
    else if (clear_i) first_q <= 1'b1;
    else if (take_q)  first_q <= oc_end_vq[0];
  end

  // ---- Stages 3 to 6: two products, their sum, shift, offset and saturation ---------------------
  logic signed [PartW-1:0] prod_low_q, prod_high_q;
  logic signed [ProdW-1:0] prod_q, shifted_q;
  logic signed [ProdW:0]   k_full;
  logic                    k_fits;

  assign k_full = (ProdW+1)'(shifted_q) + (ProdW+1)'(signed'(factors_i.arg_add_n));
  assign k_fits = k_full[ProdW:KTermW-1] == '0 || k_full[ProdW:KTermW-1] == '1;

  always_ff @(posedge clk_i) begin
    if (oc_end_vq[1]) begin
      prod_low_q  <= PartW'(signed'(factors_i.arg_w)) * PartW'(signed'({1'b0, sum_q[HalfW-1:0]}));
      prod_high_q <= PartW'(signed'(factors_i.arg_w)) * PartW'(signed'({1'b0, sum_q[WSumW-1:HalfW]}));
    end
    if (oc_end_vq[2]) prod_q    <= ProdW'(prod_low_q) + (ProdW'(prod_high_q) <<< HalfW);
    if (oc_end_vq[3]) shifted_q <= prod_q >>> factors_i.shr_w;
    if (oc_end_vq[4]) begin
      k_o <= k_fits ? k_full[KTermW-1:0] : {k_full[ProdW], {(KTermW-1){!k_full[ProdW]}}};
    end
  end

  assign k_valid_o   = oc_end_vq[Stages-1];
  assign row_end_o   = row_end_vq[Stages-1];
  assign layer_end_o = layer_end_vq[Stages-1];

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(WeightsInRange, !valid_i || (weights_i >= 4'd1 && weights_i <= 4'(kpu_pkg::Taps)))

endmodule
