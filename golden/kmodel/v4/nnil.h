// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace kpu::golden {

/// Checks the byte code of a v4 unary method (kmodel format, nnil_unary_method): known opcodes,
/// whole operands, a stack of at most 64 floats that never runs empty, and a return. Throws Error
/// with `where` otherwise.
void check_nnil(std::span<const std::uint8_t> code, const std::string& where);

/// Runs checked byte code on one element.
float run_nnil(std::span<const std::uint8_t> code, float x);

}  // namespace kpu::golden
