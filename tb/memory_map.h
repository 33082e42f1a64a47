// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tb/axi_target.h"

namespace kpu::tb {

/// Main memory as a bus sees it: segments of bytes in a 32-bit address space, nothing in between.
class MemoryMap final : public AxiTarget {
 public:
  /// Adds `size` zero bytes from `base` on; both multiples of 8. Throws Error for other numbers,
  /// for an end beyond 4 GiB and for an overlap with another segment.
  void add_segment(std::uint32_t base, std::size_t size);

  /// Copies bytes in or out; the range may start anywhere but must lie in one segment, or Error.
  void write(std::uint32_t address, std::span<const std::uint8_t> bytes);
  void read(std::uint32_t address, std::span<std::uint8_t> bytes) const;

  /// kDecodeError where there is no memory.
  AxiResponse read_beat(std::uint32_t address, unsigned size, std::uint64_t& word) override;
  AxiResponse write_beat(std::uint32_t address, std::uint64_t word, std::uint8_t strobe) override;

  /// Accesses of words that touch the range are answered with `kSlaveError`, until clear_faults().
  void add_fault(std::uint32_t address, std::size_t size);
  void clear_faults() { faults_.clear(); }

 private:
  struct Segment {
    std::uint32_t base;
    std::vector<std::uint8_t> bytes;
  };
  struct Range {
    std::uint64_t first;
    std::uint64_t end;
  };

  /// Index of the segment that holds `size` bytes from `address`, or the number of segments.
  std::size_t find(std::uint32_t address, std::size_t size) const;
  /// The same, or Error.
  std::size_t require(std::uint32_t address, std::size_t size) const;
  bool faulty(std::uint32_t address) const;

  std::vector<Segment> segments_;
  std::vector<Range> faults_;
};

}  // namespace kpu::tb
