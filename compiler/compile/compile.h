// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/emit/emit.h"
#include "compiler/graph/graph.h"
#include "compiler/quant/quantise.h"
#include "golden/quantised/rules.h"

namespace kpu::compiler {

/// How bytes become the network's input: x = (byte / 255 - mean) / deviation.
struct InputScale {
  float mean = 0;
  float deviation = 1;

  Codes codes() const;
};

/// File formats, with what they take.
enum class Format {
  kV4,  ///< everything
  kV3,  ///< a chain of KPU layers; weights of 8 or, in all layers, 16 bits
};

struct CompileOptions {
  Format format = Format::kV4;
  int weight_bits = 8;  ///< or 16, in format v3
  InputScale input;
  std::optional<RangeRule> rule;  ///< without it the best of all
  /// Whose arithmetic an already quantised network is compared with.
  golden::quantised::Rule rounding = golden::quantised::Rule::kOnnxRuntime;
};

/// How much of the network the KPU does.
struct Share {
  std::int64_t kpu = 0;  ///< multiplications
  std::int64_t cpu = 0;
};

struct Compiled {
  Quantised network;
  Emitted emitted;
  Share share;
};

/// Reads an ONNX file. Throws Error with the path in front.
Graph load_onnx(const std::string& path);

/// The picture (planar bytes, as many as the input has elements) as the network sees it: by
/// `scale`, or as the codes that the network's own input has (of int8: byte - 128). Throws Error if
/// the sizes differ.
Tensor input_tensor(const Graph& graph, std::size_t input, std::span<const std::uint8_t> bytes,
                    const InputScale& scale);

/// Compiles for the given pictures: for each, bytes for every input. Throws Error for 16-bit weights
/// in another format than v3.
Compiled compile(const Graph& graph,
                 std::span<const std::vector<std::vector<std::uint8_t>>> pictures,
                 const CompileOptions& options);

}  // namespace kpu::compiler
