// SPDX-License-Identifier: Apache-2.0
//
// What the layers that run on the chip's processor take, roughly.
#pragma once

#include <cstddef>

#include "golden/kmodel/kmodel.h"

namespace kpu::sim {

/// Times of a network's CPU layers on a K210 at 400 MHz.
struct CpuCost {
  std::size_t layers = 0;       ///< on the CPU
  std::size_t not_counted = 0;  ///< of these: their work is not known
  double seconds = 0;           ///< of the others
};

/// Estimates them from their shapes and published times: 45 ns a value to quantize or dequantize
/// (9000 values in 0.404 ms), 86 ns a byte to move images to and from AI RAM, 200 ns a value for
/// all else, which makes RFB-320's 164.8 ms; 25 ns a product of a convolution or matrix, ten
/// cycles, which nobody published. True within a factor of two at best.
CpuCost k210_cpu_cost(const golden::ModelInfo& info);

}  // namespace kpu::sim
