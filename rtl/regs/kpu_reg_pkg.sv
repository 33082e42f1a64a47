// SPDX-License-Identifier: Apache-2.0
// Written by scripts/generate.py from registers/kpu_registers.json: change that, not this.

/// Register addresses and reasons of a refusal (docs/registers.md).
package kpu_reg_pkg;

  // Word addresses: byte offset / 8
  localparam logic [8:0] AddrLayerArgumentFifo = 9'h000;
  localparam logic [8:0] AddrInterruptStatus   = 9'h001;
  localparam logic [8:0] AddrInterruptRaw      = 9'h002;
  localparam logic [8:0] AddrInterruptMask     = 9'h003;
  localparam logic [8:0] AddrInterruptClear    = 9'h004;
  localparam logic [8:0] AddrFifoThreshold     = 9'h005;
  localparam logic [8:0] AddrFifoDataOut       = 9'h006;
  localparam logic [8:0] AddrFifoCtrl          = 9'h007;
  localparam logic [8:0] AddrEightBitMode      = 9'h008;
  localparam logic [8:0] AddrId                = 9'h020;
  localparam logic [8:0] AddrConfig            = 9'h021;
  localparam logic [8:0] AddrStatus            = 9'h022;
  localparam logic [8:0] AddrLayersDone        = 9'h023;
  localparam logic [8:0] AddrUnitState         = 9'h024;
  localparam logic [8:0] AddrFifoLevels        = 9'h025;
  localparam logic [8:0] AddrLeftOut           = 9'h026;
  localparam logic [8:0] AddrPerf              = 9'h028;

  // Why a layer cannot run; None: it can
  localparam logic [7:0] ReasonNone              = 8'd0;
  localparam logic [7:0] ReasonKernelType        = 8'd1;
  localparam logic [7:0] ReasonBypassConv        = 8'd2;
  localparam logic [7:0] ReasonCoefOffset        = 8'd3;
  localparam logic [7:0] ReasonPoolType          = 8'd4;
  localparam logic [7:0] ReasonStrideAndPool     = 8'd5;
  localparam logic [7:0] ReasonInputLayout       = 8'd6;
  localparam logic [7:0] ReasonOutputLayout      = 8'd7;
  localparam logic [7:0] ReasonOutputSize        = 8'd8;
  localparam logic [7:0] ReasonInputPlace        = 8'd9;
  localparam logic [7:0] ReasonOutputPlace       = 8'd10;
  localparam logic [7:0] ReasonLoads             = 8'd11;
  localparam logic [7:0] ReasonWeightRing        = 8'd12;
  localparam logic [7:0] ReasonFullAdd           = 8'd13;
  localparam logic [7:0] ReasonDepthwiseChannels = 8'd14;
  localparam logic [7:0] ReasonLoadsKept         = 8'd15;
  localparam logic [7:0] ReasonPoolLeftOut       = 8'd16;
  localparam logic [7:0] ReasonStreamLeftOut     = 8'd17;
  localparam logic [7:0] ReasonWeightsLeftOut    = 8'd18;

endpackage
