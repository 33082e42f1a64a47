// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Sends the bursts of one AXI4 master to the slaves they address; what nobody owns is answered
/// with DECERR by the last port, which is inside.
///
/// Answers stay in order because bursts to another slave wait until all answers are there. No
/// latency. Slave s is bit s, or s-th field, of the vectors. A burst's data pass when its address has
/// been taken; see kpu_axi_mux for what that asks of the slaves.
module kpu_axi_demux #(
  localparam int unsigned N = kpu_axi_pkg::Slaves
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // Master
  input  logic                        awvalid_i,
  output logic                        awready_o,
  input  kpu_axi_pkg::ax_t            aw_i,
  input  logic                        wvalid_i,
  output logic                        wready_o,
  input  kpu_axi_pkg::w_t             w_i,
  output logic                        bvalid_o,
  input  logic                        bready_i,
  output logic [1:0]                  bresp_o,
  input  logic                        arvalid_i,
  output logic                        arready_o,
  input  kpu_axi_pkg::ax_t            ar_i,
  output logic                        rvalid_o,
  input  logic                        rready_i,
  output kpu_axi_pkg::r_t             r_o,
  // Slaves: addresses and data go to all, valid to one
  output logic [N-1:0]                awvalid_o,
  input  logic [N-1:0]                awready_i,
  output logic [N-1:0]                wvalid_o,
  input  logic [N-1:0]                wready_i,
  input  logic [N-1:0]                bvalid_i,
  output logic [N-1:0]                bready_o,
  input  logic [2*N-1:0]              bresp_i,
  output logic [N-1:0]                arvalid_o,
  input  logic [N-1:0]                arready_i,
  input  logic [N-1:0]                rvalid_i,
  output logic [N-1:0]                rready_o,
  input  logic [kpu_axi_pkg::RW*N-1:0] r_i
);

  // ---- Reads ------------------------------------------------------------------------------------
  logic [1:0] ar_slave, rd_slave_q;
  logic [5:0] rd_open_q;        // bursts without their last data
  logic [8:0] none_beats_q;     // of a burst to nobody, still to give
  logic       ar_go, ar_fire, r_end, rd_none;

  assign ar_slave = kpu_axi_pkg::slave_of(ar_i.addr[31:12]);
  assign ar_go    = arvalid_i && rd_open_q != '1 &&
                    (rd_open_q == '0 || (ar_slave == rd_slave_q && !rd_none));
  assign rd_none  = rd_slave_q == 2'(kpu_axi_pkg::SlaveNone);
  assign ar_fire  = arvalid_i && arready_o;
  assign r_end    = rvalid_o && rready_i && r_o.last;

  always_comb begin
    arready_o = ar_go && ar_slave == 2'(kpu_axi_pkg::SlaveNone);
    rvalid_o  = none_beats_q != '0;
    r_o       = '0;
    r_o.resp  = kpu_axi_pkg::RespDecodeError;
    r_o.last  = none_beats_q == 9'd1;
    for (int unsigned s = 0; s < N; s++) begin
      arvalid_o[s] = ar_go && ar_slave == 2'(s);
      rready_o[s]  = rready_i && rd_slave_q == 2'(s);
      if (ar_go && ar_slave == 2'(s)) arready_o = arready_i[s];
      if (rd_slave_q == 2'(s)) begin
        rvalid_o = rvalid_i[s];
        r_o      = r_i[kpu_axi_pkg::RW*s +: kpu_axi_pkg::RW];
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rd_slave_q   <= '0;
      rd_open_q    <= '0;
      none_beats_q <= '0;
    end else begin
      if (ar_fire) rd_slave_q <= ar_slave;
      if (ar_fire != r_end) rd_open_q <= ar_fire ? rd_open_q + 6'd1 : rd_open_q - 6'd1;
      if (ar_fire && ar_slave == 2'(kpu_axi_pkg::SlaveNone)) none_beats_q <= 9'(ar_i.len) + 9'd1;
      else if (none_beats_q != '0 && rready_i)           none_beats_q <= none_beats_q - 9'd1;
    end
  end

  // ---- Writes -----------------------------------------------------------------------------------
  logic [1:0] aw_slave, wr_slave_q;
  logic [5:0] wr_open_q;        // bursts without their answer
  logic [5:0] wr_data_q;        // bursts without their last data
  logic       aw_go, aw_fire, w_fire, b_fire, wr_none, none_answer_q;

  assign aw_slave = kpu_axi_pkg::slave_of(aw_i.addr[31:12]);
  assign wr_none  = wr_slave_q == 2'(kpu_axi_pkg::SlaveNone);
  assign aw_go    = awvalid_i && wr_open_q != '1 &&
                    (wr_open_q == '0 || (aw_slave == wr_slave_q && !wr_none));
  assign aw_fire  = awvalid_i && awready_o;
  assign w_fire   = wvalid_i && wready_o;
  assign b_fire   = bvalid_o && bready_i;

  always_comb begin
    awready_o = aw_go && aw_slave == 2'(kpu_axi_pkg::SlaveNone);
    wready_o  = wr_data_q != '0 && wr_none;
    bvalid_o  = none_answer_q;
    bresp_o   = kpu_axi_pkg::RespDecodeError;
    for (int unsigned s = 0; s < N; s++) begin
      awvalid_o[s] = aw_go && aw_slave == 2'(s);
      wvalid_o[s]  = wvalid_i && wr_data_q != '0 && wr_slave_q == 2'(s);
      bready_o[s]  = bready_i && wr_slave_q == 2'(s);
      if (aw_go && aw_slave == 2'(s)) awready_o = awready_i[s];
      if (wr_slave_q == 2'(s)) begin
        wready_o = wr_data_q != '0 && wready_i[s];
        bvalid_o = bvalid_i[s];
        bresp_o  = bresp_i[2*s +: 2];
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_slave_q    <= '0;
      wr_open_q     <= '0;
      wr_data_q     <= '0;
      none_answer_q <= 1'b0;
    end else begin
      if (aw_fire) wr_slave_q <= aw_slave;
      if (aw_fire != b_fire) wr_open_q <= aw_fire ? wr_open_q + 6'd1 : wr_open_q - 6'd1;
      if (aw_fire != (w_fire && w_i.last)) begin
        wr_data_q <= aw_fire ? wr_data_q + 6'd1 : wr_data_q - 6'd1;
      end
      if (wr_none && w_fire && w_i.last) none_answer_q <= 1'b1;
      else if (bready_i)                 none_answer_q <= 1'b0;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{aw_i, w_i, ar_i};

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(ReadExpected, !rvalid_o || rd_open_q != '0)
  `ASSERT(AnswerExpected, !bvalid_o || wr_open_q != '0)
  for (genvar s = 0; s < N; s++) begin : gen_assert
    `ASSERT(OnlySelectedReads, !rvalid_i[s] || rd_slave_q == 2'(s))
  end

endmodule
