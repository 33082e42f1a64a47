// SPDX-License-Identifier: Apache-2.0
//
// Zeros go by classes of values, scales by classes of planes: an operation that moves codes ties
// the planes of its result to those they come from. Which ones these are is found by running it on
// the planes' numbers.
#include "compiler/quant/choose_codes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>

#include "compiler/graph/executor.h"
#include "compiler/quant/given_codes.h"
#include "compiler/quant/two_lines.h"

namespace kpu::compiler {
namespace {

/// What a plane's range is widened by: pictures to come differ from those that were seen.
constexpr float kMargin = 1.05f;
/// A plane's scale is no less than this part of its value's.
constexpr float kLeastPart = 1.f / 64;

class Union {
 public:
  explicit Union(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[root(a)] = root(b); }

 private:
  std::vector<std::size_t> parent_;
};

const Conv* kpu_layer(const Node& node) {
  const auto* conv = std::get_if<Conv>(&node.op);
  return conv != nullptr && conv->on_kpu ? conv : nullptr;
}

class Planes {
 public:
  Planes(const Graph& graph, const std::vector<Observed>& seen, const std::vector<bool>& as_codes)
      : graph_(graph), first_(offsets(graph)), classes_(first_.back()) {
    for (ValueId input : graph.inputs) collapse(input);
    for (ValueId output : graph.outputs) collapse(output);
    for (const Node& node : graph.nodes) {
      if (const Conv* conv = kpu_layer(node)) {
        if (!as_codes[node.inputs[0]]) collapse(node.inputs[0]);
        const Observed& result = seen[node.output];
        if (conv->codes || !two_lines(conv->function, result.low, result.high)) {
          collapse(node.output);
        }
      } else if (as_codes[node.output] && moves_codes(graph, node)) {
        tie(node, as_codes);
      } else {
        for (ValueId input : node.inputs) collapse(input);
        collapse(node.output);
      }
    }
  }

  std::size_t count(ValueId id) const { return first_[id + 1] - first_[id]; }
  std::size_t class_of(ValueId id, std::size_t plane) { return classes_.root(first_[id] + plane); }
  std::size_t classes() const { return first_.back(); }
  /// Whether the value has planes of more than one class.
  bool differ(ValueId id) {
    for (std::size_t p = 1; p < count(id); ++p) {
      if (class_of(id, p) != class_of(id, 0)) return true;
    }
    return false;
  }

 private:
  static std::vector<std::size_t> offsets(const Graph& graph) {
    std::vector<std::size_t> first{0};
    for (const Value& value : graph.values) first.push_back(first.back() + plane_count(value.dims));
    return first;
  }

  /// All planes of the value share a scale.
  void collapse(ValueId id) {
    for (std::size_t i = first_[id] + 1; i < first_[id + 1]; ++i) classes_.join(i, first_[id]);
  }

  /// The result's planes share the scale of those they come from.
  void tie(const Node& node, const std::vector<bool>& as_codes) {
    std::vector<Tensor> numbers;
    std::vector<const Tensor*> inputs;
    for (ValueId input : node.inputs) {
      if (!as_codes[input]) collapse(input);
      Tensor tensor{graph_.dims(input), {}, false};
      const std::size_t size = element_count(tensor.dims), plane = size / count(input);
      for (std::size_t i = 0; i < size; ++i) {
        tensor.data.push_back(static_cast<float>(1 + first_[input] + i / plane));
      }
      numbers.push_back(std::move(tensor));
    }
    for (const Tensor& tensor : numbers) inputs.push_back(&tensor);
    const Tensor result = run_node(graph_, node, inputs);
    const std::size_t plane = result.size() / count(node.output);
    for (std::size_t i = 0; i < result.size(); ++i) {
      const auto from = static_cast<std::size_t>(result.data[i]);
      if (from > 0) classes_.join(first_[node.output] + i / plane, from - 1);
    }
  }

  const Graph& graph_;
  std::vector<std::size_t> first_;  ///< class of each value's first plane; one more
  Union classes_;
};

/// A class of planes.
struct PlaneRange {
  float low = 0, high = 0;
  float scale = 0;        ///< of the value, the largest
  float shrink = 0;       ///< of the value's range by its rule
  float most = 1e30f;     ///< largest scale that leaves the end of a function to the codes' end
  bool depthwise = true;  ///< all its readers
  bool uniform = false;   ///< it is all planes of some value

  float plane_scale(int zero, double even) const {
    if (uniform) return scale;
    const float up = zero < 255 ? high / static_cast<float>(255 - zero) : 0;
    const float down = zero > 0 ? -low / static_cast<float>(zero) : 0;
    const float own = std::clamp(std::max(up, down) * shrink * kMargin, scale * kLeastPart, scale);
    const double part = std::pow(double{own} / scale, depthwise ? 1. : even);
    return std::min(static_cast<float>(scale * part), most);
  }
};

}  // namespace

std::vector<ValueCodes> choose_all_codes(const Graph& graph, const std::vector<Observed>& seen,
                                         const std::vector<bool>& as_codes, RangeRule rule,
                                         double even, std::span<const Codes> inputs) {
  const std::size_t count = graph.values.size();
  const std::vector<int> classes = code_classes(graph);
  std::vector<Observed> of_class(count);
  for (std::size_t i = 0; i < count; ++i) of_class[classes[i]].add(seen[i]);
  std::vector<std::optional<Codes>> chosen = given_by_class(graph, classes, as_codes, inputs);
  Planes planes(graph, seen, as_codes);
  const auto read_by = readers(graph);
  const auto made_by = makers(graph);
  std::vector<PlaneRange> ranges(planes.classes());
  for (std::size_t i = 0; i < count; ++i) {
    std::optional<Codes>& own = chosen[classes[i]];
    if (!own) own = choose_codes(of_class[classes[i]], rule);
    if (made_by[i] >= 0 && keeps_own_codes(graph, read_by, graph.nodes[made_by[i]])) continue;
    const Conv* maker = made_by[i] < 0 ? nullptr : kpu_layer(graph.nodes[made_by[i]]);
    const auto lines =
        maker == nullptr ? std::nullopt : two_lines(maker->function, seen[i].low, seen[i].high);
    const auto id = static_cast<ValueId>(i);
    const bool depthwise = std::all_of(read_by[i].begin(), read_by[i].end(), [&](int reader) {
      const Conv* conv = reader < 0 ? nullptr : kpu_layer(graph.nodes[reader]);
      return conv == nullptr ? reader >= 0 : conv->groups > 1;
    });
    for (std::size_t p = 0; p < planes.count(id); ++p) {
      PlaneRange& range = ranges[planes.class_of(id, p)];
      if (p < seen[i].lows.size()) {
        range.low = std::min(range.low, seen[i].lows[p]);
        range.high = std::max(range.high, seen[i].highs[p]);
      }
      range.scale = std::max(range.scale, own->scale);
      range.depthwise = range.depthwise && depthwise;
      if (lines && lines->most) {
        range.most = std::min(range.most, *lines->most / static_cast<float>(255 - own->zero));
      }
      const Observed& whole = of_class[classes[i]];
      const float least = whole.high - whole.low > 0 ? codes_for(whole.low, whole.high).scale : 1;
      range.shrink = std::max(range.shrink, own->scale / least);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = static_cast<ValueId>(i);
    if (!planes.differ(id)) ranges[planes.class_of(id, 0)].uniform = true;
  }
  std::vector<ValueCodes> codes(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = static_cast<ValueId>(i);
    const Codes& own = *chosen[classes[i]];
    if (!planes.differ(id)) {
      codes[i] = {own};
      continue;
    }
    for (std::size_t p = 0; p < planes.count(id); ++p) {
      codes[i].push_back({ranges[planes.class_of(id, p)].plane_scale(own.zero, even), own.zero});
    }
  }
  // A concatenation whose parts keep their codes has theirs, zeros and all.
  for (const Node& node : graph.nodes) {
    if (!keeps_own_codes(graph, read_by, node)) continue;
    codes[node.output].clear();
    for (ValueId input : node.inputs) {
      for (std::size_t p = 0; p < planes.count(input); ++p) {
        codes[node.output].push_back(plane_codes(codes[input], p));
      }
    }
  }
  return codes;
}

}  // namespace kpu::compiler
