// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/kmodel_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "common/byte_writer.h"
#include "common/error.h"

namespace kpu::golden {
namespace {

constexpr std::uint32_t kTypeDequantize = 12;
constexpr std::uint32_t kTypeSoftmax = 15;
constexpr std::uint32_t kTypeChannelwiseDequantize = 24;
constexpr std::uint32_t kTypeK210Conv = 10240;

std::uint32_t slot(std::size_t bytes) { return static_cast<std::uint32_t>((bytes + 7) / 8 * 8); }

/// Writes an address of the file, u32, at `field` once the thing itself comes: here.
void point_here(ByteWriter& file, std::size_t field) {
  file.put_at(field, static_cast<std::uint32_t>(file.size()));
}

void put_conv(ByteWriter& file, const WriterLayer& layer, bool eight_bit, bool to_main_memory) {
  file.put(std::uint32_t{to_main_memory});
  file.put(std::uint32_t{0});  // main_out
  const std::size_t offsets = file.size();
  for (int i = 0; i < 4; ++i) {
    file.put(std::uint32_t{0});
  }
  file.align(8);
  point_here(file, offsets);
  for (std::uint64_t word : encode(layer.args)) {
    file.put(word);
  }
  file.align(128);
  point_here(file, offsets + 4);
  const std::size_t first = file.size();
  const std::size_t load_weights = layer.args.channel_weights() * layer.args.load_channels;
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    if (i % load_weights == 0) {
      // A load may begin behind a gap.
      while (file.size() < first + i / load_weights * layer.args.load_bytes) file.put(std::uint8_t{0});
    }
    if (eight_bit) {
      file.put(static_cast<std::uint8_t>(layer.weights[i]));
    } else {
      file.put(layer.weights[i]);
    }
  }
  file.align(128);
  point_here(file, offsets + 8);
  for (const BatchNorm& bn : layer.batch_norm) {
    file.put(encode_batch_norm(bn));
  }
  file.align(256);
  point_here(file, offsets + 12);
  file.put_bytes(encode_act_table(layer.act));
}

}  // namespace

void KmodelWriter::add_kpu(const WriterLayer& layer) {
  const std::string where = fmt::format("KPU layer {}", kpu_.size());
  const LayerArgs& args = layer.args;
  require_valid(args, eight_bit_, where);
  const auto require = [&](bool fine, const char* what, std::size_t have, std::size_t want) {
    if (!fine) {
      throw Error(fmt::format("{}: {} {}, expected {}", where, have, what, want));
    }
  };
  const std::size_t weights = args.channel_weights() * args.out_channels;
  require(layer.weights.size() == weights, "weights", layer.weights.size(), weights);
  require(layer.batch_norm.size() == args.out_channels, "batch-norm entries",
          layer.batch_norm.size(), args.out_channels);
  const std::uint16_t largest = *std::max_element(layer.weights.begin(), layer.weights.end());
  require(!eight_bit_ || largest <= 255, "as largest weight", largest, 255);
  if (!kpu_.empty()) {
    const LayerArgs& before = kpu_.back().args;
    require(before.out_channels == args.in_channels, "input channels", args.in_channels,
            before.out_channels);
    require(before.out_height == args.in_height, "input rows", args.in_height, before.out_height);
    require(before.out_width == args.in_width, "input columns", args.in_width, before.out_width);
    require(before.dst_line == args.src_line, "as first input line", args.src_line,
            before.dst_line);
  }
  try {
    encode(args);
    for (const BatchNorm& bn : layer.batch_norm) {
      encode_batch_norm(bn);
    }
    encode_act_table(layer.act);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", where, error.what()));
  }
  kpu_.push_back(layer);
}

void KmodelWriter::add_dequantize(float scale, float bias) {
  if (kpu_.empty() || !dequantize_.empty()) {
    throw Error("kmodel writer: dequantize expected once, behind the KPU layers");
  }
  dequantize_.push_back({scale, bias});
}

void KmodelWriter::add_channelwise_dequantize(const std::vector<Dequantize>& channels) {
  if (kpu_.empty() || !dequantize_.empty()) {
    throw Error("kmodel writer: dequantize expected once, behind the KPU layers");
  }
  if (channels.size() != kpu_.back().args.out_channels) {
    throw Error(fmt::format("kmodel writer: {} scales, expected one for each of {} channels",
                            channels.size(), kpu_.back().args.out_channels));
  }
  dequantize_ = channels;
  channelwise_ = true;
}

void KmodelWriter::add_softmax() {
  if (dequantize_.empty() || softmax_) {
    throw Error("kmodel writer: softmax expected once, behind dequantize");
  }
  softmax_ = true;
}

std::vector<std::uint8_t> KmodelWriter::finish() const {
  if (kpu_.empty()) {
    throw Error("kmodel writer: no KPU layer, expected at least one");
  }
  // Main memory: the codes, then the floats, then the softmax of the floats.
  const auto count = static_cast<std::uint32_t>(kpu_.back().args.output_layout().planar_bytes());
  const std::uint32_t floats_at = slot(count);
  const std::uint32_t softmax_at = floats_at + slot(std::size_t{4} * count);
  std::vector<std::uint32_t> types(kpu_.size(), kTypeK210Conv);
  std::uint32_t output_at = 0;
  std::uint32_t output_bytes = count;
  std::uint32_t memory = floats_at;
  if (!dequantize_.empty()) {
    types.push_back(channelwise_ ? kTypeChannelwiseDequantize : kTypeDequantize);
    output_at = floats_at;
    output_bytes = 4 * count;
    memory = softmax_at;
  }
  if (softmax_) {
    types.push_back(kTypeSoftmax);
    output_at = softmax_at;
    memory = softmax_at + slot(std::size_t{4} * count);
  }

  ByteWriter file;
  std::uint32_t lowest_line = kAiRamLines;
  for (const WriterLayer& layer : kpu_) {
    lowest_line = std::min({lowest_line, layer.args.src_line, layer.args.dst_line});
  }
  for (std::uint32_t field :
       {3u, eight_bit_ ? 1u : 0u, 0u, static_cast<std::uint32_t>(types.size()), lowest_line, memory,
        1u, output_at, output_bytes}) {
    file.put(field);
  }
  const std::size_t table = file.size();
  for (std::uint32_t type : types) {
    file.put(type);
    file.put(std::uint32_t{0});
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::size_t begin = file.size();
    if (types[i] == kTypeK210Conv) {
      put_conv(file, kpu_[i], eight_bit_, i + 1 == kpu_.size());
    } else if (types[i] == kTypeDequantize) {
      for (std::uint32_t field : {0u, 0u, floats_at, count}) {
        file.put(field);
      }
      file.put(dequantize_.front().scale);
      file.put(dequantize_.front().bias);
    } else if (types[i] == kTypeChannelwiseDequantize) {
      const auto channels = static_cast<std::uint32_t>(dequantize_.size());
      for (std::uint32_t field : {0u, 0u, floats_at, channels, count / channels}) {
        file.put(field);
      }
      for (const Dequantize& channel : dequantize_) {
        file.put(channel.scale);
        file.put(channel.bias);
      }
    } else {
      for (std::uint32_t field : {0u, floats_at, softmax_at, count}) {
        file.put(field);
      }
    }
    file.align(8);
    file.put_at(table + 8 * i + 4, static_cast<std::uint32_t>(file.size() - begin));
  }
  return file.take();
}

}  // namespace kpu::golden
