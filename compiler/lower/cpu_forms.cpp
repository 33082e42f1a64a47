// SPDX-License-Identifier: Apache-2.0
//
// What runs on the CPU, in operations that the runtime has.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/graph/resize.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/rewriter.h"

namespace kpu::compiler {
namespace {

/// Whether the runtime's own bilinear resize computes the same.
bool is_runtime_linear(const Resize& resize, const Dims& in) {
  if (resize.kind != ResizeKind::kLinear) return false;
  if (resize.coordinates == ResizeCoordinates::kAlignCorners) return true;
  const auto exact = [&](int axis) {
    return static_cast<float>(resize.out[axis]) ==
           resize.scale[axis] * static_cast<float>(in[2 + axis]);
  };
  return resize.coordinates == ResizeCoordinates::kAsymmetric && exact(0) && exact(1);
}

class CpuForms {
 public:
  explicit CpuForms(const Graph& graph) : graph_(graph), to_(graph) {}

  Graph run() {
    for (const Node& node : graph_.nodes) {
      const ValueId made = rewrite(node);
      if (made < 0) {
        to_.copy(node);
      } else {
        to_.replace(node.output, made);
      }
    }
    return to_.finish();
  }

 private:
  ValueId in(const Node& node, std::size_t i = 0) { return to_.at(node.inputs[i]); }

  /// The node in other operations; -1 if it stays as it is.
  ValueId rewrite(const Node& node) {
    if (const auto* conv = std::get_if<Conv>(&node.op)) {
      if (conv->on_kpu || (conv->function.is_identity() && !conv->codes)) return -1;
      Conv plain = *conv;
      plain.function = {};
      plain.codes.reset();
      return to_.add(node, Elementwise{conv->function, conv->codes},
                     {to_.add(node, plain, {in(node)})});
    }
    if (const auto* binary = std::get_if<Binary>(&node.op)) {
      if (binary->function.is_identity()) return -1;
      const ValueId plain = to_.add(node, Binary{binary->op, {}}, {in(node), in(node, 1)});
      return to_.add(node, Elementwise{binary->function, binary->codes}, {plain});
    }
    if (const auto* conv = std::get_if<ConvTranspose>(&node.op)) return add_bias(node, *conv);
    if (const auto* pool = std::get_if<Pool>(&node.op)) return pad_pool(node, *pool);
    if (const auto* softmax = std::get_if<Softmax>(&node.op)) return turn_softmax(node, *softmax);
    if (const auto* resize = std::get_if<Resize>(&node.op)) return multiply_resize(node, *resize);
    if (const auto* pad = std::get_if<Pad>(&node.op)) return repeat_border(node, *pad);
    return -1;
  }

  ValueId add_bias(const Node& node, const ConvTranspose& conv) {
    if (std::all_of(conv.bias.begin(), conv.bias.end(), [](float b) { return b == 0; })) return -1;
    ConvTranspose plain = conv;
    plain.bias.assign(conv.bias.size(), 0.f);
    const auto channels = static_cast<std::int64_t>(conv.bias.size());
    const ValueId bias = to_.add_constant({{1, channels, 1, 1}, conv.bias, false});
    return to_.add(node, Binary{FunctionOp::kAdd, {}}, {to_.add(node, plain, {in(node)}), bias});
  }

  /// The runtime's mean counts what lies inside the image.
  ValueId pad_pool(const Node& node, const Pool& pool) {
    const Window& w = pool.window;
    const std::array<std::int64_t, 2> none{0, 0};
    if (pool.max || !pool.count_padding || (w.before == none && w.after == none)) return -1;
    Pool inside = pool;
    inside.window.before = inside.window.after = none;
    const Pad pad{
        {0, 0, w.before[0], w.before[1]}, {0, 0, w.after[0], w.after[1]}, 0, PadMode::kConstant};
    return to_.add(node, inside, {to_.add(node, pad, {in(node)})});
  }

  /// The runtime's softmax runs over the last axis.
  ValueId turn_softmax(const Node& node, const Softmax& softmax) {
    const Dims dims = graph_.dims(node.output);
    const auto last = static_cast<int>(dims.size()) - 1;
    if (softmax.axis == last) return -1;
    std::vector<int> perm(dims.size());
    std::iota(perm.begin(), perm.end(), 0);
    std::swap(perm[softmax.axis], perm[last]);
    const ValueId turned = to_.add(node, Transpose{perm}, {in(node)});
    const ValueId done = to_.add(node, Softmax{last, softmax.log}, {turned});
    return to_.add(node, Transpose{perm}, {done});
  }

  /// Any other resize is a matrix product along each axis.
  ValueId multiply_resize(const Node& node, const Resize& resize) {
    const Dims from = graph_.dims(node.inputs[0]);
    const std::int64_t height = from[2], width = from[3], planes = from[0] * from[1];
    if (is_plain_nearest(resize, height, width) || is_runtime_linear(resize, from)) return -1;
    const auto shares = [&](int axis, std::int64_t size) {
      return to_.add_constant(
          {{size, resize.out[axis]}, resize_weights(resize, axis, size), false});
    };
    ValueId x = to_.add(node, Reshape{{planes * height, width}}, {in(node)});
    x = to_.add(node, MatMul{}, {x, shares(1, width)});
    x = to_.add(node, Reshape{{planes, height, resize.out[1]}}, {x});
    x = to_.add(node, Transpose{{0, 2, 1}}, {x});
    x = to_.add(node, Reshape{{planes * resize.out[1], height}}, {x});
    x = to_.add(node, MatMul{}, {x, shares(0, height)});
    x = to_.add(node, Reshape{{planes, resize.out[1], resize.out[0]}}, {x});
    x = to_.add(node, Transpose{{0, 2, 1}}, {x});
    return to_.add(node, Reshape{graph_.dims(node.output)}, {x});
  }

  /// Padding with the image's own pixels: rows and columns of it, side by side.
  ValueId repeat_border(const Node& node, const Pad& pad) {
    if (pad.mode == PadMode::kConstant) return -1;
    ValueId x = in(node);
    for (std::size_t axis = 0; axis < pad.before.size(); ++axis) {
      const std::int64_t size = to_.dims(x)[axis];
      std::vector<ValueId> parts;
      const auto take = [&](std::int64_t begin, std::int64_t step, std::int64_t count) {
        Slice slice{Dims(to_.dims(x).size(), 0), Dims(to_.dims(x).size(), 1), to_.dims(x)};
        slice.begin[axis] = begin;
        slice.step[axis] = step;
        slice.count[axis] = count;
        parts.push_back(to_.add(node, slice, {x}));
      };
      const bool edge = pad.mode == PadMode::kEdge;
      const std::int64_t before = pad.before[axis], after = pad.after[axis];
      for (std::int64_t i = 0; edge && i < before; ++i) take(0, 1, 1);
      if (!edge && before > 0) take(before, -1, before);
      const std::int64_t crop = std::max<std::int64_t>(0, -before);
      take(crop, 1, size - crop - std::max<std::int64_t>(0, -after));
      for (std::int64_t i = 0; edge && i < after; ++i) take(size - 1, 1, 1);
      if (!edge && after > 0) take(size - 2, -1, after);
      if (parts.size() > 1 || crop > 0 || after < 0) {
        x = parts.size() == 1 ? parts[0] : to_.add(node, Concat{static_cast<int>(axis)}, parts);
      }
    }
    return x;
  }

  const Graph& graph_;
  Rewriter to_;
};

}  // namespace

Graph to_cpu(const Graph& graph) { return CpuForms(graph).run(); }

}  // namespace kpu::compiler
