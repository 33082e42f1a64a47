// SPDX-License-Identifier: Apache-2.0
//
// Random networks through the compiler: reading, lowering, codes, file, golden model, RTL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golden/kpu/kpu_backend.h"

namespace kpu::compiler {

/// What a run has seen.
struct GraphFuzzStats {
  std::size_t networks = 0, operators = 0, kpu_layers = 0, cpu_nodes = 0;
  double least_db = 200;  ///< worst output, of all networks
  /// Largest error of an output as a part of its bound.
  double most_of_bound = 0;

  GraphFuzzStats& operator+=(const GraphFuzzStats& other);
};

struct GraphFailure {
  std::uint64_t seed = 0;
  std::size_t operators = 0;        ///< of the smallest network of the seed that fails
  std::string what;                 ///< one line
  std::vector<std::uint8_t> onnx;   ///< of that network
  std::vector<std::uint8_t> bytes;  ///< the picture, planar
};

/// The seed's network of `operators` operators on its picture. Compared are: the lowered graph's
/// floats with those of the graph as read; the golden model's outputs with the float network's,
/// within error_bounds() and within 6 dB of what the quantiser foretold; two files compiled alike;
/// and, if `rtl` is there, every output with the golden model's. A network that fails is made
/// smaller as long as it fails.
std::optional<GraphFailure> fuzz_network(std::uint64_t seed, std::size_t operators,
                                         golden::KpuBackend& golden, golden::KpuBackend* rtl,
                                         GraphFuzzStats& stats);

/// Operators of the seed's network where none are asked for: 1..14.
std::size_t random_operators(std::uint64_t seed);

}  // namespace kpu::compiler
