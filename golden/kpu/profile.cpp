// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/profile.h"

#include <fmt/format.h>

#include "common/error.h"

namespace kpu::golden {

namespace {

const char* to_string(FloatRule rule) {
  switch (rule) {
    case FloatRule::kSimulator10:
      return "simulator-1.0";
    case FloatRule::kDevice:
      return "device";
    default:
      return "simulator";
  }
}

}  // namespace

Profile profile_by_name(std::string_view name) {
  if (name == "default") {
    return {};
  }
  if (name == "simulator" || name == "simulator-1.0") {
    Profile profile;
    profile.kpu.load_time = LoadTime::kIgnored;
    profile.float_rule = name == "simulator" ? FloatRule::kSimulator : FloatRule::kSimulator10;
    return profile;
  }
  if (name == "device") {
    return {.kpu = {}, .float_rule = FloatRule::kDevice};
  }
  if (name == "v0.1") {
    return {.kpu = {.rounding = Rounding::kV01, .segment_rule = SegmentRule::kAtOrAbove},
            .float_rule = FloatRule::kSimulator};
  }
  throw Error(fmt::format(
      "profile '{}': expected default, simulator, simulator-1.0, device or v0.1", name));
}

std::string describe(const Profile& profile) {
  return fmt::format("rounding={} segments={} floats={}{}",
                     profile.kpu.rounding == Rounding::kBankers ? "bankers" : "v0.1",
                     profile.kpu.segment_rule == SegmentRule::kStrict ? "strict" : "at-or-above",
                     to_string(profile.float_rule),
                     profile.kpu.load_time == LoadTime::kIgnored ? " load_time=ignored" : "");
}

}  // namespace kpu::golden
