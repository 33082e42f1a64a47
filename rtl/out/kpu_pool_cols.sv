// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// First stage of pooling: combines or picks neighbouring columns of one line.
///
/// With a stride two or four columns become one slot of 12 bits, slot s at [s*12 +: 12]; packed
/// channels keep their order, so slots of channel k follow those of channel k - 1. Without one
/// the line's bytes pass unchanged. One line a cycle, one cycle of latency.
module kpu_pool_cols #(
  parameter  int unsigned Lanes = 64,
  localparam int unsigned SlotW = 12
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  kpu_pkg::pool_t      pool_i,
  // Lines of pixels
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [Lanes*8-1:0]  in_line_i,
  input  kpu_pkg::line_tag_t  in_tag_i,
  // Lines of slots or pixels
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [Lanes*8-1:0]  out_line_o,
  output kpu_pkg::line_tag_t  out_tag_o
);

  logic fire;

  assign in_ready_o = !out_valid_o || out_ready_i;
  assign fire       = in_valid_i && in_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)         out_valid_o <= 1'b0;
    else if (clear_i)    out_valid_o <= 1'b0;
    else if (in_ready_o) out_valid_o <= in_valid_i;
  end

  logic [7:0] p0, p1, p2, p3;      // a slot's columns
  logic [7:0] max_lo, max_hi, max_all;

  always_ff @(posedge clk_i) begin
    if (fire) begin
      out_tag_o  <= in_tag_i;
      out_line_o <= in_line_i;

      case (pool_i.stride_l2)
        2'd0: ;
        2'd1: begin
          for (int unsigned s = 0; s < Lanes / 2; s++) begin
            p0 = in_line_i[(2*s+0)*8 +: 8];
            p1 = in_line_i[(2*s+1)*8 +: 8];
            max_lo = (p0 > p1) ? p0 : p1;
            case (pool_i.op)
              kpu_pkg::PoolMax:  out_line_o[s*SlotW +: SlotW] <= SlotW'(max_lo);
              kpu_pkg::PoolMean: out_line_o[s*SlotW +: SlotW] <= SlotW'(p0) + SlotW'(p1);
              default:           out_line_o[s*SlotW +: SlotW] <= pool_i.right ? SlotW'(p1) : SlotW'(p0);
            endcase
          end
        end
        default: begin
          for (int unsigned s = 0; s < Lanes / 4; s++) begin
            p0 = in_line_i[(4*s+0)*8 +: 8];
            p1 = in_line_i[(4*s+1)*8 +: 8];
            p2 = in_line_i[(4*s+2)*8 +: 8];
            p3 = in_line_i[(4*s+3)*8 +: 8];
            max_lo  = (p0 > p1) ? p0 : p1;
            max_hi  = (p2 > p3) ? p2 : p3;
            max_all = (max_lo > max_hi) ? max_lo : max_hi;
            case (pool_i.op)
              kpu_pkg::PoolMax:  out_line_o[s*SlotW +: SlotW] <= SlotW'(max_all);
              kpu_pkg::PoolMean: out_line_o[s*SlotW +: SlotW] <= (SlotW'(p0) + SlotW'(p1)) +
                                                                 (SlotW'(p2) + SlotW'(p3));
              default:           out_line_o[s*SlotW +: SlotW] <= SlotW'(p0);
            endcase
          end
        end
      endcase
    end
  end

  // ---- Assertions --------------------------------------------------------------------------------
  `ASSERT_KEPT(OutHeld, out_valid_o && !out_ready_i && !clear_i, out_valid_o, {out_line_o, out_tag_o})
  `ASSERT(StrideInRange, !in_valid_i || pool_i.stride_l2 != 2'd3)

endmodule
