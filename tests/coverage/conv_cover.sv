// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// What the array waits for, the holds of narrow tiles, and both bytes of wide weights.
module mac_seq_cover (
  input logic clk_i,
  input logic rst_ni,
  input logic wait_weights_i,
  input logic wait_lines_i,
  input logic hold_i,
  input logic no_place_i,     // a line of sums has no place
  input logic high_i,
  input logic release_i
);
  `POINT(waits_for_weights, wait_weights_i)
  `POINT(waits_for_lines, wait_lines_i)
  `POINT(waits_for_its_own_sums, hold_i)
  `POINT(waits_for_a_place, no_place_i)
  `POINT(high_bytes, high_i)
  `POINT(gives_rows_back, release_i)
endmodule

bind kpu_mac_seq mac_seq_cover u_cover (
  .clk_i, .rst_ni,
  .wait_weights_i (wait_weights_o),
  .wait_lines_i   (wait_lines_o),
  .hold_i         (f_valid_q && hold_q),
  .no_place_i     (cmd_valid_i && op_new.line_out && !line_free_i),
  .high_i         (issue && part_q != '0),
  .release_i      (issue && last_op && cmd_i.release_rows)
);

/// Every way of loading the taps, pad lines, and a window that waits for the array.
module window_cover (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       take_i,
  input logic       full_i,
  input logic       pad_i,
  input logic       pad_above_i,
  input logic [1:0] load_i
);
  `POINT(prime, take_i && load_i == 2'd0)
  `POINT(shift_one, take_i && load_i == 2'd1)
  `POINT(shift_two, take_i && load_i == 2'd2)
  `POINT(point, take_i && load_i == 2'd3)
  `POINT(pad_line, pad_i)
  `POINT(pad_line_above, pad_above_i)
  `POINT(window_waits, full_i && !take_i)
endmodule

bind kpu_window window_cover u_cover (
  .clk_i, .rst_ni,
  .take_i      (take),
  .full_i      (full_q),
  .pad_i       (line_fire && line_token_i.pad),
  .pad_above_i (line_fire && line_token_i.pad_slot0),
  .load_i      (load_q)
);
