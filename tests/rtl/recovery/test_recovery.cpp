// SPDX-License-Identifier: Apache-2.0
//
// The whole machine after something went wrong: layers are stopped in a random cycle by reset, by any
// mix of flushes, or by a bus error in any of their tables; the layers that follow must be right, in
// values, stream and reports. Stopped layers are random ones of all kinds, so any unit can be anywhere.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "golden/ai_ram.h"
#include "golden/error.h"
#include "golden/kpu_layer.h"
#include "sim/random_layer.h"
#include "tb/kpu_driver.h"
#include "tb/kpu_harness.h"
#include "tests/support/catch2.h"

namespace {

using kpu::sim::RandomEngine;
using kpu::sim::RandomLayer;

constexpr std::uint32_t kSeed = 11;
constexpr std::uint32_t kTableBytes = 0x40000;   ///< of SRAM for each of a layer's blobs
constexpr std::uint32_t kStreamArea = 0x400000;  ///< behind all tables

class Machine {
 public:
  explicit Machine(std::uint32_t seed) : harness_(config(seed)), driver_(harness_) {
    // Memory that was never written differs between AI RAM and its edge bytes.
    RandomEngine random(seed);
    std::vector<std::uint8_t> bytes(kpu::tb::KpuHarness::ai_ram_bytes());
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    harness_.load_ai_ram(0, bytes);
  }

  /// Tables of `layer` in SRAM (there are places for four layers), its words for the queue.
  kpu::tb::QueuedLayer place(const RandomLayer& layer, std::uint32_t slot) {
    const std::uint32_t base = kpu::tb::kSramBase + slot * 4 * kTableBytes;
    kpu::golden::LayerArgs args = layer.args;
    args.weights_addr = base;
    args.bn_addr = base + 2 * kTableBytes;
    args.act_addr = base + 3 * kTableBytes;
    args.send_data_out = layer.stream_out;
    args.int_en = true;
    harness_.load_memory(args.weights_addr, layer.weights);
    harness_.load_memory(args.bn_addr, layer.batch_norm);
    harness_.load_memory(args.act_addr, layer.act);
    return {kpu::golden::encode(args), kpu::tb::kSramBase + kStreamArea};
  }

  /// Pushes the words as software does, lets `cycles` pass, whatever happens in them.
  void start(const kpu::tb::QueuedLayer& layer) {
    for (const std::uint64_t word : layer.words) write(kpu::tb::kRegLayerArgumentFifo, word);
  }
  void wait(std::uint64_t cycles) {
    for (std::uint64_t i = 0; i < cycles; ++i) harness_.tick();
  }
  void write(kpu::tb::RegisterOffset offset, std::uint64_t value) {
    harness_.cpu().write(kpu::tb::kKpuBase + offset, value);
  }

  /// Runs the layer on whatever is in AI RAM and compares all there is to compare.
  void check(const RandomLayer& layer) {
    const kpu::golden::ImageLayout in = layer.args.input_layout();
    const kpu::golden::ImageLayout out = layer.args.output_layout();
    INFO(fmt::format("{} -> {} channels, {}x{}, kernel {}, depthwise {}, pool {}, {} bits, stream {}",
                     layer.args.in_channels, layer.args.out_channels, layer.args.in_height,
                     layer.args.in_width, layer.args.kernel(), layer.args.depthwise,
                     layer.args.pool_type, layer.eight_bit ? 8 : 16, layer.stream_out));
    driver_.set_eight_bit_mode(layer.eight_bit);
    const kpu::tb::QueuedLayer queued = place(layer, 0);
    const std::vector<std::uint8_t> input = read(in);
    const auto results = driver_.run_layers({&queued, 1});

    const kpu::golden::LayerTables tables{layer.weights, layer.batch_norm, layer.act};
    kpu::golden::LayerOptions options;
    options.eight_bit = layer.eight_bit;
    const auto want = kpu::golden::run_kpu_layer(layer.args, input, tables, options);
    REQUIRE(results.front().conv_overflow == (want.range.conv_count != 0));
    if (!want.range.ok()) return;
    REQUIRE(!results.front().norm_overflow);
    const std::vector<std::uint8_t> got = read(out);
    const auto first = std::mismatch(got.begin(), got.end(), want.planar.begin()).first;
    INFO(fmt::format("first difference at byte {} of {}", first - got.begin(), got.size()));
    REQUIRE((got == want.planar));
    if (layer.stream_out) {
      std::vector<std::uint8_t> stream = results.front().stream;
      REQUIRE(stream.size() >= want.planar.size());
      stream.resize(want.planar.size());
      REQUIRE((stream == want.planar));
    }
  }

  kpu::tb::KpuHarness& harness() { return harness_; }
  kpu::tb::KpuDriver& driver() { return driver_; }

 private:
  static kpu::tb::HarnessConfig config(std::uint32_t seed) {
    kpu::tb::HarnessConfig config;
    config.seed = seed;
    return config;
  }

  std::vector<std::uint8_t> read(const kpu::golden::ImageLayout& layout) const {
    kpu::golden::AiRam copy;
    const std::size_t begin = layout.base_line * kpu::golden::kLineBytes;
    const std::size_t end = layout.end_line() * kpu::golden::kLineBytes;
    harness_.peek_ai_ram(begin, copy.bytes().subspan(begin, end - begin));
    return kpu::golden::unpack_image(copy.bytes(), layout);
  }

  kpu::tb::KpuHarness harness_;
  kpu::tb::KpuDriver driver_;
};

RandomLayer draw(RandomEngine& random) {
  kpu::sim::RandomLayerLimits limits;
  limits.ram_lines = 1024;
  limits.array_cycles = 600;
  limits.eight_bit = random() % 2 == 0;
  RandomLayer layer = kpu::sim::random_layer(random, limits);
  if (layer.weights.size() > 2 * kTableBytes) return draw(random);
  return layer;
}

/// One to three layers of one weight width are under way for some cycles.
void disturb(RandomEngine& random, Machine& machine) {
  const std::uint32_t count = 1 + random() % 3;
  for (std::uint32_t slot = 1; slot <= count; ++slot) {
    const RandomLayer layer = draw(random);
    machine.driver().set_eight_bit_mode(layer.eight_bit);
    machine.start(machine.place(layer, slot));
  }
  machine.wait(random() % 1500);
}

TEST_CASE("a reset in any cycle", "[recovery]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed);
  Machine machine(kSeed);
  for (int i = 0; i < 60; ++i) {
    CAPTURE(i);
    disturb(random, machine);
    machine.harness().reset();
    machine.driver().initialize();
    machine.check(draw(random));
  }
}

TEST_CASE("a flush in any cycle", "[recovery]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed + 1);
  Machine machine(kSeed);
  for (int i = 0; i < 150; ++i) {
    CAPTURE(i);
    disturb(random, machine);
    // Some flushes first, perhaps, and then all.
    if (random() % 2 == 0) {
      machine.write(kpu::tb::kRegFifoCtrl, random() % 32);
      machine.wait(random() % 30);
      machine.write(kpu::tb::kRegFifoCtrl, kpu::tb::kFifoCtrlRun);
      machine.wait(random() % 300);
    }
    machine.write(kpu::tb::kRegFifoCtrl, 0);
    machine.wait(random() % 4);
    machine.write(kpu::tb::kRegFifoCtrl, kpu::tb::kFifoCtrlRun);
    machine.driver().initialize();
    machine.check(draw(random));
    machine.check(draw(random));
  }
}

TEST_CASE("a bus error in any table", "[recovery]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed + 2);
  Machine machine(kSeed);
  int errors = 0;
  for (int i = 0; i < 150; ++i) {
    CAPTURE(i);
    const RandomLayer layer = draw(random);
    machine.driver().set_eight_bit_mode(layer.eight_bit);
    const kpu::tb::QueuedLayer queued = machine.place(layer, 1);
    const kpu::golden::LayerArgs args = kpu::golden::decode(queued.words);
    const std::uint32_t tables[] = {args.weights_addr, args.bn_addr, args.act_addr};
    const std::size_t sizes[] = {layer.weights.size(), layer.batch_norm.size(), layer.act.size()};
    const std::size_t table = random() % 3;
    const auto at = static_cast<std::uint32_t>(random() % std::max<std::size_t>(1, sizes[table]));
    machine.harness().add_fault(tables[table] + at, 1);
    try {
      machine.driver().run_layers({&queued, 1});
    } catch (const kpu::Error&) {
      ++errors;
    }
    machine.harness().clear_faults();
    machine.check(draw(random));
  }
  CHECK(errors > 100);
}

}  // namespace
