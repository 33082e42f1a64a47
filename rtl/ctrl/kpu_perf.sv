// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Performance counters of the layer in work, latched for the registers when it ends.
///
/// While a layer runs every cycle falls in exactly one of the classes below (the first that applies), so classes 1 to 8
/// add up to the total. perf_o: counter i at [i * CntW +: CntW], order as in docs/registers.md.
module kpu_perf #(
  localparam int unsigned Counters = 16,
  localparam int unsigned CntW     = 40
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // Layer
  input  logic                     running_i,
  input  logic                     done_i,
  input  logic                     streaming_i,
  // Data path
  input  logic                     array_busy_i,
  input  logic                     stalled_i,       // post-processing does not take a line
  input  logic                     wb_stalled_i,    // .. because write-back is not served
  input  logic                     wait_weights_i,
  input  logic                     conv_idle_i,
  input  logic                     conv_started_i,  // pulse: first array cycle of a tile is issued
  input  logic                     fetch_beat_i,    // 8 bytes of parameters came
  input  logic                     line_read_i,
  input  logic                     line_write_i,
  // Latched counters
  output logic [Counters*CntW-1:0] perf_o
);

  localparam int unsigned Used = 12;

  // Class of this cycle.
  typedef enum logic [3:0] {
    ClBusy = 4'd1, ClWeights, ClReads, ClWriteBack, ClPost, ClStream, ClStart, ClDrain
  } class_e;

  class_e          cls;
  logic            started_q;             // an array cycle of the layer has been issued
  logic            fresh_q;               // first cycle after reset
  logic [Used-1:0] event_on;
  logic [CntW-1:0] cnt_q [Used];
  logic [CntW-1:0] latched_q [Used];

  always_comb begin
    if (array_busy_i)                    cls = ClBusy;
    else if (streaming_i)                cls = ClStream;
    else if (stalled_i && wb_stalled_i)  cls = ClWriteBack;
    else if (stalled_i)                  cls = ClPost;
    else if (wait_weights_i)             cls = ClWeights;
    else if (!started_q)                 cls = ClStart;
    else if (conv_idle_i)                cls = ClDrain;
    else                                 cls = ClReads;
  end

  // Counter 0 is the total, 1 to 8 the classes, then the traffic.
  always_comb begin
    event_on     = '0;
    event_on[0]  = running_i;
    for (int unsigned i = 1; i <= 8; i++) event_on[i] = running_i && cls == i[3:0];
    event_on[9]  = fetch_beat_i;
    event_on[10] = line_read_i;
    event_on[11] = line_write_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      started_q <= 1'b0;
      fresh_q   <= 1'b1;
    end else begin
      fresh_q <= 1'b0;
      if (!running_i)          started_q <= 1'b0;
      else if (conv_started_i) started_q <= 1'b1;
    end
  end

  for (genvar i = 0; i < Used; i++) begin : gen_counter
    always_ff @(posedge clk_i) begin
      if (done_i || fresh_q) cnt_q[i] <= '0;
      else if (event_on[i])  cnt_q[i] <= cnt_q[i] + CntW'(1);
    end
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)     latched_q[i] <= '0;
      else if (done_i) latched_q[i] <= cnt_q[i];
    end
    assign perf_o[i*CntW +: CntW] = latched_q[i];
  end
  for (genvar i = Used; i < Counters; i++) begin : gen_reserved
    assign perf_o[i*CntW +: CntW] = '0;
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(OneClass, !running_i || $countones(event_on[8:1]) == 1)

endmodule
