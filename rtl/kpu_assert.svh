// SPDX-License-Identifier: Apache-2.0

// Assertions that every tool can read: concurrent ones under Verilator, clocked immediate ones for
// formal runs (Yosys -formal), nothing in synthesis.
//
//   `ASSERT(Name, property)           the property holds in every cycle outside reset
//   `ASSERT_NEXT(Name, a, b)          if a holds in a cycle, b holds in the next one
`ifndef KPU_ASSERT_SVH
`define KPU_ASSERT_SVH

`ifdef VERILATOR

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  __name: assert property (@(posedge __clk) disable iff (__rst) (__prop)) \
    else $error("[ASSERT FAILED] %m %s", `"__name`");
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni) \
  __name: assert property (@(posedge __clk) disable iff (__rst) (__a) |=> (__b)) \
    else $error("[ASSERT FAILED] %m %s", `"__name`");

`elsif FORMAL

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  always @(posedge __clk) if (!(__rst)) assert (__prop);
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni) \
  always @(posedge __clk) if (!(__rst) && $past(!(__rst)) && $past(__a)) assert (__b);

`else

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni)
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni)

`endif

`endif
