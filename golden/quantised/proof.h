// SPDX-License-Identifier: Apache-2.0
//
// Where a KPU layer and the rule it was made for give different codes, over all accumulators that
// any input can give. Both never fall (code_steps.h), so comparing the accumulators at which they
// reach each code compares them everywhere: no accumulator is left out, none is sampled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/quantised/conv.h"
#include "golden/quantised/kpu_mapping.h"

namespace kpu::golden::quantised {

/// Why the two differ at an accumulator.
enum class Cause {
  kNone,
  kTie,             ///< exactly half way between two codes
  kDoubleRounding,  ///< the rule rounds twice and is off the real number's nearest code
  kRule,            ///< the rule's float32 is off the real number's nearest code
  kMultiplier,      ///< the KPU's multiplier has too few bits
};

/// "none", "tie", "double rounding", "float32 rounding", "multiplier's precision".
const char* to_string(Cause cause);

struct ChannelProof {
  Range accumulators;          ///< all that the input's codes can give
  std::int64_t differing = 0;  ///< of these, with different codes
  int moved_codes = 0;         ///< codes that the two begin to give at different accumulators
  int largest = 0;             ///< largest difference, in codes
  /// The first accumulator that differs, if there is one, and what it gives.
  std::int64_t first = 0;
  int first_rule = 0;
  int first_kpu = 0;
  Cause cause = Cause::kNone;  ///< at the first one
  /// Whether the rule's accumulators can saturate (saturation.h), which the KPU's do not; the above
  /// is about those that do not.
  bool saturates = false;
};

struct Proof {
  std::vector<ChannelProof> channels;

  bool exact() const { return differing() == 0 && saturating() == 0; }
  std::size_t saturating() const;     ///< channels that can saturate
  std::int64_t differing() const;     ///< over all channels
  std::int64_t accumulators() const;  ///< over all channels
  int largest() const;
  /// One line: "exact for all 65026 accumulators of 8 channels", or how many differ, by how much,
  /// and the first of them.
  std::string summary() const;
  /// The causes of all channels' first differences: "tie, double rounding", "saturation", or "".
  std::string causes() const;
};

/// Compares `mapped`, whatever its tables are, with conv.rule; kK210 is compared with kExact.
/// Throws Error if the layer's activation or batch norm can fall, or norm can leave 36 bits.
Proof prove(const QuantisedConv& conv, const MappedConv& mapped);

}  // namespace kpu::golden::quantised
