// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace kpu::board {

/// Causes of synchronous traps (mcause).
enum Cause : std::uint64_t {
  kFetchFault = 1,
  kIllegalInstruction = 2,
  kBreakpoint = 3,
  kLoadFault = 5,
  kStoreMisaligned = 6,
  kStoreFault = 7,
  kEcallFromM = 11,
};

/// Bits of mip and mie, in the order of their causes 3, 7 and 11.
inline constexpr std::uint64_t kSoftwareInterrupt = 1u << 3;
inline constexpr std::uint64_t kTimerInterrupt = 1u << 7;
inline constexpr std::uint64_t kExternalInterrupt = 1u << 11;

/// Fields of mstatus that exist here; the mode before a trap is always machine mode.
inline constexpr std::uint64_t kMie = 1u << 3;
inline constexpr std::uint64_t kMpie = 1u << 7;
inline constexpr std::uint64_t kMpp = 3u << 11;
inline constexpr std::uint64_t kFs = 3u << 13;

/// What a program can see of a hart.
struct HartState {
  /// x[kDiscard] takes what is written to x0.
  std::array<std::uint64_t, 33> x{};
  /// Single precision is NaN-boxed.
  std::array<std::uint64_t, 32> f{};
  std::uint64_t pc = 0;

  std::uint64_t mstatus = kMpp;
  std::uint64_t mie = 0;
  std::uint64_t mtvec = 0;
  std::uint64_t mscratch = 0;
  std::uint64_t mepc = 0;
  std::uint64_t mcause = 0;
  std::uint64_t mtval = 0;
  std::uint32_t fflags = 0;  ///< NV 16, DZ 8, OF 4, UF 2, NX 1
  std::uint32_t frm = 0;

  bool operator==(const HartState&) const = default;
};

}  // namespace kpu::board
