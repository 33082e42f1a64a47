// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/random_layer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "golden/kpu/arith.h"

namespace kpu::sim {
namespace {

using golden::ImageLayout;
using golden::LayerArgs;

/// Small helpers around one engine; the standard distributions differ between libraries.
class Draw {
 public:
  explicit Draw(RandomEngine& random) : random_(random) {}

  /// Uniform in low..high.
  std::int64_t range(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
  }
  std::uint32_t size(std::uint32_t low, std::uint32_t high) {
    return static_cast<std::uint32_t>(range(low, high));
  }
  /// True once in n.
  bool once_in(std::uint32_t n) { return random_() % n == 0; }
  template <std::size_t n>
  std::uint32_t one_of(const std::array<std::uint32_t, n>& values) {
    return values[random_() % n];
  }
  /// Signed, of a random magnitude up to `bits` bits: small and extreme values are equally likely.
  std::int64_t wide(unsigned bits) {
    const auto magnitude = static_cast<unsigned>(range(1, bits));
    const std::int64_t limit = std::int64_t{1} << (magnitude - 1);
    return range(-limit, limit - 1);
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }

 private:
  RandomEngine& random_;
};

constexpr std::array<std::uint32_t, 20> kEdgeWidths{1,  2,  3,  4,  7,   8,   15,  16,  17,  31,
                                                    32, 33, 47, 48, 49,  63,  64,  65,  128, 129};
constexpr std::array<std::uint32_t, 8> kEdgeChannels{31, 32, 33, 63, 64, 65, 256, 1024};

std::uint32_t draw_width(Draw& draw) {
  if (draw.once_in(24)) return draw.size(130, 1024);
  return draw.once_in(2) ? draw.one_of(kEdgeWidths) : draw.size(1, 40);
}

std::uint32_t draw_channels(Draw& draw) {
  switch (draw.range(0, 15)) {
    case 0: return draw.one_of(kEdgeChannels);
    case 1:
    case 2:
    case 3: return draw.size(9, 40);
    default: return draw.size(1, 8);
  }
}

/// Input channels whose weights fill a row of the ring (with 16-bit weights: two rows).
std::uint32_t channels_per_row(const LayerArgs& args, std::uint32_t point_channels) {
  constexpr std::uint32_t kSlots = 4;
  return args.kernel() == 3 || args.depthwise ? kSlots : kSlots * point_channels;
}

/// So many input channels that an output channel takes about the whole ring or a power of two of its parts: where
/// the ring is full and where tiles change their size. At most 1024.
std::uint32_t draw_ring_edge(Draw& draw, const LayerArgs& args, const RandomLayerLimits& limits) {
  const std::int64_t rows = (limits.weight_rows >> draw.size(0, 5)) + draw.range(-1, 1);
  const std::uint32_t per_row = channels_per_row(args, limits.point_channels);
  const std::int64_t channels =
      rows / (limits.eight_bit ? 1 : 2) * per_row - draw.range(0, per_row - 1);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(channels, 1, 1024));
}

/// Makes a layer one whose rows a machine of `lanes` lanes may pack, or almost: a 1x1 kernel, more than eight channel
/// groups, widths around the parts of a word.
void draw_packed(Draw& draw, LayerArgs& args, std::uint32_t lanes) {
  args.depthwise = false;
  args.kernel_type = 0;
  args.in_width = draw.once_in(3) ? draw.size(1, 2 * lanes + 1) : draw.size(1, lanes >> draw.size(0, 2));
  const std::uint32_t line_channels = args.in_width <= 16 ? 4 : args.in_width <= 32 ? 2 : 1;
  const std::uint32_t word_channels = std::max(1u, line_channels * lanes / 64);
  args.in_channels = word_channels * draw.size(8, draw.once_in(8) ? 40 : 18) + draw.size(0, 3);
  args.out_channels = draw.size(8, 36);
  args.pool_type = draw.once_in(3) ? draw.size(0, 9) : golden::kPoolBypass;
  args.first_stride = false;
  // .. or whose pool picks one of two pixels: words that are more than half full, and up to so many a row.
  if (draw.once_in(3)) {
    args.pool_type = draw.one_of(std::array<std::uint32_t, 3>{golden::kPoolLeftTop2, golden::kPoolRightTop2, golden::kPoolBypass});
    args.first_stride = args.pool_type == golden::kPoolBypass;
    if (draw.once_in(2)) args.in_width = draw.size(lanes / 2, draw.once_in(4) ? 257 : 4 * lanes + 1);
  }
}

/// Sizes, kernel, pool; the output size follows.
LayerArgs draw_shape(Draw& draw, const RandomLayerLimits& limits) {
  LayerArgs args;
  args.depthwise = draw.once_in(4);
  args.kernel_type = draw.once_in(2) ? 1 : 0;
  args.in_channels = draw.once_in(8) ? draw_ring_edge(draw, args, limits) : draw_channels(draw);
  args.out_channels = args.depthwise ? args.in_channels : draw_channels(draw);
  args.pool_type = draw.once_in(2) ? golden::kPoolBypass : draw.size(0, 9);
  args.first_stride = args.pool_type == golden::kPoolBypass && draw.once_in(12);
  args.in_width = draw_width(draw);
  args.in_height = draw.once_in(16) ? draw.size(1, 100) : draw.size(1, 12);
  if (limits.pack_lanes != 0 && draw.once_in(2)) {
    draw_packed(draw, args, limits.pack_lanes);
    args.in_height = draw.size(1, draw.once_in(4) ? 64 : 16);
  }
  if (!limits.pool) {
    args.pool_type = golden::kPoolBypass;
    args.first_stride = false;
  }
  const std::uint32_t stride = args.stride();
  if (args.kernel_type == 0 && limits.pack_lanes != 0 && draw.once_in(2)) {
    args.in_width = (args.in_width + stride - 1) / stride * stride;
    args.in_height = (args.in_height + stride - 1) / stride * stride;
  }
  args.in_width = std::max(args.in_width, stride);
  args.in_height = std::max(args.in_height, stride);
  args.out_width = args.in_width / stride;
  args.out_height = args.in_height / stride;
  if (args.first_stride) {
    args.out_width = (args.in_width + draw.size(0, 1)) / 2;
    args.out_height = (args.in_height + draw.size(0, 1)) / 2;
  }
  args.pad_type = draw.once_in(4) ? 1 : 0;
  args.pad_value = draw.once_in(4) ? std::uint8_t{0} : draw.byte();
  args.load_act = !draw.once_in(64);
  args.dma_burst_size = draw.once_in(8) ? draw.size(0, 15) : 15;
  return args;
}

/// The vendor's layout for a width, or one that only hand-made words have: fewer channels a line
/// than would fit, gaps between rows and channel groups.
ImageLayout draw_layout(Draw& draw, std::uint32_t channels, std::uint32_t height,
                        std::uint32_t width) {
  ImageLayout layout = ImageLayout::standard(0, channels, height, width);
  if (draw.once_in(6)) {
    layout.line_channels >>= draw.size(0, layout.line_channels / 2);
    layout.row_lines += draw.size(0, 2);
    layout.group_lines = layout.row_lines * height + draw.size(0, 3);
  }
  return layout;
}

/// Places input and output in AI RAM without overlap; false if they do not fit.
bool place_images(Draw& draw, LayerArgs& args, std::uint32_t ram_lines) {
  const auto in = draw_layout(draw, args.in_channels, args.in_height, args.in_width);
  const auto out = draw_layout(draw, args.out_channels, args.out_height, args.out_width);
  const auto in_lines = static_cast<std::uint32_t>(in.end_line());
  const auto out_lines = static_cast<std::uint32_t>(out.end_line());
  if (in_lines + out_lines > ram_lines || in.row_lines > 15 || out.row_lines > 15) {
    return false;
  }
  const std::uint32_t slack = ram_lines - in_lines - out_lines;
  const std::uint32_t first = draw.size(0, slack);
  const std::uint32_t gap = draw.size(0, slack - first);
  const bool in_first = draw.once_in(2);
  args.src_line = in_first ? first : first + out_lines + gap;
  args.dst_line = in_first ? first + in_lines + gap : first;
  args.in_line_channels = in.line_channels;
  args.in_row_lines = in.row_lines;
  args.in_group_lines = in.group_lines;
  args.out_line_channels = out.line_channels;
  args.out_row_lines = out.row_lines;
  args.out_group_lines = out.group_lines;
  args.channel_byte_num = args.out_width * args.out_height;
  args.dma_total_byte = std::uint64_t{args.channel_byte_num} * args.out_channels;
  return args.channel_byte_num <= 1U << 16;
}

/// Any number of loads that the fields can say, now and then with a gap between them.
bool split_loads(Draw& draw, LayerArgs& args, bool eight_bit) {
  const std::uint32_t least = (args.out_channels + 63) / 64;
  switch (draw.range(0, 3)) {
    case 0: args.load_channels = least; break;
    case 1: args.load_channels = draw.size(least, args.out_channels); break;
    default: args.load_channels = args.out_channels;
  }
  args.loads = (args.out_channels + args.load_channels - 1) / args.load_channels;
  const std::size_t bytes = args.channel_weights() * (eight_bit ? 1 : 2) * args.load_channels;
  const std::size_t with_gap = bytes + (draw.once_in(4) ? draw.size(0, 40) : 0);
  args.load_bytes = static_cast<std::uint32_t>(with_gap);
  return with_gap < 1U << 17;
}

void put_le(std::vector<std::uint8_t>& bytes, std::uint64_t word, unsigned count) {
  for (unsigned i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
}

/// Tables whose values fit: zero points in the middle of the data, batch norm to a random range,
/// an activation that spreads it over 0..255.
void calibrated_tables(Draw& draw, RandomLayer& layer) {
  LayerArgs& args = layer.args;
  const double taps = static_cast<double>(args.kernel() * args.kernel());
  const std::int64_t weight_zero = draw.range(0, layer.eight_bit ? 255 : 65535);
  const std::int64_t pixel_zero = draw.range(0, 255);
  args.conv.shr_x = draw.size(0, layer.eight_bit ? 15 : 7);
  args.conv.shr_w = draw.size(0, 15);
  args.conv.arg_x = static_cast<std::int32_t>(-(weight_zero << args.conv.shr_x));
  args.conv.arg_w = static_cast<std::int32_t>(-(pixel_zero << args.conv.shr_w));
  args.conv.arg_add = static_cast<std::int64_t>(taps) * weight_zero * pixel_zero;

  // About four standard deviations of conv.
  const double weight_scale = layer.eight_bit ? 1.0 : 256.0;
  const double conv_range =
      4.0 * std::sqrt(taps * args.summed_channels()) * 100.0 * 100.0 * weight_scale;
  const double norm_range = std::ldexp(1.0, static_cast<int>(draw.range(8, 33)));
  for (std::uint32_t c = 0; c < args.out_channels; ++c) {
    golden::BatchNorm bn;
    bn.shift = draw.size(0, 15);
    const double mul = std::ldexp(norm_range / conv_range, static_cast<int>(bn.shift));
    const double rounded = std::floor(mul) + static_cast<double>(draw.range(0, 1));
    bn.mul = static_cast<std::int32_t>(std::min(rounded, 8388607.0));  // 24 bits, signed
    if (draw.once_in(4)) bn.mul = -bn.mul;
    const auto add = static_cast<std::int64_t>(std::min(norm_range / 4, 2147483647.0));
    bn.add = static_cast<std::int32_t>(draw.range(-add, add));
    put_le(layer.batch_norm, golden::encode_batch_norm(bn), golden::kBatchNormBytes);
  }

  golden::ActTable table{};
  std::array<std::int64_t, golden::kSegments> starts{};
  const auto span = static_cast<std::int64_t>(norm_range);
  for (auto& start : starts) start = draw.range(-span, span);
  if (!draw.once_in(4)) std::sort(starts.begin(), starts.end());
  if (draw.once_in(3)) starts[draw.size(1, 15)] = starts[draw.size(0, 14)];
  if (!draw.once_in(8)) starts[0] = -(std::int64_t{1} << 35);
  for (std::size_t i = 0; i < table.size(); ++i) {
    golden::Segment& segment = table[i];
    segment.x_start = starts[i];
    segment.shift = draw.once_in(16) ? draw.size(0, 255) : draw.size(0, 48);
    const double slope = std::ldexp(draw.size(16, 600) / norm_range, static_cast<int>(segment.shift));
    segment.y_mul = static_cast<std::int32_t>(std::min(slope, 32767.0));
    if (draw.once_in(5)) segment.y_mul = -segment.y_mul;
    segment.bias = draw.byte();
  }
  const auto bytes = golden::encode_act_table(table);
  layer.act.assign(bytes.begin(), bytes.end());
}

/// Tables with every field of any magnitude; conv and norm often do not fit.
void extreme_tables(Draw& draw, RandomLayer& layer) {
  golden::ConvArgs& conv = layer.args.conv;
  conv.shr_x = draw.size(0, 15);
  conv.shr_w = draw.size(0, 15);
  conv.arg_x = static_cast<std::int32_t>(draw.wide(24));
  conv.arg_w = static_cast<std::int32_t>(draw.wide(24));
  conv.arg_add = draw.wide(draw.once_in(3) ? 40 : 26);
  for (std::uint32_t c = 0; c < layer.args.out_channels; ++c) {
    golden::BatchNorm bn;
    bn.mul = static_cast<std::int32_t>(draw.wide(draw.once_in(3) ? 24 : 10));
    bn.add = static_cast<std::int32_t>(draw.wide(32));
    bn.shift = draw.size(0, 15);
    put_le(layer.batch_norm, golden::encode_batch_norm(bn), golden::kBatchNormBytes);
  }
  golden::ActTable table{};
  for (golden::Segment& segment : table) {
    segment.x_start = draw.wide(36);
    segment.y_mul = static_cast<std::int32_t>(draw.wide(16));
    segment.shift = draw.once_in(2) ? draw.size(0, 63) : draw.size(0, 255);
    segment.bias = draw.byte();
  }
  const auto bytes = golden::encode_act_table(table);
  layer.act.assign(bytes.begin(), bytes.end());
}

}  // namespace

std::uint32_t least_ring_rows(const LayerArgs& args, bool eight_bit,
                              std::uint32_t point_channels) {
  const std::uint32_t kernels = channels_per_row(args, point_channels);
  return (args.in_channels + kernels - 1) / kernels * (eight_bit ? 1 : 2);
}

std::uint64_t array_cycles(const LayerArgs& args, bool eight_bit) {
  const std::uint64_t groups =
      (args.in_channels + args.in_line_channels - 1) / args.in_line_channels;
  const std::uint64_t words = (args.in_width + 63) / 64;
  std::uint64_t per_row = words * groups;
  if (!args.depthwise) {
    per_row = words * args.out_channels * (args.kernel() == 3 ? groups : (groups + 7) / 8);
  }
  const std::uint64_t passes = eight_bit ? 1 : 2;
  return std::max<std::uint64_t>(per_row * args.in_height * passes,
                                 args.weight_bytes(eight_bit) / 8);
}

RandomLayer random_tables(RandomEngine& random, const LayerArgs& args, bool eight_bit) {
  Draw draw(random);
  RandomLayer layer;
  layer.args = args;
  layer.eight_bit = eight_bit;
  layer.weights.resize(args.weight_bytes(eight_bit));
  for (auto& weight : layer.weights) weight = draw.byte();
  calibrated_tables(draw, layer);
  return layer;
}

RandomLayer random_layer(RandomEngine& random, const RandomLayerLimits& limits) {
  Draw draw(random);
  RandomLayer layer;
  layer.eight_bit = limits.eight_bit;
  const std::uint64_t budget = limits.array_cycles * (draw.once_in(32) ? 16 : 1);
  do {
    layer.args = draw_shape(draw, limits);
  } while (!place_images(draw, layer.args, limits.ram_lines) ||
           !split_loads(draw, layer.args, layer.eight_bit) ||
           !golden::problems(layer.args, layer.eight_bit).empty() ||
           least_ring_rows(layer.args, layer.eight_bit, limits.point_channels) >
               limits.weight_rows ||
           array_cycles(layer.args, layer.eight_bit) > budget);

  layer.stream_out = draw.once_in(5) && limits.stream;
  layer.weights.resize(layer.args.weight_bytes(layer.eight_bit));
  const bool flat = draw.once_in(24);
  const std::uint8_t flat_value = draw.once_in(2) ? 255 : 0;
  for (auto& weight : layer.weights) weight = flat ? flat_value : draw.byte();
  layer.calibrated = !draw.once_in(4);
  if (layer.calibrated) {
    calibrated_tables(draw, layer);
  } else {
    extreme_tables(draw, layer);
  }
  return layer;
}

std::optional<RandomLayer> with_kept_tables(RandomEngine& random, const RandomLayer& before,
                                            const RandomLayerLimits& limits) {
  Draw draw(random);
  RandomLayer layer = before;
  LayerArgs& args = layer.args;
  if (args.loads != 1) return std::nullopt;
  const auto kept = draw.range(1, 3);
  args.load_para = (kept & 1) == 0;
  args.load_coor = (kept & 2) == 0;
  args.src_line = args.dst_line = 0;
  const auto in_lines = static_cast<std::uint32_t>(args.input_layout().end_line());
  const auto out_lines = static_cast<std::uint32_t>(args.output_layout().end_line());
  args.src_line = draw.size(0, limits.ram_lines - in_lines);
  args.dst_line = draw.size(0, limits.ram_lines - out_lines);
  const bool apart = args.src_line + in_lines <= args.dst_line ||
                     args.dst_line + out_lines <= args.src_line;
  if (!apart) return std::nullopt;
  return layer;
}

}  // namespace kpu::sim
