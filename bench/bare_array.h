// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace kpu::bench {

/// The Verilated kpu_bare_array with a clock around it, fed with random weights and taps.
class BareArray {
 public:
  BareArray();
  ~BareArray();
  BareArray(const BareArray&) = delete;
  BareArray& operator=(const BareArray&) = delete;

  /// `count` cycles, new data in each of them. Throws kpu::Error if the last cycle's sums are not those of its taps and
  /// weights.
  void run(std::uint64_t count);

 private:
  struct Design;
  std::unique_ptr<Design> design_;
};

}  // namespace kpu::bench
