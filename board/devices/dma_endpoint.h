// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kpu::board {

/// A register that a DMA channel reads from or writes to, item by item, as the device asks.
class DmaEndpoint {
 public:
  virtual ~DmaEndpoint() = default;

  /// The next item, or nothing while there is none; `moved` items of the block have been taken.
  virtual std::optional<std::uint64_t> dma_read(std::uint64_t moved) = 0;
  /// Items that dma_read() would give now.
  virtual std::size_t dma_held() const = 0;
  virtual void dma_write(std::uint64_t item) = 0;
  /// A block of dma_write() ends.
  virtual void dma_written() = 0;
};

}  // namespace kpu::board
