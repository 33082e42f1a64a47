// SPDX-License-Identifier: Apache-2.0
#include "compiler/emit/v4_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "common/error.h"
#include "common/kpu_shape.h"
#include "compiler/emit/layer_form.h"
#include "compiler/emit/memory_plan.h"
#include "golden/kpu/ai_ram.h"

namespace kpu::compiler {
namespace {

constexpr std::uint32_t kMagic = 0x4B4D444C;  // "LDMK" as bytes
constexpr std::size_t kTableAlignment = 256;  ///< of the tables of a KPU layer, in the file
constexpr std::size_t kMainAlignment = 8;

}  // namespace

std::array<std::uint32_t, 4> four_dims(Dims dims) {
  while (dims.size() > 4 && dims.front() == 1) dims.erase(dims.begin());
  if (dims.size() > 4) {
    throw Error(
        fmt::format("shape {}: expected at most four axes besides ones in front", dims_text(dims)));
  }
  std::array<std::uint32_t, 4> four{1, 1, 1, 1};
  for (std::size_t i = 0; i < dims.size(); ++i) {
    four[4 - dims.size() + i] = static_cast<std::uint32_t>(dims[i]);
  }
  return four;
}

void put_dims(ByteWriter& to, const Dims& dims) {
  for (std::uint32_t dim : four_dims(dims)) to.put(dim);
}

BufferId V4Writer::add_main(bool is_float, std::size_t elements, std::string name) {
  Buffer buffer;
  buffer.is_float = is_float;
  buffer.bytes = elements * (is_float ? 4 : 1);
  buffer.name = std::move(name);
  buffers_.push_back(std::move(buffer));
  return static_cast<BufferId>(buffers_.size()) - 1;
}

BufferId V4Writer::add_constant(std::span<const std::uint8_t> bytes, bool is_float) {
  const BufferId id = add_main(is_float, is_float ? bytes.size() / 4 : bytes.size(), "constant");
  buffers_[id].memory = Memory::kConst;
  buffers_[id].start = constants_.size();
  constants_.insert(constants_.end(), bytes.begin(), bytes.end());
  constants_.resize((constants_.size() + 7) / 8 * 8);
  return id;
}

BufferId V4Writer::add_image(const Dims& dims, std::string name) {
  const auto four = four_dims(dims);
  const auto layout = golden::ImageLayout::standard(0, four[1], four[2], four[3]);
  const BufferId id = add_main(false, layout.end_line() * kLineBytes, std::move(name));
  buffers_[id].memory = Memory::kAiRam;
  buffers_[id].dims = dims;
  return id;
}

BufferId V4Writer::add_part(BufferId parent, const Dims& dims, std::size_t lines,
                            std::string name) {
  const BufferId id = add_image(dims, std::move(name));
  buffers_[id].parent = parent;
  buffers_[id].in_parent = lines * kLineBytes;
  return id;
}

void V4Writer::touch(BufferId id, int node) {
  for (; id >= 0; id = buffers_[id].parent) {
    Buffer& buffer = buffers_[id];
    if (buffer.first < 0) buffer.first = node;
    buffer.last = std::max(buffer.last, node);
  }
}

void V4Writer::add_node(V4Op op, std::vector<BufferId> reads, std::vector<BufferId> writes,
                        std::function<void(ByteWriter&)> body) {
  for (BufferId id : reads) touch(id, next_node());
  for (BufferId id : writes) touch(id, next_node());
  nodes_.push_back({op, std::move(body)});
}

void V4Writer::put_range(ByteWriter& to, BufferId id, std::size_t first,
                         std::size_t elements) const {
  const Buffer& buffer = buffers_[id];
  const std::size_t size = buffer.is_float ? 4 : 1;
  to.put(static_cast<std::uint32_t>(buffer.memory));
  to.put(std::uint32_t{buffer.is_float ? 0u : 1u});
  to.put(static_cast<std::uint32_t>(buffer.start + first * size));
  to.put(static_cast<std::uint32_t>(elements * size));
}

void V4Writer::put_range(ByteWriter& to, BufferId id) const {
  put_range(to, id, 0, buffers_[id].bytes / (buffers_[id].is_float ? 4 : 1));
}

void V4Writer::add_layer(const golden::LayerShape& shape, const KpuTables& tables, BufferId in,
                         BufferId out, BufferId main) {
  golden::require_valid(layer_args(shape, tables), true, "KPU layer");
  std::vector<BufferId> writes{out};
  if (main >= 0) writes.push_back(main);
  add_node(V4Op::kKpuConv, {in}, writes, [=, this](ByteWriter& to) {
    golden::LayerShape placed = shape;
    placed.src_line = static_cast<std::uint32_t>(buffers_[in].start / kLineBytes);
    placed.dst_line = static_cast<std::uint32_t>(buffers_[out].start / kLineBytes);
    golden::LayerArgs args = layer_args(placed, tables);
    if (main >= 0) {
      put_range(to, main);
    } else {
      for (int i = 0; i < 4; ++i) to.put(std::uint32_t{0});
    }
    to.put(std::uint32_t{1});  // batches
    to.put(std::uint32_t{0});
    // The address fields count the zeros in front of each table.
    const auto gap = [](std::size_t at) {
      return static_cast<std::uint32_t>(
          (at + kTableAlignment - 1) / kTableAlignment * kTableAlignment - at);
    };
    const std::size_t tables_at = to.size() + kLayerWords * 8;
    args.bn_addr = gap(tables_at);
    const std::size_t bn_end = tables_at + args.bn_addr + args.bn_bytes();
    args.act_addr = gap(bn_end);
    args.weights_addr = gap(bn_end + args.act_addr + golden::kActTableBytes);
    for (std::uint64_t word : golden::encode(args)) to.put(word);
    to.align(kTableAlignment);
    for (const golden::BatchNorm& bn : tables.batch_norm) to.put(golden::encode_batch_norm(bn));
    to.align(kTableAlignment);
    to.put_bytes(golden::encode_act_table(tables.act));
    to.align(kTableAlignment);
    for (std::uint16_t weight : tables.weights) to.put(static_cast<std::uint8_t>(weight));
  });
}

void V4Writer::add_upload(BufferId from, BufferId to, const Dims& dims) {
  add_node(V4Op::kUpload, {from}, {to}, [=, this](ByteWriter& file) {
    put_range(file, from);
    put_range(file, to);
    put_dims(file, dims);
  });
}

void V4Writer::add_input(BufferId id, const Dims& dims) {
  touch(id, 0);
  inputs_.emplace_back(id, dims);
}

V4Writer::Needs V4Writer::place() {
  for (BufferId output : outputs_) {
    if (buffers_[output].memory == Memory::kMain) touch(output, next_node());
  }
  Needs needs;
  for (Memory memory : {Memory::kMain, Memory::kAiRam}) {
    const std::size_t unit = memory == Memory::kAiRam ? kLineBytes : kMainAlignment;
    std::vector<Block> blocks;
    std::vector<BufferId> ids;
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      const Buffer& buffer = buffers_[i];
      if (buffer.memory != memory || buffer.parent >= 0 || buffer.first < 0) continue;
      blocks.push_back({(buffer.bytes + unit - 1) / unit, buffer.first, buffer.last, 0});
      ids.push_back(static_cast<BufferId>(i));
    }
    const std::size_t units = plan_blocks(blocks);
    for (std::size_t i = 0; i < ids.size(); ++i) buffers_[ids[i]].start = blocks[i].offset * unit;
    (memory == Memory::kAiRam ? needs.ai_ram_lines : needs.main_bytes) =
        memory == Memory::kAiRam ? units : units * unit;
  }
  for (Buffer& buffer : buffers_) {
    if (buffer.parent >= 0) buffer.start = buffers_[buffer.parent].start + buffer.in_parent;
  }
  main_bytes_ = needs.main_bytes;
  return needs;
}

std::vector<std::uint8_t> V4Writer::finish() const {
  ByteWriter file;
  for (std::uint32_t field :
       {kMagic, 4u, 0u, 1u, static_cast<std::uint32_t>(constants_.size()),
        static_cast<std::uint32_t>(main_bytes_), static_cast<std::uint32_t>(nodes_.size()),
        static_cast<std::uint32_t>(inputs_.size()), static_cast<std::uint32_t>(outputs_.size()),
        0u}) {
    file.put(field);
  }
  for (const auto& [id, dims] : inputs_) put_range(file, id);
  for (const auto& [id, dims] : inputs_) put_dims(file, dims);
  for (BufferId id : outputs_) put_range(file, id);
  file.put_bytes(constants_);
  const std::size_t table = file.size();
  for (const Node& node : nodes_) {
    file.put(static_cast<std::uint32_t>(node.op));
    file.put(std::uint32_t{0});
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const std::size_t begin = file.size();
    nodes_[i].body(file);
    file.align(8);
    file.put_at(table + 8 * i + 4, static_cast<std::uint32_t>(file.size() - begin));
  }
  return file.take();
}

}  // namespace kpu::compiler
