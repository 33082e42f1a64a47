// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Register file of the KPU: the K210's registers from 0x00, this project's own from 0x100, the
/// queue of layers and the output FIFO. docs/registers.md describes every bit.
///
/// One access of each direction a cycle, so fifo_data_out is read at 8 bytes a cycle.
module kpu_regs #(
  /// Shape of the machine, only shown in the configuration register.
  parameter  int unsigned Lanes       = 64,
  parameter  int unsigned Lines       = 32768,
  parameter  int unsigned RingRows    = 2048,
  parameter  int unsigned PostLanes   = 64,
  /// Layers the layer FIFO holds.
  parameter  int unsigned LayerFifo   = 16,
  /// Words the output FIFO holds.
  parameter  int unsigned OutFifo     = 16,
  /// 0: there are no counters to read.
  parameter  int unsigned Perf        = 1,
  /// 0: what is left out of the machine; StreamOut: the output FIFO, too.
  parameter  int unsigned Pool        = 1,
  parameter  int unsigned StreamOut   = 1,
  parameter  int unsigned Weights16   = 1,
  localparam int unsigned OutCntW     = $clog2(OutFifo + 1)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // AXI4-Lite slave
  input  logic                s_axil_awvalid_i,
  output logic                s_axil_awready_o,
  input  logic [11:0]         s_axil_awaddr_i,
  input  logic                s_axil_wvalid_i,
  output logic                s_axil_wready_o,
  input  logic [63:0]         s_axil_wdata_i,
  input  logic [7:0]          s_axil_wstrb_i,
  output logic                s_axil_bvalid_o,
  input  logic                s_axil_bready_i,
  output logic [1:0]          s_axil_bresp_o,
  input  logic                s_axil_arvalid_i,
  output logic                s_axil_arready_o,
  input  logic [11:0]         s_axil_araddr_i,
  output logic                s_axil_rvalid_o,
  input  logic                s_axil_rready_i,
  output logic [63:0]         s_axil_rdata_o,
  output logic [1:0]          s_axil_rresp_o,
  output logic                irq_o,
  // Layer words to the decoder
  output logic                arg_valid_o,
  input  logic                arg_ready_i,
  output logic [63:0]         arg_word_o,
  // Output stream, into fifo_data_out
  input  logic                out_valid_i,
  output logic                out_ready_o,
  input  logic [63:0]         out_data_i,
  input  logic                out_last_i,
  /// Words in fifo_data_out, for a DMA handshake; the request is raised while there are any.
  output logic [OutCntW-1:0]  out_count_o,
  output logic                dma_req_o,
  /// The last word of a layer's stream has been read, and no other stream has begun.
  output logic                dma_end_o,
  // Modes and flushes (levels)
  output logic                eight_bit_o,
  /// The layer that computes is given up.
  output logic                flush_core_o,
  /// The layers that wait are given up: queue, decoder, parameter fetch ahead.
  output logic                flush_cfg_o,
  // Events of the core (pulses)
  input  logic                layer_done_i,
  /// With layer_done_i: the layer asked for an interrupt.
  input  logic                calc_done_i,
  input  logic                unsupported_i,
  input  logic [7:0]          unsupported_code_i,
  input  logic                conv_overflow_i,
  input  logic                norm_overflow_i,
  input  logic                bus_error_i,
  /// 1 batch norm, 2 activation, 3 weights.
  input  logic [1:0]          bus_error_src_i,
  // Values to show
  /// Counters of the last finished layer, 16 of 40 bits.
  input  logic [16*40-1:0]    perf_i,
  input  logic [63:0]         unit_state_i
);

  if (LayerFifo > 255 || OutFifo > 255) begin : gen_check_fifos
    $error("kpu_regs: LayerFifo and OutFifo must be at most 255");
  end

  localparam int unsigned LayerCntW = $clog2(LayerFifo + 1);
  localparam logic [31:0] Id        = 32'h4B50_5531;  // "KPU1"
  localparam logic [31:0] Version   = 32'h0001_0000;  // 1.0

  // ---- Bus --------------------------------------------------------------------------------------
  logic        wr, rd;
  logic [8:0]  wr_addr, rd_addr;
  logic [7:0]  wr_strobe;
  logic [63:0] wr_data, rd_data;

  kpu_axil_slave #(.AddrW(12)) u_bus (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_awaddr_i, .s_axil_wvalid_i, .s_axil_wready_o,
    .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_bresp_o,
    .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_araddr_i, .s_axil_rvalid_o, .s_axil_rready_i,
    .s_axil_rdata_o, .s_axil_rresp_o,
    .wr_o(wr), .wr_addr_o(wr_addr), .wr_strobe_o(wr_strobe), .wr_data_o(wr_data),
    .rd_o(rd), .rd_addr_o(rd_addr), .rd_data_i(rd_data)
  );

  // ---- Layer FIFO -------------------------------------------------------------------------------
  logic [LayerCntW-1:0] layers;
  logic                 layer_overflow, layer_in, layer_out;

  kpu_layer_fifo #(.Layers(LayerFifo)) u_layers (
    .clk_i, .rst_ni, .clear_i(flush_cfg_o),
    .push_i(wr && wr_addr == kpu_reg_pkg::AddrLayerArgumentFifo && wr_strobe != '0), .push_data_i(wr_data),
    .overflow_o(layer_overflow),
    .arg_valid_o, .arg_ready_i, .arg_word_o,
    .layers_o(layers), .layer_in_o(layer_in), .layer_out_o(layer_out)
  );

  // ---- Output FIFO ------------------------------------------------------------------------------
  logic        out_read, out_valid;
  logic [63:0] out_word;
  logic [4:0]  fifo_ctrl_q;

  assign out_read = rd && rd_addr == kpu_reg_pkg::AddrFifoDataOut;

  assign dma_req_o = out_valid;

  if (StreamOut != 0) begin : gen_out
    kpu_fifo #(.Width(64), .Depth(OutFifo)) u_out (
      .clk_i, .rst_ni, .clear_i(!fifo_ctrl_q[0]),
      .in_valid_i(out_valid_i), .in_ready_o(out_ready_o), .in_data_i(out_data_i),
      .out_valid_o(out_valid), .out_ready_i(out_read), .out_data_o(out_word),
      .count_o(out_count_o)
    );

    logic ended_q;
    assign dma_end_o = ended_q && !out_valid;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)                         ended_q <= 1'b0;
      else if (!fifo_ctrl_q[0])            ended_q <= 1'b0;
      else if (out_valid_i && out_ready_o) ended_q <= out_last_i;
    end
  end else begin : gen_no_out
    logic unused_out;
    assign unused_out  = ^{out_valid_i, out_data_i, out_last_i};
    assign out_ready_o = 1'b1;
    assign out_valid   = 1'b0;
    assign out_word    = '0;
    assign out_count_o = '0;
    assign dma_end_o   = 1'b0;
  end

  // ---- Control registers ------------------------------------------------------------------------
  logic [2:0] mask_q;
  logic [7:0] threshold_q;    // {empty, full}, in layers
  logic       eight_bit_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mask_q      <= '1;
      threshold_q <= 8'h1A;
      fifo_ctrl_q <= '1;
      eight_bit_q <= 1'b0;
    end else if (wr && wr_strobe[0]) begin
      case (wr_addr)
        kpu_reg_pkg::AddrInterruptMask: mask_q      <= wr_data[2:0];
        kpu_reg_pkg::AddrFifoThreshold: threshold_q <= wr_data[7:0];
        kpu_reg_pkg::AddrFifoCtrl:      fifo_ctrl_q <= wr_data[4:0];
        kpu_reg_pkg::AddrEightBitMode:  eight_bit_q <= wr_data[0];
        default: ;
      endcase
    end
  end

  assign eight_bit_o  = eight_bit_q;
  assign flush_core_o = !(fifo_ctrl_q[1] && fifo_ctrl_q[3] && fifo_ctrl_q[4]);
  assign flush_cfg_o  = !fifo_ctrl_q[2];

  // ---- Interrupts -------------------------------------------------------------------------------
  // The two levels are events, not levels: "almost empty" is a layer leaving with few behind it,
  // "almost full" a layer arriving on top of many. The vendor's handler clears the bit, then pushes
  // a layer or, when it has none, returns without masking; a level would keep interrupting it.
  logic [2:0] raw_q, raw_set, raw_clear, pending;

  assign raw_set[0] = calc_done_i;
  assign raw_set[1] = layer_out && 8'(layers) <= 8'(threshold_q[7:4]);
  assign raw_set[2] = layer_in  && 8'(layers) >= 8'(threshold_q[3:0]);
  assign raw_clear  = (wr && wr_addr == kpu_reg_pkg::AddrInterruptClear) ? wr_data[2:0] : '0;
  assign pending    = raw_q & ~mask_q;
  assign irq_o      = pending != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) raw_q <= '0;
    else         raw_q <= (raw_q & ~raw_clear) | raw_set;
  end

  // ---- Status -----------------------------------------------------------------------------------
  logic [5:0]  status_q, status_set, status_clear;
  logic [7:0]  unsupported_code_q;
  logic [1:0]  bus_error_src_q;
  logic [31:0] layers_done_q;

  assign status_set   = {out_read && !out_valid, layer_overflow, bus_error_i, norm_overflow_i,
                         conv_overflow_i, unsupported_i};
  assign status_clear = (wr && wr_addr == kpu_reg_pkg::AddrStatus) ? wr_data[5:0] : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      status_q           <= '0;
      unsupported_code_q <= '0;
      bus_error_src_q    <= '0;
      layers_done_q      <= '0;
    end else begin
      status_q <= (status_q & ~status_clear) | status_set;
      // The first one stays, until it is cleared.
      if (!status_q[0] || status_clear[0]) begin
        unsupported_code_q <= unsupported_i ? unsupported_code_i : '0;
      end
      if (!status_q[3] || status_clear[3]) begin
        bus_error_src_q <= bus_error_i ? bus_error_src_i : '0;
      end
      if (layer_done_i) layers_done_q <= layers_done_q + 32'd1;
    end
  end

  // ---- Reads ------------------------------------------------------------------------------------
  localparam int unsigned PerfW = 40;
  logic [8:0]       perf_idx;
  logic [PerfW-1:0] perf;

  assign perf_idx = rd_addr - kpu_reg_pkg::AddrPerf;

  always_comb begin
    perf = '0;
    for (int unsigned i = 0; i < 16; i++) begin
      if (Perf != 0 && perf_idx == 9'(i)) perf = perf_i[i*PerfW +: PerfW];
    end
  end

  always_comb begin
    case (rd_addr)
      kpu_reg_pkg::AddrInterruptStatus: rd_data = 64'(pending);
      kpu_reg_pkg::AddrInterruptRaw:    rd_data = 64'(raw_q);
      kpu_reg_pkg::AddrInterruptMask:   rd_data = 64'(mask_q);
      kpu_reg_pkg::AddrFifoThreshold:   rd_data = 64'(threshold_q);
      kpu_reg_pkg::AddrFifoDataOut:     rd_data = out_valid ? out_word : '0;
      kpu_reg_pkg::AddrFifoCtrl:        rd_data = 64'(fifo_ctrl_q);
      kpu_reg_pkg::AddrEightBitMode:    rd_data = 64'(eight_bit_q);
      kpu_reg_pkg::AddrId:              rd_data = {Id, Version};
      kpu_reg_pkg::AddrConfig:          rd_data = {8'(OutFifo), 8'(LayerFifo), 8'(PostLanes), 16'(RingRows),
                                      16'(Lines), 8'(Lanes)};
      kpu_reg_pkg::AddrStatus:          rd_data = {46'd0, bus_error_src_q, unsupported_code_q, 2'b00, status_q};
      kpu_reg_pkg::AddrLayersDone:      rd_data = 64'(layers_done_q);
      kpu_reg_pkg::AddrUnitState:       rd_data = unit_state_i;
      kpu_reg_pkg::AddrLeftOut:         rd_data = {60'd0, Perf == 0, Weights16 == 0, StreamOut == 0, Pool == 0};
      kpu_reg_pkg::AddrFifoLevels:      rd_data = {48'd0, 8'(out_count_o), 8'(layers)};
      default:             rd_data = 64'(perf);
    endcase
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(IrqFollowsMask, irq_o == |pending)
  `ASSERT_NEXT(CalcDoneSticks, calc_done_i, raw_q[0])

endmodule
