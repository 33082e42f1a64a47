// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/layer_coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "common/files.h"
#include "golden/kpu/arith.h"

namespace kpu::sim {
namespace {

using golden::LayerArgs;

/// Bins that a layer hits, bit by bit; most dimensions hit one, those of tables several.
using Mask = std::uint64_t;

struct Dimension {
  std::string name;
  std::vector<std::string> bins;
  Mask (*hits)(const LayerSample&);
};

Mask bit(std::size_t index) { return Mask{1} << index; }

/// The bin of a number among ranges that begin at the given values.
template <std::size_t n>
Mask range_bit(const std::array<std::uint32_t, n>& begins, std::uint32_t value) {
  const auto above = std::upper_bound(begins.begin(), begins.end(), value);
  return above == begins.begin() ? 0 : bit(static_cast<std::size_t>(above - begins.begin()) - 1);
}

/// "1", "2..3", ... for ranges that begin at the given values; the last one ends at `last`.
template <std::size_t n>
std::vector<std::string> range_names(const std::array<std::uint32_t, n>& begins,
                                     std::uint32_t last) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t end = i + 1 < n ? begins[i + 1] - 1 : last;
    names.push_back(end == begins[i] ? std::to_string(end) : fmt::format("{}..{}", begins[i], end));
  }
  return names;
}

std::vector<std::string> numbers(int first, int last) {
  std::vector<std::string> names;
  for (int i = first; i <= last; ++i) names.push_back(std::to_string(i));
  return names;
}

const std::vector<std::string> kSigns{"negative", "zero", "positive"};
Mask sign_bit(std::int64_t value) { return bit(value < 0 ? 0 : value == 0 ? 1 : 2); }

constexpr std::array<std::uint32_t, 14> kWidths{1,  2,  16,  17,  32,  33,  63,
                                                64, 65, 128, 129, 193, 257, 513};
constexpr std::array<std::uint32_t, 9> kHeights{1, 2, 3, 4, 5, 8, 9, 17, 65};
constexpr std::array<std::uint32_t, 17> kChannels{1,  2,  3,  4,  5,  8,  9,   16,  17,
                                                  31, 32, 33, 63, 64, 65, 256, 1024};
constexpr std::array<std::uint32_t, 5> kLoads{1, 2, 3, 16, 64};
constexpr std::array<std::uint32_t, 7> kShifts{0, 1, 2, 16, 32, 48, 64};

Mask group_bit(std::uint32_t line_channels) {
  return bit(static_cast<std::size_t>(std::countr_zero(line_channels)));
}

/// Vendor's layout, or how it differs: channels a line, rows, channel groups.
Mask layout_bits(const golden::ImageLayout& layout) {
  const auto standard =
      golden::ImageLayout::standard(0, layout.channels, layout.height, layout.width);
  Mask mask = 0;
  if (layout.line_channels != standard.line_channels) mask |= bit(1);
  if (layout.row_lines != standard.row_lines) mask |= bit(2);
  if (layout.group_lines != layout.row_lines * layout.height) mask |= bit(3);
  return mask == 0 ? bit(0) : mask;
}

Mask row_words_bit(std::uint32_t width) { return bit(std::min((width + 63) / 64, 3U) - 1); }

template <class Count>
Mask batch_norm_bits(const LayerSample& s, Count count) {
  Mask mask = 0;
  for (std::size_t at = 0; at + golden::kBatchNormBytes <= s.layer.batch_norm.size();
       at += golden::kBatchNormBytes) {
    std::uint64_t word = 0;
    for (unsigned b = 0; b < 8; ++b) word |= std::uint64_t{s.layer.batch_norm[at + b]} << (8 * b);
    mask |= count(golden::decode_batch_norm(word));
  }
  return mask;
}

template <class Count>
Mask segment_bits(const LayerSample& s, Count count) {
  Mask mask = 0;
  for (const golden::Segment& segment : golden::decode_act_table(s.layer.act))
    mask |= count(segment);
  return mask;
}

Mask start_bits(const LayerSample& s) {
  const golden::ActTable table = golden::decode_act_table(s.layer.act);
  Mask mask = 0;
  bool sorted = true;
  for (std::size_t i = 1; i < table.size(); ++i) {
    sorted = sorted && table[i - 1].x_start <= table[i].x_start;
    if (table[i - 1].x_start == table[i].x_start) mask |= bit(2);
  }
  return mask | bit(sorted ? 0 : 1);
}

/// What the hardware distinguishes, or should be indifferent to.
const std::vector<Dimension>& dimensions() {
  using S = const LayerSample&;
  static const std::vector<Dimension> all{
      {"kind",
       {"1x1", "3x3", "1x1 depthwise", "3x3 depthwise"},
       [](S s) { return bit(s.layer.args.kernel_type + 2U * s.layer.args.depthwise); }},
      {"pool",
       {"bypass", "max 2x2", "mean 2x2", "max 4x4", "mean 4x4", "left top 2x2", "right top 2x2",
        "left top 4x4", "mean 2x2 step 1", "max 2x2 step 1", "first_stride"},
       [](S s) { return bit(s.layer.args.first_stride ? 10 : s.layer.args.pool_type); }},
      {"input width", range_names(kWidths, 1024),
       [](S s) { return range_bit(kWidths, s.layer.args.in_width); }},
      {"input height", range_names(kHeights, 512),
       [](S s) { return range_bit(kHeights, s.layer.args.in_height); }},
      {"input channels", range_names(kChannels, 1024),
       [](S s) { return range_bit(kChannels, s.layer.args.in_channels); }},
      {"output channels", range_names(kChannels, 1024),
       [](S s) { return range_bit(kChannels, s.layer.args.out_channels); }},
      {"input channels a line",
       {"1", "2", "4"},
       [](S s) { return group_bit(s.layer.args.in_line_channels); }},
      {"output channels a line",
       {"1", "2", "4"},
       [](S s) { return group_bit(s.layer.args.out_line_channels); }},
      {"input layout",
       {"vendor's", "fewer channels a line", "longer rows", "gaps between groups"},
       [](S s) { return layout_bits(s.layer.args.input_layout()); }},
      {"output layout",
       {"vendor's", "fewer channels a line", "longer rows", "gaps between groups"},
       [](S s) { return layout_bits(s.layer.args.output_layout()); }},
      {"lines an input row",
       {"1", "2", "3 or more"},
       [](S s) { return row_words_bit(s.layer.args.in_width); }},
      {"odd size",
       {"none", "width", "height", "both"},
       [](S s) { return bit(s.layer.args.in_width % 2 + 2 * (s.layer.args.in_height % 2)); }},
      {"weights", {"8 bits", "16 bits"}, [](S s) { return bit(s.layer.eight_bit ? 0 : 1); }},
      {"loads", range_names(kLoads, 64), [](S s) { return range_bit(kLoads, s.layer.args.loads); }},
      {"last load",
       {"whole", "partial"},
       [](S s) {
         return bit(s.layer.args.loads * s.layer.args.load_channels > s.layer.args.out_channels);
       }},
      {"padding",
       {"zero", "value", "nearest pixel"},
       [](S s) {
         return bit(s.layer.args.pad_type == 1 ? 2 : s.layer.args.pad_value == 0 ? 0 : 1);
       }},
      {"tables kept",
       {"none", "batch norm", "weights", "both"},
       [](S s) { return bit(!s.layer.args.load_para + 2U * !s.layer.args.load_coor); }},
      {"load_act", {"0", "1"}, [](S s) { return bit(s.layer.args.load_act); }},
      {"burst", numbers(0, 15), [](S s) { return bit(s.layer.args.dma_burst_size); }},
      {"shr_x", numbers(0, 15), [](S s) { return bit(s.layer.args.conv.shr_x); }},
      {"shr_w", numbers(0, 15), [](S s) { return bit(s.layer.args.conv.shr_w); }},
      {"arg_x", kSigns, [](S s) { return sign_bit(s.layer.args.conv.arg_x); }},
      {"arg_w", kSigns, [](S s) { return sign_bit(s.layer.args.conv.arg_w); }},
      {"arg_add", kSigns, [](S s) { return sign_bit(s.layer.args.conv.arg_add); }},
      {"norm_shift", numbers(0, 15),
       [](S s) {
         return batch_norm_bits(s, [](const golden::BatchNorm& bn) { return bit(bn.shift); });
       }},
      {"norm_mul", kSigns,
       [](S s) {
         return batch_norm_bits(s, [](const golden::BatchNorm& bn) { return sign_bit(bn.mul); });
       }},
      {"norm_add", kSigns,
       [](S s) {
         return batch_norm_bits(s, [](const golden::BatchNorm& bn) { return sign_bit(bn.add); });
       }},
      {"segment shift", range_names(kShifts, 255),
       [](S s) {
         return segment_bits(s,
                             [](const golden::Segment& g) { return range_bit(kShifts, g.shift); });
       }},
      {"segment slope", kSigns,
       [](S s) {
         return segment_bits(s, [](const golden::Segment& g) { return sign_bit(g.y_mul); });
       }},
      {"segment starts", {"sorted", "unsorted", "equal neighbours"}, start_bits},
      {"output stream", {"no", "yes"}, [](S s) { return bit(s.layer.stream_out); }},
      {"values",
       {"fit", "conv too wide", "norm too wide"},
       [](S s) {
         return bit(s.range.conv_count != 0 ? 1 : s.range.norm_count != 0 ? 2 : 0);
       }},
      {"memory",
       {"as bench", "slow or stuttering", "one burst at a time"},
       [](S s) {
         const tb::MemoryTiming usual;
         if (s.memory.read_latency == usual.read_latency && s.memory.stall_percent == 0)
           return bit(0);
         return bit(s.memory.max_outstanding == 1 ? 2 : 1);
       }},
      {"layers queued", numbers(1, 6), [](S s) { return bit(s.batch - 1); }},
      {"place in the queue", numbers(1, 6), [](S s) { return bit(s.place); }},
      {"reads what the queue wrote", {"no", "yes"}, [](S s) { return bit(s.reads_batch); }}};
  return all;
}

/// The planned crosses, by the names of their dimensions.
const std::vector<std::vector<std::string>> kCrosses{
    {"kind", "pool"},
    {"kind", "input channels a line", "weights"},
    {"kind", "padding", "lines an input row"},
    {"kind", "loads"},
    {"kind", "values"},
    {"kind", "memory"},
    {"kind", "weights", "output stream"},
    {"pool", "output channels a line", "odd size"},
    {"pool", "lines an input row"},
    {"pool", "output stream"},
    {"input channels a line", "output channels a line"},
    {"input layout", "output layout"},
    {"weights", "loads"},
    {"kind", "weights", "tables kept"}};

struct PointGroup {
  std::string name;
  std::vector<const Dimension*> dimensions;
  std::size_t size = 1;  ///< points
};

PointGroup make_group(const std::vector<std::string>& names) {
  PointGroup group;
  for (const std::string& name : names) {
    const auto found = std::find_if(dimensions().begin(), dimensions().end(),
                                    [&](const Dimension& d) { return d.name == name; });
    group.name += (group.name.empty() ? "" : " x ") + name;
    group.dimensions.push_back(&*found);
    group.size *= found->bins.size();
  }
  return group;
}

const std::vector<PointGroup>& groups() {
  static const std::vector<PointGroup> all = [] {
    std::vector<PointGroup> list;
    for (const Dimension& dimension : dimensions()) list.push_back(make_group({dimension.name}));
    for (const auto& names : kCrosses) list.push_back(make_group(names));
    return list;
  }();
  return all;
}

/// Adds one hit to every combination of the bins that are set in `masks`.
void count(const PointGroup& group, std::span<const Mask> masks, std::size_t depth, std::size_t index,
           std::uint64_t* hits) {
  if (depth == masks.size()) {
    ++hits[index];
    return;
  }
  for (Mask left = masks[depth]; left != 0; left &= left - 1) {
    const auto bin = static_cast<std::size_t>(std::countr_zero(left));
    count(group, masks, depth + 1, index * group.dimensions[depth]->bins.size() + bin, hits);
  }
}

std::string point_name(const PointGroup& group, std::size_t index) {
  std::string bins;
  for (std::size_t i = group.dimensions.size(); i-- > 0;) {
    const auto& names = group.dimensions[i]->bins;
    bins = names[index % names.size()] + (bins.empty() ? "" : ", ") + bins;
    index /= names.size();
  }
  return group.name + ": " + bins;
}

}  // namespace

LayerCoverage::LayerCoverage()
    : hits_(std::accumulate(groups().begin(), groups().end(), std::size_t{0},
                            [](std::size_t sum, const PointGroup& group) { return sum + group.size; })) {
}

void LayerCoverage::sample(const LayerSample& sample) {
  std::uint64_t* hits = hits_.data();
  for (const PointGroup& group : groups()) {
    std::vector<Mask> masks;
    for (const Dimension* dimension : group.dimensions) masks.push_back(dimension->hits(sample));
    count(group, masks, 0, 0, hits);
    hits += group.size;
  }
}

LayerCoverage& LayerCoverage::operator+=(const LayerCoverage& other) {
  std::transform(hits_.begin(), hits_.end(), other.hits_.begin(), hits_.begin(), std::plus<>());
  return *this;
}

std::vector<LayerCoverage::Point> LayerCoverage::points() const {
  std::vector<Point> points;
  for (const PointGroup& group : groups()) {
    for (std::size_t i = 0; i < group.size; ++i) {
      points.push_back({point_name(group, i), hits_[points.size()]});
    }
  }
  return points;
}

std::size_t LayerCoverage::hit_count() const {
  return hits_.size() -
         static_cast<std::size_t>(std::count(hits_.begin(), hits_.end(), std::uint64_t{0}));
}

void LayerCoverage::save(const std::string& path) const {
  nlohmann::json list = nlohmann::json::array();
  for (const Point& point : points()) list.push_back({{"name", point.name}, {"hits", point.hits}});
  write_file(path, nlohmann::json{{"points", list}}.dump(1) + "\n");
}

}  // namespace kpu::sim
