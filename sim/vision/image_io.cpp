// SPDX-License-Identifier: Apache-2.0
#include "sim/vision/image_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "common/error.h"
#include "common/files.h"

// Only formats that a signature tells apart from raw data.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_ONLY_PNM
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace kpu::sim {
namespace {

constexpr std::int64_t kMaxPixels = 64 << 20;

/// Throws Error for a file that cannot be read as a picture but starts like one: raw data does not
/// do so by chance.
void require_undamaged(const std::string& path, const std::vector<std::uint8_t>& file) {
  constexpr std::array<std::uint8_t, 8> kPng{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  constexpr std::array<std::uint8_t, 4> kJpeg{0xFF, 0xD8, 0xFF, 0xE0};
  const auto starts_with = [&](const auto& signature) {
    return file.size() >= signature.size() &&
           std::equal(signature.begin(), signature.end(), file.begin());
  };
  if (starts_with(kPng) || starts_with(kJpeg)) {
    throw Error(fmt::format("{}: damaged picture ({})", path, stbi_failure_reason()));
  }
}

bool is_picture(const std::vector<std::uint8_t>& file, int& width, int& height) {
  int channels = 0;
  return stbi_info_from_memory(file.data(), static_cast<int>(file.size()), &width, &height,
                               &channels) != 0;
}

/// stb_image fills tables of 256 codes from a JPEG's counts without looking at their sum. Every
/// Huffman segment (FF C4) of the file is checked beforehand, wherever it stands.
void require_sound_huffman_tables(const std::string& path, const std::vector<std::uint8_t>& file) {
  constexpr std::size_t kCounts = 16;
  for (std::size_t at = 0; at + 4 <= file.size(); ++at) {
    if (file[at] != 0xFF || file[at + 1] != 0xC4) continue;
    const std::size_t end = std::min(file.size(), at + 2 + 256 * file[at + 2] + file[at + 3]);
    for (std::size_t table = at + 4; table + 1 + kCounts <= end;) {
      const auto counts = file.begin() + static_cast<std::ptrdiff_t>(table) + 1;
      const auto codes = std::accumulate(counts, counts + kCounts, std::size_t{0});
      if (codes > 256) {
        throw Error(
            fmt::format("{}: damaged picture (Huffman table of {} codes at byte {}, expected "
                        "at most 256)",
                        path, codes, table));
      }
      table += 1 + kCounts + codes;
    }
  }
}

}  // namespace

std::optional<PictureSize> picture_size(const std::string& path,
                                        const std::vector<std::uint8_t>& file) {
  PictureSize size;
  if (is_picture(file, size.width, size.height)) return size;
  require_undamaged(path, file);
  return std::nullopt;
}

Image decode_image(const std::string& path, const std::vector<std::uint8_t>& file, int channels) {
  int width = 0;
  int height = 0;
  if (!is_picture(file, width, height)) {
    require_undamaged(path, file);
    throw Error(fmt::format("{}: not a PNG, JPEG, BMP, PPM or PGM picture", path));
  }
  if (width < 1 || height < 1) {
    throw Error(
        fmt::format("{}: picture of {}x{} pixels, expected at least one", path, width, height));
  }
  if (file[0] == 0xFF) require_sound_huffman_tables(path, file);
  // stb_image reads past the end of its own buffer when it cuts these to 8 bits.
  if (file[0] == 'P' &&
      stbi_is_16_bit_from_memory(file.data(), static_cast<int>(file.size())) != 0) {
    throw Error(fmt::format("{}: PPM or PGM picture of 16 bits a value, expected 8", path));
  }
  if (std::int64_t{width} * height > kMaxPixels) {
    throw Error(fmt::format("{}: picture of {}x{} pixels is too large, at most {} Mpixel", path,
                            width, height, kMaxPixels >> 20));
  }
  int file_channels = 0;
  stbi_uc* pixels = stbi_load_from_memory(file.data(), static_cast<int>(file.size()), &width,
                                          &height, &file_channels, channels);
  if (pixels == nullptr) {
    throw Error(fmt::format("{}: damaged picture ({})", path, stbi_failure_reason()));
  }
  Image image(width, height, channels);
  std::memcpy(image.data.data(), pixels, image.data.size());
  stbi_image_free(pixels);
  return image;
}

Image load_image(const std::string& path, int channels) {
  return decode_image(path, read_file(path), channels);
}

std::vector<std::uint8_t> encode_png(const Image& image) {
  int size = 0;
  unsigned char* png = stbi_write_png_to_mem(image.data.data(), image.width * image.channels,
                                             image.width, image.height, image.channels, &size);
  if (png == nullptr) {
    throw Error(fmt::format("PNG encoding of {} x {} pixels failed", image.width, image.height));
  }
  std::vector<std::uint8_t> bytes(png, png + size);
  std::free(png);
  return bytes;
}

void save_png(const std::string& path, const Image& image) {
  const std::vector<std::uint8_t> bytes = encode_png(image);
  write_file(path, bytes.data(), bytes.size());
}

}  // namespace kpu::sim
