// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/network.h"

#include <fmt/format.h>

#include "common/error.h"
#include "golden/kmodel/kpu_queue.h"

namespace kpu::golden {

void require_complete(const ModelInfo& info) {
  if (!info.missing.empty()) {
    throw Error("network: " + info.missing);
  }
}

void require_countable_loads(const ModelInfo& info, LoadTime load_time) {
  for (const LayerInfo& layer : info.layers) {
    if (layer.kpu) {
      require_valid(layer.kpu->args, info.eight_bit, fmt::format("layer {}", layer.index),
                    load_time);
    }
  }
}

RunResult run_network(const Model& model, const std::vector<std::vector<std::uint8_t>>& inputs,
                      KpuBackend& backend, const RunOptions& options) {
  require_complete(model.info());
  require_countable_loads(model.info(), options.profile.kpu.load_time);
  const std::vector<TensorInfo>& expected = model.info().inputs;
  if (inputs.size() != expected.size()) {
    throw Error(
        fmt::format("network: {} inputs given, expected {}", inputs.size(), expected.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].size() != expected[i].bytes) {
      throw Error(fmt::format("network input {}: {} bytes, expected {}", i, inputs[i].size(),
                              expected[i].bytes));
    }
  }
  KpuQueue queue(backend, options);
  queue.set_eight_bit_mode(model.info().eight_bit);
  RunResult result;
  result.outputs = model.run(inputs, queue, options.profile);
  queue.flush();
  result.kpu_layers = queue.take_results();
  return result;
}

}  // namespace kpu::golden
