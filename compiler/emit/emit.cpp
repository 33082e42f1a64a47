// SPDX-License-Identifier: Apache-2.0
//
// Walks the lowered graph and keeps, for each value, the forms in which it lies somewhere: codes in
// main memory, floats in main memory, an image in AI RAM. A form that a node needs and that is not
// there is made from another one (dequantize, quantize, upload). Concatenations of channels that
// KPU layers read need no copy: their parts are written side by side.
#include "compiler/emit/emit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "common/error.h"
#include "common/kpu_shape.h"
#include "compiler/emit/cpu_ops.h"
#include "compiler/emit/layer_form.h"
#include "golden/kpu/ai_ram.h"

namespace kpu::compiler {
namespace {

/// Lines from a concatenation's start to each part; empty if a part would not start with a line.
std::vector<std::size_t> part_lines(const Graph& graph, const Node& concat) {
  const auto dims = four_dims(graph.dims(concat.output));
  const auto layout = golden::ImageLayout::standard(0, dims[1], dims[2], dims[3]);
  std::vector<std::size_t> lines;
  std::size_t channel = 0;
  for (ValueId input : concat.inputs) {
    if (channel % layout.line_channels != 0) return {};
    lines.push_back(channel / layout.line_channels * layout.group_lines);
    channel += graph.dims(input)[1];
  }
  return lines;
}

class Emitter {
 public:
  /// `reload`: values whose image is not kept in AI RAM from one reader to the next.
  Emitter(const Quantised& network, std::set<ValueId> reload)
      : network_(network),
        graph_(network.graph),
        reload_(std::move(reload)),
        readers_(readers(graph_)),
        makers_(makers(graph_)),
        forms_(graph_.values.size()) {}

  void run() {
    plan_concats();
    for (ValueId input : graph_.inputs) {
      forms_[input].codes = add_codes(input);
      writer_.add_input(forms_[input].codes, graph_.dims(input));
    }
    for (const Node& node : graph_.nodes) {
      const int before = writer_.next_node();
      try {
        add(node);
      } catch (const Error& error) {
        const std::string text = error.what();
        throw Error(text.starts_with("node ") ? text : fmt::format("{}: {}", place(node), text));
      }
      first_nodes_.push_back(before);
    }
    for (ValueId output : graph_.outputs) writer_.add_output(floats(output));
  }

  V4Writer& writer() { return writer_; }
  const std::vector<int>& node_layers() const { return node_layers_; }

  /// A value that lies in AI RAM while `node` of the file runs and is read only later: the largest.
  std::optional<ValueId> idle_image(int node) const {
    std::optional<ValueId> best;
    std::size_t most = 0;
    for (std::size_t i = 0; i < forms_.size(); ++i) {
      const auto id = static_cast<ValueId>(i);
      if (forms_[i].image < 0 || reload_.contains(id)) continue;
      const Buffer& image = writer_.buffer(forms_[i].image);
      const int last = image.parent < 0 ? image.last : writer_.buffer(image.parent).last;
      const bool idle = image.first < node && node < last && image.last != node;
      if (idle && image.bytes > most) {
        most = image.bytes;
        best = id;
      }
    }
    return best;
  }

 private:
  struct Forms {
    BufferId codes = -1, floats = -1, image = -1;
  };

  /// Where a KPU layer puts its result: part `index` of a concatenation.
  struct Place {
    const Node* concat;
    std::size_t lines;
  };

  std::size_t count(ValueId id) const { return element_count(graph_.dims(id)); }
  const std::string& name(ValueId id) const { return graph_.values[id].name; }
  BufferId add_codes(ValueId id) { return writer_.add_main(false, count(id), name(id)); }
  BufferId add_floats(ValueId id) { return writer_.add_main(true, count(id), name(id)); }
  Operand operand(ValueId id, BufferId buffer) const {
    return {buffer, graph_.dims(id), network_.codes[id][0]};
  }

  /// Concatenations that KPU layers alone read and whose parts start with a line each.
  void plan_concats() {
    for (const Node& node : graph_.nodes) {
      const auto* concat = std::get_if<Concat>(&node.op);
      if (concat == nullptr || concat->axis != 1 || graph_.dims(node.output).size() != 4 ||
          !network_.as_codes[node.output]) {
        continue;
      }
      const auto& reads = readers_[node.output];
      const bool by_layers = std::all_of(reads.begin(), reads.end(), [&](int reader) {
        return reader >= 0 && kpu_layer(graph_.nodes[reader]) != nullptr;
      });
      const std::vector<std::size_t> lines = part_lines(graph_, node);
      if (!by_layers || lines.empty()) continue;
      side_by_side_.insert(node.output);
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const ValueId part = node.inputs[i];
        const int maker = makers_[part];
        if (maker >= 0 && kpu_layer(graph_.nodes[maker]) != nullptr && !reload_.contains(part)) {
          places_.try_emplace(part, Place{&node, lines[i]});
        }
      }
    }
  }

  bool is_placed_in(ValueId part, const Node& concat) const {
    const auto found = places_.find(part);
    return found != places_.end() && found->second.concat == &concat;
  }

  /// Whether anything but KPU layers reads the value.
  bool needs_main(ValueId id) const {
    if (reload_.contains(id)) return true;
    return std::any_of(readers_[id].begin(), readers_[id].end(), [&](int reader) {
      if (reader < 0) return true;
      const Node& node = graph_.nodes[reader];
      if (kpu_layer(node) != nullptr) return false;
      return !(side_by_side_.contains(node.output) && is_placed_in(id, node));
    });
  }

  BufferId codes(ValueId id) {
    Forms& forms = forms_[id];
    if (forms.codes < 0) {
      if (forms.floats < 0) throw Error(fmt::format("'{}' has no codes here", name(id)));
      forms.codes = add_codes(id);
      add_quantize(writer_, operand(id, forms.floats), operand(id, forms.codes));
    }
    return forms.codes;
  }

  BufferId floats(ValueId id) {
    Forms& forms = forms_[id];
    if (forms.floats < 0) {
      const auto& constant = graph_.values[id].constant;
      if (constant) {
        std::vector<std::uint8_t> bytes(constant->size() * 4);
        copy_bytes(bytes.data(), constant->data.data(), bytes.size());
        forms.floats = writer_.add_constant(bytes, true);
      } else {
        const BufferId from = codes(id);
        forms.floats = add_floats(id);
        add_dequantize(writer_, operand(id, from), operand(id, forms.floats));
      }
    }
    return forms.floats;
  }

  BufferId image(ValueId id) {
    Forms& forms = forms_[id];
    if (forms.image >= 0 && !reload_.contains(id)) return forms.image;
    const BufferId from = codes(id);
    forms.image = writer_.add_image(graph_.dims(id), name(id));
    writer_.add_upload(from, forms.image, graph_.dims(id));
    return forms.image;
  }

  /// The image of a concatenation, which its parts share.
  BufferId shared_image(ValueId id) {
    if (forms_[id].image < 0) forms_[id].image = writer_.add_image(graph_.dims(id), name(id));
    return forms_[id].image;
  }

  void add(const Node& node) {
    node_layers_.push_back(-1);
    if (const Conv* conv = kpu_layer(node)) {
      add_layer(node, *conv);
    } else if (side_by_side_.contains(node.output)) {
      complete(node);
    } else if (std::holds_alternative<Reshape>(node.op)) {
      alias(node);
    } else if (keeps_codes(network_, node)) {
      forms_[node.output].codes = codes(node.inputs[0]);
    } else {
      add_cpu_op(node);
    }
  }

  void add_layer(const Node& node, const Conv& conv) {
    const ValueId in = node.inputs[0], out = node.output;
    const Dims &from = graph_.dims(in), &to = graph_.dims(out);
    const BufferId source = image(in);
    const auto found = places_.find(out);
    if (found == places_.end()) {
      forms_[out].image = writer_.add_image(to, name(out));
    } else {
      const BufferId parent = shared_image(found->second.concat->output);
      forms_[out].image = writer_.add_part(parent, to, found->second.lines, name(out));
    }
    if (needs_main(out)) forms_[out].codes = add_codes(out);
    const golden::LayerShape shape = layer_shape(conv, from, to);
    const auto index = static_cast<std::size_t>(&node - graph_.nodes.data());
    node_layers_.back() = layers_++;
    writer_.add_layer(shape, network_.tables.at(index), source, forms_[out].image,
                      forms_[out].codes);
  }

  /// The parts of a concatenation that are not in its image yet are put there.
  void complete(const Node& node) {
    const BufferId whole = shared_image(node.output);
    const std::vector<std::size_t> lines = part_lines(graph_, node);
    std::set<ValueId> seen;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId part = node.inputs[i];
      if (is_placed_in(part, node) && places_.at(part).lines == lines[i]) continue;
      const BufferId from = codes(part);
      const BufferId to = writer_.add_part(whole, graph_.dims(part), lines[i], name(part));
      writer_.add_upload(from, to, graph_.dims(part));
    }
  }

  /// The same elements under another shape.
  void alias(const Node& node) {
    const ValueId in = node.inputs[0];
    Forms& forms = forms_[node.output];
    (network_.as_codes[in] ? forms.codes : forms.floats) =
        network_.as_codes[in] ? codes(in) : floats(in);
  }

  void add_cpu_op(const Node& node) {
    const ValueId out = node.output;
    const bool as_codes = network_.as_codes[out];
    std::vector<Operand> in;
    for (ValueId input : node.inputs) {
      in.push_back(operand(input, as_codes ? codes(input) : floats(input)));
    }
    BufferId& made = as_codes ? forms_[out].codes : forms_[out].floats;
    made = as_codes ? add_codes(out) : add_floats(out);
    const Operand result = operand(out, made);
    if (is_move(node)) {
      add_move(writer_, node, in, result);
    } else if (as_codes) {
      add_code_op(writer_, node, in, result);
    } else {
      add_float_op(writer_, node, in, result);
    }
  }

  const Quantised& network_;
  const Graph& graph_;
  std::set<ValueId> reload_;
  std::vector<std::vector<int>> readers_;
  std::vector<int> makers_;
  std::vector<Forms> forms_;
  std::set<ValueId> side_by_side_;   ///< concatenations without a copy
  std::map<ValueId, Place> places_;  ///< parts written there by the layer that makes them
  std::vector<int> first_nodes_;     ///< of the file, for each node of the graph
  std::vector<int> node_layers_;
  int layers_ = 0;
  V4Writer writer_;
};

/// The node of the file while which most of AI RAM is taken.
int fullest_node(const V4Writer& writer) {
  std::size_t most = 0;
  int fullest = 0;
  for (int node = 0; node < writer.next_node(); ++node) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < writer.buffer_count(); ++i) {
      const Buffer& buffer = writer.buffer(static_cast<BufferId>(i));
      const bool whole_image = buffer.memory == Memory::kAiRam && buffer.parent < 0;
      if (whole_image && buffer.first <= node && node <= buffer.last) bytes += buffer.bytes;
    }
    if (bytes > most) {
      most = bytes;
      fullest = node;
    }
  }
  return fullest;
}

}  // namespace

Emitted emit_v4(const Quantised& network) {
  std::set<ValueId> reload;
  for (;;) {
    Emitter emitter(network, reload);
    emitter.run();
    V4Writer& writer = emitter.writer();
    const V4Writer::Needs needs = writer.place();
    if (needs.ai_ram_lines > kAiRamLines) {
      const auto idle = emitter.idle_image(fullest_node(writer));
      if (!idle || !reload.insert(*idle).second) {
        throw Error(
            fmt::format("network needs {} lines of AI RAM, expected at most {}: use smaller "
                        "pictures or fewer channels",
                        needs.ai_ram_lines, kAiRamLines));
      }
      continue;
    }
    Emitted result;
    result.file = writer.finish();
    result.ai_ram_lines = needs.ai_ram_lines;
    result.main_bytes = needs.main_bytes;
    result.node_layers = emitter.node_layers();
    for (std::size_t i = 0; i < writer.buffer_count(); ++i) {
      const Buffer& buffer = writer.buffer(static_cast<BufferId>(i));
      if (buffer.memory == Memory::kConst || buffer.first < 0) continue;
      result.map.push_back({buffer.name, buffer.memory == Memory::kAiRam, buffer.start,
                            buffer.bytes, buffer.first, buffer.last});
    }
    return result;
  }
}

}  // namespace kpu::compiler
