// SPDX-License-Identifier: Apache-2.0
//
// The K210's addresses, interrupts and DMA request lines that kpu_soc has (docs/system.md).
#pragma once

#include <cstddef>
#include <cstdint>

namespace kpu::driver {

inline constexpr std::uint32_t kSramBase = 0x4000'0000;        ///< uncached alias
inline constexpr std::uint32_t kSramCachedBase = 0x8000'0000;  ///< the same bytes
inline constexpr std::size_t kSramBytes = 6 << 20;
inline constexpr std::uint32_t kAiRamBase = 0x4060'0000;
inline constexpr std::uint32_t kAiRamCachedBase = 0x8060'0000;
inline constexpr std::uint32_t kKpuBase = 0x4080'0000;
inline constexpr std::uint32_t kDmacBase = 0x5000'0000;
inline constexpr std::uint32_t kDmaSelect0 = 0x5044'0064;  ///< channels 0 to 4, six bits each
inline constexpr std::uint32_t kDmaSelect1 = 0x5044'0068;  ///< channel 5

/// Bits of the interrupt vector.
inline constexpr std::uint32_t kIrqKpu = 1;
constexpr std::uint32_t irq_dma(unsigned channel) { return 2u << channel; }

/// Request line of the KPU's output stream.
inline constexpr unsigned kDmaRequestKpu = 22;

/// Numbers of the masters on the memory bus.
enum Initiator : unsigned { kFromCpu = 0, kFromDmac = 1, kFromKpu = 2 };
inline constexpr unsigned kInitiators = 3;

}  // namespace kpu::driver
