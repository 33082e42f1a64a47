// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// Queue of layers: twelve argument words each, written one by one, read as a stream.
///
/// Words appear at the output only while a complete layer is inside, two cycles after its last word
/// was written, then one a cycle. When the queue is full at the first word of a layer, all twelve
/// words of that layer are dropped, so that the ones behind it stay in step. A layer counts until
/// its last word has been read from the memory.
module kpu_layer_fifo #(
  /// Layers, at least 2.
  parameter  int unsigned Layers = 16,
  localparam int unsigned CntW   = $clog2(Layers + 1)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  /// Empties the queue, also of a layer that is partly written or read.
  input  logic            clear_i,
  // Words from software
  input  logic            push_i,
  input  logic [63:0]     push_data_i,
  /// The first word of a layer was dropped.
  output logic            overflow_o,
  // Words to the layer decoder
  output logic            arg_valid_o,
  input  logic            arg_ready_i,
  output logic [63:0]     arg_word_o,
  // Level
  output logic [CntW-1:0] layers_o,
  /// A layer became complete in the cycle before.
  output logic            layer_in_o,
  /// A layer was read in the cycle before.
  output logic            layer_out_o
);

  if (Layers < 2) begin : gen_check_layers
    $error("kpu_layer_fifo: Layers must be at least 2");
  end

  localparam int unsigned Depth    = Layers * kpu_pkg::LayerWords;
  localparam int unsigned AddrW    = $clog2(Depth);
  localparam int unsigned LastWord = kpu_pkg::LayerWords - 1;

  logic [AddrW-1:0] wr_addr_q, rd_addr_q;
  logic [3:0]       wr_word_q, rd_word_q;   // index within the layer
  logic             drop_q;                 // the layer that is being written finds no room
  logic             drop, write, read, layer_in, layer_out;
  logic             arg_valid_q, layer_in_q, layer_out_q;
  logic [CntW-1:0]  layers_q;

  assign arg_valid_o = arg_valid_q;
  assign layers_o    = layers_q;
  assign layer_in_o  = layer_in_q;
  assign layer_out_o = layer_out_q;

  assign drop       = (wr_word_q == 4'd0) ? layers_q == CntW'(Layers) : drop_q;
  assign write      = push_i && !drop && !clear_i;
  assign overflow_o = push_i && wr_word_q == 4'd0 && drop && !clear_i;
  assign layer_in   = write && wr_word_q == 4'(LastWord);
  assign read       = layers_q != '0 && (!arg_valid_q || arg_ready_i) && !clear_i;
  assign layer_out  = read && rd_word_q == 4'(LastWord);

  kpu_ram_1r1w #(.Width(64), .Depth(Depth)) u_words (
    .clk_i,
    .rd_en_i(read), .rd_addr_i(rd_addr_q), .rd_data_o(arg_word_o),
    .wr_en_i(write), .wr_addr_i(wr_addr_q), .wr_data_i(push_data_i)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_addr_q   <= '0;
      rd_addr_q   <= '0;
      wr_word_q   <= '0;
      rd_word_q   <= '0;
      drop_q      <= 1'b0;
      layers_q    <= '0;
      layer_in_q  <= 1'b0;
      layer_out_q <= 1'b0;
      arg_valid_q <= 1'b0;
    end else if (clear_i) begin
      wr_addr_q   <= '0;
      rd_addr_q   <= '0;
      wr_word_q   <= '0;
      rd_word_q   <= '0;
      drop_q      <= 1'b0;
      layers_q    <= '0;
      layer_in_q  <= 1'b0;
      layer_out_q <= 1'b0;
      arg_valid_q <= 1'b0;
    end else begin
      if (push_i) begin
        wr_word_q <= (wr_word_q == 4'(LastWord)) ? '0 : wr_word_q + 4'd1;
        drop_q    <= drop;
      end
      if (write) wr_addr_q <= (wr_addr_q == AddrW'(Depth - 1)) ? '0 : wr_addr_q + AddrW'(1);
      if (read) begin
        rd_addr_q <= (rd_addr_q == AddrW'(Depth - 1)) ? '0 : rd_addr_q + AddrW'(1);
        rd_word_q <= (rd_word_q == 4'(LastWord)) ? '0 : rd_word_q + 4'd1;
      end
      if (layer_in != layer_out) layers_q <= layer_in ? layers_q + CntW'(1) : layers_q - CntW'(1);
      layer_in_q  <= layer_in;
      layer_out_q <= layer_out;
      if (read)             arg_valid_q <= 1'b1;
      else if (arg_ready_i) arg_valid_q <= 1'b0;
    end
  end

  // ---- Assertions -------------------------------------------------------------------------------
  `ASSERT(LevelInRange, (CntW+1)'(layers_q) <= (CntW+1)'(Layers))
  `ASSERT(WordsInStep, wr_word_q <= 4'(LastWord) && rd_word_q <= 4'(LastWord))
  `ASSERT_KEPT(ArgHeld, arg_valid_q && !arg_ready_i && !clear_i, arg_valid_q, arg_word_o)

endmodule
