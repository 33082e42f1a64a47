// SPDX-License-Identifier: Apache-2.0
#include "sim/model/cpu_cost.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/kmodel/kpu_file.h"

namespace kpu::sim {
namespace {

constexpr double kConvert = 45e-9;   // a value
constexpr double kTransfer = 86e-9;  // a byte
constexpr double kValue = 200e-9;    // a value
constexpr double kProduct = 25e-9;   // a product

using Dims = std::vector<std::uint32_t>;

/// The tensors of a listing's "3x4+5"; nothing if it is something else.
std::optional<std::vector<Dims>> tensors_of(const std::string& text) {
  std::vector<Dims> tensors;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('+', at), text.size());
    tensors.push_back(golden::dims_of(text.substr(at, end - at)));
    if (tensors.back().empty()) return std::nullopt;
    at = end + 1;
  }
  return tensors;
}

double count(const Dims& dims) {
  double product = 1;
  for (std::uint32_t dim : dims) product *= dim;
  return product;
}

double count(const std::vector<Dims>& tensors) {
  double sum = 0;
  for (const Dims& dims : tensors) sum += count(dims);
  return sum;
}

/// Products of a layer that multiplies weights or matrices; 0 for others.
double products(const golden::LayerInfo& layer, const std::vector<Dims>& in, const Dims& out) {
  if (layer.type == "fully_connected" || layer.type == "matmul") {
    return count(in.front()) * out.back();
  }
  if (layer.type.find("conv2d") == std::string::npos || out.size() < 2) return 0;
  // The listing has the weights as an input, or they make up the layer's bytes.
  const double weights =
      in.size() > 1 ? count(in[1]) : static_cast<double>(layer.file_bytes) / sizeof(float);
  return weights * out.back() * out[out.size() - 2];
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Seconds of a layer; nothing if its shapes are not known.
std::optional<double> seconds_of(const golden::LayerInfo& layer) {
  const auto in = tensors_of(layer.in);
  const auto out = tensors_of(layer.out);
  if (!in || !out) return std::nullopt;
  if (contains(layer.type, "upload") || contains(layer.type, "download")) {
    return kTransfer * count(*out);
  }
  if (contains(layer.type, "quantize") && !contains(layer.type, "quantized")) {
    return kConvert * count(*out);
  }
  const double values = contains(layer.type, "reduce") || contains(layer.type, "pool")
                            ? std::max(count(*in), count(*out))
                            : count(*out);
  return kValue * values + kProduct * products(layer, *in, out->front());
}

}  // namespace

CpuCost k210_cpu_cost(const golden::ModelInfo& info) {
  CpuCost cost;
  for (const golden::LayerInfo& layer : info.layers) {
    // A call is what the layers behind it do.
    if (layer.kpu || layer.type == "call") continue;
    ++cost.layers;
    const std::optional<double> seconds = seconds_of(layer);
    if (seconds) {
      cost.seconds += *seconds;
    } else {
      ++cost.not_counted;
    }
  }
  return cost;
}

}  // namespace kpu::sim
