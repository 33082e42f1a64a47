// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "board/devices/device.h"

namespace kpu::board {

/// What a register holds; throws std::bad_optional_access for one that the device does not know.
inline std::uint64_t read(Device& device, std::uint32_t offset, unsigned bytes = 4) {
  return device.read(offset, bytes).value();
}

}  // namespace kpu::board
