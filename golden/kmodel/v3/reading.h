// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "golden/kmodel/kpu_file.h"
#include "golden/kmodel/v3/program.h"

namespace kpu::golden::v3 {

using Dims = std::vector<std::uint32_t>;

/// Elements of a tensor, cut at 2^60 so that their bytes can still be computed.
inline std::uint64_t element_count(const Dims& dims) {
  std::uint64_t product = 1;
  for (std::uint32_t dim : dims) {
    product = std::min(saturating_product({product, dim}), std::uint64_t{1} << 60);
  }
  return product;
}

/// What reads the body of a CPU layer: the fields, and the checks that all layers make.
struct Reading {
  FieldReader& body;
  MemoryMap& map;
  LayerInfo& layer;

  /// A size: at least 1, and nothing larger than main memory makes sense.
  std::uint32_t size(const char* field) {
    return body.u32_in(field, 1, static_cast<std::uint32_t>(kMaxMainMemory));
  }

  /// Checks an input tensor of T (uint8_t or float) and lists its shape.
  template <class T>
  void in(const char* field, std::uint32_t address, const Dims& dims) {
    map.require(body, field, address, sizeof(T) * element_count(dims));
    layer.in += (layer.in.empty() ? "" : "+") + dims_text(dims);
  }

  /// Checks the output tensor, notes it in the memory map and lists its shape.
  template <class T>
  void out(std::uint32_t address, const Dims& dims) {
    map.require(body, "out", address, sizeof(T) * element_count(dims));
    map.write(address, std::is_same_v<T, float> ? ElementType::kFloat32 : ElementType::kUint8,
              dims);
    layer.out = dims_text(dims);
  }
};

/// The step of a layer with one input and one output: run(in, out, float rule) on spans.
template <class In, class Out, class Run>
Step map_step(std::uint32_t in, const Dims& in_dims, std::uint32_t out, const Dims& out_dims,
              Run run) {
  return [in, in_count = element_count(in_dims), out, out_count = element_count(out_dims),
          run](State& state) {
    const std::vector<In> input = state.memory.load<In>(in, in_count);
    std::vector<Out> output(out_count);
    run(std::span<const In>(input), std::span<Out>(output), state.rule);
    state.memory.store(out, output);
  };
}

/// Bodies of the layers that see an image as such; v3_image_layers.cpp.
Step read_global_average_pool(Reading r);
Step read_quantized_max_pool(Reading r);
Step read_average_pool(Reading r);
Step read_flatten(Reading r);
Step read_resize(Reading r);
Step read_quantized_resize(Reading r);
Step read_add_padding(Reading r);
Step read_remove_padding(Reading r);
Step read_upload(Reading r);

}  // namespace kpu::golden::v3
