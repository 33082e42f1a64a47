// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/model_input.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <vector>

#include "common/error.h"

namespace kpu::sim {
namespace {

/// Dimensions as channels, height, width: missing outer ones are 1, further outer ones are taken as
/// channels.
std::array<int, 3> as_chw(const golden::TensorInfo& tensor) {
  std::array<int, 3> chw{1, 1, 1};
  std::size_t to = 3;
  for (std::size_t i = tensor.dims.size(); i-- > 0;) {
    if (to > 0) --to;
    chw[to] *= static_cast<int>(tensor.dims[i]);
  }
  if (tensor.dims.empty()) chw[2] = static_cast<int>(tensor.count());
  return chw;
}

}  // namespace

InputSpec input_spec(const golden::TensorInfo& input) {
  const auto [channels, height, width] = as_chw(input);
  switch (input.type) {
    case golden::ElementType::kUint8:
      return {channels, height, width, 1};
    case golden::ElementType::kInt8:
      return {channels, height, width, 1, true};
    case golden::ElementType::kFloat32:
      return {channels, height, width, 4};
    default:
      throw Error(fmt::format("input of type {}: expected uint8, int8 or float32",
                              golden::to_string(input.type)));
  }
}

OutputTensor output_tensor(const RunReport& report, std::span<const float> values,
                           std::size_t index) {
  const golden::TensorInfo& info = report.outputs.at(index).info;
  auto [channels, height, width] = as_chw(info);
  // A file may have its last layer's image as a row of values, or as rows of its channels.
  if (info.dims.size() < 3 && !report.layers.empty()) {
    const golden::LayerArgs& last = report.layers.back().args;
    const bool by_channels = info.dims.size() < 2 || info.dims.front() == last.out_channels;
    if (by_channels && report.outputs.size() == 1 &&
        std::size_t{last.out_channels} * last.out_height * last.out_width == values.size()) {
      channels = static_cast<int>(last.out_channels);
      height = static_cast<int>(last.out_height);
      width = static_cast<int>(last.out_width);
    }
  }
  return {values, channels, height, width, info.type == golden::ElementType::kUint8};
}

Interpretation interpret_run(const RunReport& report, const golden::ModelInfo& info,
                             const PostOptions& post) {
  if (report.outputs.empty()) return {};
  std::vector<std::vector<float>> values;
  for (const OutputReport& output : report.outputs) values.push_back(output.values());
  std::vector<OutputTensor> outputs;
  for (std::size_t i = 0; i < values.size(); ++i) {
    outputs.push_back(output_tensor(report, values[i], i));
  }
  const auto [channels, height, width] = as_chw(info.inputs.front());
  Interpretation meaning = interpret_outputs(outputs, {width, height}, post);
  if (!report.input_origins.empty()) {
    for (Detection& d : meaning.detections) d = on_picture(d, report.input_origins.front());
  }
  return meaning;
}

}  // namespace kpu::sim
