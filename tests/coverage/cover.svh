// SPDX-License-Identifier: Apache-2.0

// Functional coverage points of the RTL. They stand in modules of their own, bound to the units they watch:
// rtl/ stays as it is, and only coverage builds compile them.
//
//   `POINT(name, condition)    the condition held in some cycle outside reset
//   `MOVE(from, to)            the state machine went from one state to the other
`ifndef KPU_COVER_SVH
`define KPU_COVER_SVH

`define POINT(__name, __cond) \
  __name: cover property (@(posedge clk_i) disable iff (!rst_ni) (__cond));
`define MOVE(__from, __to) \
  __from``_to_``__to: cover property (@(posedge clk_i) disable iff (!rst_ni) \
    (state_i == __from && next_i == __to));

`endif
