// SPDX-License-Identifier: Apache-2.0

/// kpu_mac_seq: the array works on every output channel of every window once, in order (of weights with more than
/// WeightBits first all lowest parts, then the next), whatever it waits for; a window's lines are taken in the cycle before its first
/// array cycle and only when they are there; every line of sums has a place; no row of weights is read that is not in
/// the ring, and rows are given back once; a line of partial sums is read AccReuse cycles after its last array cycle
/// at the earliest. Tiles of any one size, in a ring of eight rows; windows carry their number (modulo 8) as `row`.
module mac_seq_proof #(
  parameter int unsigned WeightBits = 8
) (
  input logic       clk_i,
  input logic       cmd_valid_i,
  input logic       pass_first_i,
  input logic       pass_last_i,
  input logic       tile_end_i,
  input logic [4:0] r_i,
  input logic [2:0] kernel_i,
  input logic       win_full_i,
  input logic       row_comes_i,
  input logic       line_free_i
);
  localparam int unsigned WeightRows = 8;
  localparam int unsigned RowAw      = 3;

  (* anyconst *) logic       eight_bit;
  (* anyconst *) logic [3:0] m_last;
  (* anyconst *) logic [2:0] oc_rows;
  (* anyconst *) logic [4:0] entry;     // the line of partial sums that is watched

  logic              rst_ni = 1'b0;
  logic [RowAw:0]    wr_cnt_q, rd_cnt;
  logic [2:0]        window_q;          // number of the window at the input
  logic              tile_first_q;      // it begins a tile
  kpu_pkg::mac_cmd_t cmd;
  kpu_pkg::mac_op_t  op;
  logic              cmd_ready, win_want, win_take, rd_en, line_take, load, op_valid;
  logic [RowAw-1:0]  rd_row;
  logic [1:0]        kernel_lsb;
  logic              high_nibble, high_nibble_q;
  logic              first_op, wait_weights, wait_lines, idle;

  always_comb begin
    cmd              = '0;
    cmd.tile_first   = tile_first_q;
    cmd.tile_end     = tile_end_i;
    cmd.release_rows = tile_end_i;
    cmd.pass_first   = pass_first_i;
    cmd.pass_last    = pass_last_i;
    cmd.kernel       = 10'(kernel_i);
    cmd.m_last       = 5'(m_last);
    cmd.tile_rows    = 13'(oc_rows) * (13'(m_last) + 13'd1);
    cmd.r            = 9'(r_i);
    cmd.row          = 9'(window_q);
  end

  assign win_take = win_want && win_full_i;

  kpu_mac_seq #(.WeightRows(WeightRows), .WeightBits(WeightBits)) u_dut (
    .clk_i, .rst_ni, .clear_i(1'b0), .eight_bit_i(eight_bit), .kernel3_i(1'b0), .grp_l2_i(2'd0), .oc_rows_i(10'(oc_rows)),
    .cmd_valid_i, .cmd_ready_o(cmd_ready), .cmd_i(cmd), .win_full_i, .win_want_o(win_want),
    .wr_cnt_i(wr_cnt_q), .rd_cnt_o(rd_cnt), .w_rd_en_o(rd_en), .w_rd_row_o(rd_row),
    .line_free_i, .line_take_o(line_take), .load_weights_o(load), .kernel_lsb_o(kernel_lsb), .high_nibble_o(high_nibble),
    .op_valid_o(op_valid), .op_o(op), .first_op_o(first_op), .wait_weights_o(wait_weights),
    .wait_lines_o(wait_lines), .idle_o(idle)
  );

  // ---- Neighbours: windows in order, rows of weights one by one -----------------------------------
  logic [2:0] kernel_row;
  assign kernel_row = kernel_i >> 2;

  always_ff @(posedge clk_i) begin
    rst_ni <= 1'b1;
    if (!rst_ni) begin
      wr_cnt_q     <= '0;
      window_q     <= '0;
      tile_first_q <= 1'b1;
    end else begin
      if (row_comes_i) wr_cnt_q <= wr_cnt_q + 4'd1;
      if (cmd_valid_i && cmd_ready) begin
        window_q     <= window_q + 3'd1;
        tile_first_q <= tile_end_i;
      end
    end
  end

  always @(posedge clk_i) begin
    assume (oc_rows != '0 && 8'(oc_rows) * (8'(m_last) + 8'd1) <= 8'(WeightRows));
    assume (eight_bit || !oc_rows[0]);
    assume ((4'(kernel_row) << !eight_bit) + 4'(!eight_bit) < 4'(oc_rows));   // a kernel of the output channel
    assume (6'(r_i) < (6'd32 >> kpu_pkg::tile_l2(5'(m_last))));                   // a row of the tile
    assume (!row_comes_i || wr_cnt_q - rd_cnt < 4'(WeightRows));
    if (rst_ni && $past(rst_ni)) begin
      if ($past(cmd_valid_i && !cmd_ready)) begin
        assume (cmd_valid_i);
        assume ($stable(pass_first_i) && $stable(pass_last_i) && $stable(tile_end_i));
        assume ($stable(r_i) && $stable(kernel_i));
      end
      if ($past(win_full_i && !win_take)) assume (win_full_i);
    end
  end

  // ---- What has to come next ----------------------------------------------------------------------
  logic [2:0] want_window_q;
  logic [3:0] want_m_q;
  logic [1:0] want_part_q;
  logic [1:0] places_q;                 // taken, their lines of sums still to come
  logic [1:0] since_q;                  // cycles since the watched line's last array cycle, three at most
  logic       taken_q;                  // lines were taken in the cycle before
  logic [RowAw:0] base_q;               // rows given back
  logic [1:0] last_part;

  assign last_part = 2'((eight_bit ? 8 : 16) / WeightBits - 1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      want_window_q <= '0;
      want_m_q      <= '0;
      want_part_q   <= '0;
      places_q      <= '0;
      since_q       <= 2'd3;
      taken_q       <= 1'b0;
      base_q        <= '0;
    end else begin
      if (op_valid) begin
        want_m_q <= want_m_q + 4'd1;
        if (want_m_q == m_last) begin
          want_m_q    <= '0;
          want_part_q <= want_part_q + 2'd1;
          if (want_part_q == last_part) begin
            want_part_q   <= '0;
            want_window_q <= want_window_q + 3'd1;
          end
        end
      end
      places_q <= places_q + 2'(line_take) - 2'(op_valid && op.line_out);
      taken_q  <= win_take;
      if (load) high_nibble_q <= high_nibble;
      if (op_valid && op.entry == 9'(entry)) since_q <= 2'd1;
      else if (since_q != 2'd3)          since_q <= since_q + 2'd1;
      if (cmd_valid_i && cmd_ready && tile_end_i) base_q <= base_q + 4'(oc_rows) * (4'(m_last) + 4'd1);
    end
  end

  always @(posedge clk_i) begin
    if (rst_ni) begin
      if (op_valid) begin
        assert (op.tag.row[2:0] == want_window_q);
        assert (op.tag.m == 5'(want_m_q) && op.tag.oc == 10'(want_m_q));
        assert (op.part == want_part_q && high_nibble_q == want_part_q[0]);
        assert (op.pix_first == (want_m_q == '0 && want_part_q == '0));
        assert (!op.line_out || places_q != '0);
        assert (op.pass_first || op.entry != 9'(entry) || since_q == 2'd3);
      end
      assert (taken_q == (op_valid && op.pix_first));
      assert (!line_take || line_free_i);
      assert (rd_cnt == base_q);
    end
  end
endmodule
