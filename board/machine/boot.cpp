// SPDX-License-Identifier: Apache-2.0
#include "board/machine/boot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "common/bits.h"
#include "common/error.h"
#include "driver/k210_map.h"
#include "golden/kmodel/kfpkg.h"

namespace kpu::board {
namespace {

/// Of the frame around a program in flash: a flag of encryption, then the length.
constexpr std::size_t kFrameBytes = 5;

void load_program(Machine& machine, std::span<const std::uint8_t> program,
                  const std::string& name) {
  if (program.empty() || program.size() > driver::kSramBytes) {
    throw Error(fmt::format("{}: program of {} bytes, expected 1 to {}", name, program.size(),
                            driver::kSramBytes));
  }
  machine.ram().write(0, program);
}

void load_framed(Machine& machine, std::span<const std::uint8_t> program, const std::string& name) {
  load_program(machine, program, name);
  std::vector<std::uint8_t> frame(kFrameBytes);
  store_le<std::uint32_t>(frame, 1, static_cast<std::uint32_t>(program.size()));
  frame.insert(frame.end(), program.begin(), program.end());
  load_flash(machine, 0, frame, name);
}

}  // namespace

void load_flash(Machine& machine, std::uint64_t address, std::span<const std::uint8_t> bytes,
                const std::string& name) {
  const std::span<std::uint8_t> flash = machine.flash().bytes();
  if (address > flash.size() || bytes.size() > flash.size() - address) {
    throw Error(fmt::format("{}: {} bytes at flash address {:#x}, expected an end within {:#x}",
                            name, bytes.size(), address, flash.size()));
  }
  std::copy(bytes.begin(), bytes.end(), flash.begin() + static_cast<std::ptrdiff_t>(address));
}

void load_firmware(Machine& machine, std::span<const std::uint8_t> file, const std::string& name) {
  if (golden::is_zip(file)) {
    bool found = false;
    for (const golden::KfpkgPart& part : golden::read_kfpkg(file)) {
      if (part.address == 0) {
        load_framed(machine, part.bytes, name + ": " + part.name);
        found = true;
      } else {
        load_flash(machine, part.address, part.bytes, name + ": " + part.name);
      }
    }
    if (!found) {
      throw Error(name + ": no part at flash address 0, expected the program there");
    }
    return;
  }
  if (file.size() != Flash::kBytes) {
    load_framed(machine, file, name);
    return;
  }
  load_flash(machine, 0, file, name);
  const std::size_t length = load_le<std::uint32_t>(file, 1);
  if (file[0] != 0) {
    throw Error(fmt::format("{}: first byte {}, expected 0: a program that is not encrypted", name,
                            file[0]));
  }
  load_program(machine,
               file.subspan(kFrameBytes).first(std::min(length, file.size() - kFrameBytes)), name);
}

}  // namespace kpu::board
