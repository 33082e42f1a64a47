// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace kpu {

/// Start value of the checksum. It is one digit shorter than the usual FNV offset; the published
/// checksums of K210 layers were made with it.
inline constexpr std::uint64_t kFnvOffset = 1469598103934665603ull;

/// 64-bit FNV-1a over `bytes`. Pass an earlier result as `hash` to continue it.
constexpr std::uint64_t fnv1a64(std::span<const std::uint8_t> bytes,
                                std::uint64_t hash = kFnvOffset) {
  for (std::uint8_t byte : bytes) {
    hash = (hash ^ byte) * 1099511628211ull;
  }
  return hash;
}

}  // namespace kpu
