// SPDX-License-Identifier: Apache-2.0
#include "compiler/emit/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace kpu::compiler {

std::size_t plan_blocks(std::vector<Block>& blocks) {
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return blocks[a].size > blocks[b].size; });
  std::size_t needed = 0;
  std::vector<std::size_t> placed;  // by offset
  for (std::size_t next : order) {
    Block& block = blocks[next];
    block.offset = 0;
    for (std::size_t other : placed) {
      const Block& there = blocks[other];
      const bool together = there.first <= block.last && block.first <= there.last;
      if (together && there.offset < block.offset + block.size) {
        block.offset = std::max(block.offset, there.offset + there.size);
      }
    }
    const auto place = std::upper_bound(
        placed.begin(), placed.end(), block.offset,
        [&](std::size_t offset, std::size_t other) { return offset < blocks[other].offset; });
    placed.insert(place, next);
    needed = std::max(needed, block.offset + block.size);
  }
  return needed;
}

}  // namespace kpu::compiler
