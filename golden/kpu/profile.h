// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "golden/kpu/arith.h"

namespace kpu::golden {

/// How the layers that run on the CPU compute in float. The two are not bit-identical.
enum class FloatRule {
  kSimulator,  ///< the vendor's simulators on a PC: each operation rounded by itself (the default)
  kDevice,     ///< the vendor's firmware: fused multiply-add, division as multiplication
};

/// Every numeric choice of a run; the default is what the published checksums were made with.
struct Profile {
  ArithOptions kpu;
  FloatRule float_rule = FloatRule::kSimulator;
};

/// Profile from its name: "simulator", "device" (both with the current KPU rule) or "v0.1"
/// (simulator's floats, emulator 0.1's rounding and segments). Throws Error for any other.
Profile profile_by_name(std::string_view name);

/// "rounding=..., segments=..., floats=...": for reports.
std::string describe(const Profile& profile);

}  // namespace kpu::golden
