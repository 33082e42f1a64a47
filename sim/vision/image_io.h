// SPDX-License-Identifier: Apache-2.0
//
// Pictures and raw files in, PNG out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/vision/image.h"

namespace kpu::sim {

/// What a network wants as its input: channels x height x width values of `element_bytes` each
/// (1: uint8 or int8, 4: float32), planar.
struct InputSpec {
  int channels = 0;
  int height = 0;
  int width = 0;
  int element_bytes = 1;
  bool is_signed = false;  ///< int8: a picture's values less 128
};

/// An input as the network takes it, and as a picture to draw on where it can be shown as one.
struct Input {
  std::vector<std::uint8_t> bytes;
  std::optional<Image> picture;
};

/// Decodes a PNG, JPEG, BMP, PPM or PGM file to 1 or 3 channels (RGB to grey by luma, alpha
/// dropped). Throws kpu::Error for other formats, damaged files and pictures above 64 Mpixel.
Image load_image(const std::string& path, int channels);

/// Writes an 8-bit PNG, grey or RGB. Throws kpu::Error if the file cannot be written.
void save_png(const std::string& path, const Image& image);

/// Reads a picture, a .npy file of the input's type, or a raw file (planar, little endian; both with
/// exactly as many bytes as the input needs) for a network. A picture becomes planes R, G, B (or one grey plane), 0..255; for a float32 input
/// each value is that number as a float, for an int8 input that number less 128. A picture of
/// another size is refused, with the needed size in the message, unless `allow_resize`. Throws
/// kpu::Error.
Input load_input(const std::string& path, const InputSpec& spec, bool allow_resize);

}  // namespace kpu::sim
