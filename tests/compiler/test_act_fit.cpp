// SPDX-License-Identifier: Apache-2.0
//
// The sixteen segments: exact where the function is made of lines, within a code and a half where
// it is smooth, as the KPU itself evaluates the table.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

#include "compiler/graph/function.h"
#include "compiler/quant/act_fit.h"
#include "golden/kpu/arith.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

namespace {

struct Fitted {
  double largest = 0;
  double mean_square = 0;
};

/// Fits f over -6 .. 6 with outputs coded over low .. high; errors in codes.
Fitted fit(const Function& f, double low, double high) {
  const double scale = (high - low) / 255, zero = std::round(-low / scale), units = 65536 / scale;
  std::mt19937 random(5);
  std::vector<float> seen;
  for (int i = 0; i < 4000; ++i) {
    float sum = 0;
    for (int k = 0; k < 6; ++k) sum += static_cast<float>(random() % 2001) / 1000 - 1;
    seen.push_back(sum);
  }
  const auto code = [&](double x) { return f(static_cast<float>(x)) / scale + zero; };
  const kpu::golden::ActTable table = act_table(fit_activation(code, -6, 6, seen), units);
  Fitted result;
  for (float x : seen) {
    const auto norm = static_cast<std::int64_t>(std::floor(x * units));
    const double error =
        kpu::golden::activate(table, norm, {}) - std::min(255., std::max(0., code(x)));
    result.largest = std::max(result.largest, std::fabs(error));
    result.mean_square += error * error / static_cast<double>(seen.size());
  }
  return result;
}

}  // namespace

TEST_CASE("functions made of lines are exact but for rounding") {
  CHECK(fit(Function::relu(), 0, 5).largest <= 0.51);
  CHECK(fit(Function::clip(0, 3), 0, 3).largest <= 0.51);
  CHECK(fit(Function::leaky({0.1f}), -0.5, 5).largest <= 0.51);
  CHECK(fit(Function::hard_sigmoid(0.2f, 0.5f), 0, 1).largest <= 0.51);
}

TEST_CASE("smooth functions stay near the code's own rounding") {
  const Function x;
  const auto with_gate = [&](const Function& gate) {
    return Function::combine(FunctionOp::kMul, x, gate);
  };
  const double rounding = 1. / 12;
  for (const auto& [f, low, high] :
       {std::tuple{Function::sigmoid(), 0., 1.}, std::tuple{x.then(FunctionOp::kTanh), -1., 1.},
        std::tuple{with_gate(Function::sigmoid()), -0.28, 5.},
        std::tuple{with_gate(Function::hard_sigmoid(1.f / 6, 0.5f)), -0.375, 5.},
        std::tuple{with_gate(x.then(FunctionOp::kSoftplus).then(FunctionOp::kTanh)), -0.31, 5.}}) {
    INFO(f.text());
    const Fitted error = fit(f, low, high);
    CHECK(error.largest <= 3);
    CHECK(error.mean_square <= 3 * rounding);
  }
}
