// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "compiler/graph/function.h"
#include "compiler/quant/act_fit.h"
#include "compiler/quant/codes.h"

namespace kpu::compiler {

/// A function that is a line through zero on either side of it, and may end in a constant above.
struct TwoLines {
  float up = 1, down = 1;     ///< slopes
  std::optional<float> most;  ///< where it ends

  /// Without its end.
  Function function() const;
};

/// Whether `f` is one, as far as results of low .. high go.
std::optional<TwoLines> two_lines(const Function& f, float low, float high);

/// The exact fit for the lines, for arguments from `low` on, in the codes `out`; none if they end
/// before the codes do.
std::optional<ActFit> fit_two_lines(const TwoLines& lines, double low, const Codes& out);

}  // namespace kpu::compiler
