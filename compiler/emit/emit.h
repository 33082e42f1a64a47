// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/emit/v4_writer.h"
#include "compiler/quant/quantise.h"

namespace kpu::compiler {

/// Where something lies in a memory, and when.
struct MapEntry {
  std::string name;
  bool ai_ram = false;
  std::size_t start = 0, bytes = 0;
  int first = 0, last = 0;  ///< nodes of the file
};

struct Emitted {
  std::vector<std::uint8_t> file;
  std::size_t ai_ram_lines = 0;  ///< of 64 bytes, at most 32768
  std::size_t main_bytes = 0;
  std::vector<MapEntry> map;
  std::vector<int> node_layers;  ///< for each node of the graph, the file's KPU layer, or -1
};

/// The file as kmodel v4. Throws Error, naming the node, for an operation without a form in the
/// format, or a network that does not fit AI RAM.
Emitted emit_v4(const Quantised& network);

/// The file as kmodel v3: a chain of KPU layers, perhaps with a softmax behind. Throws as
/// emit_v4().
Emitted emit_v3(const Quantised& network);

}  // namespace kpu::compiler
