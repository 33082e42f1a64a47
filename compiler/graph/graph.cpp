// SPDX-License-Identifier: Apache-2.0
#include "compiler/graph/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "common/error.h"

namespace kpu::compiler {

std::int64_t Window::out_size(int axis, std::int64_t size) const {
  const std::int64_t span = (kernel[axis] - 1) * dilation[axis] + 1;
  const std::int64_t room = size + before[axis] + after[axis] - span;
  return room < 0 ? 0 : room / stride[axis] + 1;
}

std::int64_t pool_step(FusedPool pool) {
  switch (pool) {
    case FusedPool::kNone:
      return 1;
    case FusedPool::kMax4:
    case FusedPool::kMean4:
    case FusedPool::kLeftTop4:
      return 4;
    default:
      return 2;
  }
}

ValueId Graph::add_value(std::string name, Dims dims) {
  element_count(dims);
  Value value;
  value.name = std::move(name);
  value.dims = std::move(dims);
  values.push_back(std::move(value));
  return static_cast<ValueId>(values.size()) - 1;
}

ValueId Graph::add_constant(std::string name, Tensor tensor) {
  const ValueId id = add_value(std::move(name), tensor.dims);
  values[id].constant = std::move(tensor);
  return id;
}

std::optional<Codes> result_codes(const Node& node) {
  if (const auto* conv = std::get_if<Conv>(&node.op)) return conv->codes;
  if (const auto* elementwise = std::get_if<Elementwise>(&node.op)) return elementwise->codes;
  if (const auto* binary = std::get_if<Binary>(&node.op)) return binary->codes;
  return std::nullopt;
}

void round_to_codes(std::span<float> values, const std::optional<Codes>& codes) {
  if (!codes) return;
  for (float& x : values) x = codes->real(codes->code_to_even(x));
}

std::string place(const Node& node) { return fmt::format("node '{}' ({})", node.name, node.type); }

std::vector<std::vector<int>> readers(const Graph& graph) {
  std::vector<std::vector<int>> result(graph.values.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (ValueId input : graph.nodes[i].inputs) {
      result[input].push_back(static_cast<int>(i));
    }
  }
  for (ValueId output : graph.outputs) {
    result[output].push_back(-1);
  }
  return result;
}

std::vector<int> makers(const Graph& graph) {
  std::vector<int> result(graph.values.size(), -1);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    result[graph.nodes[i].output] = static_cast<int>(i);
  }
  return result;
}

void remove_dead(Graph& graph) {
  std::vector<bool> needed(graph.values.size(), false);
  for (ValueId output : graph.outputs) {
    needed[output] = true;
  }
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (!needed[node->output]) continue;
    for (ValueId input : node->inputs) {
      needed[input] = true;
    }
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  graph.nodes = std::move(kept);
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (!needed[i] && graph.values[i].constant) {
      graph.values[i].constant->data = std::vector<float>();  // gives the memory back
    }
  }
}

std::int64_t multiplications(const Graph& graph, const Node& node) {
  if (const auto* conv = std::get_if<Conv>(&node.op)) {
    const Dims& in = graph.dims(node.inputs[0]);
    const auto& w = conv->weights->dims;
    return conv->window.out_size(0, in[2]) * conv->window.out_size(1, in[3]) * w[0] * w[1] * w[2] *
           w[3];
  }
  if (const auto* conv = std::get_if<ConvTranspose>(&node.op)) {
    const Dims& in = graph.dims(node.inputs[0]);
    const auto& w = conv->weights->dims;
    return in[2] * in[3] * w[0] * w[1] * w[2] * w[3];
  }
  if (std::holds_alternative<MatMul>(node.op)) {
    return element_count(graph.dims(node.output)) * graph.dims(node.inputs[0]).back();
  }
  return 0;
}

}  // namespace kpu::compiler
