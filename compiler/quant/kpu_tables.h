// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "compiler/quant/act_fit.h"
#include "compiler/quant/codes.h"
#include "golden/kpu/arith.h"

namespace kpu::compiler {

/// Weights of a layer as whole numbers: real = code * scale[out channel].
struct WeightCodes {
  std::vector<float> codes;   ///< within `bits` signed bits, order of Conv::weights
  std::vector<float> scales;  ///< one for each output channel, without the input's scale
  int bits = 8;               ///< 8 or 16
};

/// The nearest whole-number weights, with a scale for each output channel that makes the square
/// error least. `in` are the codes of the input: where its planes have scales of their own the
/// weights take them in; their scale is then that of the first plane. `bits`: 8 or 16.
WeightCodes quantise_weights(const Conv& conv, const ValueCodes& in, int bits = 8);

/// What the KPU multiplies: sums of (input code - zero) * weight code as [out][pixel], each plane
/// with its own zero. `codes` is the input, 0..255.
Tensor integer_convolution(const Conv& conv, const WeightCodes& weights, const ValueCodes& in,
                           const Tensor& codes);

/// Everything a KPU layer is given besides its shape.
struct KpuTables {
  bool eight_bit = true;               ///< else the weights have 16 bits
  std::vector<std::uint16_t> weights;  ///< 0..255 or 0..65535, order of Conv::weights
  std::vector<golden::BatchNorm> batch_norm;
  golden::ActTable act{};
  golden::ConvArgs conv;
  std::uint8_t pad_value = 0;
  ActFit fit;
  double low = 0, high = 1;  ///< of the activation's argument, as fitted
  double units = 1;          ///< norm units of one real unit in front of the activation
  int accumulator_bits = 0;  ///< signed bits that the calibration's largest norm takes
};

/// A real number per output channel that a sum of integers stands for: real = sum * scale + bias.
struct ChannelScale {
  float scale = 1;
  float bias = 0;
};

/// Tables of a layer: `scales` turn integer_convolution() into the argument of `function`, of which
/// `seen` are values as they occur; `out` are the codes of the result. Throws Error if a constant
/// does not fit the layer's words.
KpuTables make_tables(const Conv& conv, const Function& function, const WeightCodes& weights,
                      const ValueCodes& in, std::span<const ChannelScale> scales,
                      std::span<const float> seen, const Codes& out);

/// The layer's results for sums of integer_convolution() of one channel, exactly as the KPU
/// computes them, in place.
void kpu_codes(const KpuTables& tables, const golden::BatchNorm& batch_norm, std::span<float> sums);

/// The pool of the layer over codes, exactly as the KPU computes it.
Tensor kpu_pool(const Tensor& codes, FusedPool pool);

/// The number of `pool` in the layer words.
std::uint32_t pool_number(FusedPool pool);

}  // namespace kpu::compiler
