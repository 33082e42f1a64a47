// SPDX-License-Identifier: Apache-2.0

// Assertions that every tool can read: concurrent ones in simulators (VCS, Questa, Xcelium, Riviera, Vivado), clocked
// immediate ones in Verilator and for formal runs (Yosys -formal), nothing in synthesis and in simulators without them
// (Icarus). Verilator copies every signal of a concurrent assertion, and of $past and $stable, each time that it
// evaluates the model, which was a quarter of the time; a clocked process reads the same values, those before the edge.
//
//   `ASSERT(Name, property)           the property holds in every cycle outside reset
//   `ASSERT_NEXT(Name, a, b)          if a holds in a cycle, b holds in the next one
//   `ASSERT_KEPT(Name, a, b, value, unless)  the same, and the value is what it was; not checked if `unless` holds then
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
`ifdef VERILATOR

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  always @(posedge __clk) if (!(__rst)) begin \
    __name: assert (__prop) else $error("[ASSERT FAILED] %m %s", `"__name`"); \
  end
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni) \
  logic __name``_due; \
  initial __name``_due = 1'b0; \
  always @(posedge __clk) begin \
    __name``_due <= !(__rst) && (__a); \
    if (!(__rst) && __name``_due) begin \
      __name: assert (__b) else $error("[ASSERT FAILED] %m %s", `"__name`"); \
    end \
  end
`define ASSERT_KEPT(__name, __a, __b, __value, __unless = 1'b0, __clk = clk_i, __rst = !rst_ni) \
  logic __name``_due; \
  logic [$bits(__value)-1:0] __name``_was; \
  initial __name``_due = 1'b0; \
  always @(posedge __clk) begin \
    __name``_due <= !(__rst) && (__a); \
    __name``_was <= __value; \
    if (!(__rst) && __name``_due && !(__unless)) begin \
      __name: assert ((__b) && __name``_was == (__value)) else $error("[ASSERT FAILED] %m %s", `"__name`"); \
    end \
  end
`define ASSERT_HELD(__name, __en, __value, __clk = clk_i) \
  logic __name``_on, __name``_due; \
  logic [$bits(__value)-1:0] __name``_was; \
  initial {__name``_on, __name``_due} = 2'b0; \
  always @(posedge __clk) begin \
    __name``_on <= 1'b1; \
    __name``_due <= __name``_on && !(__en); \
    __name``_was <= __value; \
    if (__name``_due) begin \
      __name: assert (__name``_was == (__value)) else $error("[ASSERT FAILED] %m %s", `"__name`"); \
    end \
  end

`else

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  __name: assert property (@(posedge __clk) disable iff (__rst) (__prop)) \
    else $error("[ASSERT FAILED] %m %s", `"__name`");
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni) \
  __name: assert property (@(posedge __clk) disable iff (__rst) (__a) |=> (__b)) \
    else $error("[ASSERT FAILED] %m %s", `"__name`");
`define ASSERT_KEPT(__name, __a, __b, __value, __unless = 1'b0, __clk = clk_i, __rst = !rst_ni) \
  __name: assert property (@(posedge __clk) disable iff (__rst) (__a) |=> (__unless) || ((__b) && $stable(__value))) \
    else $error("[ASSERT FAILED] %m %s", `"__name`");
`define ASSERT_HELD(__name, __en, __value, __clk = clk_i) \
  logic __name``_on; \
  initial __name``_on = 1'b0; \
  always @(posedge __clk) __name``_on <= 1'b1; \
  __name: assert property (@(posedge __clk) disable iff (!__name``_on) !(__en) |=> $stable(__value)) \
    else $error("[ASSERT FAILED] %m %s", `"__name`");

`endif
`elsif FORMAL

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  always @(posedge __clk) if (!(__rst)) assert (__prop);
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni) \
  always @(posedge __clk) if (!(__rst) && $past(!(__rst)) && $past(__a)) assert (__b);
`define ASSERT_KEPT(__name, __a, __b, __value, __unless = 1'b0, __clk = clk_i, __rst = !rst_ni) \
  always @(posedge __clk) if (!(__rst) && $past(!(__rst)) && $past(__a)) \
    assert ((__unless) || ((__b) && $stable(__value)));
`define ASSERT_HELD(__name, __en, __value, __clk = clk_i)

`else

`define ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni)
`define ASSERT_NEXT(__name, __a, __b, __clk = clk_i, __rst = !rst_ni)
`define ASSERT_KEPT(__name, __a, __b, __value, __unless = 1'b0, __clk = clk_i, __rst = !rst_ni)
`define ASSERT_HELD(__name, __en, __value, __clk = clk_i)

`endif

`endif
