// SPDX-License-Identifier: Apache-2.0
//
// Some random networks; `kpu fuzz --graphs N` runs more of them, on the RTL as well.
#include <cstddef>
#include <cstdint>

#include "compiler/fuzz/graph_fuzz.h"
#include "compiler/fuzz/random_network.h"
#include "golden/fast/fast_backend.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

TEST_CASE("random networks stay within their bounds") {
  kpu::golden::fast::FastBackend golden;
  GraphFuzzStats stats;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto failure = fuzz_network(seed, random_operators(seed), golden, nullptr, stats);
    CAPTURE(seed);
    if (failure) FAIL_CHECK(failure->operators << " operators: " << failure->what);
  }
  CHECK(stats.kpu_layers > 100);
  CHECK(stats.most_of_bound > 0.001);  // the bounds are not out of all proportion
}

TEST_CASE("a seed's network starts with its smaller ones") {
  CHECK(random_network(5, 9) == random_network(5, 9));
  CHECK(random_network(5, 9) != random_network(6, 9));
  const auto small = random_network(5, 3), large = random_network(5, 4);
  CHECK(large.size() > small.size());
}
