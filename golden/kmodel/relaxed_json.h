// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace kpu::golden {

/// JSON from what the board makers' packaging tools write and read: hexadecimal numbers become
/// decimal ones; a byte order mark, comments (// and /* */) and commas before a closing bracket go.
/// Strings stay what they are; anything else is left to the JSON parser. Throws Error for a
/// hexadecimal number that does not fit 64 bits.
std::string strict_json(std::span<const std::uint8_t> text);

}  // namespace kpu::golden
