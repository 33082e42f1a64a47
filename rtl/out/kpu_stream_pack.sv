// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Packs runs of bytes, each at some quarter of a word, to a dense stream of 64-bit words.
///
/// Takes up to eight bytes of a run a cycle and holds up to seven until more come (with Overlap see kpu_stream_join); what is
/// left after the last run leaves with zeros above it. The output is registered: one word a cycle.
module kpu_stream_pack #(
  parameter  int unsigned Lanes   = 64,
  /// 1: the end of a run and the beginning of the next one leave in one word (kpu_stream_join), from 16 lanes on.
  parameter  int unsigned Overlap = 0,
  localparam int unsigned LaneW   = $clog2(Lanes)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  // Words with in_bytes_m1_i + 1 bytes from quarter in_quarter_i on
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  logic [Lanes*8-1:0] in_word_i,
  input  logic [1:0]         in_quarter_i,
  input  logic [LaneW-1:0]   in_bytes_m1_i,
  input  logic               in_last_i,
  // Stream
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [63:0]        out_data_o,
  output logic               out_last_o
);

  if (Overlap != 0 && Lanes >= 16) begin : gen_join
    kpu_stream_join #(
      .Lanes (Lanes)
    ) u_join (
      .clk_i, .rst_ni, .clear_i,
      .in_valid_i, .in_ready_o, .in_word_i, .in_quarter_i, .in_bytes_m1_i, .in_last_i,
      .out_valid_o, .out_ready_i, .out_data_o, .out_last_o
    );
  end else begin : gen_eights
    // Pixels start at quarters of a word and are taken by eights: a step of the selection is the smaller of both.
    localparam int unsigned StepL2 = (LaneW - 2 < 3) ? LaneW - 2 : 3;
    localparam int unsigned AtW    = LaneW - StepL2;
    localparam int unsigned PosW   = (LaneW > 3) ? LaneW - 3 : 1;

    logic [PosW-1:0]  pos_q;    // bytes of the word taken so far, in eights
    logic [55:0]      held_q;   // bytes that wait for more, zeros above them
    logic [2:0]       cnt_q;    // how many
    logic             flush_q;  // the last run is in, the held bytes leave now

    logic [3:0]       taken;    // those of this cycle, 1..8
    logic [3:0]       sum;      // held bytes after it, 1..15
    logic [AtW-1:0]   at;       // where they are in the word, in steps
    logic [63:0]      chunk;
    logic [119:0]     bytes;
    logic             run_end, all_end, adv, take;

    assign adv        = !out_valid_o || out_ready_i;
    assign run_end    = 32'(pos_q) == 32'(in_bytes_m1_i) >> 3;
    assign all_end    = run_end && in_last_i;
    assign taken      = run_end ? 4'(in_bytes_m1_i[2:0]) + 4'd1 : 4'd8;
    assign sum        = 4'(cnt_q) + taken;
    assign at         = (AtW'(pos_q) << (3 - StepL2)) + (AtW'(in_quarter_i) << (LaneW - 2 - StepL2));
    assign take       = in_valid_i && adv && !flush_q && !clear_i;
    assign in_ready_o = adv && !flush_q && !clear_i && run_end;

    always_comb begin
      chunk = '0;
      bytes = '0;
      if (take) begin
        chunk = in_word_i[{at, (StepL2+3)'(0)} +: 64] & ~(64'hffff_ffff_ffff_ffff << {taken, 3'b000});
        bytes = 120'(held_q) | 120'(chunk) << {cnt_q, 3'b000};
      end
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        pos_q       <= '0;
        held_q      <= '0;
        cnt_q       <= '0;
        flush_q     <= 1'b0;
        out_valid_o <= 1'b0;
        out_last_o  <= 1'b0;
      end else if (clear_i) begin
        pos_q       <= '0;
        held_q      <= '0;
        cnt_q       <= '0;
        flush_q     <= 1'b0;
        out_valid_o <= 1'b0;
        out_last_o  <= 1'b0;
      end else if (adv) begin
        out_valid_o <= flush_q || (take && sum[3]);
        out_last_o  <= flush_q || (take && all_end && sum == 4'd8);
        if (take) begin
          pos_q   <= run_end ? '0 : pos_q + PosW'(1);
          cnt_q   <= sum[2:0];
          held_q  <= sum[3] ? bytes[119:64] : bytes[55:0];
          flush_q <= all_end && sum != 4'd8;
        end
        if (flush_q) begin
          cnt_q   <= '0;
          held_q  <= '0;
          flush_q <= 1'b0;
        end
      end
    end

    always_ff @(posedge clk_i) begin
      if (adv) begin
        if (flush_q)             out_data_o <= 64'(held_q);
        else if (take && sum[3]) out_data_o <= bytes[63:0];
      end
    end

    `ASSERT(HeldIsClean, (64'(held_q) >> {cnt_q, 3'b000}) == '0)
  end : gen_eights

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT(RunInWord, !in_valid_i || 32'(in_bytes_m1_i) + 32'(in_quarter_i) * (Lanes / 4) < Lanes)

endmodule
