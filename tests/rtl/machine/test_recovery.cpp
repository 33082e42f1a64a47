// SPDX-License-Identifier: Apache-2.0
//
// The whole machine after something went wrong: layers are stopped in a random cycle by reset, by
// any mix of flushes, or by a bus error in any of their tables; the layers that follow must be
// right, in values, stream and reports. Stopped layers are random ones of all kinds, so any unit
// can be anywhere.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/error.h"
#include "tests/rtl/machine/machine.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kSeed = 11;
// Bits of the unit state.
constexpr std::uint64_t kPoolReady = std::uint64_t{1} << 25;   ///< depends on the last line
constexpr std::uint64_t kParamReady = std::uint64_t{1} << 37;  ///< no fetch is under way

/// A few hundred cycles of work.
RandomLayer small_layer(RandomEngine& random) {
  const golden::LayerShape shape{
      .in_channels = 3, .out_channels = 2, .height = 3, .width = 20, .kernel = 3, .dst_line = 50};
  return sim::random_tables(random, golden::make_layer_args(shape, true), true);
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
    // Reset alone must do: the driver's flushes would hide a register that it forgets.
    machine.write(driver::kRegInterruptMask, driver::kIntAll & ~driver::kIntCalcDone);
    RandomLayer layer = draw(random);
    layer.stream_out = false;
    machine.check_by_hand(layer);
    machine.driver().initialize();
    machine.check(draw(random));
  }
}

TEST_CASE("a reset in every cycle of a layer", "[recovery]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed + 5);
  Machine machine(kSeed);
  const RandomLayer layer = small_layer(random);
  for (std::uint64_t cycle = 0; cycle < 330; ++cycle) {
    CAPTURE(cycle);
    machine.write(driver::kRegEightBitMode, 1);
    machine.start(machine.place(layer, 1));
    machine.start(machine.place(layer, 2));
    machine.wait(cycle);
    machine.harness().reset();
    machine.write(driver::kRegInterruptMask, driver::kIntAll & ~driver::kIntCalcDone);
    machine.check_by_hand(layer);
  }
}

TEST_CASE("power-up without a flush", "[recovery]") {
  RandomEngine random(kSeed + 6);
  for (std::uint32_t seed = 1; seed <= 32; ++seed) {
    CAPTURE(seed);
    Machine machine(seed);
    REQUIRE(machine.read(driver::kRegStatus) == 0);
    REQUIRE(machine.read(driver::kRegInterruptRaw) == 0);
    REQUIRE(machine.read(driver::kRegFifoLevels) == 0);
    REQUIRE(machine.read(driver::kRegLayersDone) == 0);
    const std::uint64_t state = machine.read(driver::kRegUnitState) & ~kPoolReady;
    REQUIRE((state & 0xFFF) == 0);  // no layer, no product
    for (std::uint16_t i = 0; i < driver::kPerfCounters; ++i) {
      REQUIRE(machine.harness().cpu().read(driver::kKpuBase + driver::kRegPerf + 8u * i) == 0);
    }
    machine.write(driver::kRegInterruptMask, driver::kIntAll & ~driver::kIntCalcDone);
    RandomLayer layer = draw(random);
    layer.stream_out = false;
    machine.check_by_hand(layer);
    // The units were as idle as after a flush.
    machine.driver().initialize();
    CHECK((machine.read(driver::kRegUnitState) & ~kPoolReady) == state);
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
      machine.write(driver::kRegFifoCtrl, random() % 32);
      machine.wait(random() % 30);
      machine.write(driver::kRegFifoCtrl, driver::kFifoCtrlRun);
      machine.wait(random() % 300);
    }
    machine.write(driver::kRegFifoCtrl, 0);
    machine.wait(random() % 4);
    // A layer that was given up never says that it is done.
    machine.write(driver::kRegInterruptClear, driver::kIntAll);
    machine.write(driver::kRegFifoCtrl, driver::kFifoCtrlRun);
    machine.wait(random() % 300);
    REQUIRE((machine.read(driver::kRegInterruptRaw) & driver::kIntCalcDone) == 0);
    machine.driver().initialize();
    machine.check(draw(random));
    machine.check(draw(random));
  }
}

TEST_CASE("a flush in every cycle of a layer", "[recovery]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed + 3);
  Machine machine(kSeed);
  const RandomLayer layer = small_layer(random);
  machine.driver().set_eight_bit_mode(true);
  const driver::QueuedLayer first = machine.place(layer, 1);
  const driver::QueuedLayer second = machine.place(layer, 2);
  for (std::uint64_t cycle = 0; cycle < 330; ++cycle) {
    CAPTURE(cycle);
    machine.start(first);
    machine.start(second);
    machine.wait(cycle);
    machine.write(driver::kRegFifoCtrl, 0);
    machine.write(driver::kRegFifoCtrl, driver::kFifoCtrlRun);
    machine.driver().initialize();
    machine.driver().set_eight_bit_mode(true);
    machine.check(layer);
  }
}

TEST_CASE("a layer that ends with a bus error leaves nothing to fetch", "[recovery]") {
  tb::MemoryTiming slow;
  slow.read_latency = 200;
  Machine machine(kSeed, slow);
  RandomEngine random(kSeed + 7);
  const golden::LayerShape shape{.in_channels = 64,
                                 .out_channels = 32,
                                 .height = 4,
                                 .width = 40,
                                 .kernel = 3,
                                 .dst_line = 400};
  const RandomLayer layer = sim::random_tables(random, golden::make_layer_args(shape, true), true);
  machine.write(driver::kRegInterruptMask, driver::kIntAll & ~driver::kIntCalcDone);
  machine.write(driver::kRegEightBitMode, 1);
  for (int i = 0; i < 10; ++i) {
    CAPTURE(i);
    const driver::QueuedLayer queued = machine.place(layer, 1);
    machine.harness().add_fault(golden::decode(queued.words).weights_addr + random() % 4000, 1);
    machine.start(queued);
    machine.wait_for_interrupt();
    REQUIRE((machine.read(driver::kRegUnitState) & kParamReady) != 0);
    machine.harness().clear_faults();
  }
}

TEST_CASE("a layer behind one that meets a bus error while it computes", "[recovery]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed + 8);
  Machine machine(kSeed);
  machine.write(driver::kRegInterruptMask, driver::kIntAll & ~driver::kIntCalcDone);
  machine.write(driver::kRegEightBitMode, 1);
  for (int i = 0; i < 60; ++i) {
    CAPTURE(i);
    const golden::LayerShape shape{.in_channels = 1 + static_cast<std::uint32_t>(random() % 64),
                                   .out_channels = 40,
                                   .height = 6,
                                   .width = 10 + static_cast<std::uint32_t>(random() % 80),
                                   .kernel = 3,
                                   .dst_line = 4000};
    const RandomLayer first =
        sim::random_tables(random, golden::make_layer_args(shape, true), true);
    const RandomLayer second = small_layer(random);
    const golden::KpuLayerOutput want = machine.reference(second);
    const driver::QueuedLayer queued = machine.place(first, 1);
    const golden::LayerArgs placed = golden::decode(queued.words);
    const auto at = static_cast<std::uint32_t>(random() % first.weights.size());
    // In the weights, or in a table, which may come while the layer computes.
    const std::uint32_t places[] = {placed.weights_addr + at, placed.bn_addr, placed.act_addr};
    machine.harness().add_fault(places[random() % 3], 1);
    const std::uint64_t done = machine.read(driver::kRegLayersDone) + 2;
    machine.start(queued);
    machine.start(machine.place(second, 2));
    while (machine.read(driver::kRegLayersDone) != done) machine.wait_for_interrupt();
    machine.harness().clear_faults();
    machine.write(driver::kRegInterruptClear, driver::kIntAll);
    machine.check_output(second, want);
  }
}

TEST_CASE("a bus error of the layer behind one that computes", "[recovery]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed + 4);
  Machine machine(kSeed);
  for (int i = 0; i < 40; ++i) {
    CAPTURE(i);
    golden::LayerShape shape{.in_channels = 8,
                             .out_channels = 4,
                             .height = 12,
                             .width = 60,
                             .kernel = 3,
                             .dst_line = 400};
    const RandomLayer layer =
        sim::random_tables(random, golden::make_layer_args(shape, true), true);
    machine.driver().set_eight_bit_mode(true);
    const golden::KpuLayerOutput want = machine.reference(layer);
    shape.dst_line = 800;
    const RandomLayer next = sim::random_tables(random, golden::make_layer_args(shape, true), true);
    const driver::QueuedLayer queued[] = {machine.place(layer, 1), machine.place(next, 2)};
    const golden::LayerArgs args = golden::decode(queued[1].words);
    const std::uint32_t tables[] = {args.weights_addr, args.bn_addr, args.act_addr};
    machine.harness().add_fault(tables[random() % 3] + random() % 32, 1);
    REQUIRE_THROWS_AS(machine.driver().run_layers(queued), Error);
    machine.harness().clear_faults();
    machine.check_output(layer, want);
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
    const driver::QueuedLayer queued = machine.place(layer, 1);
    const golden::LayerArgs args = golden::decode(queued.words);
    const std::uint32_t tables[] = {args.weights_addr, args.bn_addr, args.act_addr};
    const std::size_t sizes[] = {layer.weights.size(), layer.batch_norm.size(), layer.act.size()};
    const std::size_t table = random() % 3;
    const auto at = static_cast<std::uint32_t>(random() % std::max<std::size_t>(1, sizes[table]));
    machine.harness().add_fault(tables[table] + at, 1);
    try {
      machine.driver().run_layers({&queued, 1});
    } catch (const Error&) {
      ++errors;
    }
    machine.harness().clear_faults();
    machine.check(draw(random));
  }
  CHECK(errors > 100);
}

}  // namespace
}  // namespace kpu::test
