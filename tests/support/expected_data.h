// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kpu::test {

/// One output of a network as the vendor's simulator computed it.
struct ExpectedOutput {
  std::size_t bytes = 0;
  bool is_float = false;
  std::vector<double> first;  ///< the first values, up to eight
  double sum = 0;
  double abs_sum = 0;
  std::size_t argmax = 0;
  std::uint64_t fnv1a64 = 0;
};

/// A network, an input, and what the vendor's simulator made of it.
struct ExpectedRun {
  std::string name;
  std::filesystem::path model;
  std::vector<std::uint8_t> input;        ///< planar u8, or f32 little endian
  std::vector<std::uint64_t> kpu_layers;  ///< checksum of each KPU layer's output
  std::vector<ExpectedOutput> outputs;
};

/// All of <shared>/expected whose model's file name contains `part` (empty: every one), sorted by
/// name. Throws for unreadable data.
std::vector<ExpectedRun> expected_runs(const std::filesystem::path& shared,
                                       const std::string& part = "");

/// All of <shared>/vectors, the small random layers.
std::vector<ExpectedRun> expected_vectors(const std::filesystem::path& shared);

/// A small network made by the vendor's compiler, its inputs, and its simulator's output bytes.
struct CompiledRun {
  std::string name;
  bool compiler_1_0 = false;  ///< compiler and simulator 1.0.0, whose floats are their own
  std::filesystem::path model;
  std::vector<std::vector<std::uint8_t>> inputs;
  std::vector<std::vector<std::uint8_t>> outputs;
};

/// All of <shared>/v5.
std::vector<CompiledRun> compiled_runs(const std::filesystem::path& shared);

/// Planar bytes (R, G, B, or the one channel of a grey picture) of an image file.
std::vector<std::uint8_t> load_planar_image(const std::filesystem::path& path);

}  // namespace kpu::test
