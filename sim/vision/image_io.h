// SPDX-License-Identifier: Apache-2.0
//
// Pictures in, PNG out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/vision/image.h"

namespace kpu::sim {

/// In pixels.
struct PictureSize {
  int width = 0;
  int height = 0;
};

/// The size of a file's picture; nothing if the file is none. Throws kpu::Error, naming `path`, for
/// a damaged picture.
std::optional<PictureSize> picture_size(const std::string& path,
                                        const std::vector<std::uint8_t>& file);

/// As load_image() of a file that is read already; messages name `path`.
Image decode_image(const std::string& path, const std::vector<std::uint8_t>& file, int channels);

/// Decodes a PNG, JPEG, BMP, PPM or PGM file to 1 or 3 channels (RGB to grey by luma, alpha
/// dropped). Throws kpu::Error for other formats, damaged files and pictures above 64 Mpixel.
Image load_image(const std::string& path, int channels);

/// An 8-bit PNG file, grey or RGB. Throws kpu::Error if the picture cannot be encoded.
std::vector<std::uint8_t> encode_png(const Image& image);

/// Writes encode_png(). Throws kpu::Error if the file cannot be written.
void save_png(const std::string& path, const Image& image);

}  // namespace kpu::sim
