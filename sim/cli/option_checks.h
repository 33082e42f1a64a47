// SPDX-License-Identifier: Apache-2.0
//
// Options whose values are checked before anything runs, with one short line about a bad one.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kpu::sim {

/// A whole number in low..high, in decimal digits only.
CLI::Validator whole_number(std::uint64_t low,
                            std::uint64_t high = std::numeric_limits<std::uint64_t>::max());

/// A finite number in low..high.
CLI::Validator real_number(double low, double high);

/// Clock frequencies in MHz.
CLI::Validator clock_number();

/// A file to write: its name must not end as another kind of file does (".jpg" where ".png" is
/// written). `ending` is that of the kind, with its dot.
CLI::Validator written_file(const std::string& ending);

/// Throws CLI::ValidationError "'x': expected a, b or c".
[[noreturn]] void refuse_choice(const std::string& option, const std::string& value,
                                const std::vector<std::string_view>& names);

/// An option that takes one of some names, each for a value.
template <class T>
CLI::Option* add_choice(CLI::App& command, const std::string& option, T& value,
                        std::vector<std::pair<std::string_view, T>> choices,
                        const std::string& text) {
  std::string list;
  for (const auto& [name, meaning] : choices) list += (list.empty() ? "" : "|") + std::string(name);
  const auto set = [option, &value, choices = std::move(choices)](const std::string& given) {
    std::vector<std::string_view> names;
    for (const auto& [name, meaning] : choices) {
      names.push_back(name);
      if (name != given) continue;
      value = meaning;
      return;
    }
    refuse_choice(option, given, names);
  };
  return command.add_option_function<std::string>(option, set, text)->option_text(list);
}

}  // namespace kpu::sim
