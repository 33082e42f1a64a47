// SPDX-License-Identifier: Apache-2.0
//
// What needs no layer of its own: chains of scalar functions, scales of channels, zero padding.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/lower/lower.h"

namespace kpu::compiler {
namespace {

/// A graph with its makers and readers while nodes are merged.
class Folder {
 public:
  explicit Folder(Graph& graph) : graph_(graph) { update(); }

  void run() {
    while (merge_functions() || fold_scales() || attach() || swap_pools() || fold_padding()) {
      remove_dead(graph_);
      update();
    }
    drop_clamps();
  }

 private:
  void update() {
    makers_ = makers(graph_);
    readers_ = readers(graph_);
  }

  /// The node that makes the value, if it is an operation Op.
  template <class Op>
  Node* maker(ValueId value) {
    const int index = makers_[value];
    if (index < 0 || !std::holds_alternative<Op>(graph_.nodes[index].op)) return nullptr;
    return &graph_.nodes[index];
  }

  /// Of functions that differ from channel to channel only lines have a form (split_functions).
  static bool has_a_form(const Function& function) {
    return function.channels() == 1 || is_two_lines(function);
  }

  bool read_once(ValueId value) const { return readers_[value].size() == 1; }

  /// What an operand is as a function of another value: the operand of the Elementwise that makes
  /// it for this one reader, or itself.
  std::pair<ValueId, Function> as_function(ValueId value, std::size_t uses) {
    Node* node = maker<Elementwise>(value);
    if (node == nullptr || readers_[value].size() != uses || result_codes(*node)) {
      return {value, Function()};
    }
    return {node->inputs[0], std::get<Elementwise>(node->op).function};
  }

  /// Elementwise of Elementwise, and arithmetic between functions of the same value.
  bool merge_functions() {
    bool changed = false;
    for (Node& node : graph_.nodes) {
      if (auto* outer = std::get_if<Elementwise>(&node.op)) {
        Node* inner = maker<Elementwise>(node.inputs[0]);
        if (inner == nullptr || !read_once(node.inputs[0]) || result_codes(*inner)) continue;
        Function both =
            Function::compose(outer->function, std::get<Elementwise>(inner->op).function);
        if (!has_a_form(both)) continue;
        outer->function = std::move(both);
        node.inputs = inner->inputs;
      } else if (const auto* binary = std::get_if<Binary>(&node.op)) {
        const bool same = node.inputs[0] == node.inputs[1];
        const auto [a, f] = as_function(node.inputs[0], same ? 2 : 1);
        const auto [b, g] = as_function(node.inputs[1], same ? 2 : 1);
        // One operand may itself be the value that the other is a function of.
        ValueId root = -1;
        Function left = f, right = g;
        if (a == b) {
          root = a;
        } else if (a == node.inputs[1]) {
          root = a;
          right = Function();
        } else if (b == node.inputs[0]) {
          root = b;
          left = Function();
        }
        if (root < 0 || graph_.values[root].constant) continue;
        Function all =
            Function::compose(binary->function, Function::combine(binary->op, left, right));
        if (!has_a_form(all)) continue;
        node.op = Elementwise{std::move(all), binary->codes};
        node.inputs = {root};
      } else {
        continue;
      }
      changed = true;
      update();
    }
    return changed;
  }

  /// A 1x1 depthwise convolution behind another convolution scales its channels.
  bool fold_scales() {
    for (Node& node : graph_.nodes) {
      auto* scale = std::get_if<Conv>(&node.op);
      if (scale == nullptr || !scale->depthwise() || !(scale->window == Window{})) continue;
      Node* before = maker<Conv>(node.inputs[0]);
      if (before == nullptr || !read_once(node.inputs[0])) continue;
      Conv conv = std::get<Conv>(before->op);
      if (!conv.function.is_identity() || conv.pool != FusedPool::kNone || conv.codes) continue;
      const std::size_t per_channel = conv.weights.size() / conv.bias.size();
      Tensor& weights = conv.weights.edit();
      for (std::size_t oc = 0; oc < conv.bias.size(); ++oc) {
        const float factor = scale->weights->data[oc];
        for (std::size_t i = 0; i < per_channel; ++i) {
          weights.data[oc * per_channel + i] *= factor;
        }
        conv.bias[oc] = conv.bias[oc] * factor + scale->bias[oc];
      }
      conv.function = scale->function;
      conv.codes = scale->codes;
      conv.weight_scales.clear();
      node.inputs = before->inputs;
      node.name = before->name;
      node.type = before->type;
      node.op = std::move(conv);
      return true;
    }
    return false;
  }

  /// A function behind a convolution or a sum becomes part of it.
  bool attach() {
    bool changed = false;
    for (Node& node : graph_.nodes) {
      const auto* elementwise = std::get_if<Elementwise>(&node.op);
      if (elementwise == nullptr || !read_once(node.inputs[0])) continue;
      const Function outer = elementwise->function;
      const std::optional<Codes> codes = elementwise->codes;
      const int before = makers_[node.inputs[0]];
      if (before >= 0 && result_codes(graph_.nodes[before])) continue;
      Operation op;
      if (Node* conv = maker<Conv>(node.inputs[0])) {
        op = std::get<Conv>(conv->op);
        if (std::get<Conv>(op).pool != FusedPool::kNone) continue;
        Function& function = std::get<Conv>(op).function;
        function = Function::compose(outer, function);
        if (!has_a_form(function)) continue;
        std::get<Conv>(op).codes = codes;
        node.name = conv->name;
        node.type = conv->type;
        node.inputs = conv->inputs;
      } else if (Node* binary = maker<Binary>(node.inputs[0])) {
        op = std::get<Binary>(binary->op);
        Function& function = std::get<Binary>(op).function;
        function = Function::compose(outer, function);
        if (function.channels() > 1) continue;
        std::get<Binary>(op).codes = codes;
        node.name = binary->name;
        node.type = binary->type;
        node.inputs = binary->inputs;
      } else {
        continue;
      }
      node.op = std::move(op);
      changed = true;
      update();
    }
    return changed;
  }

  /// A function that never falls may as well come before the largest of a window.
  bool swap_pools() {
    for (Node& node : graph_.nodes) {
      const auto* elementwise = std::get_if<Elementwise>(&node.op);
      if (elementwise == nullptr || !read_once(node.inputs[0])) continue;
      Node* pool = maker<Pool>(node.inputs[0]);
      if (pool == nullptr || !std::get<Pool>(pool->op).max || !rises(elementwise->function)) {
        continue;
      }
      const Node* conv = maker<Conv>(pool->inputs[0]);
      if (conv == nullptr || result_codes(*conv)) continue;
      std::swap(node.op, pool->op);
      std::swap(node.name, pool->name);
      std::swap(node.type, pool->type);
      graph_.values[pool->output].dims = graph_.dims(pool->inputs[0]);
      return true;
    }
    return false;
  }

  static bool rises(const Function& function) {
    if (function.channels() > 1) return false;
    float last = function(-64);
    for (int i = -6399; i <= 6400; ++i) {
      const float next = function(static_cast<float>(i) / 100);
      if (!(next >= last)) return false;
      last = next;
    }
    return true;
  }

  /// Zero padding in front of a convolution.
  bool fold_padding() {
    bool changed = false;
    for (Node& node : graph_.nodes) {
      auto* conv = std::get_if<Conv>(&node.op);
      Node* before = conv != nullptr ? maker<Pad>(node.inputs[0]) : nullptr;
      if (before == nullptr) continue;
      const Pad& pad = std::get<Pad>(before->op);
      const auto grows = [](std::int64_t x) { return x >= 0; };
      if (pad.mode != PadMode::kConstant || pad.value != 0 || pad.before[1] != 0 ||
          pad.after[1] != 0 || !std::all_of(pad.before.begin(), pad.before.end(), grows) ||
          !std::all_of(pad.after.begin(), pad.after.end(), grows)) {
        continue;
      }
      for (int axis = 0; axis < 2; ++axis) {
        conv->window.before[axis] += pad.before[2 + axis];
        conv->window.after[axis] += pad.after[2 + axis];
      }
      node.inputs = before->inputs;
      changed = true;
    }
    return changed;
  }

  /// A clamp that the codes themselves do, as they end there.
  static bool is_in_the_codes(const Function& function, const Codes& codes) {
    if (function.channels() > 1) return false;
    for (int code = 0; code <= 255; ++code) {
      const float real = codes.real(static_cast<float>(code));
      if (function(real) != real) return false;
    }
    constexpr float kFar = 1e30f;
    for (float reach : {1.f, 16.f, 256.f, kFar}) {
      const float step = reach * codes.scale;
      if (codes.code_to_even(function(codes.real(0) - step)) != 0 ||
          codes.code_to_even(function(codes.real(255) + step)) != 255) {
        return false;
      }
    }
    return true;
  }

  void drop_clamps() {
    for (Node& node : graph_.nodes) {
      const std::optional<Codes> codes = result_codes(node);
      if (!codes) continue;
      const auto drop = [&](Function& function) {
        if (!function.is_identity() && is_in_the_codes(function, *codes)) function = {};
      };
      if (auto* conv = std::get_if<Conv>(&node.op)) drop(conv->function);
      if (auto* elementwise = std::get_if<Elementwise>(&node.op)) drop(elementwise->function);
      if (auto* binary = std::get_if<Binary>(&node.op)) drop(binary->function);
    }
  }

  Graph& graph_;
  std::vector<int> makers_;
  std::vector<std::vector<int>> readers_;
};

}  // namespace

void fold(Graph& graph) { Folder(graph).run(); }

}  // namespace kpu::compiler
