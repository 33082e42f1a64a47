// SPDX-License-Identifier: Apache-2.0
//
// Packing of rows (rtl/pack): images of random sizes, widths around the parts of a word, at any stalls. The words of
// each packed line, and the lines that the gather makes of them, against the pixels of the channel counted row after
// row, for blocks of one to three lines, several passes and channel groups; the rows that the scatter makes of packed
// lines against the image, for every number of output channels; all of that for lines of two words of kept pixels, too. Layers that are not packed pass unchanged; a layer given
// up in any cycle leaves nothing behind.
#include <cstddef>
#include <cstdint>

#include "tests/rtl/pack/pack_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

/// Widths with fewer packed lines than words, one word a row or several.
Shape random_shape(PackBench& bench) {
  Shape shape{};
  const std::uint32_t most = kLanes == 64 ? 3 : kLanes == 32 ? 2 : 1;
  shape.grp_l2 = bench.below(most);
  const std::uint32_t part = shape.part();
  const std::uint32_t words = shape.grp_l2 == 0 ? bench.below(4) : 0;
  shape.width = words * part + 1 + bench.below(part - 1);
  shape.height = 1 + bench.below(bench.below(4) == 0 ? 60 : 14);
  return shape;
}

TEST_CASE("Words of packed lines, and the lines made of them") {
  PackBench bench(1);
  for (int i = 0; i < 250; ++i) {
    const Shape shape = random_shape(bench);
    if (shape.lines() > 512) continue;
    const std::uint32_t groups = 9 + bench.below(bench.below(8) == 0 ? kGroups / 8 : 12);
    const std::uint32_t block = 1 + bench.below(3);
    const std::uint32_t stalls[] = {0, 0, 30, 80};
    CAPTURE(i, shape.grp_l2, shape.width, shape.height, groups, block);
    if (std::size_t{shape.lines()} * groups > 4000) continue;
    bench.gather(shape, groups, block, stalls[bench.below(4)]);
  }
}

TEST_CASE("Every group that can be kept") {
  PackBench bench(2);
  bench.gather({0, kLanes - 3, 3}, kGroups, 1, 0);
  bench.gather({0, kLanes - 3, 3}, kGroups, 2, 0);
}

TEST_CASE("The highest image of each width") {
  PackBench bench(3);
  for (const std::uint32_t width : {1u, 2u, kLanes / 2 + 1, kLanes - 1, kLanes + 1}) {
    Shape shape{0, width, 512};
    while (shape.lines() > 512) --shape.height;
    CAPTURE(width, shape.height);
    bench.gather(shape, 9, 2, 0);
    bench.scatter(shape, 3, 0);
  }
}

TEST_CASE("Rows of packed lines") {
  PackBench bench(4);
  for (int i = 0; i < 400; ++i) {
    const Shape shape = random_shape(bench);
    if (shape.lines() > 512) continue;
    const std::uint32_t channels = 2 + bench.below(15);
    const std::uint32_t stalls[] = {0, 0, 30, 80};
    CAPTURE(i, shape.grp_l2, shape.width, shape.height, channels);
    bench.scatter(shape, channels, stalls[bench.below(4)]);
  }
}

TEST_CASE("Lines of two words that a pool picks from, and their rows") {
  PackBench bench(7);
  for (int i = 0; i < 400; ++i) {
    Shape shape = random_shape(bench);
    shape.width += bench.below(2);
    shape.pick = 1 + bench.below(2);
    const std::uint32_t groups = 9 + bench.below(12);
    const std::uint32_t block = 1 + bench.below(3);
    const std::uint32_t stalls[] = {0, 0, 30, 80};
    CAPTURE(i, shape.grp_l2, shape.width, shape.height, shape.pick, groups, block);
    if (std::size_t{shape.lines()} * groups > 4000) continue;
    bench.gather(shape, groups, block, stalls[bench.below(4)]);
    bench.scatter(shape, 2 + bench.below(15), stalls[bench.below(4)]);
  }
}

TEST_CASE("Layers that are not packed pass unchanged") {
  PackBench bench(5);
  for (const std::uint32_t stalls : {0u, 30u, 80u}) bench.pass(300, stalls);
}

TEST_CASE("What is given up in the middle of a line leaves nothing behind") {
  PackBench bench(6);
  const Shape shape{0, kLanes / 4 + 1, 9};
  for (std::uint32_t cycle = 0; cycle < 40; ++cycle) {
    CAPTURE(cycle);
    bench.begin(shape, cycle % 7);
    bench.gather({0, kLanes / 2 - 1, 5}, 9, 2, 0);
    bench.scatter(shape, 3, 0, cycle);
    bench.scatter({0, kLanes / 2 - 1, 5}, 2, 0);
  }
}

}  // namespace
}  // namespace kpu::test
