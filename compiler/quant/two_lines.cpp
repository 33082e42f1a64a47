// SPDX-License-Identifier: Apache-2.0
#include "compiler/quant/two_lines.h"

#include <algorithm>
#include <cmath>

namespace kpu::compiler {

Function TwoLines::function() const {
  if (up == 1 && down == 1) return {};
  const auto times = [](float slope) {
    return Function::combine(FunctionOp::kMul, Function(), Function::constant({slope}));
  };
  return Function::select(Function(), times(up), times(down));
}

std::optional<TwoLines> two_lines(const Function& f, float low, float high) {
  if (f.is_identity()) return TwoLines{};
  if (f.channels() > 1 || f(0) != 0) return std::nullopt;
  constexpr float kNear = 1e-3f;
  TwoLines lines{f(kNear) / kNear, f(-kNear) / -kNear, std::nullopt};
  if (!(lines.up > 0) || !(lines.down >= 0)) return std::nullopt;
  const float most = f(1e30f);
  if (std::isfinite(most) && most < 1e29f) {
    if (low < 0) return std::nullopt;
    lines.most = most;
  }
  const float reach = 2 * std::max(high / lines.up, lines.down > 0 ? -low / lines.down : high);
  constexpr int kPoints = 64;  // on either side
  for (int i = -kPoints; i <= kPoints; ++i) {
    const float x = reach * static_cast<float>(i) / kPoints;
    float line = x > 0 ? lines.up * x : lines.down * x;
    if (lines.most) line = std::min(line, *lines.most);
    if (std::fabs(f(x) - line) > 1e-4f * std::fabs(line) + 1e-9f) return std::nullopt;
  }
  return lines;
}

std::optional<ActFit> fit_two_lines(const TwoLines& lines, double low, const Codes& out) {
  const double up = lines.up / double{out.scale}, down = lines.down / double{out.scale};
  if (lines.most && *lines.most / double{out.scale} + out.zero < 254.999) return std::nullopt;
  ActFit fit;
  if (down > 0 && low < 0) {
    // From the whole code at or below the least.
    const int code = static_cast<int>(std::max(0., std::floor(out.zero + down * low)));
    if (code < out.zero) fit.segments.push_back({(code - out.zero) / down, down, code});
  }
  if (up != down || fit.segments.empty()) fit.segments.push_back({0, up, out.zero});
  return fit;
}

}  // namespace kpu::compiler
