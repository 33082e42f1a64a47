// SPDX-License-Identifier: Apache-2.0
//
// Random blocks never overlap in both time and place, and a chain needs two of its images only.
#include <cstddef>
#include <random>
#include <vector>

#include "compiler/emit/memory_plan.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

TEST_CASE("blocks that live at the same time lie apart") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    std::vector<Block> blocks(30);
    for (Block& block : blocks) {
      block.size = 1 + random() % 100;
      block.first = static_cast<int>(random() % 40);
      block.last = block.first + static_cast<int>(random() % 10);
    }
    const std::size_t needed = plan_blocks(blocks);
    for (const Block& a : blocks) {
      REQUIRE(a.offset + a.size <= needed);
      for (const Block& b : blocks) {
        if (&a == &b || a.first > b.last || b.first > a.last) continue;
        REQUIRE((a.offset >= b.offset + b.size || b.offset >= a.offset + a.size));
      }
    }
  }
}

TEST_CASE("a chain of images takes the room of the two largest neighbours") {
  std::vector<Block> blocks;
  for (int i = 0; i < 8; ++i) blocks.push_back({100, i, i + 1, 0});
  CHECK(plan_blocks(blocks) == 200);
}
