// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/conv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "common/error.h"
#include "golden/quantised/saturation.h"

namespace kpu::golden::quantised {
namespace {

template <class T>
void require(bool good, const char* field, const T& value, const std::string& expected) {
  if (!good) throw Error(fmt::format("{}={}: expected {}", field, value, expected));
}

void require_in(const char* field, std::int64_t value, std::int64_t first, std::int64_t last) {
  require(value >= first && value <= last, field, value, fmt::format("{}..{}", first, last));
}

void require_scale(const char* field, float scale) {
  require(std::isfinite(scale) && scale > 0, field, scale, "a finite number above 0");
}

void require_code(const char* field, int code, CodeType type) {
  require_in(field, code, lowest_code(type), highest_code(type));
}

void require_codes(const char* field, std::span<const std::int16_t> codes, CodeType type) {
  const auto wrong = std::find_if(codes.begin(), codes.end(), [&](int code) {
    return code < lowest_code(type) || code > highest_code(type);
  });
  if (wrong != codes.end()) require_code(field, *wrong, type);
}

void require_shape(const QuantisedConv& conv) {
  require_in("in_channels", conv.in_channels, 1, 1024);
  require_in("out_channels", conv.out_channels, 1, 1024);
  require_in("height", conv.height, 1, 512);
  require_in("width", conv.width, 1, 1024);
  require(conv.kernel == 1 || conv.kernel == 3, "kernel", conv.kernel, "1 or 3");
  require_in("stride", conv.stride, 1, 2);
  require(!conv.depthwise || conv.in_channels == conv.out_channels, "out_channels",
          conv.out_channels,
          fmt::format("{}, as a depthwise layer has input channels", conv.in_channels));
  const std::int64_t most_pad = conv.kernel == 3 ? 1 : 0;
  require_in("pad_top", conv.pad_top, 0, most_pad);
  require_in("pad_left", conv.pad_left, 0, most_pad);
  require_in("pad_bottom", conv.pad_bottom, 0, most_pad);
  require_in("pad_right", conv.pad_right, 0, most_pad);
  require(conv.height + conv.pad_top + conv.pad_bottom >= conv.kernel, "height", conv.height,
          "a padded image of at least the kernel's size");
  require(conv.width + conv.pad_left + conv.pad_right >= conv.kernel, "width", conv.width,
          "a padded image of at least the kernel's size");
}

void require_list(const char* field, std::size_t size, std::size_t channels, bool may_be_empty) {
  require(size == channels || (may_be_empty ? size == 0 : size == 1), field, size,
          fmt::format("{} or {} values", may_be_empty ? 0 : 1, channels));
}

/// Copies the image into a frame of x_zero one pixel wide, zero points taken off.
class Frame {
 public:
  Frame(const QuantisedConv& conv, std::span<const std::int16_t> x)
      : height_(conv.height + 2),
        width_(conv.width + 2),
        pixels_(std::size_t{conv.in_channels} * height_ * width_) {
    for (std::size_t c = 0; c < conv.in_channels; ++c) {
      for (std::size_t row = 0; row < conv.height; ++row) {
        for (std::size_t column = 0; column < conv.width; ++column) {
          pixels_[(c * height_ + row + 1) * width_ + column + 1] =
              x[(c * conv.height + row) * conv.width + column] - conv.x_zero;
        }
      }
    }
  }

  /// The pixel at a place that counts from one left of and above the image.
  std::int32_t at(std::size_t channel, std::size_t row, std::size_t column) const {
    return pixels_[(channel * height_ + row) * width_ + column];
  }

 private:
  std::size_t height_;
  std::size_t width_;
  std::vector<std::int32_t> pixels_;
};

}  // namespace

void set_activation(QuantisedConv& conv, std::string_view activation) {
  if (activation == "none") return set_bounds(conv, {}, {});
  require(activation == "relu" || activation == "relu6", "activation", activation,
          "none, relu or relu6");
  set_bounds(conv, 0, activation == "relu6" ? std::optional(6.0) : std::nullopt);
}

void set_bounds(QuantisedConv& conv, std::optional<double> lowest, std::optional<double> highest) {
  const int first = lowest_code(conv.y_type);
  const int last = highest_code(conv.y_type);
  const auto code = [&](double value) {
    return std::clamp(bound_code(value, conv.y_scale, conv.y_zero, conv.rule), first, last);
  };
  conv.y_lowest = lowest ? code(*lowest) : first;
  conv.y_highest = highest ? code(*highest) : last;
}

void set_same_padding(QuantisedConv& conv, SamePadding same) {
  require_in("stride", conv.stride, 1, 2);
  const auto total = [&](std::uint32_t size) {
    const std::uint32_t outputs = (size + conv.stride - 1) / conv.stride;
    const std::uint32_t needed = outputs == 0 ? 0 : (outputs - 1) * conv.stride + conv.kernel;
    return needed > size ? needed - size : 0;
  };
  const std::uint32_t rows = total(conv.height);
  const std::uint32_t columns = total(conv.width);
  const std::uint32_t odd_at_start = same == SamePadding::kLower ? 1 : 0;
  conv.pad_top = (rows + odd_at_start) / 2;
  conv.pad_bottom = rows - conv.pad_top;
  conv.pad_left = (columns + odd_at_start) / 2;
  conv.pad_right = columns - conv.pad_left;
}

void require_valid(const QuantisedConv& conv) {
  require_shape(conv);
  require_scale("x_scale", conv.x_scale);
  require_scale("y_scale", conv.y_scale);
  require_code("x_zero", conv.x_zero, conv.x_type);
  require_code("y_zero", conv.y_zero, conv.y_type);
  require_list("w_scale", conv.w_scale.size(), conv.out_channels, false);
  require_list("w_zero", conv.w_zero.size(), conv.out_channels, false);
  require_list("bias", conv.bias.size(), conv.out_channels, true);
  for (float scale : conv.w_scale) require_scale("w_scale", scale);
  for (int zero : conv.w_zero) require_code("w_zero", zero, conv.w_type);
  require(conv.w.size() == conv.out_channels * conv.channel_weights(), "w", conv.w.size(),
          fmt::format("{} values", conv.out_channels * conv.channel_weights()));
  require_codes("w", conv.w, conv.w_type);
  require_code("y_lowest", conv.lowest(), conv.y_type);
  require_in("y_highest", conv.highest(), conv.lowest(), highest_code(conv.y_type));
  for (std::uint32_t channel = 0; channel < conv.out_channels; ++channel) {
    const double ratio = conv.scales_of(channel).ratio();
    require(ratio >= 1e-30 && ratio <= 1e6, "x_scale * w_scale / y_scale", ratio, "1e-30..1e6");
    const Range range = accumulator_range(conv, channel);
    if (range.first < std::numeric_limits<std::int32_t>::min() ||
        range.last > std::numeric_limits<std::int32_t>::max()) {
      throw Error(fmt::format("channel {}: accumulators {}..{}: expected ones that fit 32 bits",
                              channel, range.first, range.last));
    }
  }
}

Range accumulator_range(const QuantisedConv& conv, std::uint32_t channel) {
  const std::int64_t low = lowest_code(conv.x_type) - conv.x_zero;
  const std::int64_t high = highest_code(conv.x_type) - conv.x_zero;
  Range range{conv.bias_of(channel), conv.bias_of(channel)};
  for (std::int64_t code : conv.weights_of(channel)) {
    const std::int64_t weight = code - conv.w_zero_of(channel);
    range.first += std::min(weight * low, weight * high);
    range.last += std::max(weight * low, weight * high);
  }
  return range;
}

Requantiser requantiser_of(const QuantisedConv& conv, std::uint32_t channel) {
  const RuleContext context{conv.depthwise, channel, conv.out_channels};
  return {arithmetic_of(conv.rule, context), conv.scales_of(channel), conv.y_zero, conv.lowest(),
          conv.highest()};
}

std::vector<std::int32_t> accumulators(const QuantisedConv& conv, std::span<const std::int16_t> x) {
  const std::size_t expected = std::size_t{conv.in_channels} * conv.height * conv.width;
  require(x.size() == expected, "x", x.size(), fmt::format("{} values", expected));
  require_codes("x", x, conv.x_type);
  const Frame frame(conv, x);
  // The frame is one wide; a side without padding starts inside of it.
  const std::size_t top = 1 - conv.pad_top;
  const std::size_t left = 1 - conv.pad_left;
  const std::size_t channels = conv.depthwise ? 1 : conv.in_channels;
  const bool saturating = adds_saturating_pairs(conv);
  std::vector<std::int32_t> window;
  std::vector<std::int32_t> out;
  out.reserve(std::size_t{conv.out_channels} * conv.out_height() * conv.out_width());
  for (std::uint32_t oc = 0; oc < conv.out_channels; ++oc) {
    const std::span<const std::int16_t> weights = conv.weights_of(oc);
    for (std::size_t row = 0; row < conv.out_height(); ++row) {
      for (std::size_t column = 0; column < conv.out_width(); ++column) {
        std::int32_t sum = conv.bias_of(oc);
        const std::int16_t* weight = weights.data();
        for (std::size_t c = 0; c < channels; ++c) {
          for (std::size_t ky = 0; ky < conv.kernel; ++ky) {
            for (std::size_t kx = 0; kx < conv.kernel; ++kx, ++weight) {
              const std::int32_t pixel =
                  frame.at(conv.depthwise ? oc : c, row * conv.stride + ky + top,
                           column * conv.stride + kx + left);
              sum += (*weight - conv.w_zero_of(oc)) * pixel;
              if (saturating) window.push_back(pixel + conv.x_zero);
            }
          }
        }
        if (saturating) sum += saturation_error(conv, oc, window);
        window.clear();
        out.push_back(sum);
      }
    }
  }
  return out;
}

std::vector<std::int16_t> run_reference(const QuantisedConv& conv,
                                        std::span<const std::int16_t> x) {
  const std::vector<std::int32_t> sums = accumulators(conv, x);
  const std::size_t positions = sums.size() / conv.out_channels;
  std::vector<std::int16_t> out;
  out.reserve(sums.size());
  for (std::uint32_t channel = 0; channel < conv.out_channels; ++channel) {
    const Requantiser requantise = requantiser_of(conv, channel);
    for (std::size_t i = 0; i < positions; ++i) {
      out.push_back(static_cast<std::int16_t>(requantise(sums[channel * positions + i])));
    }
  }
  return out;
}

}  // namespace kpu::golden::quantised
