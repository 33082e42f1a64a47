// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/profile.h"

#include <fmt/format.h>

#include "common/error.h"

namespace kpu::golden {

Profile profile_by_name(std::string_view name) {
  if (name == "simulator") {
    return {};
  }
  if (name == "device") {
    return {.kpu = {}, .float_rule = FloatRule::kDevice};
  }
  if (name == "v0.1") {
    return {.kpu = {.rounding = Rounding::kV01, .segment_rule = SegmentRule::kAtOrAbove},
            .float_rule = FloatRule::kSimulator};
  }
  throw Error(fmt::format("profile '{}': expected simulator, device or v0.1", name));
}

std::string describe(const Profile& profile) {
  return fmt::format("rounding={} segments={} floats={}",
                     profile.kpu.rounding == Rounding::kBankers ? "bankers" : "v0.1",
                     profile.kpu.segment_rule == SegmentRule::kStrict ? "strict" : "at-or-above",
                     profile.float_rule == FloatRule::kSimulator ? "simulator" : "device");
}

}  // namespace kpu::golden
