// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "golden/kpu/single_layer.h"
#include "golden/quantised/conv.h"
#include "golden/quantised/kpu_mapping.h"

namespace kpu::sim {

/// A quantised convolution and its input: the arguments of openkpu.conv2d_quantized.
struct QuantisedSpec {
  golden::quantised::QuantisedConv conv;
  golden::quantised::MappingOptions options;
  std::vector<std::int16_t> x;  ///< codes, planar
};

/// A layer in the KPU's own terms and its input: the arguments of openkpu.layer.
struct KpuSpec {
  golden::SingleLayer layer;
  std::vector<std::uint8_t> x;  ///< pixels, planar
};

using LayerSpec = std::variant<QuantisedSpec, KpuSpec>;

/// Reads a layer from a .npz or .json (spec_file.h): a quantised convolution where there is a
/// y_scale, else a KPU layer. `rounding`, where not empty, goes before the file's. Throws
/// kpu::Error, naming file and argument, for one that is missing, unknown or wrong.
LayerSpec read_layer_spec(const std::string& path, const std::string& rounding);

}  // namespace kpu::sim
