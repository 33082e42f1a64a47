// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/error.h"
#include "driver/kpu_driver.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/kpu_layer.h"
#include "sim/fuzz/random_layer.h"
#include "tb/kpu_harness.h"
#include "tests/support/catch2.h"

namespace kpu::test {

using sim::RandomEngine;
using sim::RandomLayer;

/// The whole machine with random layers on it, by hand where a test wants to interfere.
class Machine {
 public:
  static constexpr std::uint32_t kTableBytes = 0x40000;   ///< of SRAM for each of a layer's blobs
  static constexpr std::uint32_t kStreamArea = 0x400000;  ///< behind all tables

  explicit Machine(std::uint32_t seed, const tb::MemoryTiming& memory = {})
      : harness_(config(seed, memory)) {
    // Memory that was never written differs between AI RAM and its edge bytes.
    RandomEngine random(seed);
    std::vector<std::uint8_t> bytes(tb::KpuHarness::ai_ram_bytes());
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    harness_.load_ai_ram(0, bytes);
  }

  /// Tables of `layer` in SRAM (there are places for four layers), its words for the queue.
  driver::QueuedLayer place(const RandomLayer& layer, std::uint32_t slot) {
    const std::uint32_t base = driver::kSramBase + slot * 4 * kTableBytes;
    golden::LayerArgs args = layer.args;
    args.weights_addr = base;
    args.bn_addr = base + 2 * kTableBytes;
    args.act_addr = base + 3 * kTableBytes;
    args.send_data_out = layer.stream_out;
    args.int_en = true;
    harness_.load_memory(args.weights_addr, layer.weights);
    harness_.load_memory(args.bn_addr, layer.batch_norm);
    harness_.load_memory(args.act_addr, layer.act);
    return {golden::encode(args), driver::kSramBase + kStreamArea};
  }

  /// Pushes the words as software does, lets `cycles` pass, whatever happens in them.
  void start(const driver::QueuedLayer& layer) {
    for (const std::uint64_t word : layer.words) write(driver::kRegLayerArgumentFifo, word);
  }
  void wait(std::uint64_t cycles) {
    for (std::uint64_t i = 0; i < cycles; ++i) harness_.tick();
  }
  void write(driver::RegisterOffset offset, std::uint64_t value) {
    harness_.cpu().write(driver::kKpuBase + offset, value);
  }

  /// Performance counters that are in use, in the order of docs/registers.md.
  using Counters = std::array<std::uint64_t, 12>;

  /// Runs the layer on whatever is in AI RAM and compares all there is to compare; its counters.
  Counters check(const RandomLayer& layer) {
    INFO(describe(layer));
    driver().set_eight_bit_mode(layer.eight_bit);
    const driver::QueuedLayer queued = place(layer, 0);
    const golden::KpuLayerOutput want = reference(layer);
    const auto results = driver().run_layers({&queued, 1});

    // docs/registers.md: every cycle of the layer is in one of the states 1 to 8.
    const auto& counters = results.front().counters;
    REQUIRE(counters[0] > 0);
    REQUIRE(std::accumulate(counters.begin() + 1, counters.begin() + 9, std::uint64_t{0}) ==
            counters[0]);
    // The last four are reserved.
    REQUIRE(
        std::all_of(counters.begin() + 12, counters.end(), [](auto count) { return count == 0; }));
    Counters used;
    std::copy_n(counters.begin(), used.size(), used.begin());
    REQUIRE(results.front().conv_overflow == (want.range.conv_count != 0));
    if (!want.range.ok()) return used;
    REQUIRE(!results.front().norm_overflow);
    check_output(layer, want);
    if (layer.stream_out) {
      std::vector<std::uint8_t> stream = results.front().stream;
      REQUIRE(stream.size() >= want.planar.size());
      stream.resize(want.planar.size());
      REQUIRE((stream == want.planar));
    }
    return used;
  }

  /// Runs a layer without a stream by register accesses alone: no flush before it, as the driver
  /// does. The interrupt must be unmasked. Compares the output.
  void check_by_hand(const RandomLayer& layer) {
    INFO(describe(layer));
    write(driver::kRegEightBitMode, layer.eight_bit ? 1 : 0);
    const golden::KpuLayerOutput want = reference(layer);
    start(place(layer, 0));
    wait_for_interrupt();
    if (want.range.ok()) check_output(layer, want);
  }
  /// Lets time pass until calc_done; clears it and the status. Throws Error after a million cycles.
  void wait_for_interrupt() {
    for (int cycle = 0; (harness_.interrupts() & driver::kIrqKpu) == 0; ++cycle) {
      if (cycle == 1'000'000) throw Error("no interrupt");
      harness_.tick();
    }
    write(driver::kRegInterruptClear, driver::kIntAll);
    write(driver::kRegStatus, driver::kStatusAll);
  }

  /// What the layer has to make of what is in AI RAM now.
  golden::KpuLayerOutput reference(const RandomLayer& layer) const {
    golden::LayerOptions options;
    options.eight_bit = layer.eight_bit;
    return golden::run_kpu_layer(layer.args, read(layer.args.input_layout()),
                                 {layer.weights, layer.batch_norm, layer.act}, options);
  }

  void check_output(const RandomLayer& layer, const golden::KpuLayerOutput& want) const {
    const std::vector<std::uint8_t> got = read(layer.args.output_layout());
    const auto first = std::mismatch(got.begin(), got.end(), want.planar.begin()).first;
    INFO(fmt::format("first difference at byte {} of {}", first - got.begin(), got.size()));
    REQUIRE((got == want.planar));
  }

  static std::string describe(const RandomLayer& layer) {
    const golden::LayerArgs& args = layer.args;
    return fmt::format(
        "{} -> {} channels, {}x{}, kernel {}, depthwise {}, pool {}, {} bits, stream {}",
        args.in_channels, args.out_channels, args.in_height, args.in_width, args.kernel(),
        args.depthwise, args.pool_type, layer.eight_bit ? 8 : 16, layer.stream_out);
  }

  std::uint64_t read(driver::RegisterOffset offset) {
    return harness_.cpu().read(driver::kKpuBase + offset);
  }

  tb::KpuHarness& harness() { return harness_; }
  /// The driver flushes everything when it is first asked for.
  driver::KpuDriver& driver() {
    if (!driver_) driver_.emplace(harness_);
    return *driver_;
  }

 private:
  static tb::HarnessConfig config(std::uint32_t seed, const tb::MemoryTiming& memory) {
    tb::HarnessConfig config;
    config.memory = memory;
    config.seed = seed;
    return config;
  }

  std::vector<std::uint8_t> read(const golden::ImageLayout& layout) const {
    golden::AiRam copy;
    const std::size_t begin = layout.base_line * kLineBytes;
    const std::size_t end = layout.end_line() * kLineBytes;
    harness_.peek_ai_ram(begin, copy.bytes().subspan(begin, end - begin));
    return golden::unpack_image(copy.bytes(), layout);
  }

  tb::KpuHarness harness_;
  std::optional<driver::KpuDriver> driver_;
};

/// A small random layer in the first 1024 lines of AI RAM.
inline RandomLayer draw(RandomEngine& random) {
  sim::RandomLayerLimits limits;
  limits.ram_lines = 1024;
  limits.array_cycles = 600;
  limits.eight_bit = random() % 2 == 0;
  RandomLayer layer = sim::random_layer(random, limits);
  if (layer.weights.size() > 2 * Machine::kTableBytes) return draw(random);
  return layer;
}

}  // namespace kpu::test
