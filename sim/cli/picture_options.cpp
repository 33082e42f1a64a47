// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/picture_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "common/error.h"
#include "sim/cli/option_checks.h"

namespace kpu::sim {
namespace {

std::vector<float> numbers(const char* option, const std::string& text) {
  std::vector<float> values;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, comma - at);
    char* end = nullptr;
    const float value = std::strtof(part.c_str(), &end);
    if (part.empty() || end != part.c_str() + part.size() || !std::isfinite(value)) {
      throw Error(fmt::format("{} '{:.40}': expected a number, or one for each channel with commas",
                              option, text));
    }
    values.push_back(value);
    at = comma + 1;
  }
  return values;
}

}  // namespace

void add_picture_options(CLI::App& command, PictureArguments& arguments, const std::string& group) {
  add_choice<ResizeMode>(command, "--resize", arguments.resize,
                         {{"stretch", ResizeMode::kStretch},
                          {"crop", ResizeMode::kCrop},
                          {"letterbox", ResizeMode::kLetterbox}},
                         "Scale a picture of another size: each axis; to cover the input; to lie "
                         "in it")
      ->group(group);
  command.add_option("--fill", arguments.fill, "Value of letterbox's borders, 0..255 (default 0)")
      ->check(whole_number(0, 255))
      ->group(group);
  command.add_flag("--bgr", arguments.bgr, "Planes in the order blue, green, red")->group(group);
  command
      .add_option("--scale", arguments.scale,
                  "Of a float32 input: it is (byte * scale - mean) / std (default 1/255)")
      ->check(real_number(1e-9, 1e9))
      ->group(group);
  command
      .add_option("--mean", arguments.mean,
                  "See --scale; one number or one a channel, with commas (default 0)")
      ->option_text("NUMBER[,..]")
      ->group(group);
  command.add_option("--std", arguments.deviation, "See --mean (default 1)")
      ->option_text("NUMBER[,..]")
      ->group(group);
}

InputOptions input_options(const PictureArguments& arguments) {
  InputOptions options;
  options.resize = arguments.resize;
  options.fill = static_cast<std::uint8_t>(arguments.fill);
  options.bgr = arguments.bgr;
  if (!arguments.scale && arguments.mean.empty() && arguments.deviation.empty()) return options;
  Normalisation& n = options.normalisation.emplace();
  n.scale = arguments.scale.value_or(Normalisation::kScale);
  if (!arguments.mean.empty()) n.mean = numbers("--mean", arguments.mean);
  if (!arguments.deviation.empty()) n.deviation = numbers("--std", arguments.deviation);
  for (float value : n.deviation) {
    if (value == 0) throw Error(fmt::format("--std {}: expected no 0", arguments.deviation));
  }
  return options;
}

}  // namespace kpu::sim
