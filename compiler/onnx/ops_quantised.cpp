// SPDX-License-Identifier: Apache-2.0
//
// Networks that are quantised already. The graph keeps real numbers: DequantizeLinear is nothing
// but a check, QuantizeLinear rounds to codes, and each QLinear operator is the float one between
// the two. int8 codes count from 128 on, so that zero points are 0..255.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "common/error.h"
#include "compiler/onnx/import.h"
#include "compiler/onnx/pieces.h"

namespace kpu::compiler {
namespace {

enum FileType { kFileFloat = 1, kFileUint8 = 2, kFileInt8 = 3, kFileInt32 = 6 };  // of the schema

/// Scales and zero points of a tensor: one of each, or one for each index of an axis.
struct Scheme {
  std::vector<float> scales;
  std::vector<float> zeros;
  int type = kFileUint8;  ///< of the codes

  std::size_t index(std::size_t i) const { return scales.size() == 1 ? 0 : i; }
};

/// Inputs `scale` and `zero`; the codes are of the zero point's type, or `type` without one.
Scheme read_scheme(Call& call, std::size_t scale, std::size_t zero, int type) {
  Scheme scheme{call.constant(scale, "scale").data, {}, type};
  if (call.has(zero)) {
    scheme.zeros = call.constant(zero, "zero point").data;
    scheme.type = call.file_type(zero);
  } else {
    scheme.zeros.assign(scheme.scales.size(), 0.f);
  }
  if (scheme.scales.empty() || scheme.zeros.size() != scheme.scales.size()) {
    throw Error(fmt::format("{} scales and {} zero points: expected as many", scheme.scales.size(),
                            scheme.zeros.size()));
  }
  for (float value : scheme.scales) {
    if (!(value > 0) || !std::isfinite(value)) {
      throw Error(fmt::format("scale={}: expected a number above 0", value));
    }
  }
  return scheme;
}

bool is_eight_bit(int type) { return type == kFileUint8 || type == kFileInt8; }

/// One scale and zero point, for codes of the network's values.
Codes read_codes(Call& call, std::size_t scale, std::size_t zero, int type = kFileUint8) {
  const Scheme scheme = read_scheme(call, scale, zero, type);
  if (scheme.scales.size() != 1) {
    throw Error(
        fmt::format("{} scales: expected one (only weights have several)", scheme.scales.size()));
  }
  if (!is_eight_bit(scheme.type)) {
    throw Error(fmt::format("zero point of element type {}: expected uint8 or int8", scheme.type));
  }
  const auto shift = scheme.type == kFileInt8 ? 128 : 0;
  return {scheme.scales[0], static_cast<std::int32_t>(scheme.zeros[0]) + shift};
}

/// The axis that scales go along; throws unless there is one for each index of it.
int scheme_axis(const Scheme& scheme, const Dims& dims, std::int64_t axis) {
  if (scheme.scales.size() == 1) return 0;
  const int along = normal_axis(axis, dims.size());
  if (static_cast<std::int64_t>(scheme.scales.size()) != dims[along]) {
    throw Error(
        fmt::format("{} scales for shape {}: expected one, or one for each index of axis {}",
                    scheme.scales.size(), dims_text(dims), along));
  }
  return along;
}

/// value(element, index of its scale) for each element, in place.
template <class Value>
void each_scaled(Tensor& tensor, const Scheme& scheme, int axis, Value value) {
  const Dims& d = tensor.dims;
  const std::size_t count = d.empty() ? 1 : static_cast<std::size_t>(d[axis]);
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < d.size(); ++i) inner *= static_cast<std::size_t>(d[i]);
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    tensor.data[i] = value(tensor.data[i], scheme.index(i / inner % count));
  }
}

/// Constant codes as real numbers that remember their scales.
ValueId real_constant(Call& call, std::size_t codes, const Scheme& scheme, std::int64_t axis) {
  Tensor reals = call.constant(codes, "codes");
  const int along = scheme_axis(scheme, reals.dims, axis);
  reals.integer = false;
  each_scaled(reals, scheme, along, [&](float code, std::size_t i) {
    return (code - scheme.zeros[i]) * scheme.scales[i];
  });
  return call.add_scaled(std::move(reals), scheme.scales, along);
}

void require_no_blocks(Call& call) {
  if (call.integer("block_size", 0) != 0) throw Error("block_size: expected 0");
  call.ignore({"saturate", "precision"});
}

void dequantize(Call& call) {
  require_no_blocks(call);
  const std::int64_t axis = call.integer("axis", 1);
  if (call.integer("output_dtype", 0) > kFileFloat) throw Error("output_dtype: expected float32");
  if (call.is_constant(0)) {
    const Scheme scheme = read_scheme(call, 1, 2, call.file_type(0));
    call.give(real_constant(call, 0, scheme, axis));
  } else {
    call.give(call.decoded(0, read_codes(call, 1, 2)));
  }
}

/// The value rounded to codes, as a code tensor.
void give_rounded(Call& call, ValueId id, const Codes& codes) {
  const bool already = call.rounded_to(id) == codes;
  call.give_codes(already ? id : call.add(Elementwise{{}, codes}, {id}), codes);
}

void quantize(Call& call) {
  require_no_blocks(call);
  const std::int64_t axis = call.integer("axis", 1);
  const auto type = static_cast<int>(call.integer("output_dtype", kFileUint8));
  if (!call.is_constant(0)) return give_rounded(call, call.in(), read_codes(call, 1, 2, type));
  const Scheme scheme = read_scheme(call, 1, 2, type);
  if (!is_eight_bit(scheme.type)) {
    throw Error(fmt::format("zero point of element type {}: expected uint8 or int8", scheme.type));
  }
  Tensor codes = call.constant(0, "x");
  const int along = scheme_axis(scheme, codes.dims, axis);
  const float least = scheme.type == kFileInt8 ? -128.f : 0.f;
  each_scaled(codes, scheme, along, [&](float real, std::size_t i) {
    return std::clamp(std::nearbyint(real / scheme.scales[i]) + scheme.zeros[i], least,
                      least + 255);
  });
  codes.integer = true;
  call.give(call.add_constant(std::move(codes), scheme.type));
}

/// Bias of whole numbers in units of x_scale * w_scale.
std::vector<float> real_bias(Call& call, std::size_t input, float x_scale,
                             const std::vector<float>& w_scales) {
  std::vector<float> bias(w_scales.size(), 0.f);
  if (!call.has(input)) return bias;
  const Tensor& codes = call.constant(input, "bias");
  if (codes.size() != bias.size()) {
    throw Error(fmt::format("bias with {} elements: expected {}", codes.size(), bias.size()));
  }
  for (std::size_t i = 0; i < bias.size(); ++i) {
    bias[i] = static_cast<float>(double{codes.data[i]} * x_scale * w_scales[i]);
  }
  return bias;
}

/// Scales, one for each of `count`.
std::vector<float> for_each_of(const std::vector<float>& scales, std::int64_t count) {
  if (scales.size() != 1) return scales;
  return std::vector<float>(static_cast<std::size_t>(count), scales[0]);
}

void qlinear_conv(Call& call) {
  const Codes x = read_codes(call, 1, 2), y = read_codes(call, 6, 7);
  const ValueId in = call.decoded(0, x);
  const Scheme w = read_scheme(call, 4, 5, call.file_type(3));
  const ValueId weights = real_constant(call, 3, w, 0);
  Conv conv = read_conv(call, call.value(weights));
  conv.weight_scales = for_each_of(w.scales, conv.out_channels());
  conv.bias = real_bias(call, 8, x.scale, conv.weight_scales);
  give_rounded(call, call.add(std::move(conv), {in}), y);
}

/// QLinearMatMul, and QGemm with its transposed weights and bias.
void qlinear_product(Call& call, bool turned, std::size_t bias_at, std::size_t y_at) {
  const Codes a = read_codes(call, 1, 2);
  const ValueId in = call.decoded(0, a);
  const Scheme w = read_scheme(call, 4, 5, call.file_type(3));
  ValueId weights = real_constant(call, 3, w, turned ? 0 : 1);
  if (call.value(weights).dims.size() != 2) throw Error("b: expected a matrix");
  if (turned) weights = call.add(Transpose{{1, 0}}, {weights});
  const Tensor matrix = call.value(weights);
  const std::vector<float> scales = for_each_of(w.scales, matrix.dims[1]);
  std::vector<float> bias(scales.size(), 0.f);
  if (bias_at > 0) bias = real_bias(call, bias_at, a.scale, scales);
  const ValueId sum = add_product(call, in, call.dims(), matrix, std::move(bias), scales);
  if (!call.has(y_at)) return call.give(sum);
  give_rounded(call, sum, read_codes(call, y_at, y_at + 1));
}

void qlinear_matmul(Call& call) { qlinear_product(call, false, 0, 6); }

void qgemm(Call& call) {
  if (call.integer("transA", 0) != 0 || call.real("alpha", 1) != 1) {
    throw Error("transA, alpha: expected 0 and 1");
  }
  qlinear_product(call, call.integer("transB", 0) != 0, 6, 7);
}

template <FunctionOp op>
void qlinear_binary(Call& call) {
  const auto operand = [&](std::size_t i) {
    if (!call.is_constant(i)) return call.decoded(i, read_codes(call, i + 1, i + 2));
    return real_constant(call, i, read_scheme(call, i + 1, i + 2, call.file_type(i)), 0);
  };
  const ValueId a = operand(0), b = operand(3);
  give_rounded(call, call.add(Binary{op, {}}, {a, b}), read_codes(call, 6, 7));
}

void require_channels_first(Call& call) {
  if (call.integer("channels_last", 0) != 0) throw Error("channels_last=1: expected 0");
}

void qlinear_average(Call& call) {
  require_channels_first(call);
  const Pool pool = read_pool(call, false);
  const ValueId in = call.decoded(0, read_codes(call, 1, 2));
  give_rounded(call, call.add(pool, {in}), read_codes(call, 3, 4));
}

void qlinear_global_average(Call& call) {
  require_channels_first(call);
  if (call.rank() != 4) throw Error("input: expected N x C x H x W");
  const ValueId in = call.decoded(0, read_codes(call, 1, 2));
  give_rounded(call, call.add(Reduce{ReduceKind::kMean, {2, 3}, true}, {in}),
               read_codes(call, 3, 4));
}

/// Inputs: scale and zero point of the result, then three for each part.
void qlinear_concat(Call& call) {
  const Codes y = read_codes(call, 0, 1);
  std::vector<ValueId> parts;
  for (std::size_t i = 2; i + 1 < call.input_count(); i += 3) {
    const ValueId in = call.decoded(i, read_codes(call, i + 1, i + 2));
    parts.push_back(call.rounded_to(in) == y ? in : call.add(Elementwise{{}, y}, {in}));
  }
  if (parts.empty()) throw Error("no parts: expected one or more");
  const int axis = normal_axis(call.integer("axis", 1), call.dims(2).size());
  call.give_codes(parts.size() == 1 ? parts[0] : call.add(Concat{axis}, parts), y);
}

void qlinear_function(Call& call, const Function& function) {
  const ValueId in = call.decoded(0, read_codes(call, 1, 2));
  const Codes y = read_codes(call, 3, 4);
  call.give_codes(call.add(Elementwise{function, y}, {in}), y);
}

void qlinear_leaky(Call& call) {
  qlinear_function(call, Function::leaky({call.real("alpha", 0.01f)}));
}
void qlinear_sigmoid(Call& call) { qlinear_function(call, Function::sigmoid()); }

constexpr std::array kQuantisedImporters = {
    Importer{"DequantizeLinear", dequantize, CodeUse::kKnows},
    Importer{"QuantizeLinear", quantize, CodeUse::kKnows},
    Importer{"QLinearConv", qlinear_conv, CodeUse::kKnows},
    Importer{"QLinearMatMul", qlinear_matmul, CodeUse::kKnows},
    Importer{"QGemm", qgemm, CodeUse::kKnows},
    Importer{"QLinearAdd", qlinear_binary<FunctionOp::kAdd>, CodeUse::kKnows},
    Importer{"QLinearMul", qlinear_binary<FunctionOp::kMul>, CodeUse::kKnows},
    Importer{"QLinearAveragePool", qlinear_average, CodeUse::kKnows},
    Importer{"QLinearGlobalAveragePool", qlinear_global_average, CodeUse::kKnows},
    Importer{"QLinearConcat", qlinear_concat, CodeUse::kKnows},
    Importer{"QLinearLeakyRelu", qlinear_leaky, CodeUse::kKnows},
    Importer{"QLinearSigmoid", qlinear_sigmoid, CodeUse::kKnows},
};

}  // namespace

std::span<const Importer> quantised_importers() { return kQuantisedImporters; }

}  // namespace kpu::compiler
