// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "board/cpu/ram.h"
#include "common/kpu_shape.h"
#include "golden/kpu/kpu_backend.h"

namespace kpu::board {

/// Runs a layer as firmware pushed it: input lines from AI RAM, tables from where its words say.
/// AI RAM does not change. Throws Error, without running it, for a layer that the KPU cannot run or
/// whose tables lie outside RAM ("outside RAM" is in the text then).
golden::KpuJobResult run_layer(golden::KpuBackend& backend, const Ram& ram, const LayerWords& words,
                               bool eight_bit, std::size_t index);

}  // namespace kpu::board
