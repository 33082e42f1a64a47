// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/kpu/kpu_backend.h"
#include "golden/quantised/conv.h"
#include "golden/quantised/kpu_mapping.h"
#include "golden/quantised/proof.h"

namespace kpu::golden::quantised {

/// The KPUs that a layer runs on; at least one of the two is there.
struct Engines {
  KpuBackend* golden = nullptr;
  KpuBackend* rtl = nullptr;
};

/// What a convolution gave on the KPU, beside what its rule gives.
struct ConvCheck {
  MappedConv mapped;
  Proof proof;                         ///< over all inputs
  std::vector<std::int16_t> y;         ///< codes, planar; the RTL's where it ran
  std::vector<std::int16_t> expected;  ///< by conv.rule; for kK210 `y` itself
  std::size_t differing = 0;           ///< of these codes
  int largest = 0;                     ///< difference of these codes
  std::optional<bool> match;           ///< whether RTL and golden model agree, where both ran
  std::map<std::string, std::uint64_t> counters;  ///< of the RTL

  /// One line: codes that differ for this input, whether the engines agree, the proof's summary.
  std::string summary() const;
};

/// Maps `conv`, runs it on the engines for the codes `x`, planar in_channels x height x width, and
/// compares. Throws Error as map_to_kpu(), accumulators() and prove().
ConvCheck check_conv(const QuantisedConv& conv, std::span<const std::int16_t> x,
                     const MappingOptions& options, const Engines& engines);

}  // namespace kpu::golden::quantised
