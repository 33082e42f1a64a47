// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <utility>

#include "common/error.h"
#include "sim/cli/input_list.h"
#include "sim/vision/image_io.h"

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
                                        const std::vector<std::string>& files, std::size_t limit) {
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
  const std::vector<std::string> all = expand_inputs(files);
  const std::size_t count = std::min(limit, all.size());
  for (std::size_t i = 0; i < count; ++i) {
    pictures.push_back({load_input(all[i * all.size() / count], spec, true).bytes});
  }
  return pictures;
}

}  // namespace kpu::sim
