// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compiler/graph/graph.h"

namespace kpu::compiler {

/// The same network in operations that the emitter knows: convolutions in KPU form (Conv::on_kpu)
/// where one exists, functions and pools fused, transposes of at most four axes. Throws Error for
/// an operator with neither a KPU nor a CPU form, naming the node and what would work instead.
Graph lower(const Graph& graph);

// The passes, in the order in which lower() takes them.

/// Chains of elementwise operators on one value become one; convolutions take in what scales their
/// channels, and the zero padding before them.
void fold(Graph& graph);

/// Whether each channel's function is a line on either side of zero.
bool is_two_lines(const Function& f);

/// Activations with constants for each channel become sums of two rectified halves.
Graph split_functions(const Graph& graph);

/// Convolutions, and sums of two images, in KPU form.
Graph to_kpu(const Graph& graph);

/// Everything else in operations that the runtime has: functions on their own, softmax over the
/// last axis, resizes as matrix products, borders as slices.
Graph to_cpu(const Graph& graph);

/// Pools behind a KPU convolution become part of it; a subsampling moves behind the 1x1 layer that
/// reads it.
Graph fuse_pools(const Graph& graph);

/// Transposes that move one block of axes in front of another.
Graph split_transposes(const Graph& graph);

}  // namespace kpu::compiler
