// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <vector>

#include "golden/arith.h"
#include "golden/error.h"
#include "golden/kmodel_writer.h"
#include "sim/fuzz.h"

namespace kpu::sim {
namespace {

/// The sizes that shrinking cuts.
struct Size {
  std::uint32_t in_channels;
  std::uint32_t out_channels;
  std::uint32_t height;
  std::uint32_t width;
};

std::size_t weight_bytes_each(const CapturedJob& job) { return job.eight_bit ? 1 : 2; }

/// The bytes of weight `index` of output channel `channel`.
const std::uint8_t* weight_at(const CapturedJob& job, const golden::LayerArgs& args,
                              std::uint32_t channel, std::size_t index) {
  return job.weights.data() + args.weight_offset(channel, job.eight_bit) +
         index * weight_bytes_each(job);
}

/// The layer cut to its first channels, rows and columns, all weights in one load, or nothing if it
/// cannot be run in that size.
std::optional<CapturedJob> cut(const CapturedJob& job, const Size& size) {
  const golden::LayerArgs old = golden::decode(job.words);
  golden::LayerArgs args = old;
  args.in_channels = size.in_channels;
  args.out_channels = old.depthwise ? size.in_channels : size.out_channels;
  args.in_height = size.height;
  args.in_width = size.width;
  args.out_width = size.width / old.stride();
  args.out_height = size.height / old.stride();
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
  const std::size_t weights = kernel * args.summed_channels();
  for (std::uint32_t c = 0; c < args.out_channels; ++c) {
    const std::uint8_t* first = weight_at(job, old, c, 0);
    result.weights.insert(result.weights.end(), first, first + weights * weight_bytes_each(job));
  }
  if (result.weights.size() >= 1U << 17) return std::nullopt;
  args.load_bytes = static_cast<std::uint32_t>(result.weights.size());
  result.batch_norm.assign(job.batch_norm.begin(),
                           job.batch_norm.begin() + static_cast<std::ptrdiff_t>(args.bn_bytes()));
  for (std::uint32_t c = 0; c < args.in_channels; ++c) {
    for (std::uint32_t y = 0; y < args.in_height; ++y) {
      const auto row = job.input.begin() +
                       static_cast<std::ptrdiff_t>((c * old.in_height + y) * old.in_width);
      result.input.insert(result.input.end(), row, row + args.in_width);
    }
  }
  if (!golden::problems(args, job.eight_bit).empty()) return std::nullopt;
  result.words = golden::encode(args);
  return result;
}

Size size_of(const CapturedJob& job) {
  const golden::LayerArgs args = golden::decode(job.words);
  return {args.in_channels, args.out_channels, args.in_height, args.in_width};
}

}  // namespace

CapturedJob shrink_layer(const CapturedJob& job, const LayerCheck& check) {
  if (!check(job)) return job;
  CapturedJob best = job;
  constexpr std::array kFields{&Size::out_channels, &Size::in_channels, &Size::height, &Size::width};
  bool smaller = true;
  while (smaller) {
    smaller = false;
    for (const auto field : kFields) {
      const std::uint32_t now = size_of(best).*field;
      // Halves first, then single steps.
      for (const std::uint32_t next : {now / 2, now - now / 4, now - 1}) {
        if (next == 0 || next >= now) continue;
        Size size = size_of(best);
        size.*field = next;
        const auto candidate = cut(best, size);
        if (candidate && check(*candidate)) {
          best = *candidate;
          smaller = true;
          break;
        }
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
      layer.weights.push_back(static_cast<std::uint16_t>(
          job.eight_bit ? weight[0] : weight[0] | weight[1] << 8));
    }
    std::uint64_t word = 0;
    for (unsigned b = 0; b < 8; ++b) word |= std::uint64_t{job.batch_norm[8 * c + b]} << (8 * b);
    layer.batch_norm.push_back(golden::decode_batch_norm(word));
  }
  layer.act = golden::decode_act_table(job.act);
  golden::KmodelWriter writer(job.eight_bit);
  writer.add_kpu(layer);
  const auto write = [](const std::string& file, const std::vector<std::uint8_t>& bytes) {
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) throw Error(fmt::format("{}: cannot be written", file));
  };
  write(path + ".kmodel", writer.finish());
  write(path + ".bin", job.input);
}

}  // namespace kpu::sim
