// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "golden/quantised/rules.h"

namespace kpu::golden::quantised {

/// Element type of codes; ONNX's and TFLite's int8 and uint8.
enum class CodeType { kUint8, kInt8 };

constexpr int lowest_code(CodeType type) { return type == CodeType::kInt8 ? -128 : 0; }
constexpr int highest_code(CodeType type) { return lowest_code(type) + 255; }

/// A quantised two-dimensional convolution as ONNX (QLinearConv) and TFLite (CONV_2D,
/// DEPTHWISE_CONV_2D) define it: real = (code - zero) * scale, bias in units of x_scale * w_scale.
struct QuantisedConv {
  std::uint32_t in_channels = 1;   ///< 1..1024
  std::uint32_t out_channels = 1;  ///< 1..1024; equal to in_channels when depthwise
  std::uint32_t height = 1;        ///< of the input, 1..512
  std::uint32_t width = 1;         ///< 1..1024
  std::uint32_t kernel = 1;        ///< 1 or 3
  bool depthwise = false;
  std::uint32_t stride = 1;  ///< 1 or 2
  /// Pixels of x_zero around the image, each 0 or 1; 1 with kernel 3 only.
  std::uint32_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;

  CodeType x_type = CodeType::kUint8;
  float x_scale = 1;
  int x_zero = 0;

  CodeType w_type = CodeType::kInt8;
  std::vector<float> w_scale{1};     ///< one, or one per output channel
  std::vector<int> w_zero{0};        ///< one, or one per output channel
  std::vector<std::int16_t> w;       ///< codes [oc][ic][ky][kx], depthwise [c][ky][kx]
  std::vector<std::int32_t> bias{};  ///< none, or one per output channel

  CodeType y_type = CodeType::kUint8;
  float y_scale = 1;
  int y_zero = 0;
  /// Codes that a fused activation leaves; the type's where not given.
  std::optional<int> y_lowest, y_highest;

  Rule rule = Rule::kExact;

  std::uint32_t out_height() const { return (height + pad_top + pad_bottom - kernel) / stride + 1; }
  std::uint32_t out_width() const { return (width + pad_left + pad_right - kernel) / stride + 1; }
  std::size_t taps() const { return std::size_t{kernel} * kernel; }
  /// Weights of one output channel.
  std::size_t channel_weights() const { return taps() * (depthwise ? 1 : in_channels); }
  std::span<const std::int16_t> weights_of(std::uint32_t channel) const {
    return std::span(w).subspan(channel * channel_weights(), channel_weights());
  }
  int w_zero_of(std::uint32_t channel) const { return w_zero[w_zero.size() == 1 ? 0 : channel]; }
  std::int32_t bias_of(std::uint32_t channel) const { return bias.empty() ? 0 : bias[channel]; }
  Scales scales_of(std::uint32_t channel) const {
    return {x_scale, w_scale[w_scale.size() == 1 ? 0 : channel], y_scale};
  }
  int lowest() const { return y_lowest.value_or(lowest_code(y_type)); }
  int highest() const { return y_highest.value_or(highest_code(y_type)); }
};

/// Sets y_lowest and y_highest to the codes that a fused activation leaves under conv.rule: "none",
/// "relu" (0 and above) or "relu6" (0 to 6). Throws Error for another name.
void set_activation(QuantisedConv& conv, std::string_view activation);

/// Sets y_lowest and y_highest to the codes of the real numbers `lowest` and `highest` under
/// conv.rule, as far as the type has them; without a bound, the type's.
void set_bounds(QuantisedConv& conv, std::optional<double> lowest, std::optional<double> highest);

/// Where padding that cannot be halved has its odd pixel: at the end (TFLite's SAME, ONNX's
/// SAME_UPPER), or at the start (SAME_LOWER).
enum class SamePadding { kUpper, kLower };

/// Sets the four pads for conv's height, width, kernel (1 or 3) and stride: as much as output sizes
/// of ceil(size / stride) need.
void set_same_padding(QuantisedConv& conv, SamePadding same = SamePadding::kUpper);

/// Throws Error, naming the field, unless everything is in the ranges above and every accumulator
/// fits 32 bits whatever the input.
void require_valid(const QuantisedConv& conv);

/// First and last value.
struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;

  std::int64_t count() const { return last - first + 1; }
};

/// The accumulators (bias included) that codes of the input's type can give on a channel; the
/// weights are what they are.
Range accumulator_range(const QuantisedConv& conv, std::uint32_t channel);

/// Accumulator to code on a channel, by conv.rule.
Requantiser requantiser_of(const QuantisedConv& conv, std::uint32_t channel);

/// All accumulators (as conv.rule adds them up) for the codes `x`, planar in_channels x height x
/// width: out_channels x out_height x out_width. Throws Error if `x` has another size or a code
/// that its type lacks.
std::vector<std::int32_t> accumulators(const QuantisedConv& conv, std::span<const std::int16_t> x);

/// The output codes by conv.rule, planar. Throws as accumulators().
std::vector<std::int16_t> run_reference(const QuantisedConv& conv, std::span<const std::int16_t> x);

}  // namespace kpu::golden::quantised
