// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "board/cpu/ram.h"
#include "board/devices/device.h"
#include "board/devices/dma_endpoint.h"
#include "board/devices/event_queue.h"
#include "board/devices/plic.h"
#include "driver/dmac_registers.h"

namespace kpu::board {

/// Functional model of the DMA controller (docs/system.md): six channels between memory and device
/// registers, single blocks and linked lists. A block's data move as soon as both ends are ready,
/// and it is over one cycle an item later.
class Dmac final : public Device {
 public:
  /// The device register at an address, or nullptr.
  using FindEndpoint = std::function<DmaEndpoint*(std::uint64_t address)>;

  Dmac(Ram& ram, Plic& plic, EventQueue& events) : ram_(ram), plic_(plic), events_(events) {}
  void set_endpoints(FindEndpoint find) { find_ = std::move(find); }
  /// The device whose request line a channel listens to, or nullptr.
  using FindRequester = std::function<DmaEndpoint*(unsigned channel)>;
  void set_requesters(FindRequester requester) { requester_ = std::move(requester); }

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

  /// Goes on with channels that wait for a device.
  void move();

 private:
  struct Channel {
    std::uint64_t source = 0;
    std::uint64_t destination = 0;
    std::uint64_t block_ts = 0;
    std::uint64_t control = 0;
    std::uint64_t config = 0;
    std::uint64_t list = 0;
    std::uint64_t status_enable = 0;
    std::uint64_t status = 0;
    std::uint64_t signal_enable = 0xFFFF'FFFF;
    bool enabled = false;
    std::uint64_t moved = 0;       ///< items of this block
    std::uint64_t error = 0;       ///< interrupt of an access that failed
    bool ending = false;           ///< its end is scheduled
    std::uint64_t generation = 0;  ///< tells an end that was scheduled for an earlier block
  };

  std::uint64_t* channel_register(std::uint32_t offset);
  void enable(std::uint64_t value);
  /// Loads a channel's next block from its list; the interrupts of what is wrong with it, or 0.
  std::uint64_t load_item(Channel& channel);
  /// Moves what it can of a block.
  void move_block(unsigned index);
  void end_block(unsigned index);
  void finish(unsigned index, std::uint64_t interrupts);
  void update_interrupts();

  Ram& ram_;
  Plic& plic_;
  EventQueue& events_;
  FindEndpoint find_;
  FindRequester requester_;
  std::array<Channel, driver::kDmacChannels> channels_;
  std::uint64_t config_ = 0;
  bool moving_ = false;
};

}  // namespace kpu::board
