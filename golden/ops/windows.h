// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "golden/ops/tensor_ops.h"

namespace kpu::golden {

/// The taps of a window on one axis that lie inside an image of `size`: first .. end - 1. Tap k
/// lies at origin + k * dilation.
struct TapRange {
  std::int64_t first, end;

  TapRange(std::int64_t origin, std::int64_t filter, std::int64_t dilation, std::int64_t size)
      : first(origin < 0 ? (-origin + dilation - 1) / dilation : 0),
        end(origin < size ? std::min(filter, (size - origin + dilation - 1) / dilation) : 0) {}
};

/// Calls visit(ky, kx, y, x) for every tap of the window at output (row, column) that lies inside
/// a height x width image.
template <class Visit>
void each_tap(const WindowShape& w, std::int64_t row, std::int64_t column, std::uint32_t height,
              std::uint32_t width, Visit visit) {
  const std::int64_t top = row * w.stride_height - w.pad_height.before;
  const std::int64_t left = column * w.stride_width - w.pad_width.before;
  const TapRange rows(top, w.filter_height, w.dilation_height, height);
  const TapRange columns(left, w.filter_width, w.dilation_width, width);
  for (std::int64_t ky = rows.first; ky < rows.end; ++ky) {
    for (std::int64_t kx = columns.first; kx < columns.end; ++kx) {
      visit(ky, kx, static_cast<std::size_t>(top + ky * w.dilation_height),
            static_cast<std::size_t>(left + kx * w.dilation_width));
    }
  }
}

/// One output value of a pooling window.
class WindowSum {
 public:
  WindowSum(ReduceOp op, float init) : op_(op), sum_(init) {}

  void add(float x) {
    sum_ = accumulate(op_, sum_, x);
    ++count_;
  }

  /// The mean divides by the count of what was added.
  float result() const { return op_ == ReduceOp::kMean ? sum_ / static_cast<float>(count_) : sum_; }

 private:
  ReduceOp op_;
  float sum_;
  int count_ = 0;
};

/// One output value of a convolution over an N x C x H x W tensor with weights
/// [out][in / groups][height][width].
struct Convolution {
  const WindowShape& window;
  std::size_t first_plane;   ///< of the input that the output channel's group sees
  std::size_t first_weight;  ///< of the output channel
  std::size_t channels;      ///< input channels of the group
  std::uint32_t height, width;
  std::int64_t row, column;  ///< of the output

  /// Calls visit(offset in the input, offset in the weights) for every tap inside the image, by
  /// channel, row, column.
  template <class Visit>
  void each_tap(Visit visit) const {
    const std::size_t taps = std::size_t(window.filter_height) * window.filter_width;
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const std::size_t plane = (first_plane + channel) * height * width;
      const std::size_t kernel = first_weight + channel * taps;
      golden::each_tap(window, row, column, height, width,
                       [&](std::int64_t ky, std::int64_t kx, std::size_t y, std::size_t x) {
                         visit(plane + y * width + x, kernel + ky * window.filter_width + kx);
                       });
    }
  }
};

/// Calls visit(Convolution, output channel) for every output value in memory order.
template <class Visit>
void each_convolution(const Shape& in_shape, std::uint32_t groups, std::uint32_t out_channels,
                      const WindowShape& window, Visit visit) {
  const std::size_t group_in = in_shape[1] / groups;
  const std::size_t group_out = out_channels / groups;
  const std::size_t taps = std::size_t(window.filter_height) * window.filter_width;
  const std::int64_t rows = window.out_height(in_shape[2]);
  const std::int64_t columns = window.out_width(in_shape[3]);
  for (std::size_t batch = 0; batch < in_shape[0]; ++batch) {
    for (std::uint32_t oc = 0; oc < out_channels; ++oc) {
      for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t column = 0; column < columns; ++column) {
          visit(Convolution{.window = window,
                            .first_plane = batch * in_shape[1] + oc / group_out * group_in,
                            .first_weight = oc * group_in * taps,
                            .channels = group_in,
                            .height = in_shape[2],
                            .width = in_shape[3],
                            .row = row,
                            .column = column},
                oc);
        }
      }
    }
  }
}

}  // namespace kpu::golden
