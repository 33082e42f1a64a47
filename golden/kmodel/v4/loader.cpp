// SPDX-License-Identifier: Apache-2.0
//
// kmodel v4 (kmodel format, part B): header, inputs and outputs, constants, node table, bodies; and
// the two nodes of the KPU. Nodes that run on the CPU are read by v4_*_layers.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/kmodel_formats.h"
#include "golden/kmodel/kpu_file.h"
#include "golden/kmodel/step_runner.h"
#include "golden/kmodel/v4/program.h"

namespace kpu::golden {
namespace {

constexpr std::uint32_t kKpuUpload = 0x2001;
constexpr std::uint32_t kKpuConv2d = 0x2002;

const v4::Opcode* find_opcode(std::uint32_t id) {
  for (const auto opcodes :
       {v4::float_opcodes(), v4::code_opcodes(), v4::move_opcodes(), v4::nhwc_opcodes()}) {
    for (const v4::Opcode& opcode : opcodes) {
      if (opcode.id == id) {
        return &opcode;
      }
    }
  }
  return nullptr;
}

std::string node_name(std::uint32_t id) {
  if (id == kKpuUpload) {
    return "kpu_upload";
  }
  if (id == kKpuConv2d) {
    return "kpu_conv2d";
  }
  const v4::Opcode* opcode = find_opcode(id);
  return opcode != nullptr ? opcode->name : fmt::format("opcode {:#x}", id);
}

/// Images of a batch in AI RAM, one behind the other.
struct Upload {
  ImageLayout first;
  std::uint32_t batches;

  Upload(FieldReader& reader, const v4::Range& range, const Shape& shape)
      : first(ImageLayout::standard(range.start / kLineBytes, shape[1], shape[2], shape[3])),
        batches(shape[0]) {
    if (range.start % kLineBytes != 0) {
      reader.fail("out", range.start, "a multiple of 64");
    }
    const std::uint64_t lines = std::uint64_t{batch_lines(first)} * batches;
    if (shape[1] > 1024 || shape[2] > 512 || shape[3] > 1024 ||
        first.base_line + lines > kAiRamLines) {
      reader.fail("in_shape", shape[3], "images that fit AI RAM");
    }
  }

  std::size_t bytes() const { return first.planar_bytes() * batches; }

  void run(KpuQueue& kpu, std::span<const std::uint8_t> planar) const {
    ImageLayout layout = first;
    for (std::uint32_t batch = 0; batch < batches; ++batch) {
      kpu.upload(layout, planar.subspan(batch * first.planar_bytes(), first.planar_bytes()));
      layout.base_line += batch_lines(first);
    }
  }
};

class ModelV4 : public Model {
 public:
  explicit ModelV4(std::vector<std::uint8_t> file) : file_(std::move(file)) { load(); }

  std::vector<std::vector<std::uint8_t>> run(const std::vector<std::vector<std::uint8_t>>& inputs,
                                             KpuQueue& kpu, const Profile& profile) const override;

 private:
  struct Input {
    v4::Range range;
    Shape shape;
  };

  void load();
  void load_inputs(v4::Reading& header, std::uint32_t count, v4::Memories& memories);
  void load_node(std::uint32_t id, std::size_t begin, std::size_t end, std::size_t bytes,
                 v4::Memories& memories);
  v4::Step load_upload(v4::Reading r);
  v4::Step load_conv(v4::Reading r);

  std::vector<std::uint8_t> file_;
  std::span<const std::uint8_t> constants_;
  std::size_t memory_bytes_ = 0;
  std::vector<Input> inputs_;
  std::vector<v4::Range> outputs_;
  std::vector<v4::Step> steps_;
};

void ModelV4::load() {
  FieldReader reader(file_, 0, file_.size(), "kmodel v4 header");
  reader.skip(4, "magic");
  reader.u32_in("version", 4, 4);
  reader.u32("flags");
  reader.u32_in("target", 0, 1);
  const std::uint32_t constants = reader.u32("constants");
  const std::uint32_t main_memory = reader.u32_in("main_mem", 0, kMaxMainMemory);
  const std::uint32_t nodes = reader.u32("nodes");
  const std::uint32_t inputs = reader.u32("inputs");
  const std::uint32_t outputs = reader.u32("outputs");
  reader.u32("reserved0");
  info_.format = Format::kV4;
  info_.eight_bit = true;  // the runtime sets the mode so, whatever the file says
  info_.main_memory_bytes = main_memory;
  memory_bytes_ = (std::size_t{main_memory} + 7) / 8 * 8;

  v4::Memories memories{.constants = constants, .main = memory_bytes_, .shapes = {}};
  LayerInfo unused;
  v4::Reading header(reader, memories, unused);
  load_inputs(header, inputs, memories);
  if (outputs > reader.remaining() / 16) {
    reader.fail("outputs", outputs, "as many as the file holds");
  }
  for (std::uint32_t i = 0; i < outputs; ++i) {
    outputs_.push_back(header.range("output"));
  }
  constants_ = reader.bytes(constants, "constants");
  const std::uint64_t table_bytes = std::uint64_t{nodes} * 8;
  const std::size_t table = reader.offset();
  if (nodes == 0 || table_bytes > reader.remaining()) {
    reader.fail("nodes", nodes, "1 or more, with headers inside the file");
  }
  std::size_t begin = table + table_bytes;
  for (std::uint32_t i = 0; i < nodes; ++i) {
    const auto id = load_le<std::uint32_t>(file_, table + std::size_t{i} * 8);
    const auto bytes = load_le<std::uint32_t>(file_, table + std::size_t{i} * 8 + 4);
    const std::size_t rest = file_.size() - begin;
    if (bytes > rest + (i + 1 == nodes ? kMissingTail : 0)) {
      throw Error(
          fmt::format("layer {} ({}): body_size={}: expected at most the {} bytes left in "
                      "the file",
                      i, node_name(id), bytes, rest));
    }
    const std::size_t end = begin + std::min<std::size_t>(bytes, rest);
    load_node(id, begin, end, bytes, memories);
    begin = end;
  }
  for (const v4::Range& range : outputs_) {
    TensorInfo tensor{.type = range.type, .dims = {}, .bytes = range.size};
    const auto known = memories.shapes.find({range.kind, range.start});
    if (known != memories.shapes.end() && shape_count(known->second) == range.count()) {
      tensor.dims = known->second;
      while (tensor.dims.size() > 1 && tensor.dims.front() == 1) {
        tensor.dims.erase(tensor.dims.begin());
      }
    }
    info_.outputs.push_back(std::move(tensor));
  }
}

void ModelV4::load_inputs(v4::Reading& header, std::uint32_t count, v4::Memories& memories) {
  if (count == 0 || count > header.body.remaining() / 32) {
    header.body.fail("inputs", count, "1 or more, as many as the file holds");
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    inputs_.push_back({header.range("input"), {}});
  }
  for (Input& input : inputs_) {
    input.shape = header.shape("input shape");
    header.require_writable("input", input.range);
    header.require_count("input shape", input.range, shape_count(input.shape));
    memories.shapes[{input.range.kind, input.range.start}] = input.shape;
    TensorInfo tensor{.type = input.range.type, .dims = input.shape, .bytes = input.range.size};
    if (tensor.dims.front() == 1) {
      tensor.dims.erase(tensor.dims.begin());
    }
    if (input.range.kind == v4::MemoryKind::kKpu) {
      tensor.bytes = Upload(header.body, input.range, input.shape).bytes();
    }
    info_.inputs.push_back(std::move(tensor));
  }
}

void ModelV4::load_node(std::uint32_t id, std::size_t begin, std::size_t end, std::size_t bytes,
                        v4::Memories& memories) {
  LayerInfo layer;
  layer.index = info_.layers.size();
  layer.type = node_name(id);
  layer.file_offset = begin;
  layer.file_bytes = bytes;
  FieldReader body(file_, begin, end, fmt::format("layer {} ({})", layer.index, layer.type));
  const v4::Reading reading(body, memories, layer);
  if (id == kKpuUpload) {
    steps_.push_back(load_upload(reading));
  } else if (id == kKpuConv2d) {
    steps_.push_back(load_conv(reading));
  } else if (const v4::Opcode* opcode = find_opcode(id)) {
    steps_.push_back(opcode->read(reading));
  } else {
    body.fail("opcode", id, "an opcode of the v4 runtime");
  }
  info_.layers.push_back(std::move(layer));
}

v4::Step ModelV4::load_upload(v4::Reading r) {
  const v4::Range in = r.in<std::uint8_t>("in");
  const v4::Range out = r.out<std::uint8_t>("out");
  const Shape shape = r.shape("in_shape");
  if (out.kind != v4::MemoryKind::kKpu) {
    r.body.fail("out", static_cast<std::uint32_t>(out.kind), "memory_type 2 (AI RAM)");
  }
  const Upload upload(r.body, out, shape);
  r.take("in", in, shape);
  r.layer.out = r.layer.in;
  return [=](v4::State& state) { upload.run(state.kpu, state.load<std::uint8_t>(in, upload.bytes())); };
}

v4::Step ModelV4::load_conv(v4::Reading r) {
  const v4::Range main_out = r.range("main_out");
  KpuLayerInfo kpu;
  kpu.batches = r.body.u32_in("batches", 1, kAiRamLines);
  r.body.u32("reserved0");
  kpu.words = load_words(r.body.bytes(kLayerWordBytes, "registers"));
  kpu.args = decode(kpu.words);
  require_valid(kpu.args, info_.eight_bit, r.body.where(), LoadTime::kIgnored);
  require_batches(kpu, r.body);
  // The address fields count the padding in front of each table.
  r.body.skip(kpu.args.bn_addr, "bwsx_base_addr");
  kpu.tables.batch_norm = r.body.bytes(kpu.args.bn_bytes(), "batch norm");
  r.body.skip(kpu.args.act_addr, "active_addr");
  kpu.tables.act = r.body.bytes(kActTableBytes, "activation");
  r.body.skip(kpu.args.weights_addr, "para_start_addr");
  kpu.tables.weights = r.body.bytes(kpu.args.weight_bytes(info_.eight_bit), "weights");
  kpu.to_main_memory = main_out.size != 0;
  if (kpu.to_main_memory) {
    r.require_writable("main_out", main_out);
    r.give(main_out, {kpu.batches, kpu.args.out_channels, kpu.args.out_height, kpu.args.out_width});
  }
  r.layer.kpu = std::move(kpu);
  describe_kpu_layer(r.layer);

  return [this, index = r.layer.index, main_out](v4::State& state) {
    const KpuLayerInfo& info = *info_.layers[index].kpu;
    if (!info.to_main_memory) {
      state.kpu.push(info, index);
      return;
    }
    state.kpu.push(info, index, [&state, main_out](std::span<const std::uint8_t> output) {
      state.store(main_out, std::vector<std::uint8_t>(output.begin(), output.end()));
    });
  };
}

std::vector<std::vector<std::uint8_t>> ModelV4::run(
    const std::vector<std::vector<std::uint8_t>>& inputs, KpuQueue& kpu,
    const Profile& profile) const {
  v4::State state{constants_, MainMemory(memory_bytes_), kpu, profile.float_rule};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Input& input = inputs_[i];
    if (input.range.kind == v4::MemoryKind::kKpu) {
      FieldReader reader(file_, 0, file_.size(), "kmodel v4 header");
      Upload(reader, input.range, input.shape).run(kpu, inputs[i]);
    } else {
      state.store(input.range, inputs[i]);
    }
  }
  if (!run_steps(steps_, info_, state)) {
    return {};
  }
  std::vector<std::vector<std::uint8_t>> outputs;
  for (const v4::Range& range : outputs_) {
    outputs.push_back(state.load<std::uint8_t>(range, range.size));
  }
  return outputs;
}

}  // namespace

std::unique_ptr<Model> load_kmodel_v4(std::vector<std::uint8_t> file) {
  return std::make_unique<ModelV4>(std::move(file));
}

}  // namespace kpu::golden
