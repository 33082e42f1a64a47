// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "board/devices/accelerator.h"
#include "board/devices/dmac.h"
#include "board/devices/kpu_model.h"
#include "driver/dmac_registers.h"
#include "golden/kpu/kpu_backend.h"

namespace kpu::board {

/// KPU and DMA controller as functional models: registers as software sees them, layers by the
/// golden model, data that move at once.
class ModelAccelerator final : public Accelerator {
 public:
  /// `backend` computes layers.
  ModelAccelerator(const BoardPorts& ports, golden::KpuBackend& backend);

  Device& kpu() override { return kpu_; }
  Device& dmac() override { return dmac_; }
  void select_request(std::uint32_t offset, std::uint32_t value) override;
  void device_has_data() override { dmac_.move(); }
  void catch_up() override {}
  void set_layer_observer(LayerObserver observer) override {
    kpu_.set_observer(std::move(observer));
  }

 private:
  KpuModel kpu_;
  Dmac dmac_;
  std::array<unsigned, driver::kDmacChannels> selected_{};  ///< request line of each channel
};

/// A board's accelerator by these models; `backend` must outlive the board.
MakeAccelerator model_accelerator(golden::KpuBackend& backend);

}  // namespace kpu::board
