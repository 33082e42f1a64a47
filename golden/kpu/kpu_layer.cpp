// SPDX-License-Identifier: Apache-2.0
//
// The readable reference: plain loops over the formulas of golden/kpu/arith.h. Speed matters only
// so far that whole networks are pleasant to test.
#include "golden/kpu/kpu_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/bits.h"
#include "common/error.h"

namespace kpu::golden {
namespace {

/// The input with the border that the kernel needs, so that the convolution has no edges.
class PaddedInput {
 public:
  PaddedInput(const LayerArgs& args, std::span<const std::uint8_t> input)
      : border_(args.kernel() == 3 ? 1 : 0),
        height_(args.in_height + 2 * border_),
        width_(args.in_width + 2 * border_),
        pixels_(std::size_t{args.in_channels} * height_ * width_, args.pad_value) {
    const int last_row = static_cast<int>(args.in_height) - 1;
    const int last_column = static_cast<int>(args.in_width) - 1;
    std::uint8_t* out = pixels_.data();
    for (std::uint32_t channel = 0; channel < args.in_channels; ++channel) {
      const std::uint8_t* in = &input[std::size_t{channel} * args.in_height * args.in_width];
      for (int row = -border_; row <= last_row + border_; ++row) {
        for (int column = -border_; column <= last_column + border_; ++column, ++out) {
          const int y = std::clamp(row, 0, last_row);
          const int x = std::clamp(column, 0, last_column);
          if (args.pad_type == 1 || (y == row && x == column)) {
            *out = in[static_cast<std::size_t>(y) * args.in_width + x];
          }
        }
      }
    }
  }

  /// Pixels under tap (ky, kx) for output row `row`: in_width of them, one per output column.
  const std::uint8_t* row(std::uint32_t channel, std::uint32_t row, std::uint32_t ky,
                          std::uint32_t kx) const {
    return &pixels_[(std::size_t{channel} * height_ + row + ky) * width_ + kx];
  }

 private:
  int border_;
  std::uint32_t height_;
  std::uint32_t width_;
  std::vector<std::uint8_t> pixels_;
};

/// One layer while it runs, output channel by output channel.
class LayerRun {
 public:
  LayerRun(const LayerArgs& args, std::span<const std::uint8_t> input, const LayerTables& tables,
           const LayerOptions& options)
      : args_(args),
        tables_(tables),
        options_(options),
        input_(args, input),
        positions_(std::size_t{args.in_height} * args.in_width),
        pixel_sums_(positions_),
        conv_(positions_),
        norm_(positions_),
        act_(positions_) {}

  KpuLayerOutput run() {
    const bool need_channels = args_.load_act || args_.full_add;
    if (!args_.depthwise) {
      sum_pixels(0, args_.in_channels);
    }
    for (std::uint32_t channel = 0; need_channels && channel < args_.out_channels; ++channel) {
      convolve(channel);
      if (args_.full_add) {
        output_.channel_sums.push_back(
            std::accumulate(conv_.begin(), conv_.end(), std::int64_t{0}, wrap_add));
      }
      if (args_.load_act) {
        finish_channel(channel);
      }
      report_range(channel);
    }
    if (!args_.load_act) {
      output_.planar.assign(args_.output_layout().planar_bytes(), 0);
    }
    return std::move(output_);
  }

 private:
  std::int64_t weight(std::uint32_t channel, std::size_t index) const {
    const std::size_t offset = args_.weight_offset(channel, options_.eight_bit);
    return options_.eight_bit ? tables_.weights[offset + index]
                              : load_le<std::uint16_t>(tables_.weights, offset + 2 * index);
  }

  /// Adds factor * pixel of one tap to the value of every position.
  void accumulate(std::vector<std::int64_t>& sums, std::uint32_t in_channel, std::uint32_t ky,
                  std::uint32_t kx, std::int64_t factor) const {
    std::int64_t* sum = sums.data();
    for (std::uint32_t row = 0; row < args_.in_height; ++row, sum += args_.in_width) {
      const std::uint8_t* pixel = input_.row(in_channel, row, ky, kx);
      for (std::uint32_t column = 0; column < args_.in_width; ++column) {
        sum[column] += factor * pixel[column];
      }
    }
  }

  /// pixel_sums_ = the sum over all taps of input channels first .. first + count - 1.
  void sum_pixels(std::uint32_t first, std::uint32_t count) {
    std::fill(pixel_sums_.begin(), pixel_sums_.end(), 0);
    for (std::uint32_t channel = first; channel < first + count; ++channel) {
      for (std::uint32_t ky = 0; ky < args_.kernel(); ++ky) {
        for (std::uint32_t kx = 0; kx < args_.kernel(); ++kx) {
          accumulate(pixel_sums_, channel, ky, kx, 1);
        }
      }
    }
  }

  /// conv_ = the conv values of one output channel.
  void convolve(std::uint32_t channel) {
    const std::uint32_t first = args_.depthwise ? channel : 0;
    const std::uint32_t count = args_.summed_channels();
    if (args_.depthwise) {
      sum_pixels(first, count);
    }
    std::fill(conv_.begin(), conv_.end(), 0);
    std::int64_t weight_sum = 0;
    std::size_t index = 0;
    for (std::uint32_t in_channel = first; in_channel < first + count; ++in_channel) {
      for (std::uint32_t ky = 0; ky < args_.kernel(); ++ky) {
        for (std::uint32_t kx = 0; kx < args_.kernel(); ++kx, ++index) {
          const std::int64_t w = weight(channel, index);
          weight_sum += w;
          accumulate(conv_, in_channel, ky, kx, w);
        }
      }
    }
    for (std::size_t i = 0; i < positions_; ++i) {
      const ConvSums sums{.products = conv_[i], .pixels = pixel_sums_[i], .weights = weight_sum};
      conv_[i] = conv_value(sums, args_.conv, count);
    }
  }

  /// Batch norm, activation and pooling of the channel in conv_.
  void finish_channel(std::uint32_t channel) {
    const BatchNorm bn = decode_batch_norm(
        load_le<std::uint64_t>(tables_.batch_norm, std::size_t{channel} * kBatchNormBytes));
    for (std::size_t i = 0; i < positions_; ++i) {
      norm_[i] = normalize(conv_[i], bn);
      act_[i] = activate(act_table(), norm_[i], options_.arith);
    }
    if (options_.recorder != nullptr) {
      options_.recorder->channel(channel, conv_, norm_, act_);
    }
    if (args_.first_stride) {
      for (std::uint32_t row = 0; row < args_.out_height; ++row) {
        for (std::uint32_t column = 0; column < args_.out_width; ++column) {
          output_.planar.push_back(act_[std::size_t{2} * row * args_.in_width + 2 * column]);
        }
      }
    } else {
      const std::vector<std::uint8_t> pooled =
          pool_channel(act_, args_.in_height, args_.in_width, args_.pool_type);
      output_.planar.insert(output_.planar.end(), pooled.begin(), pooled.end());
    }
  }

  const ActTable& act_table() {
    if (!act_table_decoded_) {
      act_table_ = decode_act_table(tables_.act);
      act_table_decoded_ = true;
    }
    return act_table_;
  }

  /// Whether an output pixel depends on this position.
  bool reaches_output(std::uint32_t row, std::uint32_t column) const {
    const std::uint32_t stride = args_.stride();
    if (row / stride >= args_.out_height || column / stride >= args_.out_width) {
      return false;
    }
    const bool first_row = row % stride == 0;
    const bool first_column = column % stride == 0;
    switch (args_.pool_type) {
      case kPoolLeftTop2:
      case kPoolLeftTop4:
        return first_row && first_column;
      case kPoolRightTop2:
        return first_row && !first_column;
      default:
        return !args_.first_stride || (first_row && first_column);
    }
  }

  void report_range(std::uint32_t channel) {
    RangeReport& range = output_.range;
    for (std::size_t i = 0; i < positions_; ++i) {
      const bool conv_fits = fits_36_bits(conv_[i]);
      const bool norm_fits = !args_.load_act || fits_36_bits(norm_[i]);
      if (conv_fits && norm_fits) {
        continue;
      }
      const auto row = static_cast<std::uint32_t>(i / args_.in_width);
      const auto column = static_cast<std::uint32_t>(i % args_.in_width);
      const bool pooled = args_.load_act && reaches_output(row, column);
      const bool conv_counts = !conv_fits && (args_.full_add || pooled);
      const bool norm_counts = !norm_fits && pooled;
      if ((conv_counts || norm_counts) && range.ok()) {
        range.first = {channel, row, column};
      }
      range.conv_count += conv_counts;
      range.norm_count += norm_counts;
    }
  }

  const LayerArgs& args_;
  const LayerTables& tables_;
  const LayerOptions& options_;
  PaddedInput input_;
  std::size_t positions_;
  std::vector<std::int64_t> pixel_sums_;
  std::vector<std::int64_t> conv_;
  std::vector<std::int64_t> norm_;
  std::vector<std::uint8_t> act_;
  ActTable act_table_{};
  bool act_table_decoded_ = false;
  KpuLayerOutput output_;
};

void require_bytes(const char* what, std::size_t have, std::size_t need) {
  if (have < need) {
    throw Error(fmt::format("{}: {} bytes, expected at least {}", what, have, need));
  }
}

}  // namespace

KpuLayerOutput run_kpu_layer(const LayerArgs& args, std::span<const std::uint8_t> input,
                             const LayerTables& tables, const LayerOptions& options) {
  require_valid(args, options.eight_bit, "KPU layer", options.arith.load_time);
  if (input.size() != args.input_layout().planar_bytes()) {
    throw Error(fmt::format("KPU layer input: {} bytes, expected {}", input.size(),
                            args.input_layout().planar_bytes()));
  }
  require_bytes("weights", tables.weights.size(), args.weight_bytes(options.eight_bit));
  require_bytes("batch-norm table", tables.batch_norm.size(), args.bn_bytes());
  if (args.load_act) {
    require_bytes("activation table", tables.act.size(), kActTableBytes);
  }
  return LayerRun(args, input, tables, options).run();
}

std::vector<std::uint64_t> output_stream(const LayerArgs& args, const KpuLayerOutput& output) {
  std::vector<std::uint64_t> words;
  if (args.full_add) {
    words.assign(output.channel_sums.begin(), output.channel_sums.end());
  } else if (args.send_data_out) {
    words.resize((output.planar.size() + 7) / 8);
    for (std::size_t i = 0; i < output.planar.size(); ++i) {
      words[i / 8] |= std::uint64_t{output.planar[i]} << (8 * (i % 8));
    }
  }
  return words;
}

}  // namespace kpu::golden
