// SPDX-License-Identifier: Apache-2.0
//
// Functional coverage of random layers: which values, and which planned combinations of them, were run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/kpu/kpu_layer.h"
#include "sim/fuzz/random_layer.h"
#include "tb/axi_memory.h"

namespace kpu::sim {

/// A layer that was run, with what was around it.
struct LayerSample {
  const RandomLayer& layer;
  golden::RangeReport range;  ///< of the golden model
  tb::MemoryTiming memory;
  std::size_t batch = 1;         ///< layers queued together
  std::size_t place = 0;         ///< among them
  bool reads_batch = false;      ///< its input overlaps what a layer of the batch wrote
};

/// Counts hits of every planned point: the bins of each dimension of a layer, and of the planned crosses.
/// All points exist from the start, with zero hits.
class LayerCoverage {
 public:
  struct Point {
    std::string name;  ///< "kind x pool: 3x3, max 2x2"
    std::uint64_t hits = 0;
  };

  LayerCoverage();

  /// Counts the layer at every point it hits.
  void sample(const LayerSample& sample);
  /// Adds the hits of another run.
  LayerCoverage& operator+=(const LayerCoverage& other);

  std::vector<Point> points() const;
  std::size_t point_count() const { return hits_.size(); }
  std::size_t hit_count() const;

  /// Writes all points as JSON: {"points": [{"name", "hits"}, ...]}. Throws Error if that fails.
  void save(const std::string& path) const;

 private:
  std::vector<std::uint64_t> hits_;
};

}  // namespace kpu::sim
