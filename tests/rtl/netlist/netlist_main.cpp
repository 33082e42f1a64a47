// SPDX-License-Identifier: Apache-2.0
//
// Clocks the bench of run.sh and counts the modules whose netlist ever differs: main <cycles> <seed>.
#include <verilated.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "Vnetlist_bench.h"

int main(int argc, char** argv) {
  const long cycles = argc > 1 ? std::atol(argv[1]) : 1000;
  const auto context = std::make_unique<VerilatedContext>();
  context->randSeed(argc > 2 ? std::atoi(argv[2]) : 1);
  const auto bench = std::make_unique<Vnetlist_bench>(context.get());
  std::uint64_t differed = 0;
  for (long cycle = 0; cycle < cycles; ++cycle) {
    bench->rst_ni = cycle >= 4 && cycle % 1000 != 999;
    bench->clk_i = 1;
    bench->eval();
    bench->clk_i = 0;
    bench->eval();
    const std::uint64_t now = bench->differ_o & ~differed;
    for (int module = 0; module < 64; ++module) {
      if ((now >> module & 1) != 0) {
        std::printf("line %d of modules.txt (modules counted from 0): netlist and RTL differ in cycle %ld\n",
                    module, cycle);
      }
    }
    differed |= now;
  }
  bench->final();
  if (differed != 0) return 1;
  std::printf("netlists and RTL are equal over %ld cycles\n", cycles);
  return 0;
}
