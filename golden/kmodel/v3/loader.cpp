// SPDX-License-Identifier: Apache-2.0
//
// kmodel v3 (kmodel format, part A): header, output table, layer table, layer bodies; and the
// KPU's own layer type. Layers that run on the CPU are read by v3_cpu_layers.cpp.
#include <fmt/format.h>

#include <algorithm>
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
#include "golden/kmodel/v3/program.h"
#include "golden/kpu/kpu_layer.h"

namespace kpu::golden {
namespace {

constexpr std::uint32_t kK210Conv = 10240;
constexpr std::uint32_t kFullyConnected = 18;
constexpr std::uint32_t kFlagMainMemoryOut = 1;

/// Bytes rounded up to words of the output stream.
std::size_t whole_words(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

struct LayerHeader {
  std::uint32_t type;
  std::uint32_t body_bytes;
};

struct Output {
  std::uint32_t address;
  std::uint32_t bytes;
};

class ModelV3 : public Model {
 public:
  ModelV3(std::vector<std::uint8_t> file, const std::string& variant) : file_(std::move(file)) {
    info_.variant = variant;
    load();
  }

  std::vector<std::vector<std::uint8_t>> run(const std::vector<std::vector<std::uint8_t>>& inputs,
                                             KpuQueue& kpu, const Profile& profile) const override;

 private:
  void load();
  void load_layer(const LayerHeader& header, std::size_t begin, std::size_t end,
                  v3::MemoryMap& map);
  v3::Step load_conv(std::uint32_t flags, FieldReader& body, v3::MemoryMap& map, LayerInfo& layer);
  void load_input(std::uint32_t first_type, const v3::MemoryMap& map);
  void load_outputs(FieldReader& reader, std::uint32_t count);

  std::vector<std::uint8_t> file_;
  std::vector<Output> outputs_;
  std::vector<v3::Step> steps_;
  /// Of a network that starts with a fully connected layer; an image goes to AI RAM instead.
  std::uint32_t input_address_ = 0;
  std::size_t memory_bytes_ = 0;
};

void ModelV3::load() {
  FieldReader header(file_, 0, file_.size(), "kmodel v3 header");
  header.u32_in("version", 3, 3);
  info_.format = Format::kV3;
  info_.eight_bit = (header.u32("flags") & 1) != 0;
  header.u32_in("arch", 0, 0);
  const std::uint32_t layer_count = header.u32("layers_length");
  header.u32("max_start_address");
  const std::uint32_t main_memory =
      header.u32_in("main_mem_usage", 0, static_cast<std::uint32_t>(kMaxMainMemory));
  const std::uint32_t output_count = header.u32("output_count");
  info_.main_memory_bytes = main_memory;

  load_outputs(header, output_count);
  const std::uint64_t table_bytes = std::uint64_t{layer_count} * sizeof(LayerHeader);
  const std::size_t table = header.offset();
  if (layer_count == 0 || table_bytes > header.remaining()) {
    header.fail("layers_length", layer_count, "1 or more, with headers inside the file");
  }

  v3::MemoryMap map(main_memory);
  memory_bytes_ = map.size();
  std::size_t begin = table + table_bytes;
  for (std::uint32_t i = 0; i < layer_count; ++i) {
    const LayerHeader layer{
        .type = load_le<std::uint32_t>(file_, table + std::size_t{i} * 8),
        .body_bytes = load_le<std::uint32_t>(file_, table + std::size_t{i} * 8 + 4)};
    const bool last = i + 1 == layer_count;
    const std::size_t rest = file_.size() - begin;
    if (layer.body_bytes > rest + (last ? kMissingTail : 0)) {
      throw Error(
          fmt::format("layer {} ({}): body_size={}: expected at most the {} bytes left in "
                      "the file",
                      i, v3::layer_name(layer.type), layer.body_bytes, rest));
    }
    const std::size_t end = begin + std::min<std::size_t>(layer.body_bytes, rest);
    load_layer(layer, begin, end, map);
    if (i == 0) {
      load_input(layer.type, map);
    }
    begin = end;
  }

  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Output& output = outputs_[i];
    map.require(header, "output address", output.address, output.bytes);
    // The table has no types: an output is what a layer wrote there, floats if none did.
    const TensorInfo* written = map.find(output.address);
    TensorInfo tensor{.type = ElementType::kFloat32, .dims = {}, .bytes = output.bytes};
    if (written != nullptr) {
      tensor.type = written->type;
      if (written->bytes == output.bytes) {
        tensor.dims = written->dims;
      }
    }
    info_.outputs.push_back(std::move(tensor));
  }
}

void ModelV3::load_outputs(FieldReader& reader, std::uint32_t count) {
  if (count > reader.remaining() / sizeof(Output)) {
    reader.fail("output_count", count, "as many entries as the file holds");
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t address = reader.u32("output address");
    outputs_.push_back({address, reader.u32("output size")});
  }
}

void ModelV3::load_layer(const LayerHeader& header, std::size_t begin, std::size_t end,
                         v3::MemoryMap& map) {
  LayerInfo layer;
  layer.index = info_.layers.size();
  layer.type = v3::layer_name(header.type);
  layer.file_offset = begin;
  layer.file_bytes = header.body_bytes;
  FieldReader body(file_, begin, end, fmt::format("layer {} ({})", layer.index, layer.type));
  const std::uint32_t flags = body.u32("flags");
  steps_.push_back(header.type == kK210Conv ? load_conv(flags, body, map, layer)
                                            : v3::read_cpu_layer(header.type, body, map, layer));
  info_.layers.push_back(std::move(layer));
}

v3::Step ModelV3::load_conv(std::uint32_t flags, FieldReader& body, v3::MemoryMap& map,
                        LayerInfo& layer) {
  const std::uint32_t main_out = body.u32("main_out");
  const std::uint32_t words_offset = body.u32("layer_off");
  const std::uint32_t weights_offset = body.u32("weights_off");
  const std::uint32_t bn_offset = body.u32("bn_off");
  const std::uint32_t act_offset = body.u32("act_off");

  const auto words = body.file_bytes(words_offset, kLayerWordBytes, "layer_off");
  KpuLayerInfo kpu =
      kpu_layer_at_offsets(body, words, info_.eight_bit, weights_offset, bn_offset, act_offset);
  kpu.to_main_memory = (flags & kFlagMainMemoryOut) != 0;
  if (kpu.to_main_memory) {
    const LayerArgs& args = kpu.args;
    map.require(body, "main_out", main_out, whole_words(args.output_layout().planar_bytes()));
    map.write(main_out, ElementType::kUint8, {args.out_channels, args.out_height, args.out_width});
  }
  layer.kpu = std::move(kpu);
  describe_kpu_layer(layer);

  return [this, index = layer.index, main_out](v3::State& state) {
    const KpuLayerInfo& info = *info_.layers[index].kpu;
    if (!info.to_main_memory) {
      state.kpu.push(info, index);
      return;
    }
    state.kpu.push(info, index, [&state, main_out](std::span<const std::uint8_t> output) {
      // The stream comes in words of 8 bytes, the last one zero-filled.
      std::vector<std::uint8_t> words(output.begin(), output.end());
      words.resize(whole_words(output.size()));
      state.memory.store(main_out, words);
    });
  };
}

void ModelV3::load_input(std::uint32_t first_type, const v3::MemoryMap& map) {
  const LayerInfo& first = info_.layers.front();
  if (first_type == kK210Conv) {
    const LayerArgs& args = first.kpu->args;
    info_.inputs.push_back({.type = ElementType::kUint8,
                            .dims = {args.in_channels, args.in_height, args.in_width},
                            .bytes = args.input_layout().planar_bytes()});
    return;
  }
  if (first_type != kFullyConnected) {
    throw Error(fmt::format("layer 0 ({}): a network starts with k210_conv or fully_connected",
                            first.type));
  }
  FieldReader body(file_, first.file_offset, file_.size(), "layer 0 (fully_connected)");
  body.skip(4, "flags");
  input_address_ = body.u32("in");
  body.skip(4, "out");
  const std::uint32_t count = body.u32("in_ch");
  map.require(body, "in", input_address_, 4ull * count);
  info_.inputs.push_back(
      {.type = ElementType::kFloat32, .dims = {count}, .bytes = std::size_t{4} * count});
}

std::vector<std::vector<std::uint8_t>> ModelV3::run(
    const std::vector<std::vector<std::uint8_t>>& inputs, KpuQueue& kpu,
    const Profile& profile) const {
  v3::State state{MainMemory(memory_bytes_), kpu, profile.float_rule};
  if (info_.layers.front().kpu) {
    kpu.upload(info_.layers.front().kpu->args.input_layout(), inputs.front());
  } else {
    state.memory.store(input_address_, inputs.front());
  }
  if (!run_steps(steps_, info_, state)) {
    return {};
  }
  std::vector<std::vector<std::uint8_t>> outputs;
  for (const Output& output : outputs_) {
    outputs.push_back(state.memory.load<std::uint8_t>(output.address, output.bytes));
  }
  return outputs;
}

}  // namespace

namespace v3 {

void MemoryMap::require(const FieldReader& reader, const char* field, std::uint32_t address,
                        std::uint64_t count) const {
  if (count > size() || address > size() - count) {
    reader.fail(field, address,
                fmt::format("{} bytes that end within the {} of main memory", count, size()));
  }
}

void MemoryMap::write(std::uint32_t address, ElementType type, std::vector<std::uint32_t> dims) {
  TensorInfo tensor{.type = type, .dims = std::move(dims), .bytes = 0};
  tensor.bytes = type == ElementType::kFloat32 ? 4 : 1;
  for (std::uint32_t dim : tensor.dims) {
    tensor.bytes *= dim;
  }
  tensors_[address] = std::move(tensor);
}

std::vector<std::uint32_t> MemoryMap::dims(std::uint32_t address, std::uint32_t count) const {
  const TensorInfo* tensor = find(address);
  if (tensor != nullptr && tensor->count() == count) {
    return tensor->dims;
  }
  return {count};
}

const TensorInfo* MemoryMap::find(std::uint32_t address) const {
  const auto found = tensors_.find(address);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace v3

std::unique_ptr<Model> load_kmodel_v3(std::vector<std::uint8_t> file, const std::string& variant) {
  return std::make_unique<ModelV3>(std::move(file), variant);
}

}  // namespace kpu::golden
