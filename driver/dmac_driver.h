// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "driver/bus.h"
#include "driver/dmac_registers.h"

namespace kpu::driver {

/// What a DMA channel is told to do.
struct DmaTransfer {
  std::uint32_t src = 0;
  std::uint32_t dst = 0;
  std::uint32_t items = 1;  ///< of the source's width, 1..2^22
  DmacControl control;
  std::uint64_t cfg = kDmacMemoryToMemory;
};

/// Drives the DMA controller of kpu_soc with the register accesses of the vendor's driver.
class DmacDriver {
 public:
  /// `channels` are those that the controller has.
  explicit DmacDriver(Bus& cpu, unsigned channels = kDmacChannels)
      : cpu_(cpu), channels_(channels) {}

  /// Resets and enables the controller; all channels off, interrupts on.
  void initialize();
  /// Lets channel listen to a request line of the chip.
  void select(unsigned channel, unsigned request);
  /// Starts a transfer, with an interrupt at its end.
  void start(unsigned channel, const DmaTransfer& transfer);
  bool running(unsigned channel);
  /// Items of the block that have been asked for.
  std::uint64_t completed(unsigned channel);
  /// Ends a transfer that does not go on, without waiting for it.
  void abort(unsigned channel);
  /// Lets time pass until the channel has stopped. Throws Error if it ended with an error status.
  void wait(unsigned channel);
  /// Stops a channel. Throws HardwareFault if it goes on.
  void stop(unsigned channel);

 private:
  std::uint64_t read(unsigned offset);
  void write(unsigned offset, std::uint64_t value);

  Bus& cpu_;
  unsigned channels_;
};

}  // namespace kpu::driver
