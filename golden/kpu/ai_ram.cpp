// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/ai_ram.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/error.h"

namespace kpu::golden {
namespace {

/// Calls run(address, planar_offset, count) for every stretch of pixels that is contiguous both in
/// AI RAM and in the planar image.
template <class Function>
void each_run(const ImageLayout& layout, Function run) {
  std::size_t planar = 0;
  for (std::uint32_t channel = 0; channel < layout.channels; ++channel) {
    for (std::uint32_t row = 0; row < layout.height; ++row) {
      run(layout.address(channel, row, 0), planar, std::size_t{layout.width});
      planar += layout.width;
    }
  }
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
  each_run(layout, [&](std::size_t address, std::size_t offset, std::size_t count) {
    std::copy_n(planar.begin() + offset, count, ram.begin() + address);
  });
}

std::vector<std::uint8_t> unpack_image(std::span<const std::uint8_t> ram,
                                       const ImageLayout& layout) {
  require_inside(layout);
  std::vector<std::uint8_t> planar(layout.planar_bytes());
  each_run(layout, [&](std::size_t address, std::size_t offset, std::size_t count) {
    std::copy_n(ram.begin() + address, count, planar.begin() + offset);
  });
  return planar;
}

}  // namespace kpu::golden
