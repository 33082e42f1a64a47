// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "golden/kmodel/kmodel.h"

namespace kpu::golden {

/// Throws Error, naming the first, if a KPU layer's table does not lie where the vendor's runtime
/// wants it, which lets the chip fetch from the file itself: weights and batch norm at multiples of
/// 128 bytes from the file's beginning, the activation table of 256. `file` is what the model was
/// loaded from: its tables point into it.
void require_aligned_tables(const ModelInfo& info, std::span<const std::uint8_t> file);

}  // namespace kpu::golden
