// SPDX-License-Identifier: Apache-2.0
// Written by scripts/generate.py from registers/kpu_registers.json: change that, not this.
//
// Where each field lies in the twelve words of a layer; docs/registers.md describes them.
// clang-format off
#pragma once

#include <cstdint>

#include "common/bits.h"
#include "common/kpu_shape.h"

namespace kpu {

/// A field of the layer words: bits `low` to `low + width - 1` of word `word` hold its value minus `minus`.
struct LayerField {
  const char* name = nullptr;
  unsigned word = 0;
  unsigned low = 0;
  unsigned width = 1;
  unsigned minus = 0;

  /// The field's value, unsigned.
  constexpr std::uint64_t of(const LayerWords& words) const {
    return bits(words[word], low, width) + minus;
  }
};

namespace field {

inline constexpr LayerField kIntEn{"int_en", 0, 0, 1, 0};
inline constexpr LayerField kRamFlag{"ram_flag", 0, 1, 1, 0};
inline constexpr LayerField kFullAdd{"full_add", 0, 2, 1, 0};
inline constexpr LayerField kDepthWiseLayer{"depth_wise_layer", 0, 3, 1, 0};
inline constexpr LayerField kImageSrcAddr{"image_src_addr", 1, 0, 15, 0};
inline constexpr LayerField kImageDstAddr{"image_dst_addr", 1, 32, 15, 0};
inline constexpr LayerField kIChNum{"i_ch_num", 2, 0, 10, 1};
inline constexpr LayerField kOChNum{"o_ch_num", 2, 32, 10, 1};
inline constexpr LayerField kOChNumCoef{"o_ch_num_coef", 2, 48, 10, 1};
inline constexpr LayerField kIRowWid{"i_row_wid", 3, 0, 10, 1};
inline constexpr LayerField kIColHigh{"i_col_high", 3, 10, 9, 1};
inline constexpr LayerField kORowWid{"o_row_wid", 3, 32, 10, 1};
inline constexpr LayerField kOColHigh{"o_col_high", 3, 42, 9, 1};
inline constexpr LayerField kKernelType{"kernel_type", 4, 0, 3, 0};
inline constexpr LayerField kPadType{"pad_type", 4, 3, 1, 0};
inline constexpr LayerField kPoolType{"pool_type", 4, 4, 4, 0};
inline constexpr LayerField kFirstStride{"first_stride", 4, 8, 1, 0};
inline constexpr LayerField kBypassConv{"bypass_conv", 4, 9, 1, 0};
inline constexpr LayerField kLoadPara{"load_para", 4, 10, 1, 0};
inline constexpr LayerField kDmaBurstSize{"dma_burst_size", 4, 16, 8, 0};
inline constexpr LayerField kPadValue{"pad_value", 4, 24, 8, 0};
inline constexpr LayerField kBwsxBaseAddr{"bwsx_base_addr", 4, 32, 32, 0};
inline constexpr LayerField kLoadCoor{"load_coor", 5, 0, 1, 0};
inline constexpr LayerField kLoadTime{"load_time", 5, 1, 6, 1};
inline constexpr LayerField kParaSize{"para_size", 5, 15, 17, 0};
inline constexpr LayerField kParaStartAddr{"para_start_addr", 5, 32, 32, 0};
inline constexpr LayerField kCoefColumnOffset{"coef_column_offset", 6, 0, 4, 0};
inline constexpr LayerField kCoefRowOffset{"coef_row_offset", 6, 4, 12, 0};
inline constexpr LayerField kChannelSwitchAddr{"channel_switch_addr", 7, 0, 15, 0};
inline constexpr LayerField kRowSwitchAddr{"row_switch_addr", 7, 16, 4, 0};
inline constexpr LayerField kCoefSize{"coef_size", 7, 20, 8, 0};
inline constexpr LayerField kCoefGroup{"coef_group", 7, 28, 3, 0};
inline constexpr LayerField kLoadAct{"load_act", 7, 31, 1, 0};
inline constexpr LayerField kActiveAddr{"active_addr", 7, 32, 32, 0};
inline constexpr LayerField kWbChannelSwitchAddr{"wb_channel_switch_addr", 8, 0, 15, 0};
inline constexpr LayerField kWbRowSwitchAddr{"wb_row_switch_addr", 8, 16, 4, 0};
inline constexpr LayerField kWbGroup{"wb_group", 8, 20, 3, 0};
inline constexpr LayerField kShrW{"shr_w", 9, 0, 4, 0};
inline constexpr LayerField kShrX{"shr_x", 9, 4, 4, 0};
inline constexpr LayerField kArgW{"arg_w", 9, 8, 24, 0};
inline constexpr LayerField kArgX{"arg_x", 9, 32, 24, 0};
inline constexpr LayerField kArgAdd{"arg_add", 10, 0, 40, 0};
inline constexpr LayerField kSendDataOut{"send_data_out", 11, 0, 1, 0};
inline constexpr LayerField kChannelByteNum{"channel_byte_num", 11, 16, 16, 1};
inline constexpr LayerField kDmaTotalByte{"dma_total_byte", 11, 32, 32, 1};

}  // namespace field
}  // namespace kpu
