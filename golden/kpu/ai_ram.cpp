// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/ai_ram.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/copy_rows.h"
#include "common/error.h"

namespace kpu::golden {
namespace {

std::size_t row_stride(const ImageLayout& layout) {
  return std::size_t{layout.row_lines} * kLineBytes;
}

}  // namespace

ImageLayout ImageLayout::standard(std::uint32_t base_line, std::uint32_t channels,
                                  std::uint32_t height, std::uint32_t width) {
  const std::uint32_t line_channels = width <= 16 ? 4 : width <= 32 ? 2 : 1;
  const std::uint32_t row_lines = (width + kLineBytes - 1) / kLineBytes;
  return {.base_line = base_line,
          .channels = channels,
          .height = height,
          .width = width,
          .line_channels = line_channels,
          .row_lines = row_lines,
          .group_lines = row_lines * height};
}

std::size_t ImageLayout::address(std::uint32_t channel, std::uint32_t row,
                                 std::uint32_t column) const {
  const std::size_t line = std::size_t{base_line} +
                           std::size_t{channel / line_channels} * group_lines +
                           std::size_t{row} * row_lines;
  const std::size_t pitch = kLineBytes / line_channels;
  return line * kLineBytes + (channel % line_channels) * pitch + column;
}

std::size_t ImageLayout::end_line() const {
  // Row and group steps are not negative, so the last pixel of the last channel lies furthest.
  return address(channels - 1, height - 1, width - 1) / kLineBytes + 1;
}

void require_inside(const ImageLayout& layout) {
  if (layout.end_line() > kAiRamLines) {
    throw Error(fmt::format(
        "AI RAM: image {}x{}x{} at line {} ends at line {}, expected at most {}", layout.channels,
        layout.height, layout.width, layout.base_line, layout.end_line(), kAiRamLines));
  }
}

std::size_t ImageLayout::planar_bytes() const { return std::size_t{channels} * height * width; }

void pack_image(std::span<std::uint8_t> ram, const ImageLayout& layout,
                std::span<const std::uint8_t> planar) {
  require_inside(layout);
  if (planar.size() != layout.planar_bytes()) {
    throw Error(fmt::format("image: {} bytes, expected {} for {}x{}x{}", planar.size(),
                            layout.planar_bytes(), layout.channels, layout.height, layout.width));
  }
  const std::size_t plane = std::size_t{layout.height} * layout.width;
  for (std::uint32_t channel = 0; channel < layout.channels; ++channel) {
    copy_rows(planar.data() + channel * plane, layout.width,
              ram.data() + layout.address(channel, 0, 0), row_stride(layout), layout.width,
              layout.height);
  }
}

std::vector<std::uint8_t> unpack_image(std::span<const std::uint8_t> ram,
                                       const ImageLayout& layout) {
  require_inside(layout);
  std::vector<std::uint8_t> planar(layout.planar_bytes());
  const std::size_t plane = std::size_t{layout.height} * layout.width;
  for (std::uint32_t channel = 0; channel < layout.channels; ++channel) {
    copy_rows(ram.data() + layout.address(channel, 0, 0), row_stride(layout),
              planar.data() + channel * plane, layout.width, layout.width, layout.height);
  }
  return planar;
}

}  // namespace kpu::golden
