// SPDX-License-Identifier: Apache-2.0
//
// Switching activity of one layer by unit of the hardware. All figures are relative: transitions of
// the RTL's signals, each bit counting alike, without any cell, wire or memory behind them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/activity/wave_toggles.h"

namespace kpu::sim {

struct UnitActivity {
  std::string unit;            ///< "u_core.u_conv", "u_kpu.u_ai_mem", "u_dmac", ...
  std::uint64_t bits = 0;       ///< of all its signals, clocks excepted
  std::uint64_t toggles = 0;
  double share = 0;            ///< of all toggles, 0..1
  double toggles_per_bit = 0;  ///< per bit and cycle
};

struct Activity {
  std::uint64_t cycles = 0;
  std::vector<UnitActivity> units;  ///< largest share first

  std::uint64_t toggles() const;
};

/// Adds up the signals below each unit: instances in the core, in the KPU beside it, in the system
/// beside that. Nets between units belong to the unit around them.
Activity by_unit(const WaveToggles& waves);

/// The table, as JSON, and as SVG bars. `title` names network and layer.
std::string activity_table(const Activity& activity);
std::string activity_json(const Activity& activity, const std::string& title);
std::string activity_svg(const Activity& activity, const std::string& title);

/// The signals as a SAIF 2.0 file ("switching activity interchange format"): time at 0 and at 1 and
/// transitions of every bit.
std::string saif(const WaveToggles& waves);

}  // namespace kpu::sim
