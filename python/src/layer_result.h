// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <span>

#include "golden/kpu/single_layer.h"

namespace kpu::python {

/// Runs a layer without the interpreter's lock: (output C H W, counters, values beyond 36 bits).
nanobind::tuple run(golden::KpuBackend& backend, const golden::SingleLayer& layer,
                    std::span<const std::uint8_t> input);

}  // namespace kpu::python
