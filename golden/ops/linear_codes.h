// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "golden/kpu/profile.h"

namespace kpu::golden {

/// Quantize and dequantize of kmodel v4 and v5 (kmodel format, semantics). Each version has its
/// own formula, and on the device another than in the simulators; v3's are in v3_ops.h.

/// x * scale + zero_point as a code: rounded half away from zero in the simulators; on the device
/// fused and rounded half to even, but the last of an odd number half away.
void quantize_v4(std::span<const float> in, std::span<std::uint8_t> out, float scale,
                 std::int32_t zero_point, FloatRule rule);

/// (q - zero_point) / scale, as a multiplication with 1 / scale; on the device q / scale -
/// zero_point / scale, fused.
void dequantize_v4(std::span<const std::uint8_t> in, std::span<float> out, float scale,
                   std::int32_t zero_point, FloatRule rule);

/// x * scale + bias as a code, clamped to its type, rounded half to even; on the device fused, and
/// the last of an odd number rounded half away.
void quantize_v5(std::span<const float> in, std::span<std::uint8_t> out, float scale, float bias,
                 FloatRule rule);
void quantize_v5(std::span<const float> in, std::span<std::int8_t> out, float scale, float bias,
                 FloatRule rule);

/// q * scale + bias; fused on the device.
void dequantize_v5(std::span<const std::uint8_t> in, std::span<float> out, float scale, float bias,
                   FloatRule rule);
void dequantize_v5(std::span<const std::int8_t> in, std::span<float> out, float scale, float bias,
                   FloatRule rule);

}  // namespace kpu::golden
