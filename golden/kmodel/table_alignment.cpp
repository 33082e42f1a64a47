// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/table_alignment.h"

#include <fmt/format.h>

#include <cstddef>

#include "common/error.h"

namespace kpu::golden {
namespace {

constexpr std::size_t kWeightAlignment = 128;
constexpr std::size_t kActAlignment = 256;

}  // namespace

void require_aligned_tables(const ModelInfo& info, std::span<const std::uint8_t> file) {
  for (const LayerInfo& layer : info.layers) {
    if (!layer.kpu) {
      continue;
    }
    const auto require = [&](const char* name, std::span<const std::uint8_t> table,
                             std::size_t alignment) {
      const auto at = static_cast<std::size_t>(table.data() - file.data());
      if (table.empty() || at % alignment == 0) {
        return;
      }
      throw Error(
          fmt::format("layer {} ({}): {} at byte {:#x} of the file: expected a multiple of "
                      "{}, as the vendor's runtime demands",
                      layer.index, layer.type, name, at, alignment));
    };
    require("weights", layer.kpu->tables.weights, kWeightAlignment);
    require("batch norm", layer.kpu->tables.batch_norm, kWeightAlignment);
    require("activation table", layer.kpu->tables.act, kActAlignment);
  }
}

}  // namespace kpu::golden
