// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/counters.h"

#include <cstddef>

namespace kpu::sim {

std::uint64_t counter_value(const Counters& counters, const std::string& name) {
  const auto found = counters.find(name);
  return found == counters.end() ? 0 : found->second;
}

std::string limiter(const Counters& counters) {
  const std::uint64_t total = counter_value(counters, "cycles");
  if (total == 0 || !counters.contains(kCycleStates.front().counter)) return "-";
  const CycleState& busy = kCycleStates.front();
  if (counter_value(counters, busy.counter) * 10 >= total * 9) return busy.meaning;
  const CycleState* worst = &kCycleStates[1];
  for (std::size_t i = 2; i < kCycleStates.size(); ++i) {
    if (counter_value(counters, kCycleStates[i].counter) >
        counter_value(counters, worst->counter)) {
      worst = &kCycleStates[i];
    }
  }
  return counter_value(counters, worst->counter) > 0 ? worst->meaning : busy.meaning;
}

}  // namespace kpu::sim
