// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "board/cpu/ram.h"
#include "board/devices/accelerator.h"
#include "board/devices/device.h"
#include "board/devices/dma_endpoint.h"
#include "board/devices/event_queue.h"
#include "board/devices/plic.h"
#include "common/kpu_shape.h"
#include "golden/kpu/kpu_backend.h"

namespace kpu::board {

/// The KPU's registers as software sees them (docs/registers.md), in front of something that
/// computes a layer: the golden model. A layer's output is in memory when the
/// layer ends, a time after its start that follows from its multiplications. A layer that cannot
/// run is skipped, as the hardware does; a HardwareFault of what computes passes through, with the
/// program counter that pushed the layer.
class KpuModel final : public Device, public DmaEndpoint {
 public:
  /// All must outlive the model.
  KpuModel(Ram& ram, Plic& plic, EventQueue& events, golden::KpuBackend& backend)
      : ram_(ram), plic_(plic), events_(events), backend_(backend) {}

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

  std::optional<std::uint64_t> dma_read(std::uint64_t moved) override;
  void dma_write(std::uint64_t item) override { push_word(item); }
  void dma_written() override {}
  std::size_t dma_held() const override { return output_.size(); }

  /// Called when fifo_data_out has words, so that a DMA channel can take them.
  void on_output(std::function<void()> call) { on_output_ = std::move(call); }
  void set_observer(Accelerator::LayerObserver observer) { observer_ = std::move(observer); }
  /// Gives the program counter of the access that runs.
  void set_pc(std::function<std::uint64_t()> pc) { pc_ = std::move(pc); }
  /// Cycles of the processor for `kpu_cycles` of the KPU's clock.
  void set_clock_ratio(std::function<double()> ratio) { ratio_ = std::move(ratio); }

 private:
  struct Pending {
    LayerWords words{};
    std::uint64_t pushed_by = 0;
  };

  void push_word(std::uint64_t word);
  void start_next();
  void finish(const LayerReport& report, const golden::KpuJobResult& result,
              std::vector<std::uint64_t> stream);
  void take_word();
  void end_layer();
  void raise(std::uint64_t interrupts);
  void update_interrupt();

  Ram& ram_;
  Plic& plic_;
  EventQueue& events_;
  golden::KpuBackend& backend_;
  std::function<void()> on_output_;
  Accelerator::LayerObserver observer_;
  std::function<std::uint64_t()> pc_;
  std::function<double()> ratio_;

  Pending collecting_;
  std::size_t collected_ = 0;  ///< words of collecting_
  std::deque<Pending> queue_;
  bool running_ = false;
  bool interrupt_at_end_ = false;
  std::deque<std::uint64_t> output_;
  std::uint64_t generation_ = 0;  ///< tells an end of a layer that was given up
  std::size_t layers_ = 0;

  std::uint64_t raw_ = 0;
  std::uint64_t mask_ = 7;
  std::uint64_t threshold_ = 0x1A;
  std::uint64_t fifo_control_ = 0x1F;
  std::uint64_t eight_bit_mode_ = 0;
  std::uint64_t status_ = 0;
};

}  // namespace kpu::board
