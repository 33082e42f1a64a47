// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compiler/graph/graph.h"

namespace kpu::compiler {

/// conv without its function and pool: the sums with the bias, as 1 x out x rows x columns. `in` is
/// an image whose dims fit.
Tensor convolve(const Conv& conv, const Tensor& in);

/// `pool` over an image.
Tensor fused_pool(const Tensor& in, FusedPool pool);

}  // namespace kpu::compiler
