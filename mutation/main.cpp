// SPDX-License-Identifier: Apache-2.0
//
// kpu_mutation LAYERS [SEED]: that many random layers on the instrumented RTL, whose fault the environment
// variable KPU_MUTANT chooses. Exit code 1 if something is noticed: a different output, a wrong overflow
// report, a failed assertion, a hang. Unlike `kpu fuzz` it looks no further at what it has found.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "sim/fuzz/fuzz.h"

int main(int argc, char** argv) {
  using namespace kpu::sim;
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: kpu_mutation LAYERS [SEED]\n");
    return 2;
  }
  std::uint64_t left = std::strtoull(argv[1], nullptr, 10);
  try {
    for (std::uint64_t group = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 1; left > 0; ++group) {
      const std::uint64_t layers = std::min<std::uint64_t>(left, kFuzzGroupLayers);
      left -= layers;
      if (const auto failure = fuzz_group(group, layers, [](const FuzzStats&) { return true; })) {
        std::fprintf(stderr, "%s\n", failure->what.c_str());
        return 1;
      }
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
