// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Registers of the DMA controller that are not a channel's: enable, channel enables, interrupts,
/// reset, and the record of bad register accesses. docs/system.md, section "DMA controller".
module kpu_dmac_common #(
  parameter int unsigned Channels = 6
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // Register accesses of the whole controller, by word address
  input  logic                wr_i,
  input  logic [8:0]          wr_addr_i,
  input  logic [7:0]          wr_strobe_i,
  input  logic [63:0]         wr_data_i,     // zero where not strobed
  input  logic                rd_i,
  input  logic [8:0]          rd_addr_i,
  output logic [63:0]         rd_data_o,
  // Channels
  input  logic [Channels-1:0] en_i,
  input  logic [Channels-1:0] chan_irq_i,
  output logic [Channels-1:0] enable_o,      // pulses
  output logic [Channels-1:0] disable_o,
  output logic [Channels-1:0] suspend_o,     // levels
  output logic [Channels-1:0] abort_o,       // pulses
  output logic                dmac_en_o,
  output logic                soft_reset_o,  // pulse, when all channels are idle
  output logic [Channels-1:0] irq_o,
  output logic                irq_common_o
);

  localparam logic [63:0] Id      = 64'h0000_0000_4B44_4D41;  // "KDMA"
  localparam logic [63:0] Version = 64'h0000_0000_3130_302A;  // "100*"

  // Byte offset / 8
  localparam logic [8:0] AddrId          = 9'h000;
  localparam logic [8:0] AddrVersion     = 9'h001;
  localparam logic [8:0] AddrCfg         = 9'h002;
  localparam logic [8:0] AddrChEn        = 9'h003;
  localparam logic [8:0] AddrIntStatus   = 9'h006;
  localparam logic [8:0] AddrComClear    = 9'h007;
  localparam logic [8:0] AddrComStatusEn = 9'h008;
  localparam logic [8:0] AddrComSignalEn = 9'h009;
  localparam logic [8:0] AddrComStatus   = 9'h00A;
  localparam logic [8:0] AddrReset       = 9'h00B;

  // Bad accesses
  localparam int unsigned BadDecode  = 0;  // a channel that does not exist
  localparam int unsigned BadWriteRo = 1;
  localparam int unsigned BadReadWo  = 2;
  localparam int unsigned BadHold    = 3;  // a register of a running block
  localparam int unsigned BadUndef   = 8;
  localparam logic [8:0]  ComMask    = 9'h10F;

  logic                dmac_en_q, int_en_q, resetting_q;
  logic [Channels-1:0] suspend_q;
  logic [8:0]          com_en_q, com_signal_q, com_status_q, com_set;
  logic                busy, wr_chen;

  assign busy         = en_i != '0;
  assign dmac_en_o    = dmac_en_q && !resetting_q;
  assign soft_reset_o = resetting_q && !busy;
  assign suspend_o    = suspend_q;
  assign wr_chen      = wr_i && wr_addr_i == AddrChEn;
  // A field counts for the channels whose write-enable bit is set.
  assign enable_o     = (wr_chen && dmac_en_o) ? wr_data_i[8 +: Channels] & wr_data_i[0 +: Channels]
                                               : '0;
  assign disable_o    = wr_chen ? wr_data_i[8 +: Channels] & ~wr_data_i[0 +: Channels] : '0;
  assign abort_o      = wr_chen ? wr_data_i[40 +: Channels] & wr_data_i[32 +: Channels] : '0;
  assign irq_o        = int_en_q ? chan_irq_i : '0;
  assign irq_common_o = int_en_q && (com_status_q & com_signal_q) != '0;

  // ---- Bad accesses -----------------------------------------------------------------------------
  // What a word address is: readable, writable, and fixed while its channel runs.
  function automatic logic [2:0] kind(input logic [8:0] addr);  // {hold, writable, readable}
    kind = 3'b000;
    if (addr[8:5] == '0) begin
      case (addr)
        AddrId, AddrVersion, AddrIntStatus, AddrComStatus:              kind = 3'b001;
        AddrCfg, AddrChEn, AddrComStatusEn, AddrComSignalEn, AddrReset: kind = 3'b011;
        AddrComClear:                                                   kind = 3'b010;
        default: ;
      endcase
    end else begin
      case (addr[4:0])
        kpu_dmac_pkg::RegSar, kpu_dmac_pkg::RegDar, kpu_dmac_pkg::RegBlockTs,
        kpu_dmac_pkg::RegCtl, kpu_dmac_pkg::RegCfg, kpu_dmac_pkg::RegLlp:  kind = 3'b111;
        kpu_dmac_pkg::RegStatus, kpu_dmac_pkg::RegIntStatus:               kind = 3'b001;
        kpu_dmac_pkg::RegIntStatusEn, kpu_dmac_pkg::RegIntSignalEn:        kind = 3'b011;
        kpu_dmac_pkg::RegIntClear:                                         kind = 3'b010;
        default: ;
      endcase
    end
  endfunction

  logic [2:0] wr_kind, rd_kind;
  logic       wr_running, wr_no_chan, rd_no_chan;

  assign wr_kind    = kind(wr_addr_i);
  assign rd_kind    = kind(rd_addr_i);
  assign wr_no_chan = wr_addr_i[8:5] > 4'(Channels);
  assign rd_no_chan = rd_addr_i[8:5] > 4'(Channels);
  always_comb begin
    wr_running = 1'b0;
    for (int unsigned c = 0; c < Channels; c++) begin
      if (wr_addr_i[8:5] == 4'(c + 1)) wr_running = en_i[c];
    end
    com_set             = '0;
    com_set[BadDecode]  = (wr_i && wr_no_chan) || (rd_i && rd_no_chan);
    com_set[BadWriteRo] = wr_i && !wr_no_chan && wr_kind[1:0] == 2'b01;
    com_set[BadReadWo]  = rd_i && !rd_no_chan && rd_kind[1:0] == 2'b10;
    com_set[BadHold]    = wr_i && wr_running && wr_kind[2];
    com_set[BadUndef]   = (wr_i && !wr_no_chan && wr_kind[1:0] == 2'b00) ||
                          (rd_i && !rd_no_chan && rd_kind[1:0] == 2'b00);
  end

  // ---- Registers --------------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      dmac_en_q    <= 1'b0;
      int_en_q     <= 1'b0;
      resetting_q  <= 1'b0;
      suspend_q    <= '0;
      com_en_q     <= ComMask;
      com_signal_q <= ComMask;
      com_status_q <= '0;
    end else if (soft_reset_o) begin
      dmac_en_q    <= 1'b0;
      int_en_q     <= 1'b0;
      resetting_q  <= 1'b0;
      suspend_q    <= '0;
      com_en_q     <= ComMask;
      com_signal_q <= ComMask;
      com_status_q <= '0;
    end else begin
      com_status_q <= com_status_q | (com_set & com_en_q);
      if (wr_i) begin
        case (wr_addr_i)
          AddrCfg: if (wr_strobe_i[0]) begin
            dmac_en_q <= wr_data_i[0];
            int_en_q  <= wr_data_i[1];
          end
          AddrChEn: suspend_q <= (suspend_q & ~wr_data_i[24 +: Channels]) |
                                 (wr_data_i[16 +: Channels] & wr_data_i[24 +: Channels]);
          AddrComClear:    com_status_q <= com_status_q & ~wr_data_i[8:0];
          AddrComStatusEn: com_en_q     <= 9'(kpu_dmac_pkg::written(64'(com_en_q), wr_data_i, wr_strobe_i)) & ComMask;
          AddrComSignalEn: com_signal_q <= 9'(kpu_dmac_pkg::written(64'(com_signal_q), wr_data_i, wr_strobe_i)) & ComMask;
          AddrReset:       if (wr_strobe_i[0]) resetting_q <= wr_data_i[0];
          default: ;
        endcase
      end
    end
  end

  always_comb begin
    rd_data_o = '0;
    case (rd_addr_i)
      AddrId:          rd_data_o = Id;
      AddrVersion:     rd_data_o = Version;
      // The enable reads 1 until the last channel has stopped.
      AddrCfg:         rd_data_o = {62'd0, int_en_q, dmac_en_q || busy};
      AddrChEn: begin
        rd_data_o[0 +: Channels]  = en_i;
        rd_data_o[16 +: Channels] = suspend_q;
      end
      AddrIntStatus: begin
        rd_data_o[0 +: Channels] = chan_irq_i;
        rd_data_o[16]            = (com_status_q & com_signal_q) != '0;
      end
      AddrComStatusEn: rd_data_o[8:0] = com_en_q;
      AddrComSignalEn: rd_data_o[8:0] = com_signal_q;
      AddrComStatus:   rd_data_o[8:0] = com_status_q;
      AddrReset:       rd_data_o[0]   = resetting_q;
      default: ;
    endcase
  end

  logic unused_bits;
  assign unused_bits = ^{wr_data_i, rd_kind[2]};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT_NEXT(ResetEnds, soft_reset_o, !resetting_q)

endmodule
