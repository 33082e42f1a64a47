// SPDX-License-Identifier: Apache-2.0
//
// A file as a network's input: pictures scaled, ordered and normalised, arrays as they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/vision/image.h"
#include "sim/vision/post.h"

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

/// What happens to a picture of another size: refused; both axes scaled; scaled to cover the input,
/// the rest cut off evenly; scaled to lie in the input, borders around it.
enum class ResizeMode { kRefuse, kStretch, kCrop, kLetterbox };

/// How bytes of a picture become a float32 input: x = (byte * scale - mean) / deviation.
struct Normalisation {
  static constexpr double kScale = 1.0 / 255;

  double scale = kScale;  ///< double: a byte times it is the float that division by 255 gives
  std::vector<float> mean = {0};       ///< one for all channels, or one for each
  std::vector<float> deviation = {1};  ///< as `mean`, none of them 0
};

struct InputOptions {
  ResizeMode resize = ResizeMode::kRefuse;
  std::uint8_t fill = 0;  ///< of letterbox's borders
  bool bgr = false;       ///< planes blue, green, red
  std::optional<Normalisation> normalisation = {};
};

/// What was done to a file.
struct InputOrigin {
  bool is_picture = false;  ///< else its values are the input's as they are
  int width = 0;            ///< of the file's picture, or of the input
  int height = 0;
  bool is_grey = false;
  ResizeMode resize = ResizeMode::kRefuse;  ///< kRefuse: the picture has the input's size
  std::uint8_t fill = 0;
  bool bgr = false;
  std::optional<Normalisation> normalisation;  ///< of a float32 input
  /// The input's place on the picture, in fractions of the picture; letterbox's reaches beyond it.
  float left = 0;
  float top = 0;
  float across = 1;
  float down = 1;
};

/// An input as the network takes it, and the file's picture in its own size where it can be shown.
struct Input {
  std::vector<std::uint8_t> bytes;
  std::optional<Image> picture;
  InputOrigin origin;
};

/// Reads a picture, a .npy file of the input's type, or a raw file (planar, little endian; both
/// with exactly as many bytes as the input needs) for a network. A picture becomes planes R, G, B
/// (or one grey plane): for a uint8 input 0..255, for an int8 input that less 128, for a float32
/// input normalised. Throws kpu::Error, for a picture of another size, too, with the needed size,
/// unless `options` say how to scale it.
Input load_input(const std::string& path, const InputSpec& spec, const InputOptions& options = {});

/// Throws kpu::Error, naming the option, for options that none of the inputs has a use for: BGR
/// without three channels, a normalisation without float32 values or with another number of them
/// than channels.
void require_usable(const InputOptions& options, const std::vector<InputSpec>& inputs);

/// "none", "stretch", "crop", "letterbox".
const char* to_string(ResizeMode mode);

/// What was done in a line: "picture 640x480, letterbox (border 0), RGB; (byte * 0.00392157 - 0) /
/// 1".
std::string describe(const InputOrigin& origin);

/// A detection on the input as one on the picture that the input came from.
Detection on_picture(const Detection& detection, const InputOrigin& origin);

}  // namespace kpu::sim
