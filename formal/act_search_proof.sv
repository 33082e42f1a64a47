// SPDX-License-Identifier: Apache-2.0

/// kpu_act_lane, the search: for all values and all tables of segment starts, unsorted ones too, the segment
/// is the last one whose start is below the value, and the distance is taken from its start. Values of five
/// bits: sixteen starts can still lie in any order, with and without equal ones.
///
/// The reference is a linear search over x_start from the top. With slope 0 and bias i the output tells the
/// segment; with slope 1, shift 0 and bias 0 the distance.
module act_search_proof (
  input logic clk_i
);
  localparam int unsigned NormW = 5;
  localparam int unsigned MulW  = 6;
  localparam int unsigned Segs  = 16;

  (* anyconst *) logic signed [NormW-1:0]      norm;
  (* anyconst *) logic        [Segs*NormW-1:0] start;
  (* anyconst *) logic                         slope;

  // ---- What the activation table gives ---------------------------------------------------------------
  logic        [Segs*NormW-1:0] key;
  logic signed [NormW-1:0]      least;
  logic        [Segs*8-1:0]     bias;

  always_comb begin
    least = start[(Segs-1)*NormW +: NormW];
    for (int i = Segs - 1; i >= 0; i--) begin
      if (signed'(start[i*NormW +: NormW]) < least) least = start[i*NormW +: NormW];
      key[i*NormW +: NormW] = least;
      bias[i*8 +: 8]        = slope ? 8'd0 : 8'(i);
    end
  end

  // The entries are written in cycles 0 to 15, the value stands still: seven stages later the output is its.
  localparam logic [4:0] Settled = 5'd23;

  logic [4:0] cycle_q = 5'd0;

  always_ff @(posedge clk_i) if (cycle_q != Settled) cycle_q <= cycle_q + 5'd1;

  logic [7:0] y;

  kpu_act_lane #(.NormW(NormW), .MulW(MulW)) u_dut (
    .clk_i,
    .en_i          (7'b1111111),
    .entry_valid_i (!cycle_q[4]),
    .entry_idx_i   (cycle_q[3:0]),
    .entry_key_i   (key[cycle_q[3:0]*NormW +: NormW]),
    .entry_start_i (start[cycle_q[3:0]*NormW +: NormW]),
    .entry_mul_i   ({5'd0, slope}),
    .entry_shift_i (8'd0),
    .entry_bias_i  (bias[cycle_q[3:0]*8 +: 8]),
    .norm_i        (norm),
    .y_o           (y)
  );

  // ---- Reference -------------------------------------------------------------------------------------
  logic [3:0]             s;
  logic                   found;
  logic signed [NormW:0]  distance;

  always_comb begin
    s        = 4'd0;
    distance = (NormW+1)'(norm) - (NormW+1)'(signed'(start[NormW-1:0]));
    found    = 1'b0;
    for (int i = Segs - 1; i >= 0; i--) begin
      if (!found && signed'(start[i*NormW +: NormW]) < norm) begin
        s        = 4'(i);
        distance = (NormW+1)'(norm) - (NormW+1)'(signed'(start[i*NormW +: NormW]));
        found    = 1'b1;
      end
    end
  end

  always @(posedge clk_i) begin
    if (cycle_q == Settled) begin
      if (slope) assert (y == ((distance < 0) ? 8'd0 : 8'(distance)));
      else       assert (y == 8'(s));
    end
  end
endmodule
