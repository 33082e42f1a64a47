// SPDX-License-Identifier: Apache-2.0
`include "cover.svh"

/// Words of packed lines.
module line_words_cover (
  input logic clk_i,
  input logic rst_ni,
  input logic step_i,
  input logic again_i,
  input logic back_i,
  input logic none_i,
  input logic crosses_i,
  input logic one_i,
  input logic fits_i
);
  `POINT(next_group, step_i && again_i)
  `POINT(back_to_block, step_i && back_i)
  `POINT(no_word, step_i && none_i)
  `POINT(crosses, step_i && crosses_i)
  `POINT(one_word, step_i && one_i)
  `POINT(ends_with_line, step_i && fits_i)
endmodule

bind kpu_line_words line_words_cover u_cover (
  .clk_i, .rst_ni, .step_i,
  .again_i   (again_q && !first_i),
  .back_i    (first_i && new_pass && pass_i != '0 && line_i != '0),
  .none_i    (none_o),
  .crosses_i (pack_o.keep),
  .one_i     (pack_o.first && pack_o.last),
  .fits_i    (ends && !crosses)
);

/// The gather's memory and its stages.
module gather_cover (
  input logic clk_i,
  input logic rst_ni,
  input logic both_i,
  input logic middle_i
);
  `POINT(reads_and_writes, both_i)
  `POINT(third_word, middle_i)
endmodule

bind kpu_gather gather_cover u_cover (
  .clk_i, .rst_ni,
  .both_i     (fire_in && begins && valid_q1 && pack_q1.keep),
  .middle_i   (fire_in && !in_pack_i.first && !in_pack_i.last)
);

/// Rows of packed lines.
module scatter_cover (
  input logic clk_i,
  input logic rst_ni,
  input logic fire_i,
  input logic crossed_i,
  input logic more_i,
  input logic first_i,
  input logic held_i
);
  `POINT(crossed_alone, fire_i && crossed_i && !more_i)
  `POINT(crossed_and_more, fire_i && crossed_i && more_i)
  `POINT(whole_alone, fire_i && first_i && !crossed_i && !more_i)
  `POINT(middle, fire_i && !first_i && more_i)
  `POINT(word_not_taken, held_i)
endmodule

bind kpu_scatter scatter_cover u_cover (
  .clk_i, .rst_ni,
  .fire_i    (fire),
  .crossed_i (crossed),
  .more_i    (more),
  .first_i   (!more_q),
  .held_i    (valid_q2 && !out_ready_i)
);
