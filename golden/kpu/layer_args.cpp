// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/layer_args.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "common/bits.h"
#include "common/error.h"

namespace kpu::golden {
namespace {

/// The one table of where each field lies: calls visit(name, word, low bit, width, field, bias)
/// for every field; the words hold the field minus `bias`. Signed field types are signed in the
/// words.
template <class Args, class Visitor>
void each_field(Args& args, Visitor visit) {
  visit("int_en", 0, 0, 1, args.int_en, 0);
  visit("ram_flag", 0, 1, 1, args.ram_flag, 0);
  visit("full_add", 0, 2, 1, args.full_add, 0);
  visit("depth_wise_layer", 0, 3, 1, args.depthwise, 0);
  visit("image_src_addr", 1, 0, 15, args.src_line, 0);
  visit("image_dst_addr", 1, 32, 15, args.dst_line, 0);
  visit("i_ch_num", 2, 0, 10, args.in_channels, 1);
  visit("o_ch_num", 2, 32, 10, args.out_channels, 1);
  visit("o_ch_num_coef", 2, 48, 10, args.load_channels, 1);
  visit("i_row_wid", 3, 0, 10, args.in_width, 1);
  visit("i_col_high", 3, 10, 9, args.in_height, 1);
  visit("o_row_wid", 3, 32, 10, args.out_width, 1);
  visit("o_col_high", 3, 42, 9, args.out_height, 1);
  visit("kernel_type", 4, 0, 3, args.kernel_type, 0);
  visit("pad_type", 4, 3, 1, args.pad_type, 0);
  visit("pool_type", 4, 4, 4, args.pool_type, 0);
  visit("first_stride", 4, 8, 1, args.first_stride, 0);
  visit("bypass_conv", 4, 9, 1, args.bypass_conv, 0);
  visit("load_para", 4, 10, 1, args.load_para, 0);
  visit("dma_burst_size", 4, 16, 8, args.dma_burst_size, 0);
  visit("pad_value", 4, 24, 8, args.pad_value, 0);
  visit("bwsx_base_addr", 4, 32, 32, args.bn_addr, 0);
  visit("load_coor", 5, 0, 1, args.load_coor, 0);
  visit("load_time", 5, 1, 6, args.loads, 1);
  visit("para_size", 5, 15, 17, args.load_bytes, 0);
  visit("para_start_addr", 5, 32, 32, args.weights_addr, 0);
  visit("coef_column_offset", 6, 0, 4, args.coef_column_offset, 0);
  visit("coef_row_offset", 6, 4, 12, args.coef_row_offset, 0);
  visit("channel_switch_addr", 7, 0, 15, args.in_group_lines, 0);
  visit("row_switch_addr", 7, 16, 4, args.in_row_lines, 0);
  visit("coef_size", 7, 20, 8, args.coef_size, 0);
  visit("coef_group", 7, 28, 3, args.in_line_channels, 0);
  visit("load_act", 7, 31, 1, args.load_act, 0);
  visit("active_addr", 7, 32, 32, args.act_addr, 0);
  visit("wb_channel_switch_addr", 8, 0, 15, args.out_group_lines, 0);
  visit("wb_row_switch_addr", 8, 16, 4, args.out_row_lines, 0);
  visit("wb_group", 8, 20, 3, args.out_line_channels, 0);
  visit("shr_w", 9, 0, 4, args.conv.shr_w, 0);
  visit("shr_x", 9, 4, 4, args.conv.shr_x, 0);
  visit("arg_w", 9, 8, 24, args.conv.arg_w, 0);
  visit("arg_x", 9, 32, 24, args.conv.arg_x, 0);
  visit("arg_add", 10, 0, 40, args.conv.arg_add, 0);
  visit("send_data_out", 11, 0, 1, args.send_data_out, 0);
  visit("channel_byte_num", 11, 16, 16, args.channel_byte_num, 1);
  visit("dma_total_byte", 11, 32, 32, args.dma_total_byte, 1);
}

/// Channels of one weight load: as many as fit the limit the vendor's compilers keep.
std::uint32_t channels_per_load(const LayerArgs& args, bool eight_bit) {
  if (args.depthwise) {
    return args.out_channels;
  }
  const std::size_t limit = (eight_bit ? 30 : 60) * 1024;
  const std::size_t channel_bytes = args.channel_weights() * (eight_bit ? 1 : 2);
  const std::size_t most = std::max<std::size_t>(limit / channel_bytes, 1);
  return static_cast<std::uint32_t>(std::min<std::size_t>(most, args.out_channels));
}

}  // namespace

std::uint32_t pool_stride(std::uint32_t pool_type) {
  switch (pool_type) {
    case kPoolBypass:
    case kPoolMean2s1:
    case kPoolMax2s1:
      return 1;
    case kPoolMax2:
    case kPoolMean2:
    case kPoolLeftTop2:
    case kPoolRightTop2:
      return 2;
    case kPoolMax4:
    case kPoolMean4:
    case kPoolLeftTop4:
      return 4;
    default:
      throw Error(fmt::format("pool_type={}: expected 0 to 9", pool_type));
  }
}

bool LayerArgs::operator==(const LayerArgs& other) const { return encode(*this) == encode(other); }

std::size_t LayerArgs::weight_offset(std::uint32_t channel, bool eight_bit) const {
  const std::size_t within = channel_weights() * (channel % load_channels);
  return std::size_t{channel / load_channels} * load_bytes + within * (eight_bit ? 1 : 2);
}

std::size_t LayerArgs::weight_bytes(bool eight_bit) const {
  return weight_offset(out_channels - 1, eight_bit) + channel_weights() * (eight_bit ? 1 : 2);
}

std::uint64_t LayerArgs::macs() const {
  return std::uint64_t{channel_weights()} * out_channels * in_height * in_width;
}

std::uint32_t LayerArgs::stride() const { return first_stride ? 2 : pool_stride(pool_type); }

ImageLayout LayerArgs::input_layout() const {
  return {.base_line = src_line,
          .channels = in_channels,
          .height = in_height,
          .width = in_width,
          .line_channels = in_line_channels,
          .row_lines = in_row_lines,
          .group_lines = in_group_lines};
}

ImageLayout LayerArgs::output_layout() const {
  return {.base_line = dst_line,
          .channels = out_channels,
          .height = out_height,
          .width = out_width,
          .line_channels = out_line_channels,
          .row_lines = out_row_lines,
          .group_lines = out_group_lines};
}

LayerArgs decode(const LayerWords& words) {
  LayerArgs args;
  each_field(args, [&](const char*, int word, int low, int width, auto& field, int bias) {
    using Field = std::remove_reference_t<decltype(field)>;
    if constexpr (std::is_signed_v<Field>) {
      field = static_cast<Field>(signed_bits(words[word], low, width));
    } else {
      field = static_cast<Field>(bits(words[word], low, width) + bias);
    }
  });
  return args;
}

LayerWords encode(const LayerArgs& args) {
  LayerWords words{};
  each_field(args, [&](const char* name, int word, int low, int width, auto field, int bias) {
    const std::uint64_t raw = static_cast<std::uint64_t>(field) - bias;
    const bool fits = std::is_signed_v<decltype(field)>
                          ? signed_bits(raw, 0, width) == static_cast<std::int64_t>(raw)
                          : bits(raw, 0, width) == raw;
    if (!fits) {
      throw Error(
          fmt::format("layer argument {}={}: does not fit its {} bits", name, field, width));
    }
    words[word] |= place_bits(raw, low, width);
  });
  return words;
}

LayerArgs make_layer_args(const LayerShape& shape, bool eight_bit) {
  LayerArgs args;
  args.depthwise = shape.depthwise;
  args.src_line = shape.src_line;
  args.dst_line = shape.dst_line;
  args.in_channels = shape.in_channels;
  args.out_channels = shape.out_channels;
  args.in_width = shape.width;
  args.in_height = shape.height;
  args.kernel_type = shape.kernel == 1 ? 0 : 1;
  args.pool_type = shape.pool_type;
  args.first_stride = shape.first_stride;
  const std::uint32_t stride = args.stride();
  const std::uint32_t rounding = shape.first_stride ? 1 : 0;
  args.out_width = (shape.width + rounding) / stride;
  args.out_height = (shape.height + rounding) / stride;

  args.load_channels = channels_per_load(args, eight_bit);
  args.loads = (args.out_channels + args.load_channels - 1) / args.load_channels;
  args.load_bytes =
      static_cast<std::uint32_t>(args.channel_weights() * args.load_channels * (eight_bit ? 1 : 2));

  const ImageLayout in =
      ImageLayout::standard(args.src_line, args.in_channels, args.in_height, args.in_width);
  args.in_group_lines = in.group_lines;
  args.in_row_lines = in.row_lines;
  args.in_line_channels = in.line_channels;
  const ImageLayout out =
      ImageLayout::standard(args.dst_line, args.out_channels, args.out_height, args.out_width);
  args.out_group_lines = out.group_lines;
  args.out_row_lines = out.row_lines;
  args.out_line_channels = out.line_channels;

  args.channel_byte_num = args.out_width * args.out_height;
  args.dma_total_byte = out.planar_bytes();
  return args;
}

}  // namespace kpu::golden
