// SPDX-License-Identifier: Apache-2.0
#include "compiler/compile/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <utility>
#include <variant>

#include "common/error.h"
#include "common/files.h"
#include "compiler/lower/lower.h"
#include "compiler/onnx/onnx_reader.h"

namespace kpu::compiler {

Codes InputScale::codes() const {
  return {1 / (255 * deviation),
          static_cast<std::int32_t>(std::clamp(std::round(mean * 255), 0.f, 255.f))};
}

Graph load_onnx(const std::string& path) {
  try {
    return read_onnx(read_file(path), std::filesystem::path(path).parent_path().string());
  } catch (const Error& error) {
    const std::string text = error.what();
    throw Error(text.find(path) == std::string::npos ? path + ": " + text : text);
  }
}

Tensor input_tensor(const Graph& graph, std::size_t input, std::span<const std::uint8_t> bytes,
                    const InputScale& scale) {
  const Value& value = graph.values[graph.inputs.at(input)];
  const Dims& dims = value.dims;
  Tensor tensor{dims, {}, false};
  if (static_cast<std::int64_t>(bytes.size()) != element_count(dims)) {
    throw Error(fmt::format("input of {} bytes, expected {}", bytes.size(), element_count(dims)));
  }
  for (std::uint8_t byte : bytes) {
    const auto code = static_cast<float>(byte);
    tensor.data.push_back(value.codes ? value.codes->real(code)
                                      : (code / 255 - scale.mean) / scale.deviation);
  }
  return tensor;
}

Compiled compile(const Graph& graph,
                 std::span<const std::vector<std::vector<std::uint8_t>>> pictures,
                 const CompileOptions& options) {
  if (options.weight_bits == 16 && options.format != Format::kV3) {
    throw Error(
        "16-bit weights: the runtime of kmodel v4 sets the KPU to 8 bits, expected format v3");
  }
  const Graph lowered = lower(graph);
  std::vector<std::vector<Tensor>> tensors;
  for (const auto& picture : pictures) {
    std::vector<Tensor> inputs;
    for (std::size_t i = 0; i < picture.size(); ++i) {
      inputs.push_back(input_tensor(lowered, i, picture[i], options.input));
    }
    tensors.push_back(std::move(inputs));
  }
  QuantiseOptions quantising;
  for (ValueId input : lowered.inputs) {
    quantising.inputs.push_back(lowered.values[input].codes.value_or(options.input.codes()));
  }
  quantising.rule = options.rule;
  quantising.rounding = options.rounding;
  quantising.weight_bits = options.weight_bits;
  Compiled result;
  result.network = quantise(lowered, tensors, quantising);
  result.emitted =
      options.format == Format::kV3 ? emit_v3(result.network) : emit_v4(result.network);
  for (const Node& node : lowered.nodes) {
    const auto* conv = std::get_if<Conv>(&node.op);
    const std::int64_t products = multiplications(lowered, node);
    (conv != nullptr && conv->on_kpu ? result.share.kpu : result.share.cpu) += products;
  }
  return result;
}

}  // namespace kpu::compiler
