// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "compiler/graph/graph.h"

namespace kpu::compiler {

/// Builds a graph from another one, node by node. Constants are moved over when first used.
class Rewriter {
 public:
  /// Takes over the inputs of `from`, which must outlive the rewriter.
  explicit Rewriter(const Graph& from);

  /// The new value that stands for a value of the old graph.
  ValueId at(ValueId old);
  const Dims& dims(ValueId made) const { return to_.dims(made); }

  /// Appends an operation in the name of `origin`; returns its result.
  ValueId add(const Node& origin, Operation op, std::vector<ValueId> inputs);
  /// Appends `node` as it is.
  ValueId copy(const Node& node);
  ValueId add_constant(Tensor tensor) { return to_.add_constant("", std::move(tensor)); }
  /// From now on `made` stands for the old value.
  void replace(ValueId old, ValueId made) { map_[old] = made; }

  /// The new graph, with the outputs of the old one and without dead nodes.
  Graph finish();

 private:
  const Graph& from_;
  Graph to_;
  std::vector<ValueId> map_;
};

}  // namespace kpu::compiler
