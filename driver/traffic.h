// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace kpu::driver {

/// Bytes that moved between SRAM and one master, in whole 64-bit words.
struct Traffic {
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
};

}  // namespace kpu::driver
