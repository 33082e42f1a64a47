// SPDX-License-Identifier: Apache-2.0
//
// AI RAM is read and written over its bus while layers compute: the layers are right, and so is
// every byte that goes through the bus. The K210's data sheet forbids it; here an access waits its
// turn. Bursts of any length and alignment, random layers of all kinds that keep both ports of AI
// RAM busy; and a layer that needs every cycle of the write port, so that all buffers behind the
// array fill up.
#include "tests/rtl/machine/machine.h"

#include <cstdint>
#include <vector>

namespace kpu::test {
namespace {

constexpr std::uint32_t kSeed = 12;
constexpr std::uint32_t kArea = 20000 * 64;  ///< of AI RAM that no layer uses

TEST_CASE("traffic on AI RAM while layers compute", "[traffic]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed);
  Machine machine(kSeed);
  int bursts = 0;
  for (int i = 0; i < 120; ++i) {
    CAPTURE(i);
    RandomLayer layer = draw(random);
    layer.stream_out = false;
    INFO(Machine::describe(layer));
    machine.driver().set_eight_bit_mode(layer.eight_bit);
    const golden::KpuLayerOutput want = machine.reference(layer);
    machine.start(machine.place(layer, 0));
    while ((machine.harness().interrupts() & driver::kIrqKpu) == 0) {
      const auto address = static_cast<std::uint32_t>(driver::kAiRamBase + kArea + random() % 4096);
      std::vector<std::uint8_t> written(1 + random() % 300);
      for (auto& byte : written) byte = static_cast<std::uint8_t>(random());
      machine.harness().cpu().write_bytes(address, written);
      std::vector<std::uint8_t> back(written.size());
      machine.harness().cpu().read_bytes(address, back);
      REQUIRE((back == written));
      ++bursts;
    }
    machine.write(driver::kRegInterruptClear, driver::kIntAll);
    machine.write(driver::kRegStatus, driver::kStatusAll);
    if (want.range.ok()) machine.check_output(layer, want);
  }
  CHECK(bursts > 500);
}

TEST_CASE("the array waits for write-back, and write-back for the bus", "[traffic]") {
  constexpr unsigned kWaitsForWriteBack = 4;  // counter
  RandomEngine random(kSeed);
  Machine machine(kSeed);
  // Lines of four channels that are written one by one, two writes for each cycle of the array.
  const golden::LayerShape shape{.in_channels = 64,
                                 .out_channels = 64,
                                 .height = 100,
                                 .width = 16,
                                 .kernel = 3,
                                 .depthwise = true,
                                 .pool_type = 1,
                                 .dst_line = 4096};
  const RandomLayer layer = sim::random_tables(random, golden::make_layer_args(shape, true), true);
  machine.driver().set_eight_bit_mode(true);
  const golden::KpuLayerOutput want = machine.reference(layer);
  REQUIRE(want.range.ok());
  machine.start(machine.place(layer, 0));
  std::vector<std::uint8_t> written(4096);
  while ((machine.harness().interrupts() & driver::kIrqKpu) == 0) {
    for (auto& byte : written) byte = static_cast<std::uint8_t>(random());
    machine.harness().cpu().write_bytes(driver::kAiRamBase + kArea, written);
  }
  std::vector<std::uint8_t> back(written.size());
  machine.harness().cpu().read_bytes(driver::kAiRamBase + kArea, back);
  CHECK((back == written));
  machine.check_output(layer, want);
  // Narrower words hold one channel, whose writes are fewer than its cycles.
  if (tb::KpuHarness::lanes() != 64) return;
  CHECK(machine.read(
            static_cast<driver::RegisterOffset>(driver::kRegPerf + 8 * kWaitsForWriteBack)) > 0);
}

}  // namespace
}  // namespace kpu::test
