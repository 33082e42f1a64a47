// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Issues the array cycles of each window: one for every output channel of the tile; where a weight has more than
/// WeightBits, first for the lowest part of all of them, then for the next (op_o.part).
///
/// Pipeline: issue (row address to the weight ring), fetch (row at the ring's output; the first cycle of a
/// window waits here for its lines and takes them), then op_o travels with the data: op_valid_o marks the
/// cycle in which kpu_mac_array multiplies. Nothing stops behind fetch: an array cycle whose sums leave as a line is
/// issued when the line has a place in the buffer behind the accumulator (line_free_i, line_take_o). A line of partial
/// sums is read again AccReuse cycles after its last cycle at the earliest; fetch holds what would come sooner, which
/// is only the case in tiles of one or two lines.
/// The first window of a tile waits until all weight rows of the tile are in the ring; they are given back
/// (rd_cnt_o moves on) with its last cycle. Those of a depthwise layer are given back with the layer's last cycle; with Overlap
/// = 1 a channel group waits for the rows up to its own (cmd_i.tile_rows).
module kpu_mac_seq #(
  parameter  int unsigned WeightRows    = 2048,
  parameter  int unsigned AccLines      = 32,
  parameter  int unsigned PointChannels = 8,
  /// Bits of a weight in an array cycle.
  parameter  int unsigned WeightBits    = 8,
  /// Idle cycles before a pass.
  parameter  int unsigned PassGap       = 0,
  /// Bytes of kernels that enter the array a cycle before a pass, 0: they take no time.
  parameter  int unsigned KernelPort    = 0,
  localparam int unsigned RowAw      = $clog2(WeightRows)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  logic                eight_bit_i,
  input  logic                kernel3_i,
  input  logic [1:0]          grp_l2_i,
  input  logic [9:0]          oc_rows_i,
  // Windows, in the order of the line fetch
  input  logic                cmd_valid_i,
  output logic                cmd_ready_o,
  input  kpu_pkg::mac_cmd_t   cmd_i,
  // Lines of the window
  input  logic                win_full_i,
  output logic                win_want_o,      // it is taken if full
  // Weight ring
  input  logic [RowAw:0]      wr_cnt_i,
  output logic [RowAw:0]      rd_cnt_o,
  output logic                w_rd_en_o,
  output logic [RowAw-1:0]    w_rd_row_o,
  // Places for lines of sums
  input  logic                line_free_i,
  output logic                line_take_o,
  // Array
  output logic                load_weights_o,  // this cycle the row at the ring's output enters the array
  output logic [1:0]          kernel_lsb_o,    // which kernels of the row: window index modulo 4
  output logic                high_nibble_o,   // WeightBits = 4: the upper half of each byte
  output logic                op_valid_o,
  output kpu_pkg::mac_op_t    op_o,
  // Progress
  output logic                first_op_o,      // pulse: a window whose weights are complete is issued
  output logic                wait_weights_o,  // nothing to do but wait for weight rows
  output logic                wait_lines_o,    // ... for lines of AI RAM
  output logic                idle_o           // no window is in work
);

  // ---- Issue -------------------------------------------------------------------------------------
  // The last part of 8-bit and of 16-bit weights.
  localparam logic [1:0] Last8  = (WeightBits == 4) ? 2'd1 : 2'd0;
  localparam logic [1:0] Last16 = 2'(16 / WeightBits - 1);

  logic [4:0]       m_d, m_q;
  logic [1:0]       part_d, part_q, part_end;
  logic             high_row;                  // the row of the high bytes
  logic [RowAw:0]   m_rows_d, m_rows_q;        // rows before output channel m of the tile
  logic [RowAw:0]   rd_cnt_d, rd_cnt_q;
  logic [9:0]       kernel_row;                // of the output channel, for 8-bit weights
  logic [RowAw:0]   row;
  logic [RowAw:0]   available;
  logic             weights_there, issue, last_m, last_op;
  logic             f_ready;
  logic [8:0]       entry;
  logic             gap_over;
  logic             last_part;
  kpu_pkg::mac_op_t op_new;

  assign available     = wr_cnt_i - rd_cnt_q;
  assign weights_there = !cmd_i.tile_first || available >= (RowAw + 1)'(cmd_i.tile_rows);
  assign issue         = cmd_valid_i && weights_there && gap_over && f_ready && (line_free_i || !op_new.line_out);
  assign part_end      = cmd_i.drain ? 2'd0 : eight_bit_i ? Last8 : Last16;
  assign last_part     = (part_q & part_end) == part_end;   // 0, 1 or 3: part_q goes no further
  assign high_row      = (WeightBits == 4) ? part_q[1] : part_q[0];
  assign last_m        = m_q == cmd_i.m_last;
  assign last_op       = last_m && last_part;
  assign cmd_ready_o   = issue && last_op;
  assign line_take_o   = issue && op_new.line_out;

  always_comb begin
    kernel_row = cmd_i.kernel >> (2'd2 - grp_l2_i);
    row = (RowAw + 1)'(kernel_row);
    if (!eight_bit_i) row = (row << 1) | (RowAw + 1)'(high_row);
    row = row + rd_cnt_q + m_rows_q;
  end

  logic unused_rows;                           // a small ring needs their low bits only
  assign unused_rows = ^{kernel_row, oc_rows_i};

  assign w_rd_en_o  = issue;
  assign w_rd_row_o = row[RowAw-1:0];
  assign rd_cnt_o   = rd_cnt_q;

  always_comb begin
    m_d      = m_q;
    part_d   = part_q;
    m_rows_d = m_rows_q;
    rd_cnt_d = rd_cnt_q;
    if (issue) begin
      m_d      = m_q + 5'd1;
      m_rows_d = m_rows_q + (RowAw + 1)'(oc_rows_i);
      if (last_m) begin
        m_d      = '0;
        m_rows_d = '0;
        part_d   = last_part ? 2'd0 : (part_q + 2'd1) & Last16;
      end
      if (last_op && cmd_i.release_rows) rd_cnt_d = rd_cnt_q + m_rows_q + (RowAw + 1)'(oc_rows_i);
    end
    if (clear_i) begin
      m_d      = '0;
      part_d   = '0;
      m_rows_d = '0;
      rd_cnt_d = '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      m_q      <= '0;
      part_q   <= '0;
      m_rows_q <= '0;
      rd_cnt_q <= '0;
    end else begin
      m_q      <= m_d;
      part_q   <= part_d;
      m_rows_q <= m_rows_d;
      rd_cnt_q <= rd_cnt_d;
    end
  end

  // Partial sums of a tile lie at r * 2^ceil(log2 M) + m; depthwise layers use line 0 only.
  assign entry = ((cmd_i.r << kpu_pkg::tile_l2(cmd_i.m_last)) | 9'(m_q)) & 9'(AccLines - 1);

  // ---- Gap before a pass -------------------------------------------------------------------------
  if (PassGap == 0 && KernelPort == 0) begin : gen_no_gap
    logic unused_pass;
    assign gap_over    = 1'b1;
    assign unused_pass = ^{kernel3_i, cmd_i.pass_start};
  end else begin : gen_gap
    localparam int unsigned PortL2 = (KernelPort == 0) ? 0 : $clog2(KernelPort);
    logic [11:0] gap, kernel_bytes;            // of the pass that begins
    logic [11:0] idle_q;                       // cycles since the last array cycle was issued; stays at the end

    always_comb begin
      kernel_bytes = (kernel3_i ? 12'(kpu_pkg::Taps) : 12'(PointChannels)) << grp_l2_i;
      if (!eight_bit_i) kernel_bytes = kernel_bytes << 1;
      kernel_bytes = kernel_bytes * (12'(cmd_i.m_last) + 12'd1);
      gap          = 12'(PassGap);
      if (KernelPort != 0 && !cmd_i.drain) gap = gap + ((kernel_bytes + 12'(KernelPort - 1)) >> PortL2);
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)            idle_q <= '1;
      else if (clear_i)       idle_q <= '1;
      else if (issue)         idle_q <= '0;
      else if (idle_q != '1)  idle_q <= idle_q + 12'd1;
    end

    assign gap_over = !cmd_i.pass_start || m_q != '0 || part_q != '0 || idle_q >= gap;
  end

  // ---- Fetch -------------------------------------------------------------------------------------
  kpu_pkg::mac_op_t f_op_q;
  logic             f_valid_q, f_first_q;
  logic [1:0]       f_kernel_q;
  logic             f_due, f_go;     // f_due: nothing but a window that is not full holds it

  always_comb begin
    op_new.pass_first     = cmd_i.pass_first && part_q == '0;
    op_new.line_out       = cmd_i.pass_last && last_part;
    op_new.part           = part_q;
    op_new.pix_first      = m_q == '0 && part_q == '0;
    op_new.pix_start      = cmd_i.pass_first;
    op_new.drain          = cmd_i.drain;
    op_new.entry          = entry;
    op_new.r              = cmd_i.r;
    op_new.tag.oc         = cmd_i.oc0 + 10'(m_q);
    op_new.tag.m          = m_q;
    op_new.tag.row        = cmd_i.row;
    op_new.tag.seg        = cmd_i.seg;
    op_new.tag.row_last   = cmd_i.row_last;
    op_new.tag.tile_last  = cmd_i.tile_end && last_m;
    op_new.tag.layer_last = cmd_i.layer_end && last_m;
  end

  // Whether the next cycle's array cycle needs sums that one of the two (AccReuse - 1) before it has not written yet.
  logic       next_first;      // it starts from zero
  logic [8:0] next_entry;
  logic       hold_d, hold_q;

  always_comb begin
    next_first = f_op_q.pass_first;
    next_entry = f_op_q.entry;
    if (f_ready) begin
      next_first = op_new.pass_first;
      next_entry = op_new.entry;
    end
    hold_d = !next_first && ((f_go && f_op_q.entry == next_entry) || (op_valid_o && op_o.entry == next_entry));
  end

  assign f_due   = f_valid_q && !hold_q;
  assign f_go    = f_due && (!f_first_q || win_full_i);
  assign f_ready = !f_valid_q || f_go;

  assign win_want_o     = f_due && f_first_q;
  assign load_weights_o = f_go;
  assign kernel_lsb_o   = f_kernel_q;
  assign high_nibble_o  = f_op_q.part[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_valid_q  <= 1'b0;
      op_valid_o <= 1'b0;
      hold_q     <= 1'b0;
    end else begin
      hold_q <= hold_d;
      if (f_ready) f_valid_q <= issue;
      op_valid_o <= f_go;
      if (clear_i) begin
        f_valid_q  <= 1'b0;
        op_valid_o <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (issue) begin
      f_op_q     <= op_new;
      f_first_q  <= op_new.pix_first && !cmd_i.drain;
      f_kernel_q <= cmd_i.kernel[1:0];
    end
    if (f_go) op_o <= f_op_q;
  end

  assign first_op_o     = issue && cmd_i.tile_first;
  assign wait_weights_o = cmd_valid_i && !weights_there && !f_valid_q;
  assign wait_lines_o   = f_valid_q && f_first_q && !win_full_i;
  assign idle_o         = !cmd_valid_i && !f_valid_q && !op_valid_o;

  // ---- Assertions --------------------------------------------------------------------------------
  if (kpu_pkg::AccReuse != 3) begin : gen_check_reuse
    $error("kpu_mac_seq: fetch looks at the two array cycles before");
  end
  `ASSERT(IssuedInTime, !op_valid_o || $past(f_go, kpu_pkg::SeqLatency - 1))
  `ASSERT(TileFitsRing, !cmd_valid_i || !cmd_i.tile_first || cmd_i.tile_rows <= 13'(WeightRows))
  `ASSERT(RingCounts, available <= (RowAw + 1)'(WeightRows))
  `ASSERT(RowCounts, !issue || row - rd_cnt_q < available)

endmodule
