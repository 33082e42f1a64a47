// SPDX-License-Identifier: Apache-2.0
#include "sim/report/cpu_cost_text.h"

#include <fmt/format.h>

namespace kpu::sim {

std::string cpu_cost_text(const CpuCost& cost, double kpu_seconds) {
  if (cost.layers == 0) return {};
  const std::string layers = fmt::format("{} layer{}", cost.layers, cost.layers == 1 ? "" : "s");
  if (cost.not_counted == cost.layers) {
    return fmt::format("K210: not counted: {} on its CPU\n", layers);
  }
  std::string text = fmt::format(
      "K210: {} on its CPU take about {:.2g} ms (within a factor of two), with the "
      "KPU's {:.2f} ms about {:.2g}",
      layers, cost.seconds * 1e3, kpu_seconds * 1e3, (cost.seconds + kpu_seconds) * 1e3);
  if (cost.not_counted > 0) text += fmt::format("; not counted: {} of them", cost.not_counted);
  return text + "\n";
}

}  // namespace kpu::sim
