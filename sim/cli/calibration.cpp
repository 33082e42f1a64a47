// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <utility>

#include "common/error.h"
#include "sim/cli/input_list.h"
#include "sim/vision/network_input.h"

namespace kpu::sim {
namespace {

using Picture = std::vector<std::vector<std::uint8_t>>;

/// Waves of random direction with noise on top, each channel its own.
std::vector<std::uint8_t> drawn(const compiler::Dims& dims, std::mt19937& random) {
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random()) / 4294967295.;
  };
  const std::int64_t count = compiler::element_count(dims);
  const std::int64_t width = dims.empty() ? 1 : dims.back();
  const std::int64_t height = dims.size() > 1 ? dims[dims.size() - 2] : 1;
  std::vector<std::uint8_t> bytes;
  double fx = 0, fy = 0, phase = 0, noise = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (i % (width * height) == 0) {
      fx = uniform(-12, 12) / static_cast<double>(width);
      fy = uniform(-12, 12) / static_cast<double>(height);
      phase = uniform(0, 6.28);
      noise = uniform(0, 60);
    }
    const auto x = static_cast<double>(i % width);
    const auto y = static_cast<double>(i / width % height);
    const double value = 127.5 + 100 * std::sin(fx * x + fy * y + phase) + uniform(-noise, noise);
    bytes.push_back(static_cast<std::uint8_t>(std::clamp(value, 0., 255.)));
  }
  return bytes;
}

}  // namespace

std::vector<Picture> calibration_inputs(const compiler::Graph& graph,
                                        const std::vector<std::string>& files, std::size_t limit,
                                        const PictureArguments& arguments) {
  std::vector<Picture> pictures;
  if (files.empty()) {
    constexpr std::size_t kDrawn = 8;
    std::mt19937 random(1);
    for (std::size_t i = 0; i < std::min(kDrawn, limit); ++i) {
      Picture picture;
      for (compiler::ValueId input : graph.inputs) {
        picture.push_back(drawn(graph.dims(input), random));
      }
      pictures.push_back(std::move(picture));
    }
    return pictures;
  }
  if (graph.inputs.size() != 1) {
    throw Error("network with several inputs: expected no --calibrate");
  }
  const compiler::Dims& dims = graph.dims(graph.inputs[0]);
  if (dims.size() != 4) throw Error("--calibrate: expected a network whose input is an image");
  const InputSpec spec{static_cast<int>(dims[1]), static_cast<int>(dims[2]),
                       static_cast<int>(dims[3]), 1};
  InputOptions options = input_options(arguments);
  options.normalisation.reset();  // the compiler has it
  if (options.resize == ResizeMode::kRefuse) options.resize = ResizeMode::kStretch;
  require_usable(options, {spec});
  const std::vector<std::string> all = expand_inputs(files);
  const std::size_t count = std::min(limit, all.size());
  for (std::size_t i = 0; i < count; ++i) {
    pictures.push_back({load_input(all[i * all.size() / count], spec, options).bytes});
  }
  return pictures;
}

compiler::InputScale input_scale(const PictureArguments& arguments) {
  const Normalisation n = input_options(arguments).normalisation.value_or(Normalisation{});
  if (n.mean.size() != 1 || n.deviation.size() != 1) {
    throw Error("--mean, --std: expected one number for all channels of a compiled network");
  }
  // (byte * scale - mean) / std in terms of byte / 255.
  const auto to_unit = static_cast<float>(Normalisation::kScale / n.scale);
  const compiler::InputScale scale{n.mean[0] * to_unit, n.deviation[0] * to_unit};
  if (!(scale.deviation > 0)) {
    throw Error(fmt::format("--std {}: expected a number above 0", arguments.deviation));
  }
  if (scale.mean < 0 || scale.mean > 1) {
    throw Error(
        fmt::format("--mean {}: expected that of a byte, 0..{:g}", arguments.mean, 255 * n.scale));
  }
  return scale;
}

}  // namespace kpu::sim
