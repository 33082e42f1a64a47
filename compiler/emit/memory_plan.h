// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace kpu::compiler {

/// Something that lies in a memory from one step to another, both included.
struct Block {
  std::size_t size = 0;  ///< units of the memory
  int first = 0;
  int last = 0;
  std::size_t offset = 0;  ///< found by plan_blocks()
};

/// Gives every block a place so that none that live at the same time overlap; the largest first,
/// each as low as it goes. Returns the units needed in all.
std::size_t plan_blocks(std::vector<Block>& blocks);

}  // namespace kpu::compiler
