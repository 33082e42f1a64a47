// SPDX-License-Identifier: Apache-2.0

/// `kpu_top` between registers, with four pins: what place and route measures timing on.
///
/// The KPU has some 700 signals at its buses, more than a package has pins. Inputs come from a shift register,
/// outputs go through a register into another one that is loaded and shifted, so all paths start and end in
/// registers and nothing is optimised away. It computes nothing useful. Parameters are those of `kpu_top`.
module kpu_pnr_frame #(
  parameter int unsigned Lanes          = 64,
  parameter int unsigned PostLanes      = Lanes,
  parameter int unsigned WeightRows     = 2048,
  parameter int unsigned AiLines        = 32768,
  parameter int unsigned AiPorts        = 1,
  parameter int unsigned AiBanks        = 0,
  parameter int unsigned AiGap          = 0,
  parameter int unsigned AccLines       = 32,
  parameter int unsigned TileChannels   = 16,
  parameter int unsigned PointChannels  = 8,
  parameter int unsigned WeightBits     = 8,
  parameter int unsigned MaxOutstanding = 4,
  parameter int unsigned Perf           = 1,
  parameter int unsigned PackRows       = 0,
  parameter int unsigned Overlap        = 0,
  parameter int unsigned Pool           = 1,
  parameter int unsigned StreamOut      = 1,
  parameter int unsigned Weights16      = 1,
  parameter int unsigned LayerFifo      = 16,
  parameter int unsigned OutFifo        = 16,
  parameter int unsigned SkipRows       = 1,
  parameter int unsigned DrainPass      = 0,
  parameter int unsigned PassGap        = 0,
  parameter int unsigned KernelPort     = 0,
  parameter int unsigned StartCycles    = 0,
  parameter int unsigned StreamGap      = 0
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic bit_i,
  output logic bit_o
);

  localparam int unsigned IdW    = 4;
  localparam int unsigned InW    = 324;
  localparam int unsigned OutW   = 210;
  localparam int unsigned StageW = 64;  // outputs are folded to this many bits, one XOR a bit and cycle
  localparam int unsigned OutCntW = $clog2(OutFifo + 1);

  logic [InW-1:0]    in_q;
  logic [OutW-1:0]   out, out_q;
  logic [StageW-1:0] fold_q;
  logic [3:0]        part_q;
  logic [OutCntW-1:0] out_count;

  assign out[6:2] = 5'(out_count);

  always_ff @(posedge clk_i) begin
    in_q  <= {in_q[InW-2:0], bit_i};
    out_q <= out;
    bit_o <= fold_q[StageW-1];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      part_q <= '0;
      fold_q <= '0;
    end else begin
      part_q <= part_q + 4'd1;
      fold_q <= {fold_q[StageW-2:0], 1'b0};
      for (int unsigned p = 0; p * StageW < OutW; p++) begin
        if (part_q == 4'(p)) fold_q <= fold_q ^ StageW'(out_q >> (p * StageW));
      end
    end
  end

  kpu_top #(
    .Lanes(Lanes), .PostLanes(PostLanes), .WeightRows(WeightRows), .AiLines(AiLines), .AccLines(AccLines),
    .TileChannels(TileChannels), .PointChannels(PointChannels), .WeightBits(WeightBits), .SkipRows(SkipRows),
    .DrainPass(DrainPass), .PassGap(PassGap), .KernelPort(KernelPort), .StartCycles(StartCycles), .StreamGap(StreamGap),
    .AiPorts(AiPorts), .AiBanks(AiBanks), .AiGap(AiGap), .Pool(Pool), .StreamOut(StreamOut), .Weights16(Weights16),
    .MaxOutstanding(MaxOutstanding), .Perf(Perf), .PackRows(PackRows), .Overlap(Overlap), .LayerFifo(LayerFifo), .OutFifo(OutFifo), .IdW(IdW)
  ) u_kpu (
    .clk_i, .rst_ni,
    .irq_o            (out[0]),
    .dma_req_o        (out[1]),
    .out_count_o      (out_count),
    .dma_end_o        (out[209]),
    .s_axil_awvalid_i (in_q[0]),
    .s_axil_awready_o (out[7]),
    .s_axil_awaddr_i  (in_q[12:1]),
    .s_axil_wvalid_i  (in_q[13]),
    .s_axil_wready_o  (out[8]),
    .s_axil_wdata_i   (in_q[77:14]),
    .s_axil_wstrb_i   (in_q[85:78]),
    .s_axil_bvalid_o  (out[9]),
    .s_axil_bready_i  (in_q[86]),
    .s_axil_bresp_o   (out[11:10]),
    .s_axil_arvalid_i (in_q[87]),
    .s_axil_arready_o (out[12]),
    .s_axil_araddr_i  (in_q[99:88]),
    .s_axil_rvalid_o  (out[13]),
    .s_axil_rready_i  (in_q[100]),
    .s_axil_rdata_o   (out[77:14]),
    .s_axil_rresp_o   (out[79:78]),
    .m_axi_arvalid_o  (out[80]),
    .m_axi_arready_i  (in_q[101]),
    .m_axi_araddr_o   (out[112:81]),
    .m_axi_arlen_o    (out[120:113]),
    .m_axi_arsize_o   (out[123:121]),
    .m_axi_arburst_o  (out[125:124]),
    .m_axi_rvalid_i   (in_q[102]),
    .m_axi_rready_o   (out[126]),
    .m_axi_rdata_i    (in_q[166:103]),
    .m_axi_rresp_i    (in_q[168:167]),
    .m_axi_rlast_i    (in_q[169]),
    .s_axi_awvalid_i  (in_q[170]),
    .s_axi_awready_o  (out[127]),
    .s_axi_awaddr_i   (in_q[191:171]),
    .s_axi_awid_i     (in_q[195:192]),
    .s_axi_awlen_i    (in_q[203:196]),
    .s_axi_awsize_i   (in_q[206:204]),
    .s_axi_awburst_i  (in_q[208:207]),
    .s_axi_wvalid_i   (in_q[209]),
    .s_axi_wready_o   (out[128]),
    .s_axi_wdata_i    (in_q[273:210]),
    .s_axi_wstrb_i    (in_q[281:274]),
    .s_axi_wlast_i    (in_q[282]),
    .s_axi_bvalid_o   (out[129]),
    .s_axi_bready_i   (in_q[283]),
    .s_axi_bid_o      (out[133:130]),
    .s_axi_bresp_o    (out[135:134]),
    .s_axi_arvalid_i  (in_q[284]),
    .s_axi_arready_o  (out[136]),
    .s_axi_araddr_i   (in_q[305:285]),
    .s_axi_arid_i     (in_q[309:306]),
    .s_axi_arlen_i    (in_q[317:310]),
    .s_axi_arsize_i   (in_q[320:318]),
    .s_axi_arburst_i  (in_q[322:321]),
    .s_axi_rvalid_o   (out[137]),
    .s_axi_rready_i   (in_q[323]),
    .s_axi_rdata_o    (out[201:138]),
    .s_axi_rid_o      (out[205:202]),
    .s_axi_rresp_o    (out[207:206]),
    .s_axi_rlast_o    (out[208])
  );

endmodule
