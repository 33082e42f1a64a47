// SPDX-License-Identifier: Apache-2.0
// Written by scripts/generate.py from registers/kpu_registers.json: change that, not this.
//
// Registers of the KPU by name, and why it refuses a layer; docs/registers.md describes them.
// clang-format off
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/bits.h"
#include "common/layer_fields.h"

namespace kpu::driver {

enum RegisterOffset : std::uint16_t {
  kRegLayerArgumentFifo = 0x00,
  kRegInterruptStatus = 0x08,
  kRegInterruptRaw = 0x10,
  kRegInterruptMask = 0x18,
  kRegInterruptClear = 0x20,
  kRegFifoThreshold = 0x28,
  kRegFifoDataOut = 0x30,
  kRegFifoCtrl = 0x38,
  kRegEightBitMode = 0x40,
  kRegId = 0x100,
  kRegConfig = 0x108,
  kRegStatus = 0x110,
  kRegLayersDone = 0x118,
  kRegUnitState = 0x120,
  kRegFifoLevels = 0x128,
  kRegLeftOut = 0x130,
  kRegPerf = 0x140,
};

enum InterruptBit : std::uint64_t {
  kIntCalcDone = 0x01,
  kIntAlmostEmpty = 0x02,
  kIntAlmostFull = 0x04,
  kIntAll = 0x07,
};

enum StatusBit : std::uint64_t {
  kStatusUnsupported = 0x01,
  kStatusConvOverflow = 0x02,
  kStatusNormOverflow = 0x04,
  kStatusBusError = 0x08,
  kStatusLayerOverflow = 0x10,
  kStatusOutEmptyRead = 0x20,
  kStatusAll = 0x3f,
};

enum LeftOutBit : std::uint64_t {
  kLeftOutPool = 0x01,
  kLeftOutStreamOut = 0x02,
  kLeftOutWeights16 = 0x04,
  kLeftOutPerf = 0x08,
  kLeftOutAll = 0x0f,
};

/// Where a field lies in its register.
struct RegisterField {
  unsigned low;
  unsigned width;

  constexpr std::uint64_t of(std::uint64_t value) const { return bits(value, low, width); }
};

inline constexpr RegisterField kConfigLanes{0, 8};
inline constexpr RegisterField kConfigAiLines{8, 16};
inline constexpr RegisterField kConfigWeightRows{24, 16};
inline constexpr RegisterField kConfigPostLanes{40, 8};
inline constexpr RegisterField kConfigLayerFifo{48, 8};
inline constexpr RegisterField kConfigOutFifo{56, 8};
inline constexpr RegisterField kStatusReason{8, 8};
inline constexpr RegisterField kStatusBusErrorSource{16, 2};

inline constexpr std::uint64_t kFifoCtrlRun = 0x1F;
inline constexpr std::uint64_t kIdValue = 0x4B505531;  ///< upper half of kRegId
inline constexpr unsigned kPerfCounters = 16;

/// A reason for which the decoder refuses a layer: the fields that it looks at, what is wrong with them, and what
/// would be right.
struct RefusalReason {
  unsigned code;
  std::size_t field_count;
  std::array<LayerField, 6> fields;
  const char* problem;
  const char* expected;
};

inline constexpr std::array<RefusalReason, 18> kRefusalReasons{{
    {1, 1, {field::kKernelType},
     "no such kernel", "0 (1x1) or 1 (3x3)"},
    {2, 1, {field::kBypassConv},
     "not supported", "0"},
    {3, 2, {field::kCoefColumnOffset, field::kCoefRowOffset},
     "not supported", "0"},
    {4, 1, {field::kPoolType},
     "no such pool", "0 to 9"},
    {5, 2, {field::kFirstStride, field::kPoolType},
     "first_stride together with a pool", "one of them 0"},
    {6, 2, {field::kCoefGroup, field::kIRowWid},
     "an input row is wider than its share of a line", "group 1, 2 up to 32 pixels, or 4 up to 16"},
    {7, 2, {field::kWbGroup, field::kORowWid},
     "an output row is wider than its share of a line", "group 1, 2 up to 32 pixels, or 4 up to 16"},
    {8, 6, {field::kIRowWid, field::kIColHigh, field::kORowWid, field::kOColHigh, field::kPoolType, field::kFirstStride},
     "the output's size does not follow from the input's", "input size div the step of the pool"},
    {9, 5, {field::kImageSrcAddr, field::kIChNum, field::kIColHigh, field::kChannelSwitchAddr, field::kRowSwitchAddr},
     "the input leaves AI RAM", "its last line inside"},
    {10, 5, {field::kImageDstAddr, field::kOChNum, field::kOColHigh, field::kWbChannelSwitchAddr, field::kWbRowSwitchAddr},
     "the output leaves AI RAM", "its last line inside"},
    {11, 3, {field::kLoadTime, field::kOChNumCoef, field::kOChNum},
     "the loads bring fewer output channels than the layer has", "load_time x o_ch_num_coef of at least o_ch_num"},
    {12, 3, {field::kIChNum, field::kKernelType, field::kDepthWiseLayer},
     "the weights of one output channel (depthwise: of the layer) do not fit the weight ring", "fewer input channels, 8-bit weights, or a machine with more WeightRows"},
    {13, 1, {field::kFullAdd},
     "not supported", "0"},
    {14, 2, {field::kIChNum, field::kOChNum},
     "depthwise with different numbers of channels", "equal numbers"},
    {15, 2, {field::kLoadCoor, field::kLoadTime},
     "several loads of weights that are kept", "load_time 1"},
    {16, 2, {field::kPoolType, field::kFirstStride},
     "the machine has no pooling unit", "both 0, or a machine with Pool = 1"},
    {17, 1, {field::kSendDataOut},
     "the machine has no output stream", "0, or a machine with StreamOut = 1"},
    {18, 1, {field::kParaSize},
     "the machine has no 16-bit weights", "eight_bit_mode 1, or a machine with Weights16 = 1"},
}};

}  // namespace kpu::driver
