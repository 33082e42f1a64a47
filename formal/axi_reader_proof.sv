// SPDX-License-Identifier: Apache-2.0

/// kpu_axi_reader: the bursts of a command cover its bytes exactly and in order, none crosses 4 KiB or
/// is longer than allowed, requests are held, and every beat that comes in without an error goes out, in
/// order. Commands start shortly before a 4 KiB boundary; bursts are of up to four beats, which differ in
/// two bits; the memory answers after any time.
module axi_reader_proof (
  input logic        clk_i,
  input logic        cmd_valid_i,
  input logic [31:0] cmd_addr_i,
  input logic [7:0]  cmd_bytes_i,
  input logic        beat_ready_i,
  input logic        arready_i,
  input logic        rvalid_i,
  input logic [63:0] rdata_i
);
  (* anyconst *) logic [3:0] burst_m1;

  logic        rst_ni = 1'b0;
  logic        cmd_ready, idle, err, beat_seen, beat_valid, arvalid, rready;
  logic [1:0]  err_kind, arburst;
  logic [63:0] beat;
  logic [31:0] araddr;
  logic [7:0]  arlen;
  logic [2:0]  arsize;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  // ---- Memory: bursts in order ----------------------------------------------------------------------
  logic [4:0] len0_q, len1_q;  // beats left of the two outstanding bursts, oldest first; 0: none
  logic       ar_fire, r_fire, rlast;

  assign ar_fire = arvalid && arready_i;
  assign r_fire  = rvalid_i && rready;
  assign rlast   = len0_q == 5'd1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      len0_q <= '0;
      len1_q <= '0;
    end else begin
      if (r_fire) len0_q <= rlast ? len1_q : len0_q - 5'd1;
      if (r_fire && rlast) len1_q <= '0;
      if (ar_fire) begin
        if (len0_q == '0 || (r_fire && rlast && len1_q == '0)) len0_q <= 5'(arlen) + 5'd1;
        else                                                  len1_q <= 5'(arlen) + 5'd1;
      end
    end
  end

  kpu_axi_reader #(.MaxOutstanding(2), .BytesW(8)) u_dut (
    .clk_i, .rst_ni, .abort_i(1'b0), .burst_m1_i(burst_m1),
    .cmd_valid_i, .cmd_ready_o(cmd_ready), .cmd_addr_i, .cmd_bytes_i, .cmd_kind_i(2'd0),
    .idle_o(idle), .err_o(err), .err_kind_o(err_kind), .beat_seen_o(beat_seen),
    .beat_valid_o(beat_valid), .beat_ready_i, .beat_o(beat),
    .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready_i), .m_axi_araddr_o(araddr), .m_axi_arlen_o(arlen),
    .m_axi_arsize_o(arsize), .m_axi_arburst_o(arburst),
    .m_axi_rvalid_i(rvalid_i), .m_axi_rready_o(rready), .m_axi_rdata_i(rdata_i), .m_axi_rresp_i(2'b00),
    .m_axi_rlast_i(rlast)
  );

  // ---- What the command still needs -----------------------------------------------------------------
  logic [28:0] next_q;   // beat address
  logic [5:0]  left_q;   // beats to ask for
  logic [31:0] last_byte;

  assign last_byte = cmd_addr_i + 32'(cmd_bytes_i) - 32'd1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      left_q <= '0;
    end else if (cmd_valid_i && cmd_ready) begin
      next_q <= cmd_addr_i[31:3];
      left_q <= 6'(last_byte[31:3] - cmd_addr_i[31:3]) + 6'd1;
    end else if (ar_fire) begin
      next_q <= next_q + 29'(arlen) + 29'd1;
      left_q <= left_q - 6'(arlen) - 6'd1;
    end
  end

  // ---- Beats on their way, oldest lowest ------------------------------------------------------------
  logic [127:0] way_d, way_q;
  logic [1:0]   way_cnt_d, way_cnt_q;

  always_comb begin
    way_d     = way_q;
    way_cnt_d = way_cnt_q;
    if (beat_valid && beat_ready_i) begin
      way_d     = way_d >> 64;
      way_cnt_d = way_cnt_d - 2'd1;
    end
    if (r_fire) begin
      if (way_cnt_d[0]) way_d[127:64] = rdata_i;
      else              way_d[63:0]   = rdata_i;
      way_cnt_d = way_cnt_d + 2'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    way_q     <= way_d;
    way_cnt_q <= rst_ni ? way_cnt_d : 2'd0;
  end

  always @(posedge clk_i) begin
    assume (cmd_addr_i[31:12] == 20'd5 && cmd_addr_i[11:7] == 5'h1f);
    assume (cmd_bytes_i >= 8'd1 && cmd_bytes_i <= 8'd100);
    assume (burst_m1 <= 4'd3);
    assume (rdata_i[63:2] == '0);
    assume (!rvalid_i || len0_q != '0);
    if (rst_ni) begin
      if (arvalid) begin
        assert (araddr == {next_q, 3'b000});
        assert (6'(arlen) < left_q);
        assert (arlen <= 8'(burst_m1));
        assert (araddr[31:12] == 20'((araddr + {21'd0, arlen, 3'b000}) >> 12));
        assert (arsize == 3'd3 && arburst == 2'b01);
      end
      if ($past(rst_ni) && $past(arvalid && !arready_i)) assert (arvalid && $stable(araddr) && $stable(arlen));
      if (cmd_ready) assert (left_q == '0);
      if (idle) assert (left_q == '0 && len0_q == '0);
      assert (beat_valid == (way_cnt_q != '0));
      assert (!beat_valid || beat == way_q[63:0]);
      assert (!err);
    end
  end
endmodule
