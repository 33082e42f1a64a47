// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "compiler/quant/codes.h"
#include "compiler/quant/ranges.h"

namespace kpu::compiler {

/// Codes of every value by the rule, from what was seen of it; the inputs' and those that the
/// file says are given. `as_codes`
/// says which values are made as codes (made_as_codes).
///
/// An image that KPU layers alone make and read has a scale for each channel, as far as its
/// function allows it (a line on either side of zero): the reader's weights take them in. A scale
/// that follows the channel's range wholly would leave the codes of an output channel's weights to
/// a few inputs, so `even` says how far it does: 0 not at all, 1 wholly. Depthwise readers have no
/// such conflict; their images follow wholly.
std::vector<ValueCodes> choose_all_codes(const Graph& graph, const std::vector<Observed>& seen,
                                         const std::vector<bool>& as_codes, RangeRule rule,
                                         double even, std::span<const Codes> inputs);

}  // namespace kpu::compiler
