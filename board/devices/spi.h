// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "board/devices/device.h"
#include "board/devices/dma_endpoint.h"

namespace kpu::board {

/// What a controller sends to a slave in one go.
struct SpiTransfer {
  unsigned frame_bits = 8;  ///< 1..32
  unsigned lines = 0;       ///< 0 single, 1 dual, 2 quad, 3 octal
  unsigned mode = 0;        ///< 0 both ways, 1 send, 2 receive, 3 send, then receive
  /// With more than one line the first two frames are instruction and address, so many bits each.
  unsigned address_bits = 0;
  std::vector<std::uint32_t> frames;
  std::size_t receive = 0;  ///< frames to receive
};

/// A chip behind a select line.
class SpiSlave {
 public:
  virtual ~SpiSlave() = default;
  /// Takes the frames and gives transfer.receive frames back.
  virtual std::vector<std::uint32_t> exchange(const SpiTransfer& transfer) = 0;
  /// The select line is released.
  virtual void deselect() = 0;
};

/// One of the SPI masters SPI0, SPI1, SPI3. A transfer takes no time.
///
/// Sent frames are handed to the slave when it is clear that the burst is whole: at the end of a
/// DMA block, when the level of the transmit FIFO is read, when the slave is released. Software may
/// select the slave before or after it fills the FIFO.
class Spi final : public Device, public DmaEndpoint {
 public:
  /// Which bits of ctrlr0 hold the mode; SPI3 differs.
  enum class Layout : std::uint8_t { Spi0, Spi3 };

  explicit Spi(Layout layout) : layout_(layout) {}
  /// Puts a chip behind select line 0..3; it must outlive the controller.
  void attach(unsigned line, SpiSlave& slave) { slaves_.at(line) = &slave; }
  /// Called when frames have been received, so that a DMA channel can take them.
  void on_receive(std::function<void()> call) { on_receive_ = std::move(call); }

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

  std::optional<std::uint64_t> dma_read(std::uint64_t moved) override;
  std::size_t dma_held() const override { return receive_.size(); }
  void dma_write(std::uint64_t item) override {
    transmit_.push_back(static_cast<std::uint32_t>(item));
  }
  void dma_written() override { run(); }

 private:
  /// Gives what is to be sent to the slave, if the controller is enabled and one is selected.
  void run();
  void release();
  SpiTransfer configuration() const;

  Layout layout_;
  std::array<SpiSlave*, 4> slaves_{};
  std::function<void()> on_receive_;
  Storage storage_{0x120};
  std::vector<std::uint32_t> transmit_;
  std::deque<std::uint32_t> receive_;
};

}  // namespace kpu::board
