// SPDX-License-Identifier: Apache-2.0
#include "sim/vision/image_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <utility>

#include "common/error.h"
#include "common/files.h"
#include "sim/text/npy.h"

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

Image decode(const std::string& path, const std::vector<std::uint8_t>& file, int channels) {
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

/// The input's type by name.
const char* type_name(const InputSpec& spec) {
  if (spec.element_bytes != 1) return "float32";
  return spec.is_signed ? "int8" : "uint8";
}

/// What turns a uint8 code into the input's, and back: int8 codes count from -128.
std::uint8_t code_flip(const InputSpec& spec) { return spec.is_signed ? 0x80 : 0; }

/// The values of a .npy file, which must have the input's type; its shape is the caller's.
std::vector<std::uint8_t> array_values(const std::string& path,
                                       const std::vector<std::uint8_t>& file,
                                       const InputSpec& spec) {
  NpyArray array = parse_npy(file, path);
  const char* wanted = spec.element_bytes == 4 ? "f4" : spec.is_signed ? "i1" : "u1";
  if (array.type != wanted) {
    throw Error(fmt::format("{}: .npy file of type {}, expected {} as the network's input", path,
                            array.type, wanted));
  }
  return std::move(array.bytes);
}

/// Planes of a picture, in the input's type.
std::vector<std::uint8_t> to_planes(const Image& image, const InputSpec& spec) {
  const auto plane = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  const auto channels = static_cast<std::size_t>(image.channels);
  const auto bytes = static_cast<std::size_t>(spec.element_bytes);
  std::vector<std::uint8_t> out(plane * channels * bytes);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < plane; ++i) {
      const std::uint8_t value = image.data[i * channels + c];
      std::uint8_t* to = &out[(c * plane + i) * bytes];
      if (spec.element_bytes == 1) {
        *to = value ^ code_flip(spec);
      } else {
        const float as_float = value;
        std::memcpy(to, &as_float, sizeof as_float);
      }
    }
  }
  return out;
}

/// A planar input of codes as a picture, for one or three channels.
std::optional<Image> to_picture(const std::vector<std::uint8_t>& planes, const InputSpec& spec) {
  if (spec.element_bytes != 1 || (spec.channels != 1 && spec.channels != 3)) return std::nullopt;
  Image image(spec.width, spec.height, spec.channels);
  const auto channels = static_cast<std::size_t>(spec.channels);
  const std::size_t plane = planes.size() / channels;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    image.data[(i % plane) * channels + i / plane] = planes[i] ^ code_flip(spec);
  }
  return image;
}

}  // namespace

Image load_image(const std::string& path, int channels) {
  return decode(path, read_file(path), channels);
}

void save_png(const std::string& path, const Image& image) {
  int size = 0;
  unsigned char* png = stbi_write_png_to_mem(image.data.data(), image.width * image.channels,
                                             image.width, image.height, image.channels, &size);
  if (png == nullptr) throw Error(fmt::format("{}: PNG encoding failed", path));
  const std::vector<std::uint8_t> bytes(png, png + size);
  std::free(png);
  write_file(path, bytes.data(), bytes.size());
}

Input load_input(const std::string& path, const InputSpec& spec, bool allow_resize) {
  std::vector<std::uint8_t> file = read_file(path);
  const std::size_t needed =
      static_cast<std::size_t>(spec.channels) * static_cast<std::size_t>(spec.height) *
      static_cast<std::size_t>(spec.width) * static_cast<std::size_t>(spec.element_bytes);
  int width = 0;
  int height = 0;
  if (!is_picture(file, width, height)) {
    require_undamaged(path, file);
    if (is_npy(file)) file = array_values(path, file, spec);
    if (file.size() != needed) {
      throw Error(fmt::format(
          "{}: raw input of {} bytes; the network needs {} bytes ({}x{}x{} {}, planar)", path,
          file.size(), needed, spec.channels, spec.height, spec.width, type_name(spec)));
    }
    std::optional<Image> picture = to_picture(file, spec);
    return {std::move(file), std::move(picture)};
  }
  if (spec.channels != 1 && spec.channels != 3) {
    throw Error(fmt::format(
        "{}: a picture, but the network's input has {} channels; give a raw file of {} bytes", path,
        spec.channels, needed));
  }
  if (!allow_resize && (width != spec.width || height != spec.height)) {
    throw Error(
        fmt::format("{}: picture is {}x{}, the network needs {}x{} (width x height); "
                    "--resize scales it",
                    path, width, height, spec.width, spec.height));
  }
  Image image = decode(path, file, spec.channels);
  if (image.width != spec.width || image.height != spec.height) {
    image = resize(image, spec.width, spec.height);
  }
  std::vector<std::uint8_t> planes = to_planes(image, spec);
  return {std::move(planes), std::move(image)};
}

}  // namespace kpu::sim
