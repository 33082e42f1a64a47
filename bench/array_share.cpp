// SPDX-License-Identifier: Apache-2.0
//
// kpu_array_share: how fast the RTL is simulated, as a share of what its multipliers alone would take.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <string>

#include "bench/bare_array.h"
#include "bench/cases.h"
#include "bench/run_case.h"
#include "bench/thread_clock.h"
#include "sim/model/configuration.h"

namespace {

namespace bench = kpu::bench;

constexpr int kPairs = 3;
constexpr std::uint64_t kArrayCycles = 300'000;

/// Thousand cycles of the bare array in a second of processor time.
double array_rate(bench::BareArray& array) {
  const auto start = bench::ThreadClock::now();
  array.run(kArrayCycles);
  return kArrayCycles / bench::ThreadClock::since(start);
}

using Pairs = std::array<double, kPairs>;

double median(Pairs values) {
  std::sort(values.begin(), values.end());
  return values[kPairs / 2];
}

/// Both in turn, and a line of what came out.
void print_share(const bench::BenchCase& bench_case, bench::BareArray& array) {
  Pairs kpu, bare, share;
  for (int i = 0; i < kPairs; ++i) {
    kpu[i] = bench::run_case(bench_case).rate();
    bare[i] = array_rate(array);
    share[i] = kpu[i] / bare[i];
  }
  fmt::print("{}: {:.0f} kcycles/s; {} x 9 multipliers alone: {:.0f}; share {:.3f} (median of {} pairs, {:.3f} to {:.3f})\n",
             bench_case.name, median(kpu), kpu::sim::built_configuration().lanes, median(bare), median(share), kPairs,
             *std::min_element(share.begin(), share.end()), *std::max_element(share.begin(), share.end()));
}

}  // namespace

int main() {
  try {
    bench::BareArray array;
    for (const bench::BenchCase& bench_case : bench::bench_cases(".", bench::shared_folder("."))) {
      if (bench_case.name == "conv3x3 128->128 64x64" || bench_case.name == "face_detect_v3") print_share(bench_case, array);
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "kpu_array_share: {}\n", error.what());
    return 2;
  }
}
