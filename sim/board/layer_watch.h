// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "board/devices/accelerator.h"
#include "common/kpu_shape.h"
#include "golden/kpu/kpu_backend.h"
#include "tb/kpu_harness.h"

namespace kpu::sim {

/// Follows the layers that firmware pushes into the RTL: who pushed them, how long they took, what
/// they wrote, and whether the golden model writes the same.
///
/// A layer is looked at when the RTL's count of finished layers has been seen to move: before it
/// starts, its input is taken from AI RAM, at its end its output.
class LayerWatch {
 public:
  /// Without `expected` nothing is compared.
  LayerWatch(tb::KpuHarness& harness, const board::BoardPorts& ports,
             std::shared_ptr<golden::KpuBackend> expected)
      : harness_(harness), ports_(ports), expected_(std::move(expected)) {}

  void set_observer(board::Accelerator::LayerObserver observer) { observer_ = std::move(observer); }
  /// Called with a layer's number before it starts.
  void on_start(std::function<void(std::size_t index)> call) { on_start_ = std::move(call); }

  /// Software stores to a register of the KPU, before the RTL sees it. A part of a register that is
  /// not written is zero in `value`.
  void store(std::uint32_t offset, std::uint64_t value);
  /// The RTL has finished so many layers since reset. Throws HardwareFault, which names layer and
  /// program counter, if one of them wrote something else than the golden model.
  void finished(std::uint32_t layers_done);
  /// Whether pushed layers have not been seen to end.
  bool waiting() const { return !queue_.empty(); }

 private:
  struct Layer {
    LayerWords words{};
    std::uint64_t pushed_by = 0;
  };

  void push(std::uint64_t word);
  void start_front();
  void end_front();
  std::vector<std::uint8_t> output(const Layer& layer) const;
  void compare(const Layer& layer, const std::vector<std::uint8_t>& got) const;

  tb::KpuHarness& harness_;
  const board::BoardPorts& ports_;
  std::shared_ptr<golden::KpuBackend> expected_;
  board::Accelerator::LayerObserver observer_;
  std::function<void(std::size_t)> on_start_;

  Layer collecting_;
  std::size_t collected_ = 0;
  bool dropped_ = false;     ///< the layer that is being pushed finds the FIFO full
  std::deque<Layer> queue_;  ///< the one that runs, then those that wait
  std::uint64_t start_ = 0;  ///< of the first of them
  std::string refusal_;      ///< why the golden model does not run it
  std::vector<std::uint8_t> wanted_;
  bool eight_bit_ = false;
  std::uint32_t done_ = 0;
  std::size_t next_index_ = 0;
};

}  // namespace kpu::sim
