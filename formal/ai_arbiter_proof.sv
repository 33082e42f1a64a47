// SPDX-License-Identifier: Apache-2.0

/// kpu_ai_arbiter: whoever is told that data are there finds its own word at the RAM's output, a word is
/// never read in the cycle in which it is written, nor one of the same bank, a port rests after an access, and no request waits longer than the age limit and the
/// two others need. Clients hold their requests, the
/// line fetch takes its answers after any time; with Prompt = 1 at once, and then no word is read twice.
module ai_arbiter_proof #(
  parameter int unsigned Ports = 1,
  parameter int unsigned Banks = 0,
  parameter int unsigned Gap   = 0,
  parameter int unsigned Prompt = 0
) (
  input logic       clk_i,
  input logic       conv_valid_i,
  input logic       conv_take_i,
  input logic       str_valid_i,
  input logic       axi_valid_i,
  input logic       wb_valid_i,
  input logic       axi_wr_valid_i,
  input logic [3:0] conv_addr_i,
  input logic [3:0] str_addr_i,
  input logic [3:0] axi_addr_i,
  input logic [3:0] wb_addr_i,
  input logic [3:0] axi_wr_addr_i
);
  localparam int unsigned AgeLimit = 7;
  localparam int unsigned StrLimit = (Prompt != 0) ? 3 : AgeLimit;
  // Cycles that an access keeps others from its port.
  localparam int unsigned Turn = 1 + Gap;
  // Beyond the age limit: a turn that began, those of the two others, and writes that are met.
  localparam int unsigned ConvMore  = 1;
  localparam int unsigned StrMore   = 2 * Turn + Gap;
  localparam int unsigned AxiMore   = 5 * Turn + Gap;
  localparam int unsigned AxiWrMore = 2 * Turn + Gap;
  localparam int unsigned WbMost    = 3 * Turn + Gap;
  localparam logic [3:0] Apart = (Banks == 0) ? 4'd15 : 4'(Banks - 1);

  logic       rst_ni = 1'b0;
  logic       conv_ready, conv_rsp, str_ready, str_rsp, axi_ready, axi_rsp, wb_ready, axi_wr_ready;
  logic       rd_en, side_en, wr_en;
  logic [3:0] rd_addr, side_addr, wr_addr;
  logic [15:0]  wr_be;
  logic [127:0] wr_data;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  // The lanes of a write carry who writes.
  kpu_ai_arbiter #(
    .Lanes(16), .AddrW(4), .AgeLimit(AgeLimit), .Ports(Ports), .Banks(Banks), .Gap(Gap), .Prompt(Prompt), .StrLimit(StrLimit)
  ) u_dut (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .conv_rd_valid_i(conv_valid_i), .conv_rd_ready_o(conv_ready), .conv_rd_addr_i(conv_addr_i),
    .conv_rsp_valid_o(conv_rsp), .conv_rsp_ready_i(conv_take_i),
    .str_rd_valid_i(str_valid_i), .str_rd_ready_o(str_ready), .str_rd_addr_i(str_addr_i),
    .str_rsp_valid_o(str_rsp),
    .axi_rd_valid_i(axi_valid_i), .axi_rd_ready_o(axi_ready), .axi_rd_addr_i(axi_addr_i),
    .axi_rsp_valid_o(axi_rsp),
    .wb_wr_valid_i(wb_valid_i), .wb_wr_ready_o(wb_ready), .wb_wr_addr_i(wb_addr_i),
    .wb_wr_be_i(16'h0001), .wb_wr_data_i(128'd1),
    .axi_wr_valid_i, .axi_wr_ready_o(axi_wr_ready), .axi_wr_addr_i,
    .axi_wr_be_i(16'h0002), .axi_wr_data_i(128'd2),
    .ram_rd_en_o(rd_en), .ram_rd_addr_o(rd_addr), .ram_side_en_o(side_en), .ram_side_addr_o(side_addr),
    .ram_wr_en_o(wr_en), .ram_wr_addr_o(wr_addr), .ram_wr_be_o(wr_be), .ram_wr_data_o(wr_data)
  );

  // What each client has asked for, what the RAM's output holds, and how long requests have waited.
  logic [3:0] held_q, side_held_q, side_held, conv_q, str_q, axi_q;
  logic       conv_open_q;
  logic [5:0] conv_wait_q, str_wait_q, axi_wait_q, axi_wr_wait_q, wb_wait_q;
  logic [1:0] since_rd_q, since_side_q, since_wr_q;   // cycles since an access, 3 at most

  assign side_held = (Ports == 2) ? side_held_q : held_q;

  always_ff @(posedge clk_i) begin
    if (rd_en) held_q <= rd_addr;
    if (side_en) side_held_q <= side_addr;
    since_rd_q   <= rd_en ? '0 : since_rd_q + 2'(since_rd_q != 2'd3);
    since_side_q <= side_en ? '0 : since_side_q + 2'(since_side_q != 2'd3);
    since_wr_q   <= wr_en ? '0 : since_wr_q + 2'(since_wr_q != 2'd3);
    if (!rst_ni) {since_rd_q, since_side_q, since_wr_q} <= '1;
    if (conv_valid_i && conv_ready) conv_q <= conv_addr_i;
    if (str_valid_i && str_ready) str_q <= str_addr_i;
    if (axi_valid_i && axi_ready) axi_q <= axi_addr_i;
    if (!rst_ni) begin
      conv_open_q   <= 1'b0;
      conv_wait_q   <= '0;
      str_wait_q    <= '0;
      axi_wait_q    <= '0;
      axi_wr_wait_q <= '0;
      wb_wait_q     <= '0;
    end else begin
      conv_open_q   <= (conv_valid_i && conv_ready) || (conv_open_q && !(conv_rsp && conv_take_i));
      // The line fetch waits for the arbiter only while it asks, or has asked, and would take an answer.
      conv_wait_q   <= (conv_ready || !conv_take_i || (!conv_valid_i && !conv_open_q)) ? '0 : conv_wait_q + 6'd1;
      str_wait_q    <= (!str_valid_i || str_ready) ? '0 : str_wait_q + 6'd1;
      axi_wait_q    <= (!axi_valid_i || axi_ready) ? '0 : axi_wait_q + 6'd1;
      axi_wr_wait_q <= (!axi_wr_valid_i || axi_wr_ready) ? '0 : axi_wr_wait_q + 6'd1;
      wb_wait_q     <= (!wb_valid_i || wb_ready) ? '0 : wb_wait_q + 6'd1;
    end
  end

  always @(posedge clk_i) begin
    if (rst_ni && $past(rst_ni)) begin
      assume (!$past(conv_valid_i && !conv_ready) || (conv_valid_i && $stable(conv_addr_i)));
      assume (!$past(str_valid_i && !str_ready) || (str_valid_i && $stable(str_addr_i)));
      assume (!$past(axi_valid_i && !axi_ready) || (axi_valid_i && $stable(axi_addr_i)));
      assume (!$past(wb_valid_i && !wb_ready) || (wb_valid_i && $stable(wb_addr_i)));
      assume (!$past(axi_wr_valid_i && !axi_wr_ready) || (axi_wr_valid_i && $stable(axi_wr_addr_i)));
    end
    if (Prompt != 0) assume (conv_take_i);
    if (rst_ni) begin
      if (Prompt != 0 && $past(rst_ni)) begin
        assert (conv_rsp == $past(conv_valid_i && conv_ready));
        assert (rd_en == ((conv_valid_i && conv_ready) || (str_valid_i && str_ready) || (axi_valid_i && axi_ready)));
      end
      if (conv_rsp) assert (conv_open_q && held_q == conv_q);
      if (str_rsp) assert (side_held == str_q);
      if (axi_rsp) assert (side_held == axi_q);
      if ($past(rst_ni)) begin
        assert (str_rsp == $past(str_valid_i && str_ready));
        assert (axi_rsp == $past(axi_valid_i && axi_ready));
      end
      // A read that meets a write waits one or two cycles more, and so do the writes of the next cycles.
      if (Gap == 0) assert (conv_wait_q <= 6'(AgeLimit + ConvMore));   // with a gap, others may go first again and again
      assert (str_wait_q <= 6'(StrLimit + StrMore));
      assert (axi_wait_q <= 6'(AgeLimit + AxiMore));
      assert (axi_wr_wait_q <= 6'(AgeLimit + AxiWrMore));
      assert (wb_wait_q <= 6'(WbMost));
      assert (!(rd_en && wr_en && ((rd_addr ^ wr_addr) & Apart) == '0));
      assert (!(side_en && wr_en && side_addr == wr_addr));
      assert (!rd_en || since_rd_q >= 2'(Gap));
      assert (!side_en || since_side_q >= 2'(Gap));
      assert (!wr_en || since_wr_q >= 2'(Gap));
      // Exactly the taken write reaches the RAM, in the cycle after.
      assert (!(wb_valid_i && wb_ready && axi_wr_valid_i && axi_wr_ready));
      if ($past(rst_ni)) begin
        assert (wr_en == $past((wb_valid_i && wb_ready) || (axi_wr_valid_i && axi_wr_ready)));
        if ($past(wb_valid_i && wb_ready)) begin
          assert (wr_be == 16'h0001 && wr_data == 128'd1 && wr_addr == $past(wb_addr_i));
        end
        if ($past(axi_wr_valid_i && axi_wr_ready)) begin
          assert (wr_be == 16'h0002 && wr_data == 128'd2 && wr_addr == $past(axi_wr_addr_i));
        end
      end
    end
  end
endmodule
