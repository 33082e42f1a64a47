// SPDX-License-Identifier: Apache-2.0
#include "compiler/graph/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>

#include "common/error.h"
#include "compiler/graph/convolve.h"
#include "compiler/graph/gemm.h"
#include "compiler/graph/resize.h"

namespace kpu::compiler {
namespace {

/// Calls visit(tap row, tap column, y, x) for the window's taps inside the image.
template <class Visit>
void each_tap(const Window& w, std::int64_t row, std::int64_t column, std::int64_t height,
              std::int64_t width, Visit visit) {
  for (std::int64_t i = 0; i < w.kernel[0]; ++i) {
    const std::int64_t y = row * w.stride[0] - w.before[0] + i * w.dilation[0];
    if (y < 0 || y >= height) continue;
    for (std::int64_t j = 0; j < w.kernel[1]; ++j) {
      const std::int64_t x = column * w.stride[1] - w.before[1] + j * w.dilation[1];
      if (x >= 0 && x < width) visit(i, j, y, x);
    }
  }
}

struct Run {
  const Graph& graph;
  const Node& node;
  std::span<const Tensor* const> inputs;

  const Tensor& in(std::size_t i = 0) const { return *inputs[i]; }

  Tensor result() const {
    Tensor out;
    out.dims = infer_dims(graph, node);
    out.data.resize(element_count(out.dims));
    out.integer = std::all_of(inputs.begin(), inputs.end(), [](auto* t) { return t->integer; });
    return out;
  }

  void apply(const Function& function, Tensor& out) const {
    if (function.is_identity()) return;
    const std::size_t channels = function.channels();
    if (channels == 1) return function.apply(out.data);
    const std::size_t inner = std::max<std::size_t>(1, out.size() / (out.dims[0] * channels));
    for (std::size_t first = 0, c = 0; first < out.size(); first += inner, ++c) {
      function.apply(std::span(out.data).subspan(first, inner), c % channels);
    }
  }

  Tensor operator()(const Conv& conv) const {
    Tensor out = convolve(conv, in());
    apply(conv.function, out);
    round_to_codes(out.data, conv.codes);
    return fused_pool(out, conv.pool);
  }

  Tensor operator()(const ConvTranspose& conv) const {
    Tensor out = result();
    const Dims& from = in().dims;
    const std::int64_t height = out.dims[2], width = out.dims[3];
    const std::int64_t group_out = conv.weights->dims[1], group_in = from[1] / conv.groups;
    for (std::int64_t oc = 0; oc < out.dims[1]; ++oc) {
      float* plane = out.data.data() + oc * height * width;
      std::fill_n(plane, height * width, conv.bias[oc]);
      for (std::int64_t i = 0; i < group_in; ++i) {
        const std::int64_t ic = oc / group_out * group_in + i;
        const std::int64_t taps = conv.window.kernel[0] * conv.window.kernel[1];
        const float* weights = conv.weights->data.data() + (ic * group_out + oc % group_out) * taps;
        for (std::int64_t y = 0; y < from[2]; ++y) {
          for (std::int64_t x = 0; x < from[3]; ++x) {
            const float value = in().data[(ic * from[2] + y) * from[3] + x];
            each_tap(conv.window, y, x, height, width, [&](auto a, auto b, auto row, auto column) {
              plane[row * width + column] += value * weights[a * conv.window.kernel[1] + b];
            });
          }
        }
      }
    }
    return out;
  }

  Tensor operator()(const Pool& pool) const {
    Tensor out = result();
    const Dims& from = in().dims;
    std::size_t i = 0;
    for (std::int64_t c = 0; c < from[0] * from[1]; ++c) {
      const float* plane = in().data.data() + c * from[2] * from[3];
      for (std::int64_t row = 0; row < out.dims[2]; ++row) {
        for (std::int64_t column = 0; column < out.dims[3]; ++column) {
          float most = -std::numeric_limits<float>::infinity(), sum = 0;
          int count = 0;
          each_tap(pool.window, row, column, from[2], from[3], [&](auto, auto, auto y, auto x) {
            most = std::max(most, plane[y * from[3] + x]);
            sum += plane[y * from[3] + x];
            ++count;
          });
          const float whole = static_cast<float>(pool.window.kernel[0] * pool.window.kernel[1]);
          out.data[i++] = pool.max ? most : sum / (pool.count_padding ? whole : float(count));
        }
      }
    }
    return out;
  }

  Tensor operator()(const Reduce& reduce) const {
    Tensor out = result();
    Dims kept = in().dims;
    for (int axis : reduce.axes) kept[axis] = 1;
    Dims strides = row_major_strides(kept);
    for (int axis : reduce.axes) strides[axis] = 0;
    const bool adds = reduce.kind == ReduceKind::kMean || reduce.kind == ReduceKind::kSum;
    const float limit = std::numeric_limits<float>::infinity();
    std::vector<double> sums(out.size(), adds                              ? 0.
                                         : reduce.kind == ReduceKind::kMax ? -limit
                                                                           : limit);
    std::size_t i = 0;
    each_offset(in().dims, strides, 0, [&](std::int64_t at) {
      const double x = in().data[i++];
      sums[at] = adds                              ? sums[at] + x
                 : reduce.kind == ReduceKind::kMax ? std::max(sums[at], x)
                                                   : std::min(sums[at], x);
    });
    const double count = static_cast<double>(in().size()) / std::max<std::size_t>(out.size(), 1);
    for (std::size_t o = 0; o < out.size(); ++o) {
      out.data[o] = float(reduce.kind == ReduceKind::kMean ? sums[o] / count : sums[o]);
    }
    return out;
  }

  Tensor operator()(const Elementwise& elementwise) const {
    Tensor out = in();
    apply(elementwise.function, out);
    round_to_codes(out.data, elementwise.codes);
    return out;
  }

  Tensor operator()(const Binary& binary) const {
    Tensor out = result();
    const auto strides = [&](const Dims& dims) {
      const Dims own = row_major_strides(dims);
      Dims all(out.dims.size(), 0);
      for (std::size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] != 1) all[all.size() - dims.size() + i] = own[i];
      }
      return all;
    };
    std::vector<std::int64_t> at_b;
    at_b.reserve(out.size());
    each_offset(out.dims, strides(in(1).dims), 0, [&](std::int64_t at) { at_b.push_back(at); });
    std::size_t i = 0;
    each_offset(out.dims, strides(in(0).dims), 0, [&](std::int64_t at) {
      const float a = in(0).data[at], b = in(1).data[at_b[i]];
      float y = 0;
      switch (binary.op) {
        case FunctionOp::kAdd:
          y = a + b;
          break;
        case FunctionOp::kSub:
          y = a - b;
          break;
        case FunctionOp::kMul:
          y = a * b;
          break;
        case FunctionOp::kDiv:
          y = out.integer && b != 0 ? std::trunc(a / b) : a / b;
          break;
        case FunctionOp::kPow:
          y = std::pow(a, b);
          break;
        case FunctionOp::kMin:
          y = std::min(a, b);
          break;
        default:
          y = std::max(a, b);
      }
      out.data[i++] = y;
    });
    apply(binary.function, out);
    round_to_codes(out.data, binary.codes);
    return out;
  }

  Tensor operator()(const Concat& concat) const {
    Tensor out = result();
    const std::int64_t outer =
        element_count(Dims(out.dims.begin(), out.dims.begin() + concat.axis));
    const std::int64_t block = outer == 0 ? 0 : static_cast<std::int64_t>(out.size()) / outer;
    std::int64_t first = 0;
    for (const Tensor* part : inputs) {
      const std::int64_t size = outer == 0 ? 0 : static_cast<std::int64_t>(part->size()) / outer;
      for (std::int64_t i = 0; i < outer; ++i) {
        std::copy_n(part->data.begin() + i * size, size, out.data.begin() + i * block + first);
      }
      first += size;
    }
    return out;
  }

  Tensor operator()(const Reshape& reshape) const {
    return {reshape.dims, in().data, in().integer};
  }

  Tensor operator()(const Transpose& transpose) const {
    Tensor out = result();
    const Dims own = row_major_strides(in().dims);
    Dims strides;
    for (int axis : transpose.perm) strides.push_back(own[axis]);
    std::size_t i = 0;
    each_offset(out.dims, strides, 0, [&](std::int64_t at) { out.data[i++] = in().data[at]; });
    return out;
  }

  Tensor operator()(const Pad& pad) const {
    Tensor out = result();
    const Dims& from = in().dims;
    const Dims strides = row_major_strides(from);
    // For every axis, where each index of the output comes from; -1: from nowhere.
    std::vector<std::vector<std::int64_t>> sources(from.size());
    for (std::size_t axis = 0; axis < from.size(); ++axis) {
      for (std::int64_t i = 0; i < out.dims[axis]; ++i) {
        std::int64_t at = i - pad.before[axis];
        if (pad.mode == PadMode::kEdge) at = std::clamp<std::int64_t>(at, 0, from[axis] - 1);
        if (pad.mode == PadMode::kReflect) {
          at = at < 0 ? -at : at >= from[axis] ? 2 * (from[axis] - 1) - at : at;
        }
        sources[axis].push_back(at < 0 || at >= from[axis] ? -1 : at * strides[axis]);
      }
    }
    std::vector<std::int64_t> index(from.size(), 0);
    for (float& value : out.data) {
      std::int64_t at = 0;
      bool inside = true;
      for (std::size_t axis = 0; axis < from.size(); ++axis) {
        const std::int64_t part = sources[axis][index[axis]];
        inside = inside && part >= 0;
        at += part;
      }
      value = inside ? in().data[at] : pad.value;
      for (std::size_t axis = from.size(); axis-- > 0;) {
        if (++index[axis] < out.dims[axis]) break;
        index[axis] = 0;
      }
    }
    return out;
  }

  Tensor operator()(const Slice& slice) const {
    Tensor out = result();
    Dims strides = row_major_strides(in().dims);
    std::int64_t start = 0;
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
      start += slice.begin[axis] * strides[axis];
      strides[axis] *= slice.step[axis];
    }
    std::size_t i = 0;
    each_offset(out.dims, strides, start, [&](std::int64_t at) { out.data[i++] = in().data[at]; });
    return out;
  }

  Tensor operator()(const Resize& resize) const {
    Tensor out = result();
    const Dims& from = in().dims;
    const auto rows = resize_weights(resize, 0, from[2]);
    const auto columns = resize_weights(resize, 1, from[3]);
    const std::int64_t height = out.dims[2], width = out.dims[3];
    std::vector<float> half(from[2] * width);
    for (std::int64_t c = 0; c < from[0] * from[1]; ++c) {
      gemm(from[2], from[3], width, in().data.data() + c * from[2] * from[3], columns.data(),
           half.data());
      std::vector<float> turned(height * from[2]);
      for (std::int64_t y = 0; y < from[2]; ++y) {
        for (std::int64_t o = 0; o < height; ++o) turned[o * from[2] + y] = rows[y * height + o];
      }
      gemm(height, from[2], width, turned.data(), half.data(),
           out.data.data() + c * height * width);
    }
    return out;
  }

  Tensor operator()(const Softmax& softmax) const {
    Tensor out = result();
    const Dims strides = row_major_strides(in().dims);
    const std::int64_t size = in().dims[softmax.axis], step = strides[softmax.axis];
    Dims lines = in().dims;
    lines[softmax.axis] = 1;
    each_offset(lines, strides, 0, [&](std::int64_t at) {
      float most = in().data[at];
      for (std::int64_t i = 1; i < size; ++i) most = std::max(most, in().data[at + i * step]);
      double sum = 0;
      for (std::int64_t i = 0; i < size; ++i) sum += std::exp(in().data[at + i * step] - most);
      for (std::int64_t i = 0; i < size; ++i) {
        const double x = in().data[at + i * step] - most;
        out.data[at + i * step] =
            static_cast<float>(softmax.log ? x - std::log(sum) : std::exp(x) / sum);
      }
    });
    return out;
  }

  Tensor operator()(const MatMul&) const {
    Tensor out = result();
    const Dims &a = in(0).dims, &b = in(1).dims;
    const std::int64_t rows = a[a.size() - 2], inner = a.back(), columns = b.back();
    const std::int64_t batches = element_count(Dims(out.dims.begin(), out.dims.end() - 2));
    const auto batches_of = [](const Dims& dims) {
      return element_count(Dims(dims.begin(), dims.end() - 2));
    };
    for (std::int64_t i = 0; i < batches; ++i) {
      // One operand may lack the batch axes; a partial broadcast is refused by lowering.
      const float* from_a = in(0).data.data() + (batches_of(a) == 1 ? 0 : i) * rows * inner;
      const float* from_b = in(1).data.data() + (batches_of(b) == 1 ? 0 : i) * inner * columns;
      gemm(rows, inner, columns, from_a, from_b, out.data.data() + i * rows * columns);
    }
    return out;
  }
};

}  // namespace

Tensor run_node(const Graph& graph, const Node& node, std::span<const Tensor* const> inputs) {
  try {
    return std::visit(Run{graph, node, inputs}, node.op);
  } catch (const Error& error) {
    const std::string text = error.what();
    throw Error(text.starts_with("node ") ? text : fmt::format("{}: {}", place(node), text));
  }
}

std::vector<Tensor> run_graph(const Graph& graph, std::span<const Tensor> inputs,
                              const std::function<void(ValueId, const Tensor&)>& visit) {
  if (inputs.size() != graph.inputs.size()) {
    throw Error(fmt::format("{} inputs, expected {}", inputs.size(), graph.inputs.size()));
  }
  std::vector<Tensor> made(graph.values.size());
  std::vector<int> left(graph.values.size(), 0);
  for (const Node& node : graph.nodes) {
    for (ValueId input : node.inputs) ++left[input];
  }
  for (ValueId output : graph.outputs) ++left[output];
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].dims != graph.dims(graph.inputs[i])) {
      throw Error(fmt::format("input of shape {}, expected {}", dims_text(inputs[i].dims),
                              dims_text(graph.dims(graph.inputs[i]))));
    }
    made[graph.inputs[i]] = inputs[i];
    if (visit) visit(graph.inputs[i], inputs[i]);
  }
  const auto value = [&](ValueId id) {
    return graph.values[id].constant ? &*graph.values[id].constant : &made[id];
  };
  for (const Node& node : graph.nodes) {
    std::vector<const Tensor*> operands;
    for (ValueId input : node.inputs) operands.push_back(value(input));
    made[node.output] = run_node(graph, node, operands);
    if (visit) visit(node.output, made[node.output]);
    for (ValueId input : node.inputs) {
      if (--left[input] == 0) made[input] = {};
    }
  }
  std::vector<Tensor> outputs;
  for (ValueId output : graph.outputs) outputs.push_back(*value(output));
  return outputs;
}

}  // namespace kpu::compiler
