// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu_backend.h"

#include <fmt/format.h>

#include "golden/ai_ram.h"
#include "golden/error.h"

namespace kpu::golden {

void upload_image(KpuBackend& backend, const ImageLayout& layout,
                  std::span<const std::uint8_t> planar) {
  // Packed at its own place in a blank AI RAM, then copied by channel group: rows of a group
  // follow each other, groups need not.
  AiRam blank;
  pack_image(blank.bytes(), layout, planar);
  const std::size_t row_lines = (layout.width + kLineBytes - 1) / kLineBytes;
  const std::size_t lines = std::size_t{layout.height - 1} * layout.row_lines + row_lines;
  const std::uint32_t groups = (layout.channels + layout.line_channels - 1) / layout.line_channels;
  if (layout.group_lines == lines) {
    const std::size_t start = layout.address(0, 0, 0);
    backend.write_ram(start, blank.bytes().subspan(start, groups * lines * kLineBytes));
    return;
  }
  for (std::uint32_t group = 0; group < groups; ++group) {
    const std::size_t start = layout.address(group * layout.line_channels, 0, 0);
    backend.write_ram(start, blank.bytes().subspan(start, lines * kLineBytes));
  }
}

std::vector<std::uint8_t> download_image(KpuBackend& backend, const ImageLayout& layout) {
  AiRam copy;
  if (layout.end_line() > kAiRamLines) {
    return unpack_image(copy.bytes(), layout);  // throws with the usual message
  }
  const std::size_t start = layout.address(0, 0, 0);
  backend.read_ram(start, copy.bytes().subspan(start, layout.end_line() * kLineBytes - start));
  return unpack_image(copy.bytes(), layout);
}

}  // namespace kpu::golden
