// SPDX-License-Identifier: Apache-2.0
#include "tb/memory_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "common/error.h"

namespace kpu::tb {

void MemoryMap::add_segment(std::uint32_t base, std::size_t size) {
  const std::uint64_t end = std::uint64_t{base} + size;
  if (base % 8 != 0 || size % 8 != 0 || size == 0 || end > (std::uint64_t{1} << 32)) {
    throw Error(fmt::format("memory segment of {} bytes at {:#010x}: expected multiples of 8 below "
                            "4 GiB",
                            size, base));
  }
  for (const Segment& other : segments_) {
    if (base < other.base + other.bytes.size() && other.base < end) {
      throw Error(fmt::format("memory segment of {} bytes at {:#010x} overlaps the one at {:#010x}",
                              size, base, other.base));
    }
  }
  segments_.push_back({base, std::vector<std::uint8_t>(size)});
}

std::size_t MemoryMap::find(std::uint32_t address, std::size_t size) const {
  const auto holds = [address, size](const Segment& segment) {
    return address >= segment.base && address - segment.base + size <= segment.bytes.size();
  };
  return static_cast<std::size_t>(std::ranges::find_if(segments_, holds) - segments_.begin());
}

std::size_t MemoryMap::require(std::uint32_t address, std::size_t size) const {
  const std::size_t i = find(address, size);
  if (i == segments_.size()) {
    throw Error(fmt::format("{} bytes at {:#010x} lie outside memory", size, address));
  }
  return i;
}

void MemoryMap::write(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  Segment& segment = segments_[require(address, bytes.size())];
  std::ranges::copy(bytes, segment.bytes.begin() + (address - segment.base));
}

void MemoryMap::read(std::uint32_t address, std::span<std::uint8_t> bytes) const {
  const Segment& segment = segments_[require(address, bytes.size())];
  std::copy_n(segment.bytes.begin() + (address - segment.base), bytes.size(), bytes.begin());
}

AxiResponse MemoryMap::read_beat(std::uint32_t address, unsigned, std::uint64_t& word) {
  const std::uint32_t aligned = address & ~std::uint32_t{7};
  const std::size_t i = find(aligned, 8);
  if (i == segments_.size()) return kDecodeError;
  std::memcpy(&word, segments_[i].bytes.data() + (aligned - segments_[i].base), 8);
  return faulty(aligned) ? kSlaveError : kOkay;
}

AxiResponse MemoryMap::write_beat(std::uint32_t address, std::uint64_t word, std::uint8_t strobe) {
  const std::uint32_t aligned = address & ~std::uint32_t{7};
  if (faulty(aligned)) return kSlaveError;
  const std::size_t i = find(aligned, 8);
  if (i == segments_.size()) return kDecodeError;
  std::uint8_t* const bytes = segments_[i].bytes.data() + (aligned - segments_[i].base);
  for (std::uint32_t b = 0; b < 8; ++b) {
    if ((strobe >> b & 1) != 0) bytes[b] = static_cast<std::uint8_t>(word >> (8 * b));
  }
  return kOkay;
}

void MemoryMap::add_fault(std::uint32_t address, std::size_t size) {
  faults_.push_back({address, std::uint64_t{address} + size});
}

bool MemoryMap::faulty(std::uint32_t address) const {
  const std::uint32_t aligned = address & ~std::uint32_t{7};
  return std::ranges::any_of(faults_, [aligned](const Range& range) {
    return aligned < range.end && range.first < std::uint64_t{aligned} + 8;
  });
}

}  // namespace kpu::tb
