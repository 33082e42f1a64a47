// SPDX-License-Identifier: Apache-2.0
//
// Registers of the DMA controller by name; docs/system.md describes what they do here.
#pragma once

#include <cstdint>

namespace kpu::driver {

inline constexpr unsigned kDmacChannels = 6;  ///< of the chip

/// Offsets from the controller's base.
enum DmacOffset : std::uint16_t {
  kDmacId = 0x00,
  kDmacVersion = 0x08,
  kDmacCfg = 0x10,
  kDmacChEn = 0x18,
  kDmacIntStatus = 0x30,
  kDmacComIntClear = 0x38,
  kDmacComIntStatusEn = 0x40,
  kDmacComIntSignalEn = 0x48,
  kDmacComIntStatus = 0x50,
  kDmacReset = 0x58,
};

/// Offsets from a channel's registers, which start at dmac_channel(n).
enum DmacChannelOffset : std::uint16_t {
  kDmacSar = 0x00,
  kDmacDar = 0x08,
  kDmacBlockTs = 0x10,
  kDmacCtl = 0x18,
  kDmacChCfg = 0x20,
  kDmacLlp = 0x28,
  kDmacStatus = 0x30,
  kDmacIntStatusEn = 0x80,
  kDmacChIntStatus = 0x88,
  kDmacIntSignalEn = 0x90,
  kDmacIntClear = 0x98,
};

constexpr std::uint16_t dmac_channel(unsigned n) {
  return static_cast<std::uint16_t>(0x100 + 0x100 * n);
}

/// Bits of a channel's interrupt status.
enum DmacInterrupt : std::uint64_t {
  kDmacBlockDone = 1u << 0,
  kDmacTransferDone = 1u << 1,
  kDmacSrcDecodeError = 1u << 5,
  kDmacDstDecodeError = 1u << 6,
  kDmacSrcSlaveError = 1u << 7,
  kDmacDstSlaveError = 1u << 8,
  kDmacListDecodeError = 1u << 9,
  kDmacListSlaveError = 1u << 11,
  kDmacListInvalid = 1u << 13,
  kDmacDisabled = 1u << 30,
  kDmacAborted = 1u << 31,
};

/// Bits of the common interrupt status: bad register accesses.
enum DmacBadAccess : std::uint64_t {
  kDmacNoChannel = 1u << 0,
  kDmacWriteToReadOnly = 1u << 1,
  kDmacReadOfWriteOnly = 1u << 2,
  kDmacWriteOnHold = 1u << 3,
  kDmacUndefined = 1u << 8,
};

/// The ctl register of a channel.
struct DmacControl {
  bool src_fixed = false;
  bool dst_fixed = false;
  unsigned src_width = 3;  ///< log2 of bytes per item
  unsigned dst_width = 3;
  unsigned src_burst = 3;  ///< code: 1, 4, 8, 16, ... items
  unsigned dst_burst = 3;
  bool list_last = false;
  bool list_valid = false;

  constexpr std::uint64_t word() const {
    return std::uint64_t{src_fixed} << 4 | std::uint64_t{dst_fixed} << 6 |
           std::uint64_t{src_width} << 8 | std::uint64_t{dst_width} << 11 |
           std::uint64_t{src_burst} << 14 | std::uint64_t{dst_burst} << 18 |
           std::uint64_t{list_last} << 62 | std::uint64_t{list_valid} << 63;
  }
};

/// The cfg register of a channel.
inline constexpr std::uint64_t kDmacMemoryToMemory = 0;
inline constexpr std::uint64_t kDmacLinkedList = 0xF;  ///< both sides
/// From a peripheral with hardware handshake `line`.
constexpr std::uint64_t dmac_from_peripheral(unsigned line) {
  return std::uint64_t{2} << 32 | std::uint64_t{1} << 36 | std::uint64_t{line} << 39;
}

}  // namespace kpu::driver
