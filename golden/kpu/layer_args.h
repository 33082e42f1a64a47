// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/kpu_shape.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/arith.h"

namespace kpu::golden {

/// What `pool_type` can be. The suffix s1 means a 2x2 window moved by one pixel.
enum PoolType : std::uint32_t {
  kPoolBypass = 0,
  kPoolMax2 = 1,
  kPoolMean2 = 2,
  kPoolMax4 = 3,
  kPoolMean4 = 4,
  kPoolLeftTop2 = 5,
  kPoolRightTop2 = 6,
  kPoolLeftTop4 = 7,
  kPoolMean2s1 = 8,
  kPoolMax2s1 = 9,
};

/// Step of a pool type on both axes: 1, 2 or 4. Throws Error for a type above 9.
std::uint32_t pool_stride(std::uint32_t pool_type);

/// The layer words by name, in the order of the words. Counts and sizes are real ones, not minus
/// one; addresses in AI RAM count lines; addresses in memory count bytes.
struct LayerArgs {
  // word 0
  bool int_en = false;    ///< raise calc_done at the end
  bool ram_flag = false;  ///< unknown use, ignored
  bool full_add = false;  ///< stream the sum of conv of each channel, see KpuLayerResult
  bool depthwise = false;
  // word 1
  std::uint32_t src_line = 0;  ///< 15 bits
  std::uint32_t dst_line = 0;  ///< 15 bits
  // word 2
  std::uint32_t in_channels = 1;    ///< 1..1024
  std::uint32_t out_channels = 1;   ///< 1..1024
  std::uint32_t load_channels = 1;  ///< o_ch_num_coef: output channels per weight load, 1..1024
  // word 3
  std::uint32_t in_width = 1;    ///< 1..1024
  std::uint32_t in_height = 1;   ///< 1..512
  std::uint32_t out_width = 1;   ///< after pooling
  std::uint32_t out_height = 1;  ///< after pooling
  // word 4
  std::uint32_t kernel_type = 0;  ///< 0: 1x1, 1: 3x3
  std::uint32_t pad_type = 0;     ///< 0: pad_value, 1: nearest edge pixel
  std::uint32_t pool_type = 0;    ///< PoolType
  bool first_stride = false;      ///< keep rows and columns 0, 2, 4, ... of the convolution
  bool bypass_conv = false;       ///< unsupported
  bool load_para = true;          ///< false: keep the batch-norm table of the layer before
  std::uint32_t dma_burst_size = 15;
  std::uint8_t pad_value = 0;
  std::uint32_t bn_addr = 0;  ///< bwsx_base_addr
  // word 5
  bool load_coor = true;           ///< false: keep the weights of the layer before
  std::uint32_t loads = 1;         ///< load_time: weight loads, 1..64
  std::uint32_t load_bytes = 0;    ///< para_size: bytes from one load to the next, 17 bits
  std::uint32_t weights_addr = 0;  ///< para_start_addr
  // word 6
  std::uint32_t coef_column_offset = 0;  ///< unsupported unless 0
  std::uint32_t coef_row_offset = 0;     ///< unsupported unless 0
  // word 7
  std::uint32_t in_group_lines = 1;  ///< channel_switch_addr
  std::uint32_t in_row_lines = 1;    ///< row_switch_addr
  std::uint32_t coef_size = 0;
  std::uint32_t in_line_channels = 1;  ///< coef_group: channels per line, 1, 2 or 4
  bool load_act = true;                ///< false: the output is all zero
  std::uint32_t act_addr = 0;          ///< active_addr
  // word 8
  std::uint32_t out_group_lines = 1;    ///< wb_channel_switch_addr
  std::uint32_t out_row_lines = 1;      ///< wb_row_switch_addr
  std::uint32_t out_line_channels = 1;  ///< wb_group
  // words 9 and 10
  ConvArgs conv;
  // word 11
  bool send_data_out = false;          ///< also stream the output to fifo_data_out
  std::uint32_t channel_byte_num = 1;  ///< bytes of one output channel, 1..65536
  std::uint64_t dma_total_byte = 1;    ///< bytes of the output, 1..2^32

  bool operator==(const LayerArgs&) const;

  /// Kernel size: 1 or 3. Meaningless for an unsupported kernel_type.
  std::uint32_t kernel() const { return kernel_type == 0 ? 1 : 3; }
  /// Input channels that one output channel sums: all, or 1 when depthwise.
  std::uint32_t summed_channels() const { return depthwise ? 1 : in_channels; }
  /// Weights of one output channel.
  std::size_t channel_weights() const {
    return std::size_t{kernel()} * kernel() * summed_channels();
  }
  /// Bytes from the first weight to one past the last, over all loads.
  std::size_t weight_bytes(bool eight_bit) const;
  /// Byte offset of output channel `channel`'s first weight from the first load's start.
  std::size_t weight_offset(std::uint32_t channel, bool eight_bit) const;
  /// Bytes of the batch-norm table.
  std::size_t bn_bytes() const { return std::size_t{out_channels} * kBatchNormBytes; }
  /// Multiplications with a weight, over the whole convolution before pooling.
  std::uint64_t macs() const;
  /// Step from one used row or column of the convolution's output to the next: the pool's stride,
  /// or 2 with first_stride.
  std::uint32_t stride() const;
  /// The pool's windows overlap, a pixel apart: two by two, types 8 and 9.
  bool slides() const;

  ImageLayout input_layout() const;
  ImageLayout output_layout() const;
};

/// The fields of twelve words. Every word is accepted; see problems() for what can run.
LayerArgs decode(const LayerWords& words);

/// The words of `args`, reserved bits zero. Throws Error naming the first field that does not fit.
LayerWords encode(const LayerArgs& args);

/// Everything that keeps `args` from running, one line each ("field=value: what was expected");
/// empty when the layer is fine. Covers what the hardware refuses as unsupported, too.
std::vector<std::string> problems(const LayerArgs& args, bool eight_bit,
                                  LoadTime load_time = LoadTime::kCounts);

/// Throws Error with `where` and the first problem, if there is one.
void require_valid(const LayerArgs& args, bool eight_bit, const std::string& where,
                   LoadTime load_time = LoadTime::kCounts);

/// The few choices behind an ordinary layer; the rest follows as the vendor's compilers do it.
struct LayerShape {
  std::uint32_t in_channels = 1;
  std::uint32_t out_channels = 1;  ///< equal to in_channels when depthwise
  std::uint32_t height = 1;        ///< of the input
  std::uint32_t width = 1;
  std::uint32_t kernel = 1;  ///< 1 or 3
  bool depthwise = false;
  std::uint32_t pool_type = kPoolBypass;
  bool first_stride = false;  ///< rows and columns 0, 2, ..; of an odd number one more than half
  std::uint32_t src_line = 0;
  std::uint32_t dst_line = 0;
};

/// Arguments for `shape`: standard image layouts, output size, and weight loads of at most 30 KiB
/// (60 KiB with 16-bit weights). Arithmetic fields are left zero.
LayerArgs make_layer_args(const LayerShape& shape, bool eight_bit);

}  // namespace kpu::golden
