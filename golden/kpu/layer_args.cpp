// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/layer_args.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "common/bits.h"
#include "common/error.h"
#include "common/layer_fields.h"

namespace kpu::golden {
namespace {

/// Calls visit(place in the words, member) for every field. Signed members are signed in the words.
template <class Args, class Visitor>
void each_field(Args& args, Visitor visit) {
  visit(field::kIntEn, args.int_en);
  visit(field::kRamFlag, args.ram_flag);
  visit(field::kFullAdd, args.full_add);
  visit(field::kDepthWiseLayer, args.depthwise);
  visit(field::kImageSrcAddr, args.src_line);
  visit(field::kImageDstAddr, args.dst_line);
  visit(field::kIChNum, args.in_channels);
  visit(field::kOChNum, args.out_channels);
  visit(field::kOChNumCoef, args.load_channels);
  visit(field::kIRowWid, args.in_width);
  visit(field::kIColHigh, args.in_height);
  visit(field::kORowWid, args.out_width);
  visit(field::kOColHigh, args.out_height);
  visit(field::kKernelType, args.kernel_type);
  visit(field::kPadType, args.pad_type);
  visit(field::kPoolType, args.pool_type);
  visit(field::kFirstStride, args.first_stride);
  visit(field::kBypassConv, args.bypass_conv);
  visit(field::kLoadPara, args.load_para);
  visit(field::kDmaBurstSize, args.dma_burst_size);
  visit(field::kPadValue, args.pad_value);
  visit(field::kBwsxBaseAddr, args.bn_addr);
  visit(field::kLoadCoor, args.load_coor);
  visit(field::kLoadTime, args.loads);
  visit(field::kParaSize, args.load_bytes);
  visit(field::kParaStartAddr, args.weights_addr);
  visit(field::kCoefColumnOffset, args.coef_column_offset);
  visit(field::kCoefRowOffset, args.coef_row_offset);
  visit(field::kChannelSwitchAddr, args.in_group_lines);
  visit(field::kRowSwitchAddr, args.in_row_lines);
  visit(field::kCoefSize, args.coef_size);
  visit(field::kCoefGroup, args.in_line_channels);
  visit(field::kLoadAct, args.load_act);
  visit(field::kActiveAddr, args.act_addr);
  visit(field::kWbChannelSwitchAddr, args.out_group_lines);
  visit(field::kWbRowSwitchAddr, args.out_row_lines);
  visit(field::kWbGroup, args.out_line_channels);
  visit(field::kShrW, args.conv.shr_w);
  visit(field::kShrX, args.conv.shr_x);
  visit(field::kArgW, args.conv.arg_w);
  visit(field::kArgX, args.conv.arg_x);
  visit(field::kArgAdd, args.conv.arg_add);
  visit(field::kSendDataOut, args.send_data_out);
  visit(field::kChannelByteNum, args.channel_byte_num);
  visit(field::kDmaTotalByte, args.dma_total_byte);
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

bool LayerArgs::slides() const { return pool_type == kPoolMean2s1 || pool_type == kPoolMax2s1; }

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
  each_field(args, [&](const LayerField& place, auto& member) {
    using Member = std::remove_reference_t<decltype(member)>;
    if constexpr (std::is_signed_v<Member>) {
      member = static_cast<Member>(signed_bits(words[place.word], place.low, place.width));
    } else {
      member = static_cast<Member>(place.of(words));
    }
  });
  return args;
}

LayerWords encode(const LayerArgs& args) {
  LayerWords words{};
  each_field(args, [&](const LayerField& place, auto member) {
    const std::uint64_t raw = static_cast<std::uint64_t>(member) - place.minus;
    const bool fits = std::is_signed_v<decltype(member)>
                          ? signed_bits(raw, 0, place.width) == static_cast<std::int64_t>(raw)
                          : bits(raw, 0, place.width) == raw;
    if (!fits) {
      throw Error(fmt::format("layer argument {}={}: does not fit its {} bits", place.name, member,
                              place.width));
    }
    words[place.word] |= place_bits(raw, place.low, place.width);
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
