// SPDX-License-Identifier: Apache-2.0
//
// From real weights to the tables of a KPU layer. Weights are stored as code + 128; the KPU takes
// both zero points off the sums again (arg_x, arg_w, arg_add), so what remains is the sum of
// (input code - zero) * weight code. Batch norm turns it into units of the activation table.
#include "compiler/quant/kpu_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "common/error.h"
#include "compiler/graph/convolve.h"
#include "golden/kpu/kpu_layer.h"
#include "golden/kpu/layer_args.h"

namespace kpu::compiler {
namespace {

constexpr std::int32_t kWeightZero = 128;
constexpr float kMostWeight = 127;
constexpr double kMostMul = (1 << 21) - 1;     ///< the vendor's compilers keep 22 signed bits
constexpr double kMostAdd = 2147483647.;       ///< norm_add
constexpr double kMostNorm = 1.7179869184e10;  ///< 2^34: half of what norm can hold
/// Norm units that make one code of the output for a slope of 1: a slope then keeps 15 bits with
/// the largest shift.
constexpr double kUnitsOfCode = 65536;

/// Scale of each input channel relative to the first run's.
std::vector<float> relative_scales(const ValueCodes& in) {
  std::vector<float> scales;
  for (const ChannelCodes& run : in) {
    scales.insert(scales.end(), run.channels, run.codes.scale / in[0].codes.scale);
  }
  return scales;
}

}  // namespace

WeightCodes quantise_weights(const Conv& conv, const ValueCodes& in) {
  const std::vector<float> relative = relative_scales(in);
  const std::size_t outs = conv.out_channels(), per_out = conv.weights.size() / outs;
  const std::size_t taps = conv.window.kernel[0] * conv.window.kernel[1];
  WeightCodes result;
  result.codes.resize(conv.weights.size());
  std::vector<float> line(per_out);
  for (std::size_t oc = 0; oc < outs; ++oc) {
    float most = 0;
    for (std::size_t i = 0; i < per_out; ++i) {
      const float factor = in.size() > 1 ? relative[i / taps] : 1.f;
      line[i] = conv.weights.data[oc * per_out + i] * factor;
      most = std::max(most, std::fabs(line[i]));
    }
    if (!(most > 1e-30f)) {
      result.scales.push_back(1);
      continue;
    }
    // Fewer steps for the largest weight can hit the others better: always so where a few weights
    // stand in a simple ratio.
    double best = -1;
    float best_scale = most / kMostWeight;
    for (int top = 127; top >= 64; --top) {
      const float scale = most / static_cast<float>(top);
      double error = 0;
      for (float weight : line) {
        const float off = weight / scale - std::round(weight / scale);
        error += off * off;
      }
      error *= static_cast<double>(scale) * scale;
      if (best < 0 || error < best * (1 - 1e-6)) {
        best = error;
        best_scale = scale;
      }
    }
    result.scales.push_back(best_scale);
    for (std::size_t i = 0; i < per_out; ++i) {
      result.codes[oc * per_out + i] = std::clamp(std::round(line[i] / best_scale), -127.f, 127.f);
    }
  }
  return result;
}

Tensor integer_convolution(const Conv& conv, const WeightCodes& weights, const ValueCodes& in,
                           const Tensor& codes) {
  Tensor centred = codes;
  const std::int64_t pixels = codes.dims[2] * codes.dims[3];
  std::int64_t at = 0;
  for (const ChannelCodes& run : in) {
    const auto zero = static_cast<float>(run.codes.zero);
    for (std::int64_t end = at + run.channels * pixels; at < end; ++at) centred.data[at] -= zero;
  }
  Conv whole;
  whole.window = conv.window;
  whole.groups = conv.groups;
  whole.weights = {conv.weights.dims, weights.codes, false};
  whole.bias.assign(conv.out_channels(), 0.f);
  return convolve(whole, centred);
}

KpuTables make_tables(const Conv& conv, const WeightCodes& weights, const ValueCodes& in,
                      std::span<const ChannelScale> scales, std::span<const float> seen,
                      const Codes& out) {
  KpuTables tables;
  for (float code : weights.codes) {
    tables.weights.push_back(static_cast<std::uint16_t>(code + kWeightZero));
  }
  const std::int32_t zero = in[0].codes.zero;
  const auto taps = static_cast<std::int32_t>(conv.window.kernel[0] * conv.window.kernel[1]);
  tables.conv.arg_x = -kWeightZero;
  tables.conv.arg_w = -zero;
  tables.conv.arg_add = std::int64_t{taps} * kWeightZero * zero;
  tables.pad_value = static_cast<std::uint8_t>(zero);

  const std::size_t outs = conv.out_channels(), per_out = conv.weights.size() / outs;
  // The largest sum any picture can give, for each channel; and what the zeros of later runs add.
  double most_scale = 0, most_real = 1e-9, most_bias = 1e-9;
  std::vector<double> offsets(outs, 0.);
  for (std::size_t oc = 0; oc < outs; ++oc) {
    double sum = 0;
    for (std::size_t i = 0; i < per_out; ++i) sum += std::fabs(weights.codes[oc * per_out + i]);
    std::size_t i = 0;
    if (in.size() > 1) {
      for (const ChannelCodes& run : in) {
        for (std::int64_t c = 0; c < run.channels; ++c, ++i) {
          offsets[oc] += weights.codes[oc * per_out + i] * (zero - run.codes.zero);
        }
      }
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
    return conv.function(static_cast<float>(x)) / double{out.scale} + out.zero;
  };
  tables.low = *least - 0.1 * span;
  tables.high = *most + 0.1 * span;
  tables.fit = fit_activation(code, tables.low, tables.high, seen);
  tables.act = act_table(tables.fit, tables.units);
  const double largest = std::max(std::fabs(double{*least}), std::fabs(double{*most}));
  tables.accumulator_bits =
      2 + static_cast<int>(std::ceil(std::log2(std::max(largest * tables.units, 1.))));
  return tables;
}

std::uint8_t kpu_code(const KpuTables& tables, std::size_t channel, float sum) {
  golden::BatchNorm bn = tables.batch_norm[channel];
  return golden::activate(tables.act, golden::normalize(static_cast<std::int64_t>(sum), bn), {});
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
