// SPDX-License-Identifier: Apache-2.0
//
// kmodel v3, the format of the chip's first tools: a chain of KPU layers, then dequantize and
// perhaps softmax on the CPU. Each image takes the place in AI RAM that the one before the last
// has left.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "common/error.h"
#include "common/kpu_shape.h"
#include "compiler/emit/emit.h"
#include "compiler/emit/layer_form.h"
#include "compiler/emit/memory_plan.h"
#include "golden/kmodel/kmodel_writer.h"
#include "golden/kpu/ai_ram.h"

namespace kpu::compiler {
namespace {

/// The network's nodes that are KPU layers; throws unless they are a chain that the format has.
class Chain {
 public:
  explicit Chain(const Quantised& network) : network_(network), graph_(network.graph) {
    if (graph_.inputs.size() != 1 || graph_.outputs.size() != 1) {
      throw Error(
          fmt::format("format v3: {} inputs and {} outputs, expected one of each (v4 takes "
                      "several)",
                      graph_.inputs.size(), graph_.outputs.size()));
    }
    ValueId at = graph_.inputs[0];
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      const bool next = node.inputs.size() == 1 && node.inputs[0] == at;
      if (!next || !take(i, node)) {
        throw Error(
            fmt::format("{}: format v3 takes a chain of KPU layers, then a softmax over all "
                        "values: expected --format v4",
                        place(node)));
      }
      at = node.output;
    }
    if (layers_.empty()) throw Error("format v3: no KPU layer, expected one or more");
  }

  const std::vector<std::size_t>& layers() const { return layers_; }
  bool softmax() const { return softmax_; }

 private:
  bool take(std::size_t index, const Node& node) {
    if (kpu_layer(node) != nullptr) {
      layers_.push_back(index);
      return !reshaped_ && !softmax_;
    }
    if (std::holds_alternative<Reshape>(node.op)) {
      reshaped_ = true;
      return !layers_.empty();
    }
    if (const auto* softmax = std::get_if<Softmax>(&node.op)) {
      const Dims& dims = graph_.dims(node.output);
      const bool all = element_count(dims) == dims[static_cast<std::size_t>(softmax->axis)];
      const bool first = !softmax_;
      softmax_ = true;
      return first && all && !softmax->log && !layers_.empty();
    }
    return keeps_codes(network_, node);
  }

  const Quantised& network_;
  const Graph& graph_;
  std::vector<std::size_t> layers_;
  bool reshaped_ = false, softmax_ = false;
};

std::size_t lines_of(const Dims& dims) {
  return golden::ImageLayout::standard(0, static_cast<std::uint32_t>(dims[1]),
                                       static_cast<std::uint32_t>(dims[2]),
                                       static_cast<std::uint32_t>(dims[3]))
      .end_line();
}

}  // namespace

Emitted emit_v3(const Quantised& network) {
  const Graph& graph = network.graph;
  const Chain chain(network);
  const std::vector<std::size_t>& layers = chain.layers();
  std::vector<Block> blocks;
  for (std::size_t i = 0; i <= layers.size(); ++i) {
    const ValueId image =
        i < layers.size() ? graph.nodes[layers[i]].inputs[0] : graph.nodes[layers.back()].output;
    const int layer = static_cast<int>(i);
    blocks.push_back({lines_of(graph.dims(image)), layer == 0 ? 0 : layer - 1, layer, 0});
  }
  Emitted result;
  result.ai_ram_lines = plan_blocks(blocks);
  if (result.ai_ram_lines > kAiRamLines) {
    throw Error(
        fmt::format("network needs {} lines of AI RAM, expected at most {}: use smaller "
                    "pictures or fewer channels, or --format v4",
                    result.ai_ram_lines, kAiRamLines));
  }
  result.node_layers.assign(graph.nodes.size(), -1);
  golden::KmodelWriter writer(network.tables.at(layers[0]).eight_bit);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Node& node = graph.nodes[layers[i]];
    const KpuTables& tables = network.tables.at(layers[i]);
    golden::LayerShape shape =
        layer_shape(*kpu_layer(node), graph.dims(node.inputs[0]), graph.dims(node.output));
    shape.src_line = static_cast<std::uint32_t>(blocks[i].offset);
    shape.dst_line = static_cast<std::uint32_t>(blocks[i + 1].offset);
    try {
      writer.add_kpu({layer_args(shape, tables), tables.weights, tables.batch_norm, tables.act});
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", place(node), error.what()));
    }
    result.node_layers[layers[i]] = static_cast<int>(i);
    result.map.push_back({graph.values[node.output].name, true, blocks[i + 1].offset * kLineBytes,
                          blocks[i + 1].size * kLineBytes, static_cast<int>(i),
                          static_cast<int>(i) + 1});
  }
  const Codes& codes = network.codes[graph.nodes[layers.back()].output][0];
  writer.add_dequantize(codes.scale, -static_cast<float>(codes.zero) * codes.scale);
  if (chain.softmax()) writer.add_softmax();
  result.file = writer.finish();
  // Codes, floats and, behind them, the softmax's.
  const auto count = static_cast<std::size_t>(element_count(graph.dims(graph.outputs[0])));
  result.main_bytes = (count + 7) / 8 * 8 + (chain.softmax() ? 8 : 4) * count;
  return result;
}

}  // namespace kpu::compiler
