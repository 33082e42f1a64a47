// SPDX-License-Identifier: Apache-2.0
//
// Convolutions in KPU form: 3x3 with a border of one, or 1x1, over an image that keeps its size,
// then perhaps the corner of every 2x2 or 4x4 block.
//
// A convolution reads, for output row y, input rows s*y + k*dilation - pad. Where one 3-row window
// around s*y + c holds all of them, the image is padded so that c is a multiple of the stride and
// the wanted rows are cut out of the result. Where it takes several windows (5x5, 7x7, dilation),
// the image is copied once for each, shifted by its centre, and the copies' channels stand side by
// side: one layer still adds up all products, so nothing is rounded in between.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <variant>
#include <vector>

#include "common/error.h"
#include "compiler/lower/kpu_fit.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/rewriter.h"

namespace kpu::compiler {
namespace {

/// Taps of one axis in windows of three.
struct AxisTaps {
  std::vector<std::int64_t> offsets;  ///< of each tap from stride * output index
  std::vector<std::int64_t> centres;  ///< of the windows
  std::vector<int> window;            ///< the window each tap lies in; -1: it reads padding only

  /// For an image of `size`.
  AxisTaps(const Window& w, int axis, std::int64_t size) {
    const std::int64_t reach = w.stride[axis] * (w.out_size(axis, size) - 1);
    std::vector<std::int64_t> live;
    for (std::int64_t k = 0; k < w.kernel[axis]; ++k) {
      offsets.push_back(k * w.dilation[axis] - w.before[axis]);
      if (offsets.back() < size && offsets.back() + reach >= 0) live.push_back(offsets.back());
    }
    if (live.empty()) live = offsets;
    const std::int64_t first = live.front(), last = live.back();
    if (last - first <= 2) {
      centres.push_back(std::clamp<std::int64_t>(0, last - 1, first + 1));
      for (std::int64_t offset : offsets)
        window.push_back(offset < first || offset > last ? -1 : 0);
      return;
    }
    for (std::int64_t offset : offsets) {
      if (offset < first || offset > last) {
        window.push_back(-1);
        continue;
      }
      if (centres.empty() || offset > centres.back() + 1) centres.push_back(offset + 1);
      window.push_back(static_cast<int>(centres.size()) - 1);
    }
  }

  bool is_point() const { return offsets.size() == 1; }
};

/// How one axis is padded, and which part of the result is kept.
struct AxisPlan {
  std::int64_t before = 0;  ///< rows put in front of the image
  std::int64_t length = 0;  ///< of the image then
  std::int64_t skip = 0;    ///< rows of the (pooled) result to leave out
  std::int64_t step = 1;    ///< from one wanted row to the next

  /// `stride` of the convolution, `pooled` of it done by the layer itself; `margin`: rows at the
  /// ends that the layer's own border must not touch.
  AxisPlan(std::int64_t size, std::int64_t out, std::int64_t stride, std::int64_t pooled,
           std::int64_t centre, std::int64_t margin) {
    before = std::max({margin, -centre, std::int64_t{0}});
    while ((before + centre) % pooled != 0) ++before;
    skip = (before + centre) / pooled;
    step = stride / pooled;
    const std::int64_t last = skip + step * (out - 1);  // of the result
    length = std::max(pooled * (last + 1), pooled * last + 1 + margin);
    length = std::max({length, kLeastAxis, before + size});
    if (before + size > length) length = before + size;
    length = (length + pooled - 1) / pooled * pooled;
  }
};

class KpuForm {
 public:
  explicit KpuForm(const Graph& graph) : graph_(graph), to_(graph) {}

  Graph run() {
    for (const Node& node : graph_.nodes) {
      if (const auto* conv = std::get_if<Conv>(&node.op)) {
        const ValueId in = to_.at(node.inputs[0]);
        const ValueId made = convolve(node, *conv, in);
        to_.replace(node.output, made >= 0 ? made : to_.add(node, *conv, {in}));
      } else if (is_image_sum(node)) {
        add_images(node);
      } else {
        to_.copy(node);
      }
    }
    return to_.finish();
  }

 private:
  /// The convolution in KPU form; -1 if there is none.
  ValueId convolve(const Node& node, const Conv& given, ValueId in) {
    const Dims from = to_.dims(in);
    const bool keeps_channels = given.groups == 1 || given.depthwise();
    const Conv conv = keeps_channels ? given : dense(given, from[1]);
    const AxisTaps rows(conv.window, 0, from[2]), columns(conv.window, 1, from[3]);
    const std::size_t copies = rows.centres.size() * columns.centres.size();
    if (copies > 1 && conv.groups > 1) return convolve(node, dense(conv, from[1]), in);
    const auto channels = from[1] * static_cast<std::int64_t>(copies);
    const std::int64_t out_channels = conv.out_channels();
    if (channels > kMostChannels || std::max(from[2], from[3]) > 4096) return -1;
    const bool point = rows.is_point() && columns.is_point();
    const std::int64_t most =
        conv.groups > 1 ? kMostChannels : most_out_channels(channels * (point ? 1 : 9));
    if (out_channels > most) return split_outputs(node, conv, in);
    const auto& stride = conv.window.stride;
    // The layer itself subsamples both axes alike, and no depthwise layer does.
    const bool pools =
        stride[0] == stride[1] && (stride[0] == 2 || stride[0] == 4) && conv.groups == 1;
    if (point && !pools && (stride[0] > 1 || stride[1] > 1)) {
      return subsample_first(node, conv, in);
    }
    const std::int64_t pooled = pools ? stride[0] : 1;
    // With several copies the shifts hold the centres already.
    const auto centre = [&](const AxisTaps& axis) {
      return copies > 1 ? 0 : point ? axis.offsets[0] : axis.centres[0];
    };
    std::array<AxisPlan, 2> plan{AxisPlan(from[2], conv.window.out_size(0, from[2]), stride[0],
                                          pooled, centre(rows), copies > 1 ? 1 : 0),
                                 AxisPlan(from[3], conv.window.out_size(1, from[3]), stride[1],
                                          pooled, centre(columns), copies > 1 ? 1 : 0)};
    if (!fits_kpu({1, channels, plan[0].length, plan[1].length},
                  {1, out_channels, plan[0].length / pooled, plan[1].length / pooled})) {
      return split_rows(node, conv, in);
    }

    Conv layer = conv;
    layer.on_kpu = true;
    layer.window = {};
    if (!point) {
      layer.window = {.kernel = {3, 3}, .before = {1, 1}, .after = {1, 1}};
      const bool already = copies == 1 && conv.window.kernel == layer.window.kernel &&
                           conv.window.dilation == std::array<std::int64_t, 2>{1, 1} &&
                           rows.centres[0] == rows.offsets[1] &&
                           columns.centres[0] == columns.offsets[1];
      if (!already) layer.weights = windowed(conv, rows, columns);
    }
    if (pools) layer.pool = pooled == 2 ? FusedPool::kLeftTop2 : FusedPool::kLeftTop4;
    const ValueId image =
        copies == 1 ? padded(node, in, plan, 0, 0) : shifted_copies(node, in, plan, rows, columns);
    const ValueId whole = to_.add(node, layer, {image});
    return cut(node, whole, plan, conv.window.out_size(0, from[2]),
               conv.window.out_size(1, from[3]));
  }

  /// Weights of a grouped convolution with zeros between the groups.
  static Conv dense(const Conv& conv, std::int64_t in_channels) {
    Conv result = conv;
    result.groups = 1;
    const Dims& d = conv.weights->dims;
    const std::int64_t taps = d[2] * d[3], group_out = d[0] / conv.groups;
    Tensor weights{{d[0], in_channels, d[2], d[3]}, {}, false};
    weights.data.assign(d[0] * in_channels * taps, 0.f);
    for (std::int64_t oc = 0; oc < d[0]; ++oc) {
      std::copy_n(conv.weights->data.begin() + oc * d[1] * taps, d[1] * taps,
                  weights.data.begin() + (oc * in_channels + oc / group_out * d[1]) * taps);
    }
    result.weights = std::move(weights);
    return result;
  }

  /// The weights as 3x3 windows, a block of input channels for each pair of windows.
  static Tensor windowed(const Conv& conv, const AxisTaps& rows, const AxisTaps& columns) {
    const Dims& d = conv.weights->dims;
    const auto blocks = static_cast<std::int64_t>(rows.centres.size() * columns.centres.size());
    Tensor result{{d[0], d[1] * blocks, 3, 3}, {}, false};
    result.data.assign(d[0] * d[1] * blocks * 9, 0.f);
    for (std::int64_t oc = 0; oc < d[0]; ++oc) {
      for (std::int64_t ic = 0; ic < d[1]; ++ic) {
        for (std::int64_t i = 0; i < d[2]; ++i) {
          for (std::int64_t j = 0; j < d[3]; ++j) {
            const int wr = rows.window[i], wc = columns.window[j];
            if (wr < 0 || wc < 0) continue;
            const auto block = static_cast<std::int64_t>(wr * columns.centres.size() + wc);
            const std::int64_t y = rows.offsets[i] - rows.centres[wr] + 1;
            const std::int64_t x = columns.offsets[j] - columns.centres[wc] + 1;
            result.data[((oc * d[1] * blocks + block * d[1] + ic) * 3 + y) * 3 + x] =
                conv.weights->data[((oc * d[1] + ic) * d[2] + i) * d[3] + j];
          }
        }
      }
    }
    return result;
  }

  /// The image padded as planned and shifted up by `row` and left by `column`.
  ValueId padded(const Node& node, ValueId in, const std::array<AxisPlan, 2>& plan,
                 std::int64_t row, std::int64_t column) {
    const Dims dims = to_.dims(in);
    Pad pad{Dims(4, 0), Dims(4, 0), 0, PadMode::kConstant};
    const std::array<std::int64_t, 2> shift{row, column};
    for (int axis = 0; axis < 2; ++axis) {
      pad.before[2 + axis] = plan[axis].before - shift[axis];
      pad.after[2 + axis] = plan[axis].length - dims[2 + axis] - pad.before[2 + axis];
    }
    const bool nothing = pad.before == Dims(4, 0) && pad.after == Dims(4, 0);
    return nothing ? in : to_.add(node, pad, {in});
  }

  ValueId shifted_copies(const Node& node, ValueId in, const std::array<AxisPlan, 2>& plan,
                         const AxisTaps& rows, const AxisTaps& columns) {
    std::vector<ValueId> copies;
    for (std::int64_t row : rows.centres) {
      for (std::int64_t column : columns.centres) {
        copies.push_back(padded(node, in, plan, row, column));
      }
    }
    return to_.add(node, Concat{1}, copies);
  }

  ValueId cut(const Node& node, ValueId whole, const std::array<AxisPlan, 2>& plan,
              std::int64_t height, std::int64_t width) {
    const Dims dims = to_.dims(whole);
    const Slice slice{{0, 0, plan[0].skip, plan[1].skip},
                      {1, 1, plan[0].step, plan[1].step},
                      {1, dims[1], height, width}};
    return slice.count == dims ? whole : to_.add(node, slice, {whole});
  }

  /// A 1x1 kernel reads only every stride-th pixel (and zeros in the padding).
  ValueId subsample_first(const Node& node, const Conv& conv, ValueId in) {
    const Dims dims = to_.dims(in);
    Conv rest = conv;
    rest.window = {};
    Slice slice{Dims(4, 0), Dims(4, 1), dims};
    for (int axis = 0; axis < 2; ++axis) {
      if (conv.window.before[axis] != 0 || conv.window.after[axis] != 0) return -1;
      slice.step[2 + axis] = conv.window.stride[axis];
      slice.count[2 + axis] = conv.window.out_size(axis, dims[2 + axis]);
    }
    return convolve(node, rest, to_.add(node, slice, {in}));
  }

  /// Too many output channels for one layer: halves of them, side by side.
  ValueId split_outputs(const Node& node, const Conv& conv, ValueId in) {
    if (conv.groups > 1 || conv.function.channels() > 1) return -1;
    const std::int64_t all = conv.out_channels();
    const std::int64_t per_channel = static_cast<std::int64_t>(conv.weights.size()) / all;
    std::vector<ValueId> parts;
    for (std::int64_t first : {std::int64_t{0}, all / 2}) {
      const std::int64_t end = first == 0 ? all / 2 : all;
      Conv part = conv;
      Dims dims = conv.weights->dims;
      dims[0] = end - first;
      std::vector<float> weights(conv.weights->data.begin() + first * per_channel,
                                 conv.weights->data.begin() + end * per_channel);
      part.weights = {std::move(dims), std::move(weights)};
      part.bias.assign(conv.bias.begin() + first, conv.bias.begin() + end);
      if (!conv.weight_scales.empty()) {
        part.weight_scales.assign(conv.weight_scales.begin() + first,
                                  conv.weight_scales.begin() + end);
      }
      parts.push_back(convolve(node, part, in));
      if (parts.back() < 0) return -1;
    }
    return to_.add(node, Concat{1}, parts);
  }

  /// An image too large for AI RAM: the upper and the lower half of the result.
  ValueId split_rows(const Node& node, const Conv& conv, ValueId in) {
    const Dims dims = to_.dims(in);
    const std::int64_t out = conv.window.out_size(0, dims[2]);
    if (out < 2 * kLeastAxis) return -1;
    const Window& w = conv.window;
    std::vector<ValueId> parts;
    for (std::int64_t first : {std::int64_t{0}, out / 2}) {
      const std::int64_t end = first == 0 ? out / 2 : out;
      const std::int64_t top = first * w.stride[0] - w.before[0];
      const std::int64_t bottom =
          (end - 1) * w.stride[0] - w.before[0] + (w.kernel[0] - 1) * w.dilation[0] + 1;
      const std::int64_t begin = std::clamp<std::int64_t>(top, 0, dims[2]);
      const std::int64_t stop = std::clamp<std::int64_t>(bottom, begin, dims[2]);
      if (stop == begin) return -1;
      Slice slice{{0, 0, begin, 0}, Dims(4, 1), dims};
      slice.count[2] = stop - begin;
      Conv part = conv;
      part.window.before[0] = begin - top;
      part.window.after[0] = bottom - stop;
      parts.push_back(convolve(node, part, to_.add(node, slice, {in})));
      if (parts.back() < 0) return -1;
    }
    return to_.add(node, Concat{2}, parts);
  }

  bool is_image_sum(const Node& node) const {
    const auto* binary = std::get_if<Binary>(&node.op);
    if (binary == nullptr || (binary->op != FunctionOp::kAdd && binary->op != FunctionOp::kSub)) {
      return false;
    }
    const Dims& a = graph_.dims(node.inputs[0]);
    for (ValueId input : node.inputs) {
      if (graph_.values[input].constant || graph_.dims(input) != a) return false;
    }
    return a.size() == 4 && binary->function.channels() == 1 && 2 * a[1] <= kMostChannels &&
           std::min(a[2], a[3]) >= kLeastAxis && fits_kpu({1, 2 * a[1], a[2], a[3]}, a);
  }

  /// a + b: a 1x1 layer over both images' channels.
  void add_images(const Node& node) {
    const auto& binary = std::get<Binary>(node.op);
    const std::int64_t channels = graph_.dims(node.output)[1];
    Conv sum;
    sum.on_kpu = true;
    sum.function = binary.function;
    sum.codes = binary.codes;
    Tensor weights{
        {channels, 2 * channels, 1, 1}, std::vector<float>(2 * channels * channels), false};
    for (std::int64_t c = 0; c < channels; ++c) {
      weights.data[c * 2 * channels + c] = 1;
      weights.data[c * 2 * channels + channels + c] = binary.op == FunctionOp::kAdd ? 1.f : -1.f;
    }
    sum.weights = std::move(weights);
    sum.bias.assign(channels, 0.f);
    const ValueId both = to_.add(node, Concat{1}, {to_.at(node.inputs[0]), to_.at(node.inputs[1])});
    to_.replace(node.output, to_.add(node, sum, {both}));
  }

  const Graph& graph_;
  Rewriter to_;
};

}  // namespace

Graph to_kpu(const Graph& graph) { return KpuForm(graph).run(); }

}  // namespace kpu::compiler
