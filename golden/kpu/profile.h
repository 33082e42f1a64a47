// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "golden/kpu/arith.h"

namespace kpu::golden {

/// How the layers that run on the CPU compute in float. The two are not bit-identical.
enum class FloatRule {
  kSimulator,  ///< the vendor's simulators on a PC: each operation rounded by itself (the default)
  kSimulator10,  ///< the one of compiler 1.0.0: as kSimulator, but with fused convolutions
  kDevice,       ///< the vendor's firmware: fused multiply-add, division as multiplication
};

/// Every numeric choice of a run; the default is what the published checksums were made with.
struct Profile {
  ArithOptions kpu;
  FloatRule float_rule = FloatRule::kSimulator;
};

/// Profile from its name: "default"; "simulator", "simulator-1.0" (the vendor's simulators on a PC,
/// which ignore load_time) and "device", all with the current KPU rule; or "v0.1" (simulator's
/// floats, emulator 0.1's rounding and segments). Throws Error for any other.
Profile profile_by_name(std::string_view name);

/// "rounding=..., segments=..., floats=...", and "load_time=ignored" where it is: for reports.
std::string describe(const Profile& profile);

}  // namespace kpu::golden
