// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/kpu_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <system_error>

#include "common/bits.h"
#include "golden/kmodel/kpu_queue.h"

namespace kpu::golden {

LayerWords load_words(std::span<const std::uint8_t> bytes) {
  LayerWords words;
  for (std::size_t i = 0; i < kLayerWords; ++i) {
    words[i] = load_le<std::uint64_t>(bytes, 8 * i);
  }
  return words;
}

KpuLayerInfo kpu_layer_at_offsets(const FieldReader& reader, std::span<const std::uint8_t> words,
                                  bool eight_bit, std::uint32_t weights_offset,
                                  std::uint32_t bn_offset, std::uint32_t act_offset) {
  KpuLayerInfo kpu;
  kpu.words = load_words(words);
  kpu.args = decode(kpu.words);
  require_valid(kpu.args, eight_bit, reader.where(), LoadTime::kIgnored);
  kpu.tables = {
      .weights = reader.file_bytes(weights_offset, kpu.args.weight_bytes(eight_bit), "weights_off"),
      .batch_norm = reader.file_bytes(bn_offset, kpu.args.bn_bytes(), "bn_off"),
      .act = reader.file_bytes(act_offset, kActTableBytes, "act_off")};
  return kpu;
}

void require_batches(const KpuLayerInfo& kpu, const FieldReader& reader) {
  for (const ImageLayout& layout : {kpu.args.input_layout(), kpu.args.output_layout()}) {
    const std::uint64_t more = std::uint64_t{kpu.batches - 1} * batch_lines(layout);
    if (layout.end_line() + more > kAiRamLines) {
      reader.fail("batches", kpu.batches, "images that fit AI RAM");
    }
  }
}

void describe_kpu_layer(LayerInfo& layer) {
  const LayerArgs& args = layer.kpu->args;
  layer.in = dims_text({args.in_channels, args.in_height, args.in_width});
  layer.out = dims_text({args.out_channels, args.out_height, args.out_width});
}

std::string dims_text(const std::vector<std::uint32_t>& dims) {
  return fmt::format("{}", fmt::join(dims, "x"));
}

std::vector<std::uint32_t> dims_of(const std::string& text) {
  std::vector<std::uint32_t> dims;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    std::uint32_t dim = 0;
    const auto [stop, error] = std::from_chars(at, end, dim);
    if (error != std::errc() || (stop != end && *stop != 'x')) return {};
    dims.push_back(dim);
    at = stop == end ? end : stop + 1;
  }
  return dims;
}

std::vector<std::uint8_t> float_bytes(std::span<const float> values) {
  std::vector<std::uint8_t> bytes(values.size_bytes());
  copy_bytes(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace kpu::golden
