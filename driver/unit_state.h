// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace kpu::driver {

/// The unit_state register (docs/registers.md) in words, on one line: the states of layer control
/// and every stream that waits, for the message about a hang.
std::string describe_unit_state(std::uint64_t state);

}  // namespace kpu::driver
