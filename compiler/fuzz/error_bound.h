// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "compiler/quant/quantise.h"

namespace kpu::compiler {

/// How far each output of a network in codes can be from the float network's, for a picture that
/// its ranges hold (RangeRule::kMinMax): from the steps of its codes and weights, the largest
/// slopes of its functions and the errors of their fits, added up as if all had one sign. `seen` is
/// what the picture shows of every value.
std::vector<double> error_bounds(const Quantised& network, std::span<const Observed> seen);

}  // namespace kpu::compiler
