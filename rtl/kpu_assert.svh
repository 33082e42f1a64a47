// SPDX-License-Identifier: Apache-2.0

// Assertions that every tool can read: concurrent ones in simulators (Verilator, VCS, Questa, Xcelium, Riviera, Vivado),
// clocked immediate ones for formal runs (Yosys -formal), nothing in synthesis and in simulators without them (Icarus).
//
//   `ASSERT(Name, property)           the property holds in every cycle outside reset
//   `ASSERT_NEXT(Name, a, b)          if a holds in a cycle, b holds in the next one
//   `ASSERT_HELD(Name, enable, value) the value, of a register without reset, stays while enable is low; simulators only,
//                                     from the second cycle on
//
// KPU_SIM is defined where the first kind is: there memories answer a read of a word that is written in the same cycle
// with garbage, as block memories may.
`ifndef KPU_ASSERT_SVH
`define KPU_ASSERT_SVH

`ifdef SYNTHESIS
`elsif FORMAL
`elsif VERILATOR
`define KPU_SIM
`elsif VCS
`define KPU_SIM
`elsif QUESTA
`define KPU_SIM
`elsif MODEL_TECH
`define KPU_SIM
`elsif XCELIUM
`define KPU_SIM
`elsif INCA
`define KPU_SIM
`elsif ALDEC
`define KPU_SIM
`elsif XILINX_SIMULATOR
`define KPU_SIM
`endif

`ifdef KPU_SIM

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  __name: assert property (@(posedge __clk) disable iff (__rst) (__prop)) \
    else $error("[ASSERT FAILED] %m %s", `"__name`");
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni) \
  __name: assert property (@(posedge __clk) disable iff (__rst) (__a) |=> (__b)) \
    else $error("[ASSERT FAILED] %m %s", `"__name`");
`define ASSERT_HELD(__name, __en, __value, __clk = clk_i) \
  logic __name``_on; \
  initial __name``_on = 1'b0; \
  always @(posedge __clk) __name``_on <= 1'b1; \
  __name: assert property (@(posedge __clk) disable iff (!__name``_on) !(__en) |=> $stable(__value)) \
    else $error("[ASSERT FAILED] %m %s", `"__name`");

`elsif FORMAL

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  always @(posedge __clk) if (!(__rst)) assert (__prop);
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni) \
  always @(posedge __clk) if (!(__rst) && $past(!(__rst)) && $past(__a)) assert (__b);
`define ASSERT_HELD(__name, __en, __value, __clk = clk_i)

`else

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni)
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni)
`define ASSERT_HELD(__name, __en, __value, __clk = clk_i)

`endif

`endif
