// SPDX-License-Identifier: Apache-2.0
#include "compiler/quant/codes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <variant>

#include "compiler/graph/resize.h"

namespace kpu::compiler {

Codes codes_for(float low, float high) {
  low = std::min(low, 0.f);
  high = std::max(high, 0.f);
  if (!(high - low > 1e-30f)) return {};
  const float scale = (high - low) / 255;
  return {scale, static_cast<std::int32_t>(std::clamp(std::round(-low / scale), 0.f, 255.f))};
}

std::size_t plane_count(const Dims& dims) {
  if (dims.size() < 4) return 1;
  return static_cast<std::size_t>(element_count(Dims(dims.begin(), dims.end() - 2)));
}

void to_reals(Tensor& tensor, const ValueCodes& codes) {
  const std::size_t plane = tensor.size() / codes.size();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    for (float& x : std::span(tensor.data).subspan(i * plane, plane)) x = codes[i].real(x);
  }
}

void to_codes(Tensor& tensor, const ValueCodes& codes) {
  const std::size_t plane = tensor.size() / codes.size();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    for (float& x : std::span(tensor.data).subspan(i * plane, plane)) x = codes[i].code(x);
  }
}

bool moves_codes(const Graph& graph, const Node& node) {
  if (const auto* pool = std::get_if<Pool>(&node.op)) return pool->max;
  if (const auto* pad = std::get_if<Pad>(&node.op)) {
    return pad->mode == PadMode::kConstant && pad->value == 0;
  }
  if (const auto* resize = std::get_if<Resize>(&node.op)) {
    const Dims& dims = graph.dims(node.inputs[0]);
    return is_plain_nearest(*resize, dims[2], dims[3]);
  }
  return std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Transpose>(node.op) ||
         std::holds_alternative<Slice>(node.op) || std::holds_alternative<Concat>(node.op);
}

std::vector<bool> made_as_codes(const Graph& graph) {
  std::vector<bool> codes(graph.values.size(), false);
  for (ValueId input : graph.inputs) codes[input] = true;
  for (const Node& node : graph.nodes) {
    const bool all = std::all_of(node.inputs.begin(), node.inputs.end(),
                                 [&](ValueId input) { return codes[input]; });
    const bool constant = std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId input) {
      return graph.values[input].constant.has_value();
    });
    bool made = false;
    if (const auto* conv = std::get_if<Conv>(&node.op)) {
      made = conv->on_kpu;
    } else if (const auto* elementwise = std::get_if<Elementwise>(&node.op)) {
      made = elementwise->function.channels() == 1;
    } else if (const auto* binary = std::get_if<Binary>(&node.op)) {
      const FunctionOp op = binary->op;
      made =
          all && binary->function.is_identity() && op != FunctionOp::kDiv && op != FunctionOp::kPow;
    } else if (std::holds_alternative<Concat>(node.op)) {
      // One part in codes is enough: the others become codes on the way.
      made = !constant && std::any_of(node.inputs.begin(), node.inputs.end(),
                                      [&](ValueId input) { return codes[input]; });
    } else {
      made = all && moves_codes(graph, node) && !std::holds_alternative<Pool>(node.op);
    }
    codes[node.output] = made;
  }
  return codes;
}

bool keeps_own_codes(const Graph& graph, const std::vector<std::vector<int>>& read_by,
                     const Node& node) {
  const auto* concat = std::get_if<Concat>(&node.op);
  if (concat == nullptr || concat->axis != 1) return false;
  return std::all_of(read_by[node.output].begin(), read_by[node.output].end(), [&](int reader) {
    if (reader < 0) return false;
    const auto* conv = std::get_if<Conv>(&graph.nodes[reader].op);
    return conv != nullptr && conv->on_kpu && conv->groups == 1 &&
           conv->window.kernel == std::array<std::int64_t, 2>{1, 1};
  });
}

std::vector<int> code_classes(const Graph& graph) {
  std::vector<int> parent(graph.values.size());
  std::iota(parent.begin(), parent.end(), 0);
  const auto root = [&](int value) {
    while (parent[value] != value) value = parent[value] = parent[parent[value]];
    return value;
  };
  const auto read_by = readers(graph);
  for (const Node& node : graph.nodes) {
    if (!moves_codes(graph, node) || keeps_own_codes(graph, read_by, node)) continue;
    for (ValueId input : node.inputs) {
      if (!graph.values[input].constant) parent[root(input)] = root(node.output);
    }
  }
  for (std::size_t i = 0; i < parent.size(); ++i) parent[i] = root(static_cast<int>(i));
  return parent;
}

}  // namespace kpu::compiler
