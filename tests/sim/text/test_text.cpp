// SPDX-License-Identifier: Apache-2.0
//
// Tables, progress lines, names of layers, limiters: text that people and scripts read.
#include "golden/kpu/layer_args.h"

#include <string>
#include "sim/engine/counters.h"
#include "sim/text/layer_text.h"
#include "sim/text/progress.h"
#include "sim/text/text_table.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;

TEST_CASE("table columns are aligned") {
  TextTable table({{"#"}, {"name", TextTable::Align::kLeft}, {"cycles"}});
  table.add_row({"0", "a", "12345678"});
  table.add_row({"10", "long name"});
  CHECK(table.str() ==
        " #  name         cycles\n"
        "--  ---------  --------\n"
        " 0  a          12345678\n"
        "10  long name\n");
}

TEST_CASE("progress line") {
  CHECK(progress_line("rtl", 50, 100, "layer 3", 2000000, 4.0) ==
        "rtl [############............]  50 %  layer 3  500 kcycles/s  4 s left");
  CHECK(progress_line("golden", 0, 100, "layer 0", 0, 0.0) ==
        "golden [........................]   0 %  layer 0");
  CHECK(progress_line("golden", 7, 0, "layer 0", 0, 1.0).find("100 %") != std::string::npos);
}

TEST_CASE("numbers and names") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1 000");
  CHECK(grouped(1234567) == "1 234 567");
  CHECK(pool_name(0) == "-");
  CHECK(pool_name(9) == "max 2x2/1");
  kpu::golden::LayerArgs args;
  args.in_channels = 3;
  args.in_height = 240;
  args.in_width = 320;
  CHECK(input_shape(args) == "3x240x320");
  CHECK(kernel_name(args) == "1x1");
}

TEST_CASE("limiter is the array, or what costs most besides it") {
  CHECK(limiter({}) == "-");
  // A simulation's own count of the cycles, without the hardware's counters.
  CHECK(limiter({{"cycles", 100}, {"post_lines", 5}}) == "-");
  CHECK(limiter({{"cycles", 100}, {"array_busy", 90}, {"drain", 10}}) == "array");
  CHECK(limiter({{"cycles", 100}, {"array_busy", 80}, {"drain", 15}, {"wait_weights", 5}}) ==
        "drain");
  CHECK(limiter({{"cycles", 100}, {"array_busy", 10}, {"drain", 15}, {"wait_weights", 75}}) ==
        "weights");
}
