// SPDX-License-Identifier: Apache-2.0
//
// From real weights to the tables of a KPU layer. Weights are stored as code + 128 (of 16 bits:
// code + 32768); the KPU takes
// both zero points off the sums again (arg_x, arg_w, arg_add), so what remains is the sum of
// (input code - zero) * weight code. Batch norm turns it into units of the activation table.
#include "compiler/quant/kpu_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "common/error.h"
#include "compiler/graph/convolve.h"
#include "compiler/quant/two_lines.h"
#include "golden/kpu/kpu_layer.h"
#include "golden/kpu/layer_args.h"

namespace kpu::compiler {
namespace {

constexpr double kMostMul = (1 << 21) - 1;     ///< the vendor's compilers keep 22 signed bits
constexpr double kMostAdd = 2147483647.;       ///< norm_add
constexpr double kMostNorm = 1.7179869184e10;  ///< 2^34: half of what norm can hold
/// Norm units that make one code of the output for a slope of 1: a slope then keeps 15 bits with
/// the largest shift.
constexpr double kUnitsOfCode = 65536;

/// The nearest whole number, ties to even, of |x| < 2^22: without a call, so that vectors can do
/// it.
inline float whole(float x) {
  constexpr float kShift = 12582912.f;  // 1.5 * 2^23
  return (x + kShift) - kShift;
}

/// golden::round_shift() to even, for shifts of at most 62.
inline std::int64_t round_shift(std::int64_t value, std::uint32_t shift) {
  if (shift == 0) return value;
  const std::int64_t quotient = value >> shift, rest = value - (quotient << shift);
  const std::int64_t half = std::int64_t{1} << (shift - 1);
  const bool step = rest > half || (rest == half && (quotient & 1) != 0);
  return step ? quotient + (value < 0 ? -1 : 1) : quotient;
}

/// Square error of the weights in steps of `scale`, in steps.
double rounding_error(std::span<const float> weights, float scale) {
  constexpr std::size_t kLanes = 16;
  float sums[kLanes] = {};
  const float factor = 1 / scale;
  std::size_t i = 0;
  for (; i + kLanes <= weights.size(); i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      const float x = weights[i + j] * factor, off = x - whole(x);
      sums[j] += off * off;
    }
  }
  for (; i < weights.size(); ++i) {
    const float x = weights[i] * factor, off = x - whole(x);
    sums[0] += off * off;
  }
  double error = 0;
  for (float sum : sums) error += sum;
  return error;
}

}  // namespace

WeightCodes quantise_weights(const Conv& conv, const ValueCodes& in, int bits) {
  const std::size_t outs = conv.out_channels(), per_out = conv.weights.size() / outs;
  const std::size_t taps = conv.window.kernel[0] * conv.window.kernel[1];
  const int most_weight = (1 << (bits - 1)) - 1;
  WeightCodes result;
  result.bits = bits;
  result.codes.resize(conv.weights.size());
  result.scales.assign(outs, 1.f);
  std::vector<float> line(per_out);
  for (std::size_t oc = 0; oc < outs; ++oc) {
    float most = 0;
    for (std::size_t i = 0; i < per_out; ++i) {
      const std::size_t ic = conv.groups > 1 ? oc : i / taps;
      line[i] = conv.weights->data[oc * per_out + i] * (plane_codes(in, ic).scale / in[0].scale);
      most = std::max(most, std::fabs(line[i]));
    }
    if (!(most > 1e-30f)) continue;
    // Fewer steps for the largest weight can hit the others better: always so where a few weights
    // stand in a simple ratio. Of several without any error the last: 64 steps of a power of two
    // are exact.
    double best = -1;
    for (int top = most_weight; top >= most_weight - 63; --top) {
      const float scale = most / static_cast<float>(top);
      const double error = rounding_error(line, scale) * scale * scale;
      if (best < 0 || error == 0 || error < best * (1 - 1e-6)) {
        best = error;
        result.scales[oc] = scale;
      }
    }
    for (std::size_t i = 0; i < per_out; ++i) {
      result.codes[oc * per_out + i] =
          std::clamp(whole(line[i] / result.scales[oc]), -static_cast<float>(most_weight),
                     static_cast<float>(most_weight));
    }
  }
  return result;
}

Tensor integer_convolution(const Conv& conv, const WeightCodes& weights, const ValueCodes& in,
                           const Tensor& codes) {
  Tensor centred = codes;
  const std::size_t planes = codes.dims[1], pixels = codes.size() / planes;
  for (std::size_t c = 0; c < planes; ++c) {
    const auto zero = static_cast<float>(plane_codes(in, c).zero);
    for (float& x : std::span(centred.data).subspan(c * pixels, pixels)) x -= zero;
  }
  Conv products;
  products.window = conv.window;
  products.groups = conv.groups;
  products.weights = {conv.weights->dims, weights.codes};
  products.bias.assign(conv.out_channels(), 0.f);
  return convolve(products, centred);
}

KpuTables make_tables(const Conv& conv, const Function& function, const WeightCodes& weights,
                      const ValueCodes& in, std::span<const ChannelScale> scales,
                      std::span<const float> seen, const Codes& out) {
  KpuTables tables;
  tables.eight_bit = weights.bits == 8;
  const std::int32_t weight_zero = 1 << (weights.bits - 1);
  for (float code : weights.codes) {
    tables.weights.push_back(
        static_cast<std::uint16_t>(static_cast<std::int32_t>(code) + weight_zero));
  }
  const std::int32_t zero = in[0].zero;
  const auto taps = static_cast<std::int32_t>(conv.window.kernel[0] * conv.window.kernel[1]);
  tables.conv.arg_x = -weight_zero;
  tables.conv.arg_w = -zero;
  tables.conv.arg_add = std::int64_t{taps} * weight_zero * zero;
  tables.pad_value = static_cast<std::uint8_t>(zero);

  const std::size_t outs = conv.out_channels(), per_out = conv.weights.size() / outs;
  // The largest sum any picture can give, for each channel; and what zeros other than the
  // first plane's add.
  double most_scale = 0, most_real = 1e-9, most_bias = 1e-9;
  std::vector<double> offsets(outs, 0.);
  for (std::size_t oc = 0; oc < outs; ++oc) {
    double sum = 0;
    for (std::size_t i = 0; i < per_out; ++i) {
      const float weight = weights.codes[oc * per_out + i];
      sum += std::fabs(weight);
      const std::size_t ic = conv.groups > 1 ? oc : i / taps;
      offsets[oc] += weight * (zero - plane_codes(in, ic).zero);
    }
    constexpr double kMostSum = 3.4e10;  // 2^35: what conv can hold
    if (255 * sum > kMostSum) {
      throw Error(
          fmt::format("output channel {}: sums of up to {:.3g}, expected at most {:.3g}: "
                      "16-bit weights of fewer input channels, or 8-bit ones",
                      oc, 255 * sum, kMostSum));
    }
    const double bias = scales[oc].bias + offsets[oc] * scales[oc].scale;
    most_scale = std::max(most_scale, std::fabs(double{scales[oc].scale}));
    most_real = std::max(most_real, 255 * sum * std::fabs(scales[oc].scale) + std::fabs(bias));
    most_bias = std::max(most_bias, std::fabs(bias));
  }
  tables.units = std::min({kUnitsOfCode / out.scale, kMostNorm / most_real, kMostAdd / most_bias,
                           kMostMul / std::max(most_scale, 1e-30)});
  for (std::size_t oc = 0; oc < outs; ++oc) {
    const double factor = scales[oc].scale * tables.units;
    golden::BatchNorm bn;
    bn.shift = 15;
    while (bn.shift > 0 && std::fabs(std::ldexp(factor, static_cast<int>(bn.shift))) > kMostMul) {
      --bn.shift;
    }
    bn.mul = static_cast<std::int32_t>(std::lround(std::ldexp(factor, static_cast<int>(bn.shift))));
    bn.add = static_cast<std::int32_t>(
        std::clamp(std::round((scales[oc].bias + offsets[oc] * scales[oc].scale) * tables.units),
                   -kMostAdd, kMostAdd));
    tables.batch_norm.push_back(bn);
  }

  const auto [least, most] = std::minmax_element(seen.begin(), seen.end());
  const double span = std::max(double{*most} - *least, 1e-6);
  const auto code = [&](double x) {
    return function(static_cast<float>(x)) / double{out.scale} + out.zero;
  };
  tables.low = *least - 0.1 * span;
  tables.high = *most + 0.1 * span;
  const auto lines = two_lines(function, function(*least), function(*most));
  std::optional<ActFit> exact;
  if (lines) exact = fit_two_lines(*lines, tables.low, out);
  tables.fit = exact ? std::move(*exact) : fit_activation(code, tables.low, tables.high, seen);
  tables.act = act_table(tables.fit, tables.units);
  const double largest = std::max(std::fabs(double{*least}), std::fabs(double{*most}));
  tables.accumulator_bits =
      2 + static_cast<int>(std::ceil(std::log2(std::max(largest * tables.units, 1.))));
  return tables;
}

void kpu_codes(const KpuTables& tables, const golden::BatchNorm& batch_norm,
               std::span<float> sums) {
  // golden::find_segment() for sorted starts.
  const golden::ActTable& act = tables.act;
  for (float& x : sums) {
    const std::int64_t norm = golden::normalize(static_cast<std::int64_t>(x), batch_norm);
    std::size_t i = act[8].x_start < norm ? 8 : 0;
    i += act[i + 4].x_start < norm ? 4 : 0;
    i += act[i + 2].x_start < norm ? 2 : 0;
    i += act[i + 1].x_start < norm ? 1 : 0;
    const golden::Segment& segment = act[i];
    const std::int64_t product = (norm - segment.x_start) * segment.y_mul;
    const std::int64_t y = round_shift(product, segment.shift) + segment.bias;
    x = static_cast<float>(std::clamp<std::int64_t>(y, 0, 255));
  }
}

std::uint32_t pool_number(FusedPool pool) {
  switch (pool) {
    case FusedPool::kMax2:
      return golden::kPoolMax2;
    case FusedPool::kMean2:
      return golden::kPoolMean2;
    case FusedPool::kMax4:
      return golden::kPoolMax4;
    case FusedPool::kMean4:
      return golden::kPoolMean4;
    case FusedPool::kLeftTop2:
      return golden::kPoolLeftTop2;
    case FusedPool::kLeftTop4:
      return golden::kPoolLeftTop4;
    default:
      return golden::kPoolBypass;
  }
}

Tensor kpu_pool(const Tensor& codes, FusedPool pool) {
  Tensor out = fused_pool(codes, pool);
  for (float& code : out.data) code = std::floor(code);  // the mean drops the remainder
  return out;
}

}  // namespace kpu::compiler
