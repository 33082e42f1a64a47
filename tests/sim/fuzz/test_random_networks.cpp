// SPDX-License-Identifier: Apache-2.0
//
// A few random networks through the compiler on the RTL: what `kpu fuzz --graphs` does. Without the
// RTL tests/compiler/test_graph_fuzz.cpp runs more of them.
#include <cstdint>
#include <memory>

#include "compiler/fuzz/graph_fuzz.h"
#include "golden/fast/fast_backend.h"
#include "sim/engine/rtl_backend.h"
#include "tests/support/catch2.h"

TEST_CASE("random networks give the same on the RTL") {
  kpu::golden::fast::FastBackend golden;
  const std::unique_ptr<kpu::sim::RtlKpu> rtl = kpu::sim::make_rtl_backend({});
  kpu::compiler::GraphFuzzStats stats;
  for (std::uint64_t seed = 301; seed <= 304; ++seed) {
    const auto failure = kpu::compiler::fuzz_network(seed, 6, golden, rtl.get(), stats);
    CAPTURE(seed);
    if (failure) FAIL_CHECK(failure->operators << " operators: " << failure->what);
  }
  CHECK(stats.kpu_layers > 0);
}
