// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "board/machine/machine.h"

namespace kpu::board {

/// Puts firmware where the chip's boot program would leave it: at the start of RAM, and in flash.
///
/// `file` is the bare program (.bin), a .kfpkg whose part at flash address 0 is the program, or an
/// image of the flash with the program in its frame (flag, length, bytes) at 0. Throws Error naming
/// `name` for a program that is empty or larger than the 6 MiB of SRAM, for an encrypted one, and
/// for parts that do not fit the flash.
void load_firmware(Machine& machine, std::span<const std::uint8_t> file, const std::string& name);

/// Puts bytes into flash. Throws Error naming `name` if they do not fit.
void load_flash(Machine& machine, std::uint64_t address, std::span<const std::uint8_t> bytes,
                const std::string& name);

}  // namespace kpu::board
