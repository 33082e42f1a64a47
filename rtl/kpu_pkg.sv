// SPDX-License-Identifier: Apache-2.0

/// Types and widths shared by all modules of the KPU. docs/architecture.md, section "Widths", gives the
/// reason for every number here.
package kpu_pkg;

  // ---- Geometry that the K210 fixes --------------------------------------------------------------
  localparam int unsigned LineBytes   = 64;  // one line of AI RAM
  localparam int unsigned LayerWords  = 12;  // 64-bit argument words of one layer
  localparam int unsigned Taps        = 9;   // multipliers of one lane
  localparam int unsigned PointTaps   = 8;   // most taps that a 1x1 layer uses, one channel group each (PointChannels of the shape)
  localparam int unsigned Slots       = 4;   // kernels in one row of the weight buffer
  localparam int unsigned Quarters    = 4;  // of a word's lanes: the most channels in a word
  localparam int unsigned ActSegments = 16;
  localparam int unsigned ActWords    = ActSegments + 2;  // 64-bit words of the table: segments and 16 bytes of bias

  // ---- Widths in bits ----------------------------------------------------------------------------
  localparam int unsigned PixelW   = 8;
  localparam int unsigned WeightW  = 8;   // of a byte of the ring; what the array takes of it in a cycle: WeightBits of the shape
  localparam int unsigned ProdSumW = 20;  // nine products of 8x8 bits
  localparam int unsigned PsumW    = 38;  // sum(X*W), 16-bit weights, 1024 channels x 9
  localparam int unsigned PixSumW  = 22;  // sum(X), 1024 channels x 9
  localparam int unsigned WSumW    = 30;  // sum(W), 16-bit weights
  localparam int unsigned KTermW   = 49;  // weight term of one output channel, signed, saturated
  localparam int unsigned ConvW    = 36;  // conv and norm, signed; anything wider is reported
  localparam int unsigned NormMulW = 24;
  localparam int unsigned BnW      = 60;  // {shift 4, add 32, mul 24}
  localparam int unsigned KernelW  = Taps * WeightW;
  localparam int unsigned WRowW    = Slots * KernelW;

  localparam int unsigned LineAw   = 15;  // line address in 2 MiB of AI RAM
  localparam int unsigned ChanW    = 10;  // channel index
  localparam int unsigned RowIdxW  = 9;
  localparam int unsigned SegW     = 7;   // words in one image row: 1024 pixels / 8 lanes
  localparam int unsigned TileOcW  = 5;   // output channel within a tile (TileChannels of the shape: at most so many)
  localparam int unsigned SlideOc  = 4;   // .. of which pool 8 and 9 keep a column for the segment to the left
  localparam int unsigned StreamOc = 2;   // .. of a 3x3 layer whose output leaves, with Overlap = 1; twice where rows are skipped or a weight takes several cycles
  localparam int unsigned SumIdxW  = 9;   // line of the partial sums

  localparam int unsigned PackBytes  = 16384;  // words that kpu_gather keeps, one a channel group
  localparam int unsigned PoolPixels = 256;    // width of a packed image of several words a row, at most, if it is pooled

  // Lanes lie side by side at powers of two, so that a simulator slices whole words.
  localparam int unsigned WinPixW   = 12;  // sum of nine pixels
  localparam int unsigned SumStride = 32;  // of ProdSumW bits
  localparam int unsigned PixStride = 16;  // of WinPixW bits

  // ---- Latencies that others count on, in cycles (docs/architecture.md, "Latencies") ---------------
  localparam int unsigned SeqLatency     = 2;  // kpu_mac_seq: issue to op_valid_o where nothing waits
  localparam int unsigned ArrayLatency   = 3;  // kpu_mac_array: op_valid_i to sum_valid_o
  localparam int unsigned AccLatency     = 1;  // kpu_accumulator: sum_valid_i to line_valid_o
  localparam int unsigned AccReuse       = 3;  // kpu_accumulator: between array cycles on the same line
  localparam int unsigned PostLaneStages = 5;  // kpu_post_lane: sums to norm
  localparam int unsigned ActLaneStages  = 7;  // kpu_act_lane: norm to pixel
  localparam int unsigned PostActStage   = 1 + PostLaneStages;  // stage of kpu_post that looks at the activation table
  localparam int unsigned PostStages     = PostActStage + ActLaneStages;
  localparam int unsigned KTermLatency   = 6;  // kpu_kterm: take of weights to their K
  localparam int unsigned PackLatency    = 2;  // kpu_weight_pack: take to the write of its row, the one of high bytes

  // ---- Layer configuration (docs/architecture.md, "What a layer is to each unit") ------------------
  // Counts are stored minus one where the name says _m1.

  typedef struct packed {
    logic        depthwise;
    logic        kernel3;          // 1: 3x3, 0: 1x1
    logic        eight_bit;        // weights
  } kind_t;

  /// An image in AI RAM (docs/architecture.md, "AI RAM and words").
  typedef struct packed {
    logic [14:0] line;             // its first one
    logic [9:0]  ch_m1;
    logic [9:0]  w_m1;
    logic [8:0]  h_m1;
    logic [14:0] ch_switch;
    logic [3:0]  row_switch;
    logic [1:0]  grp_l2;           // log2 of channels per word
    logic [1:0]  sub_l2;           // log2 of words-with-different-channels per line
    logic [2:0]  sub_pitch;        // words from one of those to the next
  } image_t;

  /// Words of a row of the input image and of the convolution.
  typedef struct packed {
    logic [6:0]  last;             // index of the rightmost
    logic [8:0]  last_px;          // valid pixels of the rightmost (of each channel in it), 1..Lanes
  } segs_t;

  /// Packed rows (docs/architecture.md, "Filling the lanes").
  typedef struct packed {
    logic        on;               // walk_t.rows_m1 counts packed lines, not rows
    logic        pick;             // a line is two words' kept pixels: every second one, pool_t.right says which
    logic        odd;              // pick: the last line has one word
    logic [8:0]  rows_m1;          // rows of the convolution
    logic [6:0]  last_px;          // pixels of the last line, in each part of it; pick: of a row's last word, kept ones
  } pack_t;

  /// The loop nest.
  typedef struct packed {
    logic [9:0]  icg_m1;           // channel groups (words deep)
    logic [8:0]  rows_m1;          // computed rows: conv row r is image row r << step_l2. Packed: lines of pixels
    logic [1:0]  step_l2;
    logic [4:0]  tile_oc_m1;       // output channels of a full tile
    logic [9:0]  oc_rows;          // rows of the weight ring of one output channel (depthwise: of the layer)
  } walk_t;

  typedef struct packed {
    logic        nearest;          // pad_type
    logic [7:0]  value;
  } pad_t;

  typedef struct packed {
    logic        load_act;
    logic        par_half;         // half of the batch-norm and weight-term buffers this layer uses
    logic [23:0] arg_x;            // signed
    logic [3:0]  shr_x;
  } post_t;

  typedef enum logic [1:0] {PoolPick, PoolMax, PoolMean} pool_op_e;

  typedef struct packed {
    logic [1:0]  stride_l2;        // output x = conv x >> stride_l2
    pool_op_e    op;               // of a window's pixels; without a window: PoolPick
    logic        right;            // PoolPick: the second pixel, not the first
    logic        slide;            // windows of 2x2 at every pixel
  } pool_t;

  /// pool_type of the argument words; above PoolMax2S1 there is none.
  localparam logic [3:0] PoolBypass    = 4'd0;
  localparam logic [3:0] PoolMax2      = 4'd1;
  localparam logic [3:0] PoolMean2     = 4'd2;
  localparam logic [3:0] PoolMax4      = 4'd3;
  localparam logic [3:0] PoolMean4     = 4'd4;
  localparam logic [3:0] PoolLeftTop2  = 4'd5;
  localparam logic [3:0] PoolRightTop2 = 4'd6;
  localparam logic [3:0] PoolLeftTop4  = 4'd7;
  localparam logic [3:0] PoolMean2S1   = 4'd8;
  localparam logic [3:0] PoolMax2S1    = 4'd9;

  /// The layer that computes.
  typedef struct packed {
    logic        int_en;
    logic        send_data_out;
    kind_t       kind;
    image_t      src;
    image_t      dst;
    segs_t       segs;
    pack_t       pack;
    walk_t       walk;
    pad_t        pad;
    post_t       post;
    pool_t       pool;
  } layer_cfg_t;

  /// A layer's tables in memory.
  typedef struct packed {
    logic        load_act;
    logic [31:0] act_addr;         // bytes
    logic [31:0] bn_addr;
    logic [31:0] w_addr;
    logic [16:0] load_bytes;       // para_size: from one weight load to the next
    logic [9:0]  load_oc_m1;       // output channels one load brings
    logic [9:0]  oc_m1;            // those of the layer
    logic [4:0]  tile_oc_m1;       // those of a full tile
    logic [14:0] oc_bytes;         // weight bytes of one output channel (depthwise: of one channel)
  } tables_t;

  typedef struct packed {
    logic [23:0] arg_w;            // signed
    logic [3:0]  shr_w;
    logic [49:0] arg_add_n;        // arg_add times the channels that are summed, signed
  } kterm_cfg_t;

  /// The layer whose parameters load.
  typedef struct packed {
    kind_t       kind;
    logic [1:0]  grp_l2;           // log2 of input channels per word
    logic [9:0]  ic_m1;
    logic        par_half;
    logic [4:0]  burst_m1;         // beats of the longest burst, minus one (at most 15)
    tables_t     tables;
    kterm_cfg_t  kterm;
  } param_job_t;

  /// Travels with every line from the accumulators to AI RAM.
  typedef struct packed {
    logic [9:0]  oc;               // output channel; depthwise: first channel of the word
    logic [4:0]  m;                // its index in the tile
    logic [8:0]  row;              // conv row (after pooling: output row)
    logic [6:0]  seg;              // segment of the conv row
    logic        row_last;         // last conv row of this column segment
    logic        tile_last;        // last line of this tile: its channels are complete after it
    logic        layer_last;       // last line of the layer
  } line_tag_t;

  /// Travels with a pixel through kpu_pool_serial.
  typedef struct packed {
    logic        line_first;       // first pixel of its line
    logic        line_last;        // last one that is taken
    logic        gives;            // the line becomes a line of the output
    logic        own;              // slide: the image's last column, which meets itself
    logic [3:0]  at;               // lane of the output
    line_tag_t   tag;              // of the output
  } pool_step_t;

  /// One segment of the activation table, on its way to the lanes.
  typedef struct packed {
    logic [3:0]  idx;
    logic [35:0] key;              // minimum of x_start[idx..15], signed
    logic [35:0] x_start;          // signed
    logic [15:0] y_mul;            // signed
    logic [7:0]  shift;
    logic [7:0]  bias;
  } act_entry_t;

  // ---- Inside the convolution (rtl/conv) ---------------------------------------------------------

  /// How the tap registers take the next window from the line slots.
  typedef enum logic [1:0] {
    LoadPrime,   // 3x3: all three rows
    LoadShift1,  // 3x3: one new row
    LoadShift2,  // 3x3: two new rows
    LoadPoint    // 1x1: slot t to tap t
  } tap_load_e;

  /// One window for kpu_line_fetch: which lines to read.
  typedef struct packed {
    logic [14:0] grp_line;         // first line of the (first) channel group
    logic [1:0]  grp_sub;          // its word within the line, in units of sub_pitch
    logic [9:0]  icg;              // its index
    logic [2:0]  groups_m1;        // 1x1: channel groups in this window, minus one
    logic [8:0]  row;              // conv row
    logic [6:0]  seg;
    tap_load_e   load;
  } fetch_cmd_t;

  /// The same window for kpu_mac_seq: what to do with it.
  typedef struct packed {
    logic        tile_first;       // first window of a tile: its weights must be in the ring
    logic        tile_end;         // last window of a tile
    logic        release_rows;     // give the tile's rows of the ring back after this window
    logic        layer_end;        // last window of the layer
    logic        pass_first;       // first channel group(s): sums start from zero
    logic        pass_last;        // last: sums leave the accumulator
    logic        pass_start;       // first row of a pass
    logic        drain;            // a pass without lines and products: sums only leave
    logic        row_last;         // last conv row of the column segment
    logic [9:0]  kernel;           // index of the window's kernel within the output channel
    logic [4:0]  m_last;           // output channels of the tile, minus one
    logic [9:0]  oc0;              // first of them
    logic [12:0] tile_rows;        // rows of the weight ring that must be there, from those not given back on
    logic [8:0]  r;                // row within the tile: index of the sum(X) line
    logic [8:0]  row;              // conv row
    logic [6:0]  seg;
  } mac_cmd_t;

  /// Beside a line on its way into the slots of kpu_window.
  typedef struct packed {
    logic        pad;              // no data: a row outside the image
    logic        pad_slot0;        // the row above is outside the image: slot 0 becomes a pad line, too
    logic        win_last;         // last line of the window
    logic [2:0]  slot;
    logic        seg_first;        // leftmost word of the row
    logic        seg_last;         // rightmost
    logic [3:0]  quarter_valid;    // lane quarters whose channel exists
    tap_load_e   load;
  } line_token_t;

  /// Beside a word on its way into a packed line.
  typedef struct packed {
    logic        first;            // first of the line
    logic        last;             // last of the line
    logic        keep;             // it goes on in the next line
    logic [5:0]  at;               // lane at which it begins, in each part
    logic [9:0]  group;            // channel group
  } pack_token_t;

  /// One array cycle, travelling beside the data from the multipliers to the accumulator.
  typedef struct packed {
    logic        pass_first;       // start from zero
    logic        line_out;         // result leaves as a line of sums instead of being written back
    logic [1:0]  part;             // of the weights: bits [part * WeightBits +: WeightBits], the lowest first
    logic        pix_first;        // first cycle of the window: add up sum(X)
    logic        pix_start;        // sum(X) starts from zero
    logic        drain;            // nothing is added
    logic [8:0]  entry;            // line of the partial-sum memory
    logic [8:0]  r;                // line of the sum(X) memory
    line_tag_t   tag;
  } mac_op_t;

  /// Bits to count n different things, at least 1.
  function automatic int unsigned idx_width(input int unsigned n);
    idx_width = (n > 1) ? $clog2(n) : 1;
  endfunction

  /// log2 of the output channels of a tile, rounded up: its rows of partial sums lie at multiples of that power.
  function automatic logic [2:0] tile_l2(input logic [TileOcW-1:0] m_last);
    tile_l2 = '0;
    for (int unsigned b = 0; b < TileOcW; b++) begin
      if (m_last[b]) tile_l2 = 3'(b + 1);
    end
  endfunction

  /// Words of a line: several with fewer than 64 lanes.
  function automatic int unsigned line_words(input int unsigned lanes);
    line_words = (lanes < LineBytes) ? LineBytes / lanes : 1;
  endfunction

  /// Bytes of a word that lie in its first line.
  function automatic int unsigned line_lanes(input int unsigned lanes);
    line_lanes = (lanes < LineBytes) ? lanes : LineBytes;
  endfunction

  /// Lines of a word: several with more than 64 lanes (docs/architecture.md, "Wider than a line").
  function automatic int unsigned word_lines(input int unsigned lanes);
    word_lines = (lanes > LineBytes) ? lanes / LineBytes : 1;
  endfunction

  /// Bits of a segment of a row of 1024 pixels.
  function automatic int unsigned seg_width(input int unsigned lanes);
    seg_width = idx_width(1024 / lanes);
  endfunction

  /// Pooling takes a pixel a cycle (kpu_pool_serial): post-processing gives no more, and words hold one channel.
  function automatic logic serial_pool(input int unsigned lanes, input int unsigned post_lanes);
    serial_pool = post_lanes == 1 && lanes <= 16;
  endfunction

  /// Bits of image_t.grp_l2 that can be set with `lanes` lanes: a word of 64, 32 or 16 bytes holds up to
  /// four, two or one channels, a wider one no more. Modules mask with it so that a narrow machine carries no logic for packed words.
  function automatic logic [1:0] grp_mask(input int unsigned lanes);
    grp_mask = (lanes >= 64) ? 2'b11 : (lanes == 32) ? 2'b01 : 2'b00;
  endfunction

endpackage
