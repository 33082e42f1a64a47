// SPDX-License-Identifier: Apache-2.0
//
// How pictures become inputs, on the command line: the same words for every command.
#pragma once

#include <optional>
#include <string>

#include "sim/vision/network_input.h"

namespace CLI {
class App;
}

namespace kpu::sim {

struct PictureArguments {
  ResizeMode resize = ResizeMode::kRefuse;
  int fill = 0;  ///< 0..255
  bool bgr = false;
  std::optional<double> scale;
  std::string mean;       ///< a number, or one for each channel with commas; empty: 0
  std::string deviation;  ///< as `mean`; empty: 1
};

/// Adds --resize, --fill, --bgr, --scale, --mean and --std; `group` heads them in the help.
void add_picture_options(CLI::App& command, PictureArguments& arguments, const std::string& group);

/// What they say. Throws kpu::Error for numbers that cannot be read, and a --std of 0.
InputOptions input_options(const PictureArguments& arguments);

}  // namespace kpu::sim
