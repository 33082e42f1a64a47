// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/files.h"
#include "golden/kmodel/kmodel_writer.h"
#include "golden/kpu/arith.h"
#include "sim/fuzz/fuzz.h"

namespace kpu::sim {
namespace {

/// What shrinking cuts: so many of a layer's channels, rows or columns, from one on.
struct Range {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

struct Part {
  Range in_channels;
  Range out_channels;
  Range rows;
  Range columns;
};

std::size_t weight_bytes_each(const CapturedJob& job) { return job.eight_bit ? 1 : 2; }

/// The bytes of weight `index` of output channel `channel`.
const std::uint8_t* weight_at(const CapturedJob& job, const golden::LayerArgs& args,
                              std::uint32_t channel, std::size_t index) {
  return job.weights.data() + args.weight_offset(channel, job.eight_bit) +
         index * weight_bytes_each(job);
}

/// A part of the layer as a layer, all weights in one load, or nothing if it cannot be run in that
/// size. A depthwise layer's output channels are its input channels, cut as those.
std::optional<CapturedJob> cut(const CapturedJob& job, const Part& part) {
  const golden::LayerArgs old = golden::decode(job.words);
  if (old.depthwise && part.out_channels.count != old.out_channels) return std::nullopt;
  const Range in = part.in_channels;
  const Range out = old.depthwise ? in : part.out_channels;
  golden::LayerArgs args = old;
  args.in_channels = in.count;
  args.out_channels = out.count;
  args.in_height = part.rows.count;
  args.in_width = part.columns.count;
  args.out_width = args.in_width / old.stride();
  args.out_height = args.in_height / old.stride();
  if (args.out_width == 0 || args.out_height == 0) return std::nullopt;
  args.load_channels = args.out_channels;
  args.loads = 1;
  args.channel_byte_num = args.out_width * args.out_height;
  args.dma_total_byte = std::uint64_t{args.channel_byte_num} * args.out_channels;

  CapturedJob result;
  result.eight_bit = job.eight_bit;
  result.to_main_memory = job.to_main_memory;
  result.act = job.act;
  const std::size_t kernel = std::size_t{old.kernel()} * old.kernel();
  const std::size_t bytes = kernel * args.summed_channels() * weight_bytes_each(job);
  const std::size_t skipped = old.depthwise ? 0 : kernel * in.first;
  for (std::uint32_t c = out.first; c < out.first + out.count; ++c) {
    const std::uint8_t* first = weight_at(job, old, c, skipped);
    result.weights.insert(result.weights.end(), first, first + bytes);
  }
  if (result.weights.size() >= 1U << 17) return std::nullopt;
  args.load_bytes = static_cast<std::uint32_t>(result.weights.size());
  const auto norms = job.batch_norm.begin() + std::ptrdiff_t{8} * out.first;
  result.batch_norm.assign(norms, norms + static_cast<std::ptrdiff_t>(args.bn_bytes()));
  for (std::uint32_t c = in.first; c < in.first + in.count; ++c) {
    for (std::uint32_t y = part.rows.first; y < part.rows.first + part.rows.count; ++y) {
      const std::size_t row = (std::size_t{c} * old.in_height + y) * old.in_width;
      const auto first = job.input.begin() + static_cast<std::ptrdiff_t>(row + part.columns.first);
      result.input.insert(result.input.end(), first, first + args.in_width);
    }
  }
  if (!golden::problems(args, job.eight_bit).empty()) return std::nullopt;
  result.words = golden::encode(args);
  return result;
}

Part whole(const CapturedJob& job) {
  const golden::LayerArgs args = golden::decode(job.words);
  return {{0, args.in_channels}, {0, args.out_channels}, {0, args.in_height}, {0, args.in_width}};
}

/// The first part of the layer, smaller in one field, that `check` still complains about: halves
/// before single steps, from the front and from the back.
std::optional<CapturedJob> smaller_part(const CapturedJob& job, Range Part::*field,
                                        const LayerCheck& check) {
  const std::uint32_t now = (whole(job).*field).count;
  for (const std::uint32_t next : {now / 2, now - now / 4, now - 1}) {
    if (next == 0 || next >= now) continue;
    for (const std::uint32_t first : {0U, now - next}) {
      Part part = whole(job);
      part.*field = {first, next};
      auto candidate = cut(job, part);
      if (candidate && check(*candidate)) return candidate;
    }
  }
  return std::nullopt;
}

}  // namespace

CapturedJob shrink_layer(const CapturedJob& job, const LayerCheck& check) {
  if (!check(job)) return job;
  CapturedJob best = job;
  constexpr std::array kFields{&Part::out_channels, &Part::in_channels, &Part::rows,
                               &Part::columns};
  bool smaller = true;
  while (smaller) {
    smaller = false;
    for (const auto field : kFields) {
      while (auto part = smaller_part(best, field, check)) {
        best = *std::move(part);
        smaller = true;
      }
    }
  }
  return best;
}

void save_layer(const CapturedJob& job, const std::string& path) {
  golden::WriterLayer layer;
  layer.args = golden::decode(job.words);
  const std::size_t channel_weights = layer.args.channel_weights();
  for (std::uint32_t c = 0; c < layer.args.out_channels; ++c) {
    for (std::size_t i = 0; i < channel_weights; ++i) {
      const std::uint8_t* weight = weight_at(job, layer.args, c, i);
      layer.weights.push_back(
          static_cast<std::uint16_t>(job.eight_bit ? weight[0] : weight[0] | weight[1] << 8));
    }
    std::uint64_t word = 0;
    for (unsigned b = 0; b < 8; ++b) word |= std::uint64_t{job.batch_norm[8 * c + b]} << (8 * b);
    layer.batch_norm.push_back(golden::decode_batch_norm(word));
  }
  layer.act = golden::decode_act_table(job.act);
  golden::KmodelWriter writer(job.eight_bit);
  writer.add_kpu(layer);
  const std::vector<std::uint8_t> network = writer.finish();
  write_file(path + ".kmodel", network.data(), network.size());
  write_file(path + ".bin", job.input.data(), job.input.size());
}

}  // namespace kpu::sim
