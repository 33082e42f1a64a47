// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/lower.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/lower/kpu_fit.h"
#include "compiler/lower/rewriter.h"

namespace kpu::compiler {
namespace {

/// The fused form of a pool, kNone if it has none.
FusedPool fused_form(const Pool& pool) {
  const Window& w = pool.window;
  for (std::int64_t size : {2, 4}) {
    if (w == Window{.kernel = {size, size}, .stride = {size, size}}) {
      return size == 2 ? (pool.max ? FusedPool::kMax2 : FusedPool::kMean2)
                       : (pool.max ? FusedPool::kMax4 : FusedPool::kMean4);
    }
  }
  return FusedPool::kNone;
}

/// Whether the slice takes the corner of every 2x2 block of all channels.
bool takes_corners(const Slice& slice, const Dims& in) {
  return in.size() == 4 && slice.begin == Dims(4, 0) && slice.step == Dims{1, 1, 2, 2} &&
         slice.count == Dims{1, in[1], in[2] / 2, in[3] / 2};
}

}  // namespace

Graph fuse_pools(const Graph& graph) {
  const auto read_by = readers(graph);
  const auto made_by = makers(graph);
  const auto maker = [&](ValueId value) {
    return made_by[value] < 0 ? nullptr : &graph.nodes[made_by[value]];
  };
  // A layer without a pool whose result one other operation reads.
  const auto open_layer = [&](const Node* node) -> const Conv* {
    const auto* conv = node != nullptr ? std::get_if<Conv>(&node->op) : nullptr;
    const bool open =
        conv != nullptr && conv->on_kpu && conv->pool == FusedPool::kNone && !conv->depthwise();
    return open ? conv : nullptr;
  };
  const auto pool_of = [&](const Node& node) {
    const auto* pool = std::get_if<Pool>(&node.op);
    const bool fits = pool != nullptr && open_layer(maker(node.inputs[0])) != nullptr &&
                      read_by[node.inputs[0]].size() == 1;
    // The layer's mean of codes drops the remainder, which a file's own codes do not allow for.
    const bool rounded = fits && !pool->max && result_codes(*maker(node.inputs[0])).has_value();
    return fits && !rounded ? fused_form(*pool) : FusedPool::kNone;
  };
  Rewriter to(graph);
  for (const Node& node : graph.nodes) {
    if (const FusedPool form = pool_of(node); form != FusedPool::kNone) {
      const Node& origin = *maker(node.inputs[0]);
      Conv conv = std::get<Conv>(origin.op);
      conv.pool = form;
      to.replace(node.output, to.add(origin, std::move(conv), {to.at(origin.inputs[0])}));
      continue;
    }
    const Conv* layer = open_layer(&node);
    const Node* before = maker(node.inputs[0]);
    const auto* slice = before != nullptr ? std::get_if<Slice>(&before->op) : nullptr;
    if (layer != nullptr && layer->window == Window{} && slice != nullptr &&
        read_by[node.inputs[0]].size() == 1 &&
        takes_corners(*slice, graph.dims(before->inputs[0])) &&
        fits_kpu(graph.dims(before->inputs[0]), graph.dims(node.output))) {
      Conv conv = *layer;
      conv.pool = FusedPool::kLeftTop2;
      to.replace(node.output, to.add(node, std::move(conv), {to.at(before->inputs[0])}));
      continue;
    }
    to.copy(node);
  }
  return to.finish();
}

Graph split_transposes(const Graph& graph) {
  Rewriter to(graph);
  for (const Node& node : graph.nodes) {
    const auto* transpose = std::get_if<Transpose>(&node.op);
    if (transpose == nullptr || transpose->perm.size() <= 4) {
      to.copy(node);
      continue;
    }
    const Dims in = graph.dims(node.inputs[0]);
    std::vector<int> order(in.size());
    std::iota(order.begin(), order.end(), 0);
    ValueId x = to.at(node.inputs[0]);
    const auto product = [&](std::size_t first, std::size_t end) {
      std::int64_t size = 1;
      for (std::size_t i = first; i < end; ++i) size *= in[order[i]];
      return size;
    };
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto at = static_cast<std::size_t>(
          std::find(order.begin(), order.end(), transpose->perm[i]) - order.begin());
      if (at == i) continue;
      std::size_t end = at + 1;  // of the run of axes that move together
      while (end < order.size() && i + end - at < order.size() &&
             order[end] == transpose->perm[i + end - at]) {
        ++end;
      }
      // Where nothing lies in front the last axis stays on its own: channels are then seen to move
      // as a whole.
      const std::size_t last = order.size() - 1;
      const bool first = product(0, i) == 1 && end <= last;
      const Dims blocks =
          first ? Dims{product(i, at), product(at, end), product(end, last),
                       product(last, order.size())}
                : Dims{product(0, i), product(i, at), product(at, end), product(end, order.size())};
      x = to.add(node, Reshape{blocks}, {x});
      const std::vector<int> swap =
          first ? std::vector<int>{1, 0, 2, 3} : std::vector<int>{0, 2, 1, 3};
      x = to.add(node, Transpose{swap}, {x});
      std::rotate(order.begin() + static_cast<std::ptrdiff_t>(i),
                  order.begin() + static_cast<std::ptrdiff_t>(at),
                  order.begin() + static_cast<std::ptrdiff_t>(end));
    }
    to.replace(node.output, to.add(node, Reshape{graph.dims(node.output)}, {x}));
  }
  return to.finish();
}

Graph lower(const Graph& graph) {
  Graph folded = graph;
  fold(folded);
  return split_transposes(to_cpu(fuse_pools(to_kpu(split_functions(folded)))));
}

}  // namespace kpu::compiler
