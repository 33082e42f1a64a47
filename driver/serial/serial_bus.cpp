// SPDX-License-Identifier: Apache-2.0
#include "driver/serial/serial_bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/error.h"

namespace kpu::driver {
namespace {

constexpr std::size_t kMaxWords = 128;

enum Operation : std::uint8_t {
  kRead = 0x40,
  kWrite = 0x41,
  kFlagFixed = 0x02,
  kFlagHalf = 0x04,
  kState = 0x48,
};

constexpr std::uint8_t kAnswer = 0x80;
constexpr std::uint8_t kBadChecksum = 0xE1;
constexpr std::uint8_t kBadOperation = 0xE2;

void append_word(std::vector<std::uint8_t>& packet, std::uint64_t word, unsigned bytes) {
  for (unsigned b = 0; b < bytes; ++b) packet.push_back(static_cast<std::uint8_t>(word >> (8 * b)));
}

std::uint64_t word_at(std::span<const std::uint8_t> bytes) {
  std::uint64_t word = 0;
  for (unsigned b = 0; b < 8; ++b) word |= std::uint64_t{bytes[b]} << (8 * b);
  return word;
}

std::uint8_t step_flag(std::uint32_t step) { return step == 0 ? kFlagFixed : 0; }

}  // namespace

std::uint16_t packet_checksum(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= std::uint32_t{byte} << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021 : 0);
    crc &= 0xFFFF;
  }
  return static_cast<std::uint16_t>(crc);
}

SerialBus::SerialBus(const std::string& device, unsigned baud, std::chrono::milliseconds patience)
    : port_(device, baud), patience_(patience) {}

void SerialBus::fail(std::uint32_t address, const std::string& what) const {
  throw Error(fmt::format("{}: access at {:#010x}: {}", port_.device(), address, what));
}

void SerialBus::exchange(std::uint8_t operation, std::uint32_t address,
                         std::span<const std::uint64_t> out, std::span<std::uint64_t> in) {
  const std::size_t words = std::max({out.size(), in.size(), std::size_t{1}});
  std::vector<std::uint8_t> packet{operation, static_cast<std::uint8_t>(words - 1)};
  append_word(packet, address, 4);
  for (const std::uint64_t word : out) append_word(packet, word, 8);
  append_word(packet, packet_checksum(packet), 2);
  port_.write(packet);

  // First byte, words, status, checksum; of a refusal only first byte and checksum.
  constexpr std::size_t kShort = 3;
  std::vector<std::uint8_t> answer(kShort);
  port_.read(answer, patience_);
  const bool refused = answer[0] == kBadChecksum || answer[0] == kBadOperation;
  if (!refused) {
    answer.resize(1 + 8 * in.size() + 1 + 2);
    port_.read(std::span(answer).subspan(kShort), patience_);
  }
  const std::size_t body = answer.size() - 2;
  const unsigned sent = answer[body] | answer[body + 1] << 8;
  if (packet_checksum(std::span(answer).first(body)) != sent) {
    fail(address, "the answer's checksum is wrong");
  }
  if (refused) {
    fail(address, answer[0] == kBadChecksum ? "the board got a wrong checksum"
                                            : "the board does not know the operation");
  }
  if (answer[0] != (operation | kAnswer)) {
    fail(address, fmt::format("answer {:#04x}: expected {:#04x}", answer[0], operation | kAnswer));
  }
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = word_at(std::span(answer).subspan(1 + 8 * i));
  if (answer[body - 1] != 0) {
    fail(address, fmt::format("the bus answered with response {}", answer[body - 1]));
  }
}

SerialBus::State SerialBus::state() {
  std::uint64_t word = 0;
  exchange(kState, 0, {}, {&word, 1});
  return {static_cast<std::uint32_t>(word), static_cast<std::size_t>(word >> 32)};
}

std::uint64_t SerialBus::read(std::uint32_t address, unsigned bytes) {
  std::uint64_t word = 0;
  exchange(bytes == 4 ? kRead | kFlagHalf : kRead, address, {}, {&word, 1});
  return bytes == 4 ? word >> (8 * (address & 4)) & 0xFFFF'FFFF : word;
}

void SerialBus::write(std::uint32_t address, std::uint64_t value, unsigned bytes) {
  const std::uint64_t word = bytes == 4 ? value << (8 * (address & 4)) : value;
  exchange(bytes == 4 ? kWrite | kFlagHalf : kWrite, address, {&word, 1}, {});
}

void SerialBus::read_each(std::uint32_t address, std::uint32_t step,
                          std::span<std::uint64_t> values) {
  while (!values.empty()) {
    const std::size_t count = std::min(values.size(), kMaxWords);
    exchange(kRead | step_flag(step), address, {}, values.first(count));
    values = values.subspan(count);
    address += static_cast<std::uint32_t>(step * count);
  }
}

void SerialBus::write_each(std::uint32_t address, std::uint32_t step,
                           std::span<const std::uint64_t> values) {
  while (!values.empty()) {
    const std::size_t count = std::min(values.size(), kMaxWords);
    exchange(kWrite | step_flag(step), address, values.first(count), {});
    values = values.subspan(count);
    address += static_cast<std::uint32_t>(step * count);
  }
}

void SerialBus::write_bytes(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  const std::uint32_t base = address & ~7u;
  const std::size_t offset = address - base;
  const std::size_t count = (offset + bytes.size() + 7) / 8;
  std::vector<std::uint8_t> whole(8 * count);
  const auto keep = [&](std::size_t word) {
    const std::uint64_t old = read(static_cast<std::uint32_t>(base + 8 * word));
    for (unsigned b = 0; b < 8; ++b)
      whole[8 * word + b] = static_cast<std::uint8_t>(old >> (8 * b));
  };
  if (offset != 0) keep(0);
  if ((offset + bytes.size()) % 8 != 0) keep(count - 1);
  std::copy(bytes.begin(), bytes.end(), whole.begin() + static_cast<std::ptrdiff_t>(offset));
  std::vector<std::uint64_t> words(count);
  for (std::size_t i = 0; i < count; ++i) words[i] = word_at(std::span(whole).subspan(8 * i));
  write_each(base, 8, words);
}

void SerialBus::read_bytes(std::uint32_t address, std::span<std::uint8_t> bytes) {
  if (bytes.empty()) return;
  const std::uint32_t base = address & ~7u;
  const std::size_t offset = address - base;
  std::vector<std::uint64_t> words((offset + bytes.size() + 7) / 8);
  read_each(base, 8, words);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t at = offset + i;
    bytes[i] = static_cast<std::uint8_t>(words[at / 8] >> (8 * (at % 8)));
  }
}

}  // namespace kpu::driver
