// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace kpu::compiler {

/// c[m][n] = sum over k of a[m][k] * b[k][n], row-major and dense; every sum in the order of k and
/// without fused operations, so that the result is the same on every machine.
void gemm(std::size_t rows, std::size_t inner, std::size_t columns, const float* a, const float* b,
          float* c);

}  // namespace kpu::compiler
