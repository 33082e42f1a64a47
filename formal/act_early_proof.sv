// SPDX-License-Identifier: Apache-2.0

/// kpu_act_table lets lines into kpu_post while the last entries are on their way to the lanes: none of them is still
/// to be written when a line is at the stage that looks at the table (PostActStage). Any tables, layers with and
/// without one, lines and clears.
module act_early_proof (
  input logic clk_i,
  input logic clear_i,
  input logic drop_i,
  input logic word_comes_i,
  input logic want_i,
  input logic line_i
);
  localparam int unsigned Act = kpu_pkg::PostActStage;

  logic                rst_ni = 1'b0;
  logic [4:0]          word_q;        // next word of the table
  logic                busy_q;        // a layer wants entries that have not all come
  logic [Act:1]        valid_q;       // stages of kpu_post that hold a line
  logic                full, ready, entry_valid, word_en, line_en;
  kpu_pkg::act_entry_t entry;

  assign word_en = word_comes_i && !full;
  assign line_en = line_i && ready && !want_i;

  kpu_act_table u_dut (
    .clk_i, .rst_ni, .clear_i, .drop_i, .wr_en_i(word_en), .wr_idx_i(word_q), .wr_data_i('0), .full_o(full), .want_i,
    .ready_o(ready), .entry_valid_o(entry_valid), .entry_o(entry)
  );

  always_ff @(posedge clk_i) begin
    rst_ni <= 1'b1;
    if (!rst_ni || clear_i) begin
      word_q  <= '0;
      busy_q  <= 1'b0;
      valid_q <= '0;
    end else begin
      if (word_en) word_q <= (word_q == 5'(kpu_pkg::ActWords - 1)) ? '0 : word_q + 5'd1;
      if (drop_i)  word_q <= '0;
      if (want_i)  busy_q <= 1'b1;
      else if (entry_valid && entry.idx == '0) busy_q <= 1'b0;
      valid_q <= {valid_q[Act-1:1], line_en};
    end
  end

  always @(posedge clk_i) begin
    assume (!want_i || (!busy_q && valid_q == '0));  // the layer before has left
    if (rst_ni) assert (!(entry_valid && valid_q[Act]));
  end
endmodule
