// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace kpu::tb {

/// The clock of a simulated design, in two halves, so that a bus master can look at the design's
/// combinational answers (ready) to what it drives before the rising edge takes them:
///
///     set inputs; clock.settle(); look at outputs; clock.edge();
class Clock {
 public:
  virtual ~Clock() = default;

  /// Lets the design's outputs follow its inputs. Call exactly once before each edge().
  virtual void settle() = 0;
  /// The rising edge: registers take their new values.
  virtual void edge() = 0;
  /// Rising edges so far.
  virtual std::uint64_t cycles() const = 0;

  void tick() {
    settle();
    edge();
  }
};

}  // namespace kpu::tb
