// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Order in which the weights of a layer are taken from the byte stream.
///
/// One take a cycle, when its bytes and a row of the ring are there: a kernel of nine weights
/// (3x3), up to PointChannels input channels (1x1) or one channel (depthwise 1x1); it never crosses the end
/// of an output channel. With 16-bit weights a take is followed by an idle cycle, as it may end two
/// rows; eight weights in two cycles are still all that the bus brings.
///
/// Each take has a slot position (0..3) in its row: position 3, the end of an output channel and
/// (depthwise) the end of the layer end a row. What the packer and the weight sums must know of a
/// take comes in the next cycle, together with its bytes. docs/architecture.md, "Weights".
///
/// With first_i it pauses behind the weights of the first output channels, those of a full tile or of the first load,
/// until resume_i; the bytes from there on are another segment of the funnel.
module kpu_weight_seq #(
  /// Rows of the ring, a power of two from 8.
  parameter  int unsigned WeightRows    = 2048,
  /// Input channels of a 1x1 take.
  parameter  int unsigned PointChannels = 8,
  /// 0: first_i is 0.
  parameter  int unsigned Overlap       = 0,
  localparam int unsigned RowAw         = $clog2(WeightRows)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  /// Stops at once.
  input  logic                  clear_i,
  // Job: stable from start_i until its last take
  input  logic                  start_i,
  input  kpu_pkg::kind_t        kind_i,
  input  logic [9:0]            ic_m1_i,
  input  kpu_pkg::tables_t      tables_i,
  input  logic                  first_i,
  output logic                  paused_o,
  input  logic                  resume_i,
  // Ring: rows that count and rows the consumer has released
  input  logic [RowAw:0]        wr_cnt_i,
  input  logic [RowAw:0]        rd_cnt_i,
  // Funnel
  output logic                  open_o,
  output logic [2:0]            open_off_o,
  output logic                  take_valid_o,
  input  logic                  take_ready_i,
  output logic [4:0]            take_bytes_o,
  output logic                  take_last_o,
  input  logic [2:0]            take_end_i,
  // The take of the cycle before
  output logic                  valid_o,
  output logic [1:0]            pos_o,
  /// Weights in it, 1..9.
  output logic [3:0]            weights_o,
  output logic                  row_end_o,
  output logic                  oc_end_o,
  output logic                  layer_end_o,
  /// Ring row the take belongs to (16-bit weights: of the low bytes).
  output logic [RowAw-1:0]      row_o
);

  if (WeightRows < 8 || WeightRows != (1 << RowAw)) begin : gen_check_rows
    $error("kpu_weight_seq: WeightRows must be a power of two from 8");
  end

  typedef enum logic [1:0] {StIdle, StOpen, StRun, StPause} state_e;

  state_e         state_d, state_q;
  logic [9:0]     ic_left_q;    // input channels of this output channel, minus one
  logic [9:0]     load_left_q;  // output channels of this load, minus one
  logic [9:0]     oc_left_q;    // output channels of the layer, minus one
  logic [2:0]     off_q;        // of the load's first byte in its beat
  logic [1:0]     pos_q;
  logic           gap_q;        // the idle cycle of 16-bit weights
  logic [RowAw:0] row_q;        // rows begun, this one not counted
  logic           space_q;
  logic           oc_end_q;     // the next take ends its output channel
  logic           oc_last_q;    // .. which is the layer's last one
  logic           load_last_q;  // .. which is its load's last one
  logic           seg_last_q;   // .. or, in the first part, a tile's
  logic           first, first_q;  // before the pause
  logic           rest, rest_q;    // the pause was within the load
  logic [4:0]     tile_left_q;  // first part: output channels of a tile, minus one
  logic [4:0]     tile_left_next;
  logic           first_next;
  logic [2:0]     rest_off_q;   // .. whose next byte is there in its beat
  logic [3:0]     weights_q;    // weights of the next take
  logic [9:0]     ic_left_next, load_left_next, oc_left_next;
  logic           oc_end_next;
  logic           take, seg_end, layer_end, row_end;
  logic [RowAw:0] rows_used;
  logic           two_free, one_free, space_next;

  assign layer_end = oc_end_q && oc_last_q;
  assign seg_end   = oc_end_q && seg_last_q;
  assign row_end   = pos_q == 2'(kpu_pkg::Slots - 1) || (kind_i.depthwise ? layer_end : oc_end_q);

  // Size and ends of a take are registers: the funnel's long path starts with them.
  assign ic_left_next = (start_i || oc_end_q) ? ic_m1_i
                                              : ic_left_q - (kind_i.kernel3 ? 10'd1 : 10'(PointChannels));
  assign oc_end_next  = kind_i.depthwise
                        || (kind_i.kernel3 ? ic_left_next == '0 : ic_left_next < 10'(PointChannels));

  assign oc_left_next   = start_i ? tables_i.oc_m1 : oc_left_q - 10'd1;
  assign load_left_next = (start_i || load_last_q) ? tables_i.load_oc_m1 : load_left_q - 10'd1;
  assign tile_left_next = (Overlap == 0) ? '0 : start_i ? tables_i.tile_oc_m1 : tile_left_q - 5'd1;
  assign first          = Overlap != 0 && first_q;
  assign rest           = Overlap != 0 && rest_q;
  assign first_next     = Overlap != 0 && (start_i ? first_i : first && !(take && seg_end));

  assign take_valid_o = state_q == StRun && space_q && !gap_q;
  assign take_bytes_o = kind_i.eight_bit ? 5'(weights_q) : {weights_q, 1'b0};
  assign take_last_o  = seg_end;
  assign take         = take_valid_o && take_ready_i;
  assign open_o       = state_q == StOpen;
  assign open_off_o   = rest ? rest_off_q : off_q;
  assign paused_o     = state_q == StPause;

  // Whether the next take's row, or its two rows of 16-bit weights, are free. The comparison is a cycle old: where one
  // row is free, this cycle's take of 8-bit weights may be the one that begins it (takes of 16-bit weights never follow
  // each other).
  assign rows_used  = row_q - rd_cnt_i;
  assign two_free   = rows_used <= (RowAw+1)'(WeightRows - 2);
  assign one_free   = rows_used == (RowAw+1)'(WeightRows - 1) && kind_i.eight_bit;
  assign space_next = two_free || (one_free && !(take && row_end));

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      // Waiting for a job.
      StIdle: if (start_i) state_d = StOpen;
      // One cycle: the funnel learns where the load starts in its first beat.
      StOpen: state_d = StRun;
      // Taking the weights of one load, of its first channels, or what these left of it.
      StRun: begin
        if (take && seg_end) state_d = first ? StPause : layer_end ? StIdle : StOpen;
      end
      // Waiting until the funnel is free for the weights again.
      StPause: if (resume_i) state_d = layer_end_o ? StIdle : StOpen;
      default: state_d = StIdle;
    endcase
    if (clear_i) state_d = StIdle;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      gap_q   <= 1'b0;
      space_q <= 1'b0;
      valid_o <= 1'b0;
    end else begin
      state_q <= state_d;
      gap_q   <= take && !kind_i.eight_bit;
      space_q <= space_next;
      valid_o <= take && !clear_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      off_q  <= tables_i.w_addr[2:0];
      rest_q <= 1'b0;
      pos_q  <= '0;
      row_q  <= wr_cnt_i;
    end else if (take) begin
      pos_q <= row_end ? 2'd0 : pos_q + 2'd1;
      if (row_end) row_q <= row_q + (kind_i.eight_bit ? (RowAw+1)'(1) : (RowAw+1)'(2));
      if (seg_end) rest_q <= !load_last_q;
      if (seg_end) rest_off_q <= take_end_i;
      if (seg_end && load_last_q) off_q <= off_q + tables_i.load_bytes[2:0];
    end
    first_q <= first_next;
    if (start_i || (take && oc_end_q)) begin
      oc_left_q   <= oc_left_next;
      load_left_q <= load_left_next;
      tile_left_q <= tile_left_next;
      oc_last_q   <= oc_left_next == '0;
      load_last_q <= oc_left_next == '0 || load_left_next == '0;
      seg_last_q  <= oc_left_next == '0 || load_left_next == '0 || (first_next && tile_left_next == '0);
    end
    if (start_i || take) begin
      ic_left_q <= ic_left_next;
      oc_end_q  <= oc_end_next;
      if (kind_i.kernel3)               weights_q <= 4'(kpu_pkg::Taps);
      else if (kind_i.depthwise)        weights_q <= 4'd1;
      else if (ic_left_next < 10'(PointChannels))   weights_q <= 4'(ic_left_next) + 4'd1;
      else                             weights_q <= 4'(PointChannels);
    end
    if (take) begin
      pos_o       <= pos_q;
      weights_o   <= weights_q;
      row_end_o   <= row_end;
      oc_end_o    <= oc_end_q;
      layer_end_o <= layer_end;
      row_o       <= row_q[RowAw-1:0];
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(StartWhenIdle, !start_i || state_q == StIdle)
  `ASSERT(RingNotOverrun, clear_i || state_q != StRun || rows_used <= (RowAw+1)'(WeightRows))
  `ASSERT(TakeHasRow, clear_i || !take ||
          rows_used <= (kind_i.eight_bit ? (RowAw+1)'(WeightRows - 1) : (RowAw+1)'(WeightRows - 2)))

endmodule
