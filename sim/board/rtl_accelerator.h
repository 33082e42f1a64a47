// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "board/devices/accelerator.h"
#include "golden/kpu/kpu_backend.h"
#include "sim/engine/rtl_backend.h"

namespace kpu::sim {

/// How the RTL serves the virtual board.
struct RtlBoardOptions {
  /// What each layer is compared with; a difference throws HardwareFault. May be empty.
  std::shared_ptr<golden::KpuBackend> expected;
  WaveRequest wave;  ///< from the start of that layer on
};

/// The RTL as a board's KPU and DMA controller: docs/board-virtual.md, "The RTL on the bus".
board::MakeAccelerator rtl_accelerator(const RtlBoardOptions& options);

}  // namespace kpu::sim
