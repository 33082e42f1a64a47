// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "golden/kpu/single_layer.h"

namespace kpu::golden::quantised {

std::string ConvCheck::summary() const {
  const char* engines = "";
  if (match) engines = *match ? ", RTL and golden model agree" : ", RTL and golden model DIFFER";
  return fmt::format("{} of {} outputs differ{}; {}", differing, y.size(), engines,
                     proof.summary());
}

ConvCheck check_conv(const QuantisedConv& conv, std::span<const std::int16_t> x,
                     const MappingOptions& options, const Engines& engines) {
  ConvCheck check;
  check.mapped = map_to_kpu(conv, options);
  check.proof = prove(conv, check.mapped);
  const std::vector<std::uint8_t> pixels = kpu_input(conv, check.mapped, x);
  std::vector<std::uint8_t> golden_output;
  for (KpuBackend* backend : {engines.golden, engines.rtl}) {
    if (backend == nullptr) continue;
    KpuJobResult result = run_single_layer(*backend, check.mapped.layer, pixels);
    if (backend == engines.golden) {
      golden_output = result.output;
    } else {
      check.counters = std::move(result.counters);
      if (engines.golden != nullptr) check.match = result.output == golden_output;
    }
    check.y = codes_from_kpu(conv, check.mapped, result.output);
  }
  check.expected = conv.rule == Rule::kK210 ? check.y : run_reference(conv, x);
  for (std::size_t i = 0; i < check.y.size(); ++i) {
    const int difference = std::abs(check.y[i] - check.expected[i]);
    check.differing += difference != 0;
    check.largest = std::max(check.largest, difference);
  }
  return check;
}

}  // namespace kpu::golden::quantised
