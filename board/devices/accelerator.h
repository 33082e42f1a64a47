// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "board/cpu/ram.h"
#include "board/devices/device.h"
#include "board/devices/dma_endpoint.h"
#include "board/devices/event_queue.h"
#include "board/devices/plic.h"
#include "common/kpu_shape.h"

namespace kpu::board {

/// A layer that has run.
struct LayerReport {
  std::size_t index = 0;        ///< since the start
  LayerWords words{};           ///< as the firmware pushed them
  std::uint64_t pushed_by = 0;  ///< program counter of the store of the first word
  std::uint64_t start = 0;      ///< cycle of the processor
  std::uint64_t cycles = 0;     ///< of the KPU: as the RTL counts them, or an estimate
  std::uint64_t checksum = 0;   ///< fnv1a64 of the planar output
  std::string problem;          ///< why it did not run, or empty
};

/// What KPU and DMA controller need of the board around them. All must outlive them.
struct BoardPorts {
  Ram& ram;
  Plic& plic;
  EventQueue& events;
  /// The device register at an address that a DMA channel may use, or nullptr.
  std::function<DmaEndpoint*(std::uint64_t address)> endpoint;
  /// The device at a DMA request line, or nullptr.
  std::function<DmaEndpoint*(unsigned line)> requester;
  /// Program counter of the access that runs.
  std::function<std::uint64_t()> pc;
  /// Cycles of the processor in a second.
  std::function<std::uint64_t()> cpu_hz;
  /// The access that runs takes so many cycles of the processor more; returns how many could be
  /// taken of them.
  std::function<std::uint64_t(std::uint64_t cycles)> stall;
};

/// The KPU and the DMA controller as the rest of the board sees them: models, or the RTL.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  virtual Device& kpu() = 0;
  virtual Device& dmac() = 0;
  /// Software writes one of the two registers of the system controller, at 0x64 and 0x68 from its
  /// base, that say which request line a DMA channel listens to.
  virtual void select_request(std::uint32_t offset, std::uint32_t value) = 0;
  /// A device has received what a DMA channel may wait for.
  virtual void device_has_data() = 0;
  /// Lets time pass up to that of the event queue, before somebody looks at another device or at AI
  /// RAM.
  virtual void catch_up() = 0;

  /// The run is over: writes what was asked for. Throws Error if that is not possible.
  virtual void finish() {}

  using LayerObserver = std::function<void(const LayerReport& layer)>;
  virtual void set_layer_observer(LayerObserver observer) = 0;
};

using MakeAccelerator = std::function<std::unique_ptr<Accelerator>(const BoardPorts& ports)>;

}  // namespace kpu::board
