// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/run_report.h"

namespace kpu::sim {

std::optional<std::uint64_t> LayerReport::cycles() const {
  const auto found = counters.find("cycles");
  if (found == counters.end()) return std::nullopt;
  return found->second;
}

std::vector<float> OutputReport::values() const { return golden::to_floats(bytes, info.type); }

std::uint64_t RunReport::cycles_total() const {
  std::uint64_t sum = 0;
  for (const LayerReport& layer : layers) sum += layer.cycles().value_or(0);
  return sum;
}

std::uint64_t RunReport::macs_total() const {
  std::uint64_t sum = 0;
  for (const LayerReport& layer : layers) sum += layer.macs;
  return sum;
}

double RunReport::k210_cycles_total() const {
  double sum = 0;
  for (const LayerReport& layer : layers) sum += layer.k210_cycles;
  return sum;
}

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMatch:
      return "match";
    case Verdict::kMismatch:
      return "mismatch";
    case Verdict::kNotCompared:
      break;
  }
  return "not compared";
}

const char* to_string(StageDifference::Got how) {
  switch (how) {
    case StageDifference::Got::kAtMost:
      return "at most";
    case StageDifference::Got::kAtLeast:
      return "at least";
    case StageDifference::Got::kExact:
      break;
  }
  return "exactly";
}

}  // namespace kpu::sim
