// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/activity/activity.h"

namespace kpu::sim {
namespace {

/// Signals by the instance they lie in.
struct Instance {
  std::vector<const SignalToggles*> signals;
  std::map<std::string, Instance> inner;
};

std::string indent(std::size_t depth) { return std::string(2 * depth, ' '); }

void write_signal(std::string& text, const SignalToggles& signal, std::uint64_t duration,
                  std::size_t depth) {
  for (std::size_t bit = 0; bit < signal.toggles.size(); ++bit) {
    const std::string name = signal.toggles.size() == 1
                                 ? signal.name
                                 : fmt::format("{}\\[{}\\]", signal.name, bit);
    text += fmt::format("{}({} (T0 {}) (T1 {}) (TX 0) (TC {}))\n", indent(depth), name,
                        duration - signal.high_time[bit], signal.high_time[bit],
                        signal.toggles[bit]);
  }
}

void write_instance(std::string& text, const std::string& name, const Instance& instance,
                    std::uint64_t duration, std::size_t depth) {
  text += fmt::format("{}(INSTANCE {}\n", indent(depth), name);
  if (!instance.signals.empty()) {
    text += indent(depth + 1) + "(NET\n";
    for (const SignalToggles* signal : instance.signals) {
      write_signal(text, *signal, duration, depth + 2);
    }
    text += indent(depth + 1) + ")\n";
  }
  for (const auto& [inner_name, inner] : instance.inner) {
    write_instance(text, inner_name, inner, duration, depth + 1);
  }
  text += indent(depth) + ")\n";
}

}  // namespace

std::string saif(const WaveToggles& waves) {
  Instance root;
  for (const SignalToggles& signal : waves.signals) {
    Instance* at = &root;
    for (const std::string& name : signal.scope) at = &at->inner[name];
    at->signals.push_back(&signal);
  }
  // Two time units are one clock cycle, whatever its length.
  std::string text = fmt::format(
      "(SAIFILE\n(SAIFVERSION \"2.0\")\n(DIRECTION \"backward\")\n(DIVIDER .)\n"
      "(TIMESCALE 1 ns)\n(DURATION {})\n",
      waves.duration);
  for (const auto& [name, instance] : root.inner) {
    write_instance(text, name, instance, waves.duration, 0);
  }
  return text + ")\n";
}

}  // namespace kpu::sim
