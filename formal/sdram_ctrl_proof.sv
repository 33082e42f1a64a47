// SPDX-License-Identifier: Apache-2.0

/// kpu_sdram_ctrl: what a chip asks for. Rows are opened in closed banks only, columns are those of the open row that was
/// asked for, refreshes and the mode find all banks closed; every distance is kept; refreshes come in time; data pins
/// are driven with writes only and not while a read's data are on them; data come three cycles after a read was
/// taken. Distances as at 50 MHz, a short rest and period; of addresses and data a bit of each field, as all are alike.
module sdram_ctrl_proof (
  input logic        clk_i,
  input logic        req_valid_i,
  input logic        req_write_i,
  input logic        row_i,
  input logic        bank_i,
  input logic        column_i,
  input logic        data_i,
  input logic        strb_i
);
  localparam int unsigned Period = 32;
  localparam int unsigned TRcd = 2, TRp = 2, TRas = 3, TRfc = 4, TWr = 2, TMrd = 2;
  localparam logic [2:0]  Long = 3'd7;  // cycles, or more

  logic        rst_ni = 1'b0;
  logic        req_ready, rsp_valid, rasn, casn, wen, oe;
  logic [15:0] rsp_data, d;
  logic [1:0]  ba, dqm;
  logic [12:0] a;

  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  kpu_sdram_ctrl #(
    .PowerCycles(32), .RefreshCycles(Period), .InitRefreshes(2),
    .TRcd(TRcd), .TRp(TRp), .TRas(TRas), .TRfc(TRfc), .TWr(TWr), .TMrd(TMrd)
  ) u_dut (
    .clk_i, .rst_ni,
    .req_valid_i, .req_ready_o(req_ready), .req_write_i, .req_addr_i({12'd0, row_i, 1'b0, bank_i, 8'd0, column_i}),
    .req_data_i({15'd0, data_i}), .req_strb_i({1'b0, strb_i}),
    .rsp_valid_o(rsp_valid), .rsp_data_o(rsp_data),
    .sdram_rasn_o(rasn), .sdram_casn_o(casn), .sdram_wen_o(wen), .sdram_ba_o(ba), .sdram_a_o(a), .sdram_dqm_o(dqm),
    .sdram_d_o(d), .sdram_oe_o(oe), .sdram_d_i(16'd0)
  );

  // ---- The chip: its state before the command that is on the pins, and cycles since those before ------
  logic        open_q, mode_q;
  logic [1:0]  row_q;                       // the open one's row and bank
  logic [2:0]  opened_q, closed_q, refreshed_q, written_q, set_q, read_q;
  logic [5:0]  rested_q;                    // cycles without a refresh
  logic [1:0]  early_q;
  logic        mode, refresh, precharge, activate, write, read, column;
  // What was taken in the cycle before.
  logic        took_q, took_write_q, took_data_q, took_strb_q;
  logic [2:0]  took_at_q;
  logic [2:0]  reads_q;

  assign mode      = {rasn, casn, wen} == 3'b000;
  assign refresh   = {rasn, casn, wen} == 3'b001;
  assign precharge = {rasn, casn, wen} == 3'b010;
  assign activate  = {rasn, casn, wen} == 3'b011;
  assign write     = {rasn, casn, wen} == 3'b100;
  assign read      = {rasn, casn, wen} == 3'b101;
  assign column    = write || read;

  function automatic logic [2:0] since(input logic now, input logic [2:0] count);
    since = now ? 3'd1 : count == Long ? Long : count + 3'd1;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {open_q, mode_q, took_q} <= '0;
      {opened_q, closed_q, refreshed_q, written_q, set_q, read_q} <= {6{Long}};
      early_q  <= '0;
      reads_q  <= '0;
      rested_q <= '0;
    end else begin
      if (activate)               open_q  <= 1'b1;
      else if (precharge)         open_q  <= 1'b0;
      if (activate)               row_q   <= {a[0], ba[0]};
      if (mode)                   mode_q  <= 1'b1;
      if (refresh && !early_q[1]) early_q <= early_q + 2'd1;
      opened_q    <= since(activate, opened_q);
      closed_q    <= since(precharge, closed_q);
      refreshed_q <= since(refresh, refreshed_q);
      written_q   <= since(write, written_q);
      set_q       <= since(mode, set_q);
      read_q      <= since(read, read_q);
      took_q      <= req_valid_i && req_ready;
      reads_q     <= {reads_q[1:0], req_valid_i && req_ready && !req_write_i};
      rested_q    <= (refresh || !mode_q) ? 6'd0 : rested_q + 6'd1;
    end
    took_write_q <= req_write_i;
    took_at_q    <= {row_i, bank_i, column_i};
    took_data_q  <= data_i;
    took_strb_q  <= strb_i;
  end

  always @(posedge clk_i) begin
    // A column is held until it is taken.
    if (rst_ni && $past(rst_ni) && $past(req_valid_i && !req_ready)) begin
      assume (req_valid_i && $stable(req_write_i) && $stable({row_i, bank_i, column_i, data_i, strb_i}));
    end
    if (rst_ni) begin
      assert ({rasn, casn, wen} != 3'b110);
      // States
      if (mode)               assert (!open_q && early_q[1] && a == 13'h020 && ba == 2'd0);
      if (refresh)            assert (!open_q);
      if (activate)           assert (mode_q && !open_q);
      if (column)             assert (open_q && !a[10] && a[12:9] == '0);
      if (precharge)          assert (a[10]);
      // Distances
      if (column)             assert (opened_q >= 3'(TRcd));
      if (activate || refresh || mode) assert (closed_q >= 3'(TRp));
      if (precharge && open_q) assert (opened_q >= 3'(TRas) && written_q >= 3'(TWr));
      if ({rasn, casn, wen} != 3'b111) assert (refreshed_q >= 3'(TRfc) && set_q >= 3'(TMrd));
      assert (rested_q <= 6'(Period + 8));
      // Columns and data
      assert (column == took_q && oe == write);
      if (took_q) begin
        assert (write == took_write_q && {row_q, a[0]} == took_at_q && ba == {1'b0, took_at_q[1]});
        assert (dqm == {took_write_q, took_write_q && !took_strb_q});
        if (took_write_q) assert (d[0] == took_data_q);
      end
      if (oe) assert (read_q >= 3'd3);
      assert (rsp_valid == reads_q[2]);
    end
  end
endmodule
