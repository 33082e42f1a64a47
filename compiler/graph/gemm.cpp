// SPDX-License-Identifier: Apache-2.0
//
// Blocks of 4 x 16 sums in registers. The vectors run over columns, so their width does not change
// the order of any sum; the compiler makes a copy for wider vectors where the machine has them.
#include "compiler/graph/gemm.h"

#include <algorithm>
#include <cstring>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define KPU_WIDE_VECTORS __attribute__((target_clones("avx2", "default")))
#else
#define KPU_WIDE_VECTORS
#endif

namespace kpu::compiler {
namespace {

constexpr std::size_t kRows = 4;
constexpr std::size_t kColumns = 16;
constexpr std::size_t kInnerBlock =
    256;  ///< steps of the sum for which a block of b stays in cache

/// sums[4][16] += a[4][inner] * panel[inner][16], `panel` dense.
KPU_WIDE_VECTORS
void add_block(std::size_t inner, const float* const* a, const float* panel, float* sums) {
  float s0[kColumns], s1[kColumns], s2[kColumns], s3[kColumns];
  std::memcpy(s0, sums, sizeof s0);
  std::memcpy(s1, sums + kColumns, sizeof s1);
  std::memcpy(s2, sums + 2 * kColumns, sizeof s2);
  std::memcpy(s3, sums + 3 * kColumns, sizeof s3);
  for (std::size_t k = 0; k < inner; ++k) {
    const float* row = panel + k * kColumns;
    const float x0 = a[0][k], x1 = a[1][k], x2 = a[2][k], x3 = a[3][k];
    for (std::size_t j = 0; j < kColumns; ++j) {
      s0[j] += x0 * row[j];
      s1[j] += x1 * row[j];
      s2[j] += x2 * row[j];
      s3[j] += x3 * row[j];
    }
  }
  std::memcpy(sums, s0, sizeof s0);
  std::memcpy(sums + kColumns, s1, sizeof s1);
  std::memcpy(sums + 2 * kColumns, s2, sizeof s2);
  std::memcpy(sums + 3 * kColumns, s3, sizeof s3);
}

}  // namespace

void gemm(std::size_t rows, std::size_t inner, std::size_t columns, const float* a, const float* b,
          float* c) {
  std::fill_n(c, rows * columns, 0.f);
  std::vector<float> panel(kInnerBlock * kColumns);
  const std::vector<float> zeros(kInnerBlock, 0.f);
  float sums[kRows * kColumns];
  for (std::size_t first = 0; first < columns; first += kColumns) {
    const std::size_t width = std::min(kColumns, columns - first);
    for (std::size_t from = 0; from < inner; from += kInnerBlock) {
      const std::size_t depth = std::min(kInnerBlock, inner - from);
      for (std::size_t k = 0; k < depth; ++k) {
        float* line = panel.data() + k * kColumns;
        std::fill_n(line, kColumns, 0.f);
        std::copy_n(b + (from + k) * columns + first, width, line);
      }
      for (std::size_t row = 0; row < rows; row += kRows) {
        const float* lines[kRows];
        for (std::size_t r = 0; r < kRows; ++r) {
          const bool inside = row + r < rows;
          lines[r] = inside ? a + (row + r) * inner + from : zeros.data();
          for (std::size_t j = 0; j < kColumns; ++j) {
            sums[r * kColumns + j] = inside && j < width ? c[(row + r) * columns + first + j] : 0.f;
          }
        }
        add_block(depth, lines, panel.data(), sums);
        for (std::size_t r = 0; r < kRows && row + r < rows; ++r) {
          std::copy_n(sums + r * kColumns, width, c + (row + r) * columns + first);
        }
      }
    }
  }
}

}  // namespace kpu::compiler
