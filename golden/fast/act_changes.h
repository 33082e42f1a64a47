// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "golden/kpu/arith.h"

namespace kpu::golden::fast {

/// The norm values in first + 1 .. last, ascending, at which the activation's output differs from
/// that of the value before. All of them: between two the output is constant.
std::vector<std::int64_t> find_changes(const ActTable& table, const ArithOptions& options,
                                       std::int64_t first, std::int64_t last);

}  // namespace kpu::golden::fast
