// SPDX-License-Identifier: Apache-2.0
//
// The float reference: runs a graph operator by operator. Used for constants, for calibration and
// for comparing.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "compiler/graph/graph.h"

namespace kpu::compiler {

/// The result of `node` for `inputs`, whose dims fit it. Throws Error, naming the node.
Tensor run_node(const Graph& graph, const Node& node, std::span<const Tensor* const> inputs);

/// Runs the graph on `inputs` (one for each Graph::inputs). `visit`, if set, sees every value made,
/// in order. Values that nobody reads any more are dropped. Returns the outputs. Throws Error if
/// the inputs do not fit.
std::vector<Tensor> run_graph(const Graph& graph, std::span<const Tensor> inputs,
                              const std::function<void(ValueId, const Tensor&)>& visit = {});

}  // namespace kpu::compiler
