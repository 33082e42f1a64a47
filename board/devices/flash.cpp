// SPDX-License-Identifier: Apache-2.0
#include "board/devices/flash.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace kpu::board {
namespace {

constexpr std::uint32_t kAddressMask = Flash::kBytes - 1;
constexpr std::uint32_t kPage = 256;

/// Bytes of a frame, most significant first.
void append_frame(std::vector<std::uint8_t>& bytes, std::uint32_t frame, unsigned frame_bits) {
  for (int i = static_cast<int>((frame_bits + 7) / 8) - 1; i >= 0; --i) {
    bytes.push_back(static_cast<std::uint8_t>(frame >> (8 * i)));
  }
}

}  // namespace

std::vector<std::uint32_t> Flash::exchange(const SpiTransfer& transfer) {
  std::size_t next = 0;
  if (transfer.lines != 0 && command_.empty()) {
    // Instruction and address are a frame each; the address may carry mode bits at its end.
    append_frame(command_, transfer.frames.at(next++), 8);
    if (transfer.address_bits != 0 && next < transfer.frames.size()) {
      append_frame(command_, transfer.frames[next++], transfer.address_bits);
    }
  }
  for (; next < transfer.frames.size(); ++next) {
    append_frame(command_, transfer.frames[next], transfer.frame_bits);
  }
  if (transfer.mode == 1 || command_.empty()) {
    return {};  // it is run when the chip is released, or by what follows
  }
  const std::vector<std::uint8_t> command = command_;
  command_.clear();
  return run(command, transfer.receive, transfer.frame_bits);
}

void Flash::deselect() {
  if (!command_.empty()) {
    const std::vector<std::uint8_t> command = std::move(command_);
    command_.clear();
    run(command, 0, 8);
  }
}

std::vector<std::uint32_t> Flash::run(std::span<const std::uint8_t> command, std::size_t count,
                                      unsigned frame_bits) {
  const std::size_t frame_bytes = (frame_bits + 7) / 8;
  const std::uint32_t address =
      command.size() >= 4 ? std::uint32_t{command[1]} << 16 | command[2] << 8 | command[3] : 0;
  const auto frames = [&](auto byte_at) {
    std::vector<std::uint32_t> result(count);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < frame_bytes; ++j) {
        result[i] = result[i] << 8 | byte_at(i * frame_bytes + j);
      }
    }
    return result;
  };
  const auto constant = [&](std::uint8_t value) {
    return frames([value](std::size_t) { return value; });
  };
  switch (command[0]) {
    case 0x03:
    case 0x0B:
    case 0x3B:
    case 0xBB:
    case 0x6B:
    case 0xEB:
      bytes_read_ += count * frame_bytes;
      return frames([&](std::size_t i) { return bytes_[(address + i) & kAddressMask]; });
    case 0x05:
      return constant(write_enabled_ ? 2 : 0);
    case 0x35:
      return constant(status2_);
    case 0x15:
      return constant(0);
    case 0x90:
      return frames([](std::size_t i) { return std::uint8_t(i % 2 == 0 ? 0xEF : 0x17); });
    case 0x9F: {
      static constexpr std::uint8_t kId[] = {0xEF, 0x40, 0x18};
      return frames([](std::size_t i) { return kId[i % 3]; });
    }
    case 0x4B:
      return frames([](std::size_t i) { return std::uint8_t(0x11 * (i % 8)); });
    case 0x06:
      write_enabled_ = true;
      break;
    case 0x04:
      write_enabled_ = false;
      break;
    case 0x01:
      if (command.size() >= 3) {
        status2_ = command[2];
      }
      break;
    case 0x31:
      if (command.size() >= 2) {
        status2_ = command[1];
      }
      break;
    case 0x20:
      erase(address, 4096);
      break;
    case 0x52:
      erase(address, 32768);
      break;
    case 0xD8:
      erase(address, 65536);
      break;
    case 0x02:
    case 0x32:
      if (command.size() > 4) {
        program(address, command.subspan(4));
      }
      break;
    default:
      break;
  }
  return constant(0xFF);
}

void Flash::erase(std::uint32_t address, std::uint32_t size) {
  if (write_enabled_) {
    std::fill_n(bytes_.begin() + (address & kAddressMask & ~(size - 1)), size, 0xFF);
    changed_ = true;
  }
  write_enabled_ = false;
}

void Flash::program(std::uint32_t address, std::span<const std::uint8_t> data) {
  if (write_enabled_) {
    for (std::size_t i = 0; i < data.size(); ++i) {
      const std::uint32_t at = (address & ~(kPage - 1)) | ((address + i) & (kPage - 1));
      bytes_[at & kAddressMask] &= data[i];
    }
    changed_ = true;
  }
  write_enabled_ = false;
}

}  // namespace kpu::board
