// SPDX-License-Identifier: Apache-2.0
//
// The parameter path: every byte of the weight rows, every batch-norm word, weight term and
// activation segment of random jobs against a model written from the tables of
// docs/architecture.md. Shapes, loads, alignments, burst lengths, latencies and stalls are random,
// the ring is small enough to be full most of the time, and jobs follow each other with rows still
// unread. Errors, clears and resets hit any beat or cycle and are followed by further jobs.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>

#include "tests/rtl/param/param_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kSeed = 20;

ParamConditions random_conditions(std::mt19937& random) {
  const std::uint32_t stalls[] = {0, 0, 20, 70};
  ParamConditions conditions;
  conditions.latency = static_cast<std::uint32_t>(1 + random() % 40);
  conditions.memory_stall = stalls[random() % 4];
  conditions.consumer_stall = stalls[random() % 4];
  conditions.start_cycle = random() % 300;
  return conditions;
}

TEST_CASE("random jobs leave what the model says", "[param]") {
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  ParamBench bench(kSeed);
  for (int i = 0; i < 400; ++i) {
    CAPTURE(i);
    const ParamJob job = random_job(random, i % 10 == 0 ? 60000 : 3000);
    REQUIRE(bench.run(job, random_conditions(random), true).end == ParamResult::End::kDone);
  }
  bench.finish();
}

/// A job of one load whose weights take `rows` rows of the ring, of one output channel or depthwise.
ParamJob job_of_rows(std::uint32_t rows, bool eight_bit, bool kernel3, bool depthwise) {
  ParamJob job;
  job.eight_bit = eight_bit;
  job.kernel3 = kernel3;
  job.depthwise = depthwise;
  const std::uint32_t channels_per_row = kernel3 || depthwise ? 4 : 32;
  job.in_channels = std::min(rows / (eight_bit ? 1 : 2) * channels_per_row, 1024u);
  job.out_channels = depthwise ? job.in_channels : 1;
  job.load_channels = job.out_channels;
  job.w_addr = 0x80000003;
  return job;
}

// The array does not begin before all rows of a tile are there, so nobody reads one meanwhile.
TEST_CASE("a tile may take the whole ring", "[param]") {
  ParamConditions nobody_reads;
  nobody_reads.consumer_stall = 100;
  ParamBench bench(kSeed);
  for (std::uint32_t before = 0; before < 3; ++before) {
    for (const bool eight_bit : {true, false}) {
      for (const bool kernel3 : {true, false}) {
        for (const bool depthwise : {true, false}) {
          for (std::uint32_t rows = KPU_RING_ROWS - 3; rows <= KPU_RING_ROWS; ++rows) {
            CAPTURE(before, eight_bit, kernel3, depthwise, rows);
            // A few rows of another job first, so that the tile begins anywhere in the ring.
            if (before > 0) bench.run(job_of_rows(before, true, false, true), {}, true);
            bench.finish();
            const ParamJob job = job_of_rows(rows, eight_bit, kernel3, depthwise);
            REQUIRE(bench.run(job, nobody_reads, true).end == ParamResult::End::kDone);
            bench.finish();
          }
        }
      }
    }
  }
}

#if KPU_OVERLAP
// A tile takes half of the ring at most, and nothing of it is given back before its sums leave, which need the tables.
TEST_CASE("tables come behind the first tile, with the ring full", "[param]") {
  ParamBench bench(kSeed);
  for (const std::uint32_t load_channels : {3u, 4u, 5u, 40u}) {
    CAPTURE(load_channels);
    ParamJob job;
    job.kernel3 = true;
    job.in_channels = KPU_RING_ROWS / 2;  // an eighth of the ring for each output channel
    job.out_channels = 40;
    job.load_channels = load_channels;
    job.load_bytes = load_channels * job.channel_bytes() + 3;
    job.tile_channels = 4;
    job.w_addr = 0x80000003;
    ParamConditions nobody_reads;
    nobody_reads.consumer_stall = 100;
    nobody_reads.clear_cycle = 4000;
    const ParamResult result = bench.run(job, nobody_reads, true);
    REQUIRE(result.end == ParamResult::End::kCleared);
    CHECK(result.tables_cycles > 0);
    CHECK(result.tables_cycles < result.weights_cycles);
    REQUIRE(bench.run(job, {}, true).end == ParamResult::End::kDone);
    bench.finish();
  }
}
#endif

TEST_CASE("read errors end a job with their source", "[param]") {
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  ParamBench bench(kSeed);
  int errors = 0;
  for (int i = 0; i < 400; ++i) {
    CAPTURE(i);
    ParamConditions conditions = random_conditions(random);
    if (i % 2 == 0) conditions.error_beat = static_cast<std::int64_t>(random() % 300);
    const ParamJob job = random_job(random, 2000);
    const ParamResult result = bench.run(job, conditions, random() % 2 == 0);
    errors += result.end == ParamResult::End::kError;
  }
  bench.finish();
  CHECK(errors > 50);
}

TEST_CASE("clear in any cycle leaves nothing behind", "[param]") {
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  ParamBench bench(kSeed);
  int clears = 0;
  for (int i = 0; i < 600; ++i) {
    CAPTURE(i);
    ParamConditions conditions = random_conditions(random);
    if (i % 2 == 0) conditions.clear_cycle = static_cast<std::int64_t>(random() % 400);
    if (i % 8 == 0) conditions.error_beat = static_cast<std::int64_t>(random() % 100);
    if (i % 8 == 1) conditions.act_clear_cycle = static_cast<std::int64_t>(random() % 24);
    const ParamResult result = bench.run(random_job(random, 2000), conditions, true);
    clears += result.end == ParamResult::End::kCleared;
  }
  bench.finish();
  CHECK(clears > 100);
}

TEST_CASE("a reset in any cycle leaves nothing behind", "[param]") {
  CAPTURE(kSeed);
  std::mt19937 random(kSeed + 1);
  ParamBench bench(kSeed);
  int resets = 0;
  for (int i = 0; i < 400; ++i) {
    CAPTURE(i);
    ParamConditions conditions = random_conditions(random);
    if (i % 2 == 0) conditions.reset_cycle = static_cast<std::int64_t>(random() % 300);
    const ParamResult result = bench.run(random_job(random, 1000), conditions, true);
    resets += result.end == ParamResult::End::kCleared;
  }
  bench.finish();
  CHECK(resets > 100);
}

TEST_CASE("power-up with any content", "[param]") {
  std::mt19937 random(kSeed + 2);
  for (std::uint32_t seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    ParamBench bench(seed);
    for (int i = 0; i < 2; ++i) {
      const ParamResult result = bench.run(random_job(random, 500), random_conditions(random), true);
      REQUIRE(result.end == ParamResult::End::kDone);
    }
    bench.finish();
  }
}

TEST_CASE("a fast memory is used at a beat a cycle", "[param]") {
  for (const bool eight_bit : {true, false}) {
    for (const bool kernel3 : {true, false}) {
      CAPTURE(eight_bit, kernel3);
      ParamBench bench(kSeed);
      ParamJob job;
      job.eight_bit = eight_bit;
      job.kernel3 = kernel3;
      job.in_channels = kernel3 ? 64 : 256;
      job.out_channels = 100;
      job.load_channels = 100;
      job.w_addr = 0x80000003;
      job.bn_addr = 0x80001234;
      job.act_addr = 0x80002345;
      const ParamResult result = bench.run(job, ParamConditions{}, true);
      CAPTURE(result.beats, result.data_cycles);
      CHECK(result.data_cycles <= result.beats + result.beats / 50 + 8);
    }
  }
}

}  // namespace
}  // namespace kpu::test
