// SPDX-License-Identifier: Apache-2.0
//
// The watch over cycle counts: what it lets pass and what it reports.
#include "bench/cycle_file.h"
#include "common/error.h"
#include "common/files.h"
#include "sim/vision/image_io.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using namespace kpu::bench;
using kpu::test::contains_text;

TEST_CASE("cycle counts go to a file and come back") {
  const kpu::test::TempFolder folder;
  const CycleTable table{{"a", {1, 2, 3}}, {"b 8->8, 16 bit", {}}};
  write_cycles(folder / "c.json", table);
  CHECK(read_cycles(folder / "c.json") == table);
  CHECK(read_cycles(folder / "none.json").empty());
  kpu::write_file(folder / "bad.json", "{\"a\": 1}", 8);
  CHECK_THROWS_AS(read_cycles(folder / "bad.json"), kpu::Error);
}

TEST_CASE("growth over one percent and unnoticed improvement are reported") {
  CHECK(compare_cycles("n", {1000, 2000}, {1000, 2000}).empty());
  CHECK(compare_cycles("n", {1000, 2000}, {1012, 2000}).empty());
  const auto grown = compare_cycles("n", {1000, 2000}, {1013, 2000});
  REQUIRE(grown.size() == 1);
  CHECK_THAT(grown[0], contains_text("layer 0") && contains_text("1013"));
  CHECK(compare_cycles("n", {1000, 2000}, {1050, 2000}).size() == 2);
  const auto better = compare_cycles("n", {1000, 2000}, {1000, 1999});
  REQUIRE(better.size() == 1);
  CHECK_THAT(better[0], contains_text("better"));
  CHECK(compare_cycles("n", {1000, 2000}, {1000}).size() == 1);
}
