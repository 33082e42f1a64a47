// SPDX-License-Identifier: Apache-2.0

// The ECP5 cells that synthesis uses, as a simulator should see them: function without delays, start values left to
// the simulator (random under Verilator), so that a design that relies on them is found out.

/// Look-up table of four inputs.
module LUT4 #(
  parameter logic [15:0] INIT = '0
) (
  input  logic A, B, C, D,
  output logic Z
);
  assign Z = INIT[{D, C, B, A}];
endmodule

/// Two bits of a carry chain. A LUT gives propagate, its lower quarter generate; INJECT1 cuts the carry off a bit.
module CCU2C #(
  parameter logic [15:0] INIT0     = '0,
  parameter logic [15:0] INIT1     = '0,
  parameter              INJECT1_0 = "YES",
  parameter              INJECT1_1 = "YES"
) (
  input  logic CIN,
  input  logic A0, B0, C0, D0, A1, B1, C1, D1,
  output logic S0, S1,
  output logic COUT
);
  logic prop0, prop1, gen0, gen1, carry0;

  assign prop0  = INIT0[{D0, C0, B0, A0}];
  assign prop1  = INIT1[{D1, C1, B1, A1}];
  assign gen0   = INJECT1_0 != "YES" && INIT0[{2'b00, B0, A0}];
  assign gen1   = INJECT1_1 != "YES" && INIT1[{2'b00, B1, A1}];
  assign carry0 = prop0 ? CIN : gen0;
  assign COUT   = prop1 ? carry0 : gen1;
  assign S0     = prop0 ^ (INJECT1_0 != "YES" && CIN);
  assign S1     = prop1 ^ (INJECT1_1 != "YES" && carry0);
endmodule

/// Flip-flop with clock enable and a synchronous or asynchronous set or reset.
module TRELLIS_FF #(
  parameter CEMUX   = "1",
  parameter CLKMUX  = "CLK",
  parameter GSR     = "ENABLED",
  parameter LSRMUX  = "LSR",
  parameter REGSET  = "RESET",
  parameter SRMODE  = "LSR_OVER_CE"
) (
  input  logic CLK, LSR, CE, DI,
  output logic Q
);
  if (CLKMUX != "CLK" || GSR != "DISABLED") begin : gen_check_mode
    $error("TRELLIS_FF: only the rising edge, without the global reset, is modelled");
  end

  logic ce, lsr;
  assign ce  = (CEMUX == "1") || (CEMUX == "INV" ? !CE : CEMUX == "CE" && CE);
  assign lsr = (LSRMUX == "INV") ? !LSR : LSR;

  if (SRMODE == "ASYNC") begin : gen_async
    always_ff @(posedge CLK or posedge lsr) begin
      if (lsr)     Q <= REGSET == "SET";
      else if (ce) Q <= DI;
    end
  end else begin : gen_sync
    always_ff @(posedge CLK) begin
      if (lsr)     Q <= REGSET == "SET";
      else if (ce) Q <= DI;
    end
  end
endmodule

/// Distributed memory, 16 x 4 bits: written with the clock, read without.
module TRELLIS_DPR16X4 #(
  parameter              WCKMUX  = "WCK",
  parameter              WREMUX  = "WRE",
  parameter logic [63:0] INITVAL = '0
) (
  input  logic [3:0] DI, WAD, RAD,
  input  logic       WRE, WCK,
  output logic [3:0] DO
);
  if (WCKMUX != "WCK" || WREMUX != "WRE") begin : gen_check_mode
    $error("TRELLIS_DPR16X4: only the rising edge and a high write enable are modelled");
  end

  logic [3:0] mem [16];
  logic       unused_initval;

  assign unused_initval = ^INITVAL;
  assign DO = mem[RAD];

  always_ff @(posedge WCK) begin
    if (WRE) mem[WAD] <= DI;
  end
endmodule

/// Multiplier of 18 x 18 bits, each operand signed or not, without its registers.
module MULT18X18D (
  input  logic A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17,
  input  logic B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17,
  input  logic C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C15, C16, C17,
  input  logic SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
  output logic P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17,
  output logic P18, P19, P20, P21, P22, P23, P24, P25, P26, P27, P28, P29, P30, P31, P32, P33, P34, P35
);
  logic [17:0]        a, b;
  logic signed [35:0] product;

  assign a = {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
  assign b = {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
  assign product = 36'(signed'({SIGNEDA && a[17], a})) * 36'(signed'({SIGNEDB && b[17], b}));
  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
          P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = product;

  logic unused_inputs;
  assign unused_inputs = ^{C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C15, C16, C17,
                           SOURCEA, SOURCEB};
endmodule
