// SPDX-License-Identifier: Apache-2.0
`timescale 1ns / 1ps

/// Runs exported layers on kpu_top and compares what they leave in AI RAM and on the output stream.
///
/// Uses the KPU's ports only: registers over AXI4-Lite, AI RAM over AXI4, and a parameter memory on
/// the read master, so that RTL, a netlist, or an own wrapper of either can be put in its place.
/// Written for any simulator of Verilog 2012 that has `$readmemh` and delays (Icarus 11, Verilator
/// 5.006 with --timing). README.md beside it says how to compile it, and what the files hold.
///
/// A line per job; the first difference of one that fails. Ends with $fatal unless all pass.
/// Plus arguments: +first=N +last=N choose jobs (default all).
module kpu_vectors_bench;

  // Sizes of the longest job, and the number of jobs.
  `include "kpu_vectors.svh"

  localparam integer BurstBeats    = 16;
  localparam integer PollCycles    = 1000;        // between two looks at the status register
  localparam integer TimeoutCycles = 50_000_000;  // of one job

  // Registers, docs/registers.md
  localparam [11:0] RegLayerFifo = 12'h000, RegIntMask = 12'h018, RegIntClear = 12'h020, RegDataOut = 12'h030,
                    RegFifoCtrl = 12'h038, RegEightBit = 12'h040, RegStatus = 12'h110, RegLevels = 12'h128,
                    RegCycles = 12'h140;
  // Status bits that end a job: unsupported, bus error, layer lost.
  localparam [63:0] StatusFatal = 64'h19;

  // Words of layer.hex
  localparam integer LayerWords = 12, FieldEightBit = 12, FieldParamWords = 13, FieldInputFirst = 14,
                     FieldInputWords = 15, FieldOutputFirst = 16, FieldOutputWords = 17, FieldStreamWords = 18,
                     Fields = 19;

  reg clk = 1'b0;
  reg rst_n = 1'b0;
  always #5 clk = !clk;

  reg [63:0] job       [0:Fields-1];
  reg [63:0] params    [0:ParamWords-1];
  reg [63:0] image     [0:ImageWords-1];
  reg [71:0] expected  [0:ImageWords-1];  // {which bytes count, bytes}
  reg [63:0] stream    [0:StreamWords-1];

  integer first_job, last_job, n, words, differences, failures;
  reg     aborted;
  reg [63:0] value;

  // ---- The KPU and its buses ---------------------------------------------------------------------
  wire        irq;
  reg         l_awvalid = 1'b0, l_wvalid = 1'b0, l_arvalid = 1'b0;
  reg  [11:0] l_addr;
  reg  [63:0] l_wdata;
  wire        l_awready, l_wready, l_bvalid, l_arready, l_rvalid;
  wire [63:0] l_rdata;
  wire [1:0]  l_bresp, l_rresp;
  wire        m_arvalid, m_rready;
  wire [31:0] m_araddr;
  wire [7:0]  m_arlen;
  wire [2:0]  m_arsize;
  wire [1:0]  m_arburst;
  reg         s_awvalid = 1'b0, s_wvalid = 1'b0, s_arvalid = 1'b0, s_wlast = 1'b0;
  reg  [20:0] s_addr;
  reg  [7:0]  s_len;
  reg  [63:0] s_wdata;
  wire        s_awready, s_wready, s_bvalid, s_arready, s_rvalid, s_rlast;
  wire [63:0] s_rdata;
  wire [1:0]  s_bresp, s_rresp;
  wire [3:0]  s_bid, s_rid;
  wire        dma_req, dma_end;
  wire [4:0]  out_count;

  // ---- Parameter memory: one burst at a time, a beat a cycle ---------------------------------------
  reg  [31:0] m_next;
  reg  [8:0]  m_beats = 9'd0;

  always @(posedge clk) begin
    if (!rst_n) begin
      m_beats <= 9'd0;
    end else if (m_beats == 9'd0) begin
      if (m_arvalid) begin
        m_next  <= m_araddr >> 3;
        m_beats <= {1'b0, m_arlen} + 9'd1;
      end
    end else if (m_rready) begin
      m_next  <= m_next + 32'd1;
      m_beats <= m_beats - 9'd1;
    end
  end

`ifdef KPU_TOP_PARAMETERS
  kpu_top #(`KPU_TOP_PARAMETERS) u_kpu (
`else
  kpu_top u_kpu (
`endif
    .clk_i            (clk),
    .rst_ni           (rst_n),
    .irq_o            (irq),
    .dma_req_o        (dma_req),
    .out_count_o      (out_count),
    .dma_end_o        (dma_end),
    .s_axil_awvalid_i (l_awvalid),
    .s_axil_awready_o (l_awready),
    .s_axil_awaddr_i  (l_addr),
    .s_axil_wvalid_i  (l_wvalid),
    .s_axil_wready_o  (l_wready),
    .s_axil_wdata_i   (l_wdata),
    .s_axil_wstrb_i   (8'hFF),
    .s_axil_bvalid_o  (l_bvalid),
    .s_axil_bready_i  (1'b1),
    .s_axil_bresp_o   (l_bresp),
    .s_axil_arvalid_i (l_arvalid),
    .s_axil_arready_o (l_arready),
    .s_axil_araddr_i  (l_addr),
    .s_axil_rvalid_o  (l_rvalid),
    .s_axil_rready_i  (1'b1),
    .s_axil_rdata_o   (l_rdata),
    .s_axil_rresp_o   (l_rresp),
    .m_axi_arvalid_o  (m_arvalid),
    .m_axi_arready_i  (m_beats == 9'd0),
    .m_axi_araddr_o   (m_araddr),
    .m_axi_arlen_o    (m_arlen),
    .m_axi_arsize_o   (m_arsize),
    .m_axi_arburst_o  (m_arburst),
    .m_axi_rvalid_i   (m_beats != 9'd0),
    .m_axi_rready_o   (m_rready),
    .m_axi_rdata_i    (params[m_next]),
    .m_axi_rresp_i    (2'b00),
    .m_axi_rlast_i    (m_beats == 9'd1),
    .s_axi_awvalid_i  (s_awvalid),
    .s_axi_awready_o  (s_awready),
    .s_axi_awaddr_i   (s_addr),
    .s_axi_awid_i     (4'd0),
    .s_axi_awlen_i    (s_len),
    .s_axi_awsize_i   (3'd3),
    .s_axi_awburst_i  (2'b01),
    .s_axi_wvalid_i   (s_wvalid),
    .s_axi_wready_o   (s_wready),
    .s_axi_wdata_i    (s_wdata),
    .s_axi_wstrb_i    (8'hFF),
    .s_axi_wlast_i    (s_wlast),
    .s_axi_bvalid_o   (s_bvalid),
    .s_axi_bready_i   (1'b1),
    .s_axi_bid_o      (s_bid),
    .s_axi_bresp_o    (s_bresp),
    .s_axi_arvalid_i  (s_arvalid),
    .s_axi_arready_o  (s_arready),
    .s_axi_araddr_i   (s_addr),
    .s_axi_arid_i     (4'd0),
    .s_axi_arlen_i    (s_len),
    .s_axi_arsize_i   (3'd3),
    .s_axi_arburst_i  (2'b01),
    .s_axi_rvalid_o   (s_rvalid),
    .s_axi_rready_i   (1'b1),
    .s_axi_rdata_o    (s_rdata),
    .s_axi_rid_o      (s_rid),
    .s_axi_rresp_o    (s_rresp),
    .s_axi_rlast_o    (s_rlast)
  );

  // ---- Registers -----------------------------------------------------------------------------------
  // Everything is driven at the falling edge and handshakes are looked at just before the rising one takes
  // them: no simulator can order that in two ways.
  task write_register(input [11:0] address, input [63:0] data);
    reg aw_taken, w_taken;
    begin
      l_addr    = address;
      l_wdata   = data;
      l_awvalid = 1'b1;
      l_wvalid  = 1'b1;
      while (l_awvalid || l_wvalid) begin
        @(posedge clk);
        aw_taken = l_awready;
        w_taken  = l_wready;
        @(negedge clk);
        if (aw_taken) l_awvalid = 1'b0;
        if (w_taken)  l_wvalid  = 1'b0;
      end
      while (!l_bvalid) @(negedge clk);
      @(negedge clk);
    end
  endtask

  task read_register(input [11:0] address, output [63:0] data);
    begin
      l_addr    = address;
      l_arvalid = 1'b1;
      @(posedge clk);
      while (!l_arready) @(posedge clk);
      @(negedge clk);
      l_arvalid = 1'b0;
      while (!l_rvalid) @(negedge clk);
      data = l_rdata;
      @(negedge clk);
    end
  endtask

  // ---- AI RAM: `count` words of eight bytes from word `first` on -------------------------------------
  task write_image(input integer first, input integer count);
    integer at, beats, i;
    begin
      for (at = 0; at < count; at = at + beats) begin
        beats     = (count - at < BurstBeats) ? count - at : BurstBeats;
        s_addr    = (first + at) * 8;
        s_len     = beats - 1;
        s_awvalid = 1'b1;
        @(posedge clk);
        while (!s_awready) @(posedge clk);
        @(negedge clk);
        s_awvalid = 1'b0;
        s_wvalid  = 1'b1;
        for (i = 0; i < beats; i = i + 1) begin
          s_wdata = image[at + i];
          s_wlast = i == beats - 1;
          @(posedge clk);
          while (!s_wready) @(posedge clk);
          @(negedge clk);
        end
        s_wvalid = 1'b0;
        while (!s_bvalid) @(negedge clk);
        @(negedge clk);
      end
    end
  endtask

  task compare_image(input integer first, input integer count);
    integer at, beats, i, b;
    begin
      for (at = 0; at < count; at = at + beats) begin
        beats     = (count - at < BurstBeats) ? count - at : BurstBeats;
        s_addr    = (first + at) * 8;
        s_len     = beats - 1;
        s_arvalid = 1'b1;
        @(posedge clk);
        while (!s_arready) @(posedge clk);
        @(negedge clk);
        s_arvalid = 1'b0;
        for (i = 0; i < beats; i = i + 1) begin
          while (!s_rvalid) @(negedge clk);
          for (b = 0; b < 8; b = b + 1) begin
            if (expected[at+i][64+b] && s_rdata[8*b +: 8] !== expected[at+i][8*b +: 8]) begin
              if (differences == 0) begin
                $display("  AI RAM byte 0x%06x: expected %02x, got %02x", (first + at + i) * 8 + b,
                         expected[at+i][8*b +: 8], s_rdata[8*b +: 8]);
              end
              differences = differences + 1;
            end
          end
          @(negedge clk);
        end
      end
    end
  endtask

  // ---- One job ---------------------------------------------------------------------------------------
  /// Reads what is in the output FIFO; `words` counts the words of the stream so far.
  task take_stream;
    integer level;
    begin
      read_register(RegLevels, value);
      level = value[15:8];
      while (level > 0) begin
        read_register(RegDataOut, value);
        if (words >= job[FieldStreamWords] || value !== stream[words]) begin
          if (differences == 0) begin
            $display("  stream word %0d: got %016x, expected %016x of %0d words", words, value, stream[words],
                     job[FieldStreamWords]);
          end
          differences = differences + 1;
        end
        words = words + 1;
        level = level - 1;
      end
    end
  endtask

  task check_status;
    begin
      read_register(RegStatus, value);
      aborted = (value & StatusFatal) != 0;
      if (aborted) $display("  status register 0x%0x", value);
    end
  endtask

  /// Lets time pass until the interrupt is up and the stream is complete, or sets `aborted`.
  task wait_for_end;
    integer spent;
    begin
      spent = 0;
      while (!aborted && (!irq || words < job[FieldStreamWords])) begin
        @(negedge clk);
        spent = spent + 1;
        if (job[FieldStreamWords] != 0) take_stream;
        if (spent % PollCycles == 0) check_status;
        if (spent == TimeoutCycles) begin
          aborted = 1'b1;
          $display("  no end after %0d cycles, %0d stream words", spent, words);
        end
      end
      if (!aborted) check_status;
    end
  endtask

  task run_job(input integer index);
    integer i;
    reg [8*32-1:0] path;
    begin
      $sformat(path, "job%03d_layer.hex", index);
      $readmemh(path, job, 0, Fields - 1);
      $sformat(path, "job%03d_params.hex", index);
      if (job[FieldParamWords] != 0) $readmemh(path, params, 0, job[FieldParamWords] - 1);
      $sformat(path, "job%03d_input.hex", index);
      $readmemh(path, image, 0, job[FieldInputWords] - 1);
      $sformat(path, "job%03d_output.hex", index);
      $readmemh(path, expected, 0, job[FieldOutputWords] - 1);
      $sformat(path, "job%03d_stream.hex", index);
      if (job[FieldStreamWords] != 0) $readmemh(path, stream, 0, job[FieldStreamWords] - 1);

      words       = 0;
      differences = 0;
      aborted     = 1'b0;
      write_image(job[FieldInputFirst], job[FieldInputWords]);
      write_register(RegEightBit, job[FieldEightBit]);
      write_register(RegIntClear, 64'd7);
      for (i = 0; i < LayerWords; i = i + 1) write_register(RegLayerFifo, job[i]);
      wait_for_end;
      if (aborted) begin
        // Flush: the next job starts from rest.
        differences = differences + 1;
        write_register(RegFifoCtrl, 64'd0);
        write_register(RegFifoCtrl, 64'h1F);
        write_register(RegStatus, 64'h3F);
      end else begin
        compare_image(job[FieldOutputFirst], job[FieldOutputWords]);
      end
      read_register(RegCycles, value);
      if (differences == 0) begin
        $display("job %0d: PASS, %0d cycles", index, value);
      end else begin
        $display("job %0d: FAIL, %0d differences", index, differences);
        failures = failures + 1;
      end
    end
  endtask

  initial begin
    if (!$value$plusargs("first=%d", first_job)) first_job = 0;
    if (!$value$plusargs("last=%d", last_job)) last_job = Jobs - 1;
    failures = 0;
    repeat (4) @(negedge clk);
    rst_n = 1'b1;
    repeat (2) @(negedge clk);
    write_register(RegIntMask, 64'd6);
    for (n = first_job; n <= last_job; n = n + 1) run_job(n);
    if (failures != 0) $fatal(1, "FAIL: %0d of %0d jobs", failures, last_job - first_job + 1);
    $display("PASS: %0d jobs", last_job - first_job + 1);
    $finish;
  end

endmodule
