// SPDX-License-Identifier: Apache-2.0
//
// The KPU's registers as the vendor's driver uses them: one layer at a time from the interrupt that
// says that the layer FIFO is almost empty, the last one through fifo_data_out. What a layer
// computes is the golden model's own test; here its output must arrive where and when the registers
// say.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "board/cpu/ram.h"
#include "board/devices/event_queue.h"
#include "board/devices/kpu_model.h"
#include "board/devices/plic.h"
#include "common/kpu_shape.h"
#include "driver/kpu_registers.h"
#include "golden/kpu/arith.h"
#include "golden/kpu/golden_backend.h"
#include "golden/kpu/layer_args.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

constexpr std::size_t kTables = 0x10'0000;  // offset in RAM

/// A 1x1 layer of one channel, 8x8, whose output is its input.
golden::LayerArgs copy_layer() {
  golden::LayerArgs args = golden::make_layer_args(
      {.in_channels = 1, .out_channels = 1, .height = 8, .width = 8, .kernel = 1, .dst_line = 1024},
      true);
  args.int_en = true;
  args.weights_addr = Ram::kCached + kTables;
  args.bn_addr = Ram::kUncached + kTables + 256;
  args.act_addr = Ram::kCached + kTables + 512;
  return args;
}

struct Bench {
  Bench() {
    plic.write(4 * kIrqKpuSource, 4, 1);
    plic.write(0x2000, 4, 1u << kIrqKpuSource);
    kpu.set_observer([this](const LayerReport& report) { reports.push_back(report); });
    kpu.write(driver::kRegEightBitMode, 8, 1);
    kpu.write(driver::kRegInterruptMask, 8, 0);
    ram.store<std::uint8_t>(kTables, 1);  // the weight
    golden::BatchNorm norm;
    norm.mul = 1;
    ram.store<std::uint64_t>(kTables + 256, golden::encode_batch_norm(norm));
    for (std::size_t y = 0; y < 8; ++y) {
      for (std::size_t x = 0; x < 8; ++x) {
        ram.store<std::uint8_t>(0x60'0000 + 64 * y + x, static_cast<std::uint8_t>(8 * y + x));
      }
    }
  }
  void push(const golden::LayerArgs& args) {
    for (const std::uint64_t word : golden::encode(args)) {
      kpu.write(driver::kRegLayerArgumentFifo, 8, word);
    }
  }
  std::uint64_t read(std::uint32_t offset) { return kpu.read(offset, 8).value(); }
  void pass(std::uint64_t cycles) {
    events.set_now(events.now() + cycles);
    events.run_due();
  }

  Ram ram;
  Plic plic;
  EventQueue events;
  golden::GoldenBackend backend;
  KpuModel kpu{ram, plic, events, backend};
  std::vector<LayerReport> reports;
};

TEST_CASE("a layer leaves the FIFO at once and its output comes later, with calc_done") {
  Bench bench;
  bench.push(copy_layer());
  CHECK(bench.read(driver::kRegInterruptRaw) == driver::kIntAlmostEmpty);
  CHECK(bench.plic.pending(0));
  CHECK(bench.read(driver::kRegFifoLevels) == 0);
  bench.kpu.write(driver::kRegInterruptClear, 8, 7);
  CHECK_FALSE(bench.plic.pending(0));
  CHECK(bench.reports.empty());
  bench.pass(100'000);
  REQUIRE(bench.reports.size() == 1);
  CHECK(bench.reports[0].problem.empty());
  CHECK(bench.read(driver::kRegInterruptRaw) == driver::kIntCalcDone);
  bench.kpu.write(driver::kRegInterruptMask, 8, 7);
  CHECK_FALSE(bench.plic.pending(0));
  CHECK(bench.read(driver::kRegInterruptStatus) == 0);
}

TEST_CASE("with send_data_out a layer ends when its last word has been taken") {
  Bench bench;
  golden::LayerArgs args = copy_layer();
  args.send_data_out = true;
  args.channel_byte_num = 64;
  args.dma_total_byte = 64;
  bench.push(args);
  bench.kpu.write(driver::kRegInterruptClear, 8, 7);
  CHECK_FALSE(bench.kpu.dma_read(0));  // nothing yet
  bench.pass(100'000);
  CHECK(bench.read(driver::kRegFifoLevels) == 8 << 8);
  for (unsigned i = 0; i < 7; ++i) {
    bench.read(driver::kRegFifoDataOut);
  }
  CHECK(bench.read(driver::kRegInterruptRaw) == 0);
  CHECK(bench.kpu.dma_read(7));
  CHECK(bench.read(driver::kRegInterruptRaw) == driver::kIntCalcDone);
  // One word more than there is gives zero: a runtime's DMA asks for it.
  CHECK(bench.kpu.dma_read(8) == 0u);
  CHECK(bench.read(driver::kRegStatus) == 0);
  CHECK(bench.read(driver::kRegFifoDataOut) == 0);
  CHECK(bench.read(driver::kRegStatus) == driver::kStatusOutEmptyRead);
}

TEST_CASE("layers that cannot run are skipped and told, as those that come too many") {
  Bench bench;
  golden::LayerArgs bad = copy_layer();
  bad.bypass_conv = true;
  bench.push(bad);
  bench.pass(100'000);
  CHECK(bench.read(driver::kRegStatus) == driver::kStatusUnsupported);
  CHECK_FALSE(bench.reports.at(0).problem.empty());
  bench.kpu.write(driver::kRegStatus, 8, ~0ull);
  bad = copy_layer();
  bad.weights_addr = 0x9000'0000;
  bench.push(bad);
  bench.pass(100'000);
  CHECK(bench.read(driver::kRegStatus) == driver::kStatusBusError);
  bench.kpu.write(driver::kRegStatus, 8, ~0ull);
  for (int i = 0; i < 18; ++i) {
    bench.push(copy_layer());
  }
  CHECK(bench.read(driver::kRegStatus) == driver::kStatusLayerOverflow);
  CHECK(bench.read(driver::kRegFifoLevels) == 16);
  bench.kpu.write(driver::kRegFifoCtrl, 8, 0);
  bench.kpu.write(driver::kRegFifoCtrl, 8, 0x1F);
  CHECK(bench.read(driver::kRegFifoLevels) == 0);
  bench.pass(100'000);
  CHECK(bench.reports.size() == 2);  // what was given up does not end
}

}  // namespace
}  // namespace kpu::board
