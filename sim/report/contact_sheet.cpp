// SPDX-License-Identifier: Apache-2.0
#include "sim/report/contact_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace kpu::sim {
namespace {

constexpr Rgb kPaper{24, 26, 32};
constexpr Rgb kInk{220, 220, 220};
constexpr int kGap = 4;
constexpr const char* kNote = "channel: least..largest value, shown black..white";

}  // namespace

ChannelTile channel_tile(std::span<const std::uint8_t> planar, int channel, int height, int width) {
  ChannelTile tile{Image(width, height, 1)};
  std::vector<std::uint8_t>& values = tile.picture.data;
  std::copy_n(planar.begin() + std::ptrdiff_t{channel} * width * height, values.size(),
              values.begin());
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  tile.least = *least;
  tile.most = *most;
  const int range = std::max(1, tile.most - tile.least);
  for (std::uint8_t& value : values) {
    value = static_cast<std::uint8_t>((value - tile.least) * 255 / range);
  }
  return tile;
}

Image contact_sheet(std::span<const std::uint8_t> planar, int channels, int height, int width,
                    const std::string& title) {
  // Room for the longest caption below each tile.
  const int caption_width = text_width("1023: 255..255", 1);
  const int factor =
      std::max({1, 48 / std::max(width, height), (caption_width + width - 1) / width});
  const int tile_width = width * factor;
  const int tile_height = height * factor;
  const int label = text_height(1);
  // Columns such that the sheet is about 4:3.
  const double cell_ratio = static_cast<double>(tile_height + label) / tile_width;
  const int columns = std::clamp(
      static_cast<int>(std::lround(std::sqrt(channels * cell_ratio * 4.0 / 3.0))), 1, channels);
  const int rows = (channels + columns - 1) / columns;
  const int cell_width = tile_width + kGap;
  const int cell_height = tile_height + label + kGap;
  const int title_height = text_height(2) + text_height(1) + 3 * kGap;

  Image sheet(
      std::max({columns * cell_width, text_width(title, 2), text_width(kNote, 1)}) + 2 * kGap,
      rows * cell_height + title_height + kGap, 3, kPaper);
  draw_text(sheet, kGap, kGap, title, 2, kInk);
  draw_text(sheet, kGap, text_height(2) + 2 * kGap, kNote, 1, kInk);
  for (int c = 0; c < channels; ++c) {
    const ChannelTile tile = channel_tile(planar, c, height, width);
    const int x = kGap + (c % columns) * cell_width;
    const int y = title_height + (c / columns) * cell_height;
    const std::string caption = fmt::format("{}: {}..{}", c, tile.least, tile.most);
    blit(sheet, magnify(tile.picture, factor), x, y);
    draw_text(sheet, x, y + tile_height + 2, caption, 1, kInk);
  }
  return sheet;
}

}  // namespace kpu::sim
