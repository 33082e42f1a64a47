// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/kpu_backend.h"

#include "golden/kpu/ai_ram.h"

namespace kpu::golden {

void upload_image(KpuBackend& backend, const ImageLayout& layout,
                  std::span<const std::uint8_t> planar) {
  // Packed as if it lay at the start of AI RAM, then copied by channel group: rows of a group
  // follow each other, groups need not.
  ImageLayout packed = layout;
  packed.base_line = 0;
  require_inside(layout);
  std::vector<std::uint8_t> lines(packed.end_line() * kLineBytes);
  pack_image(lines, packed, planar);
  const std::size_t start = layout.address(0, 0, 0);
  const std::size_t row_lines = (layout.width + kLineBytes - 1) / kLineBytes;
  const std::size_t group_bytes =
      (std::size_t{layout.height - 1} * layout.row_lines + row_lines) * kLineBytes;
  if (layout.group_lines * kLineBytes == group_bytes) {
    backend.write_ram(start, lines);
    return;
  }
  for (std::uint32_t channel = 0; channel < layout.channels; channel += layout.line_channels) {
    const std::size_t offset = packed.address(channel, 0, 0);
    backend.write_ram(start + offset, std::span(lines).subspan(offset, group_bytes));
  }
}

std::vector<std::uint8_t> download_image(KpuBackend& backend, const ImageLayout& layout) {
  require_inside(layout);
  ImageLayout packed = layout;
  packed.base_line = 0;
  std::vector<std::uint8_t> lines(packed.end_line() * kLineBytes);
  backend.read_ram(layout.address(0, 0, 0), lines);
  return unpack_image(lines, packed);
}

}  // namespace kpu::golden
