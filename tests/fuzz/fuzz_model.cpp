// SPDX-License-Identifier: Apache-2.0
//
// A file of any bytes either loads or throws kpu::Error; what loads and is small runs on the golden
// model without leaving its buffers, or throws kpu::Error.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/error.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"

namespace {

constexpr std::size_t kMostBytes =
    1 << 20;  ///< of inputs and working memory of a network that is run
constexpr std::uint64_t kMostMacs = 1'000'000;

bool small_enough(const kpu::golden::ModelInfo& info) {
  std::size_t bytes = info.main_memory_bytes;
  for (const auto& input : info.inputs) bytes += input.bytes;
  for (const auto& output : info.outputs) bytes += output.bytes;
  std::uint64_t macs = 0;
  for (const auto& layer : info.layers) {
    if (layer.kpu) macs += layer.kpu->args.macs() * layer.kpu->batches;
  }
  return bytes <= kMostBytes && macs <= kMostMacs;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto model = kpu::golden::load_model({data, data + size});
    if (!small_enough(model->info())) return 0;
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const auto& input : model->info().inputs) inputs.emplace_back(input.bytes, 0x55);
    kpu::golden::GoldenBackend backend;
    kpu::golden::run_network(*model, inputs, backend);
  } catch (const kpu::Error&) {
  }
  return 0;
}
