// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/option_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace kpu::sim {
namespace {

constexpr std::size_t kShownCharacters = 40;

/// A value as messages show it.
std::string shortened(const std::string& text) {
  return text.size() <= kShownCharacters ? text : text.substr(0, kShownCharacters) + "...";
}

std::string ending_of(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

}  // namespace

CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const auto check = [low, high](const std::string& text) -> std::string {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (whole && value >= low && value <= high) return {};
    const std::string upper = high == std::numeric_limits<std::uint64_t>::max()
                                  ? fmt::format("{} or more", low)
                                  : fmt::format("{}..{}", low, high);
    return fmt::format("'{}': expected a whole number, {}", shortened(text), upper);
  };
  return {check, ""};
}

CLI::Validator real_number(double low, double high) {
  const auto check = [low, high](const std::string& text) -> std::string {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const bool whole = !text.empty() && end == text.c_str() + text.size();
    if (whole && std::isfinite(value) && value >= low && value <= high) return {};
    return fmt::format("'{}': expected a number, {:g}..{:g}", shortened(text), low, high);
  };
  return {check, ""};
}

CLI::Validator clock_number() { return real_number(0.001, 100'000); }

CLI::Validator written_file(const std::string& ending) {
  static constexpr std::array<std::string_view, 19> kOthers{
      ".bmp", ".bin", ".csv",    ".fst", ".gif", ".gtkw", ".jpeg", ".jpg", ".json", ".kfpkg",
      ".npy", ".pdf", ".kmodel", ".pgm", ".png", ".ppm",  ".saif", ".svg", ".vcd"};
  const auto check = [ending](const std::string& path) -> std::string {
    const std::string got = ending_of(path);
    if (path.empty()) return "expected the name of a file";
    if (got == ending || std::find(kOthers.begin(), kOthers.end(), got) == kOthers.end()) return {};
    return fmt::format("{}: expected a name that ends with {}", shortened(path), ending);
  };
  return {check, ""};
}

void refuse_choice(const std::string& option, const std::string& value,
                   const std::vector<std::string_view>& names) {
  throw CLI::ValidationError(
      option, fmt::format("'{}': expected {}", shortened(value), fmt::join(names, ", ")));
}

}  // namespace kpu::sim
