// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/kpu_shape.h"

namespace kpu::golden {

/// Where the pixels of an image lie in AI RAM, as the layer words state it.
///
/// `line_channels` (1, 2 or 4) channels share a line, 64 / line_channels bytes each. Padding bytes
/// of rows and channel groups are never significant.
struct ImageLayout {
  std::uint32_t base_line = 0;  ///< first line
  std::uint32_t channels = 1;
  std::uint32_t height = 1;
  std::uint32_t width = 1;
  std::uint32_t line_channels = 1;  ///< channels per line
  std::uint32_t row_lines = 1;      ///< lines from one row to the next
  std::uint32_t group_lines = 1;    ///< lines from one channel group to the next

  /// The layout the vendor's compilers choose for a width (K210 KPU, AI RAM image): 4 channels a
  /// line up to 16 pixels, 2 up to 32, else one channel in ceil(width / 64) lines a row.
  static ImageLayout standard(std::uint32_t base_line, std::uint32_t channels, std::uint32_t height,
                              std::uint32_t width);

  /// Byte address in AI RAM of a pixel. Does not check that it lies inside AI RAM.
  std::size_t address(std::uint32_t channel, std::uint32_t row, std::uint32_t column) const;

  /// One past the last line that holds a pixel; more than kAiRamLines if the image does not fit.
  std::size_t end_line() const;

  /// Bytes of the planar image: channels * height * width.
  std::size_t planar_bytes() const;
};

/// Throws Error unless the image lies inside AI RAM.
void require_inside(const ImageLayout& layout);

/// The 2 MiB of AI RAM, zero at the start.
class AiRam {
 public:
  /// So many bytes behind the last one may be read, by vectors that start in front of it.
  static constexpr std::size_t kSlack = 256;

  AiRam() : bytes_(kAiRamBytes + kSlack) {}

  std::span<std::uint8_t> bytes() { return std::span(bytes_).first(kAiRamBytes); }
  std::span<const std::uint8_t> bytes() const { return std::span(bytes_).first(kAiRamBytes); }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Writes the planar image (channel by channel, row by row) into `ram` at its layout's places;
/// padding is left alone. `ram` is all of AI RAM. Throws Error if the image does not fit AI RAM or
/// `planar` has another size than the layout.
void pack_image(std::span<std::uint8_t> ram, const ImageLayout& layout,
                std::span<const std::uint8_t> planar);

/// Reads the image at `layout` as planar bytes. Throws Error if it does not fit AI RAM.
std::vector<std::uint8_t> unpack_image(std::span<const std::uint8_t> ram,
                                       const ImageLayout& layout);

}  // namespace kpu::golden
