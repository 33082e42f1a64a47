// SPDX-License-Identifier: Apache-2.0
//
// Registers of the KPU by name; docs/registers.md describes them.
#pragma once

#include <cstdint>

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
  kRegPerf = 0x140,
};

enum InterruptBit : std::uint64_t {
  kIntCalcDone = 1,
  kIntAlmostEmpty = 2,
  kIntAlmostFull = 4,
  kIntAll = 7,
};

enum StatusBit : std::uint64_t {
  kStatusUnsupported = 0x01,
  kStatusConvOverflow = 0x02,
  kStatusNormOverflow = 0x04,
  kStatusBusError = 0x08,
  kStatusLayerOverflow = 0x10,
  kStatusOutEmptyRead = 0x20,
  kStatusAll = 0x3F,
};

inline constexpr std::uint64_t kFifoCtrlRun = 0x1F;
inline constexpr std::uint64_t kIdValue = 0x4B505531;  ///< upper half of kRegId
inline constexpr unsigned kPerfCounters = 16;

}  // namespace kpu::driver
