// SPDX-License-Identifier: Apache-2.0
//
// The KPU in its system, driven by registers as the vendor's driver does.
//
// Covered: layers with and without DMA at four memory settings (same bytes, cycles that move as
// they should); twelve queued layers and the FIFO interrupts; layers so short that their counters are gone when they are read; the output stream with the runtime's
// one word too many, beside another DMA channel; an error response at each kind of fetch; flush and
// reset in the middle of a layer; a memory so slow that the layer counts as hung. After every accident a layer must come out right. Single layers
// of all kinds are the random-layer test's matter, the DMA controller's own rules its unit test's.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "driver/kpu_driver.h"
#include "golden/kpu/kpu_layer.h"
#include "sim/fuzz/random_layer.h"
#include "tb/kpu_harness.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kTables = driver::kSramBase;
constexpr std::uint32_t kStream = driver::kSramBase + 0x200000;
constexpr std::uint32_t kDestinationLine = 2048;

/// A layer with its tables in SRAM, its input in AI RAM and what it should give.
struct Prepared {
  driver::QueuedLayer layer;
  golden::LayerArgs args;
  Bytes expected;
};

class SystemBench {
 public:
  explicit SystemBench(const tb::MemoryTiming& timing = {}, driver::DriverOptions options = {})
      : harness({timing, 1}), driver(harness, std::move(options)) {
    driver.set_eight_bit_mode(true);
  }

  /// A 3x3 layer of 64 x `rows` pixels, 8 to `channels` channels: about rows x channels x 8 cycles with 64 lanes.
  Prepared prepare(std::uint64_t seed, bool send_data_out, std::uint32_t rows = 16, std::uint32_t channels = 16) {
    sim::RandomEngine random(seed);
    golden::LayerArgs args = golden::make_layer_args({.in_channels = 8,
                                                      .out_channels = channels,
                                                      .height = rows,
                                                      .width = 64,
                                                      .kernel = 3,
                                                      .dst_line = kDestinationLine},
                                                     true);
    const sim::RandomLayer layer = sim::random_tables(random, args, true);
    args = layer.args;
    args.weights_addr = put(layer.weights);
    args.bn_addr = put(layer.batch_norm);
    args.act_addr = put(layer.act);
    args.send_data_out = send_data_out;

    Bytes input(args.input_layout().planar_bytes());
    for (std::uint8_t& pixel : input) pixel = static_cast<std::uint8_t>(random());
    Bytes ram(tb::KpuHarness::ai_ram_bytes());
    harness.peek_ai_ram(0, ram);
    golden::pack_image(ram, args.input_layout(), input);
    harness.load_ai_ram(0, ram);

    Prepared prepared;
    prepared.args = args;
    prepared.layer = {golden::encode(args), kStream};
    prepared.expected =
        golden::run_kpu_layer(
            args, input,
            {.weights = layer.weights, .batch_norm = layer.batch_norm, .act = layer.act}, {})
            .planar;
    return prepared;
  }

  Bytes output(const Prepared& prepared) const {
    Bytes ram(tb::KpuHarness::ai_ram_bytes());
    harness.peek_ai_ram(0, ram);
    return golden::unpack_image(ram, prepared.args.output_layout());
  }

  /// Runs one more layer from the beginning to show that the KPU works.
  void require_works(std::uint64_t seed) {
    const Prepared prepared = prepare(seed, true);
    const auto results = driver.run_layers({&prepared.layer, 1});
    REQUIRE(output(prepared) == prepared.expected);
    REQUIRE(results.front().stream == prepared.expected);
  }

  std::uint64_t read(unsigned offset) { return harness.cpu().read(driver::kKpuBase + offset); }
  void write(unsigned offset, std::uint64_t value) {
    harness.cpu().write(driver::kKpuBase + offset, value);
  }
  void push(const LayerWords& words) {
    for (std::uint64_t word : words) write(driver::kRegLayerArgumentFifo, word);
  }
  void wait_irq(std::uint32_t irq, std::uint64_t limit = 1'000'000) {
    const std::uint64_t end = harness.cycles() + limit;
    while ((harness.interrupts() & irq) == 0) {
      REQUIRE(harness.cycles() < end);
      harness.tick();
    }
  }

  tb::KpuHarness harness;
  driver::KpuDriver driver;

 private:
  std::uint32_t put(const Bytes& bytes) {
    const std::uint32_t at = next_;
    harness.load_memory(at, bytes);
    next_ += static_cast<std::uint32_t>((bytes.size() + 15) / 8 * 8);
    return at;
  }

  std::uint32_t next_ = kTables;
};

TEST_CASE("A layer gives the same bytes at every memory setting, and cycles that follow it") {
  const tb::MemoryTiming ideal{.read_latency = 1, .write_latency = 1};
  const tb::MemoryTiming slow{.read_latency = 30, .write_latency = 30, .bandwidth_percent = 50};
  const tb::MemoryTiming slower{.read_latency = 300, .write_latency = 300, .bandwidth_percent = 10};
  const tb::MemoryTiming stalls{.stall_percent = 40, .seed = 5};
  std::vector<std::uint64_t> cycles;
  for (const tb::MemoryTiming& timing : {ideal, slow, slower, stalls}) {
    for (const bool use_dma : {true, false}) {
      driver::DriverOptions options;
      options.use_dma = use_dma;
      SystemBench bench(timing, options);
      const Prepared prepared = bench.prepare(7, true);
      const std::uint64_t start = bench.harness.cycles();
      const auto results = bench.driver.run_layers({&prepared.layer, 1});
      CHECK(bench.output(prepared) == prepared.expected);
      CHECK(results.front().stream == prepared.expected);
      if (use_dma) cycles.push_back(bench.harness.cycles() - start);
      const driver::Traffic dmac = bench.harness.traffic(driver::kFromDmac);
      CHECK(dmac.written_bytes == (use_dma ? prepared.expected.size() : 0));
    }
  }
  CHECK(cycles[0] < cycles[1]);
  CHECK(cycles[1] < cycles[2]);
}

TEST_CASE("Twelve queued layers, with the interrupts for an almost full and almost empty FIFO") {
  SystemBench bench;
  const Prepared prepared = bench.prepare(3, false, 64);
  const std::uint64_t before = bench.read(driver::kRegLayersDone);
  bench.write(driver::kRegFifoThreshold, 0x18);  // empty 1, full 8
  bench.write(driver::kRegInterruptMask, driver::kIntCalcDone | driver::kIntAlmostEmpty);
  bench.write(driver::kRegInterruptClear, driver::kIntAll);
  LayerWords words = prepared.layer.words;
  words[0] &= ~std::uint64_t{1};
  for (int i = 0; i < 12; ++i) bench.push(words);
  // The first three leave at once: one computes, one loads, one is decoded.
  bench.wait_irq(driver::kIrqKpu, 10);
  CHECK(bench.read(driver::kRegInterruptStatus) == driver::kIntAlmostFull);
  CHECK((bench.read(driver::kRegFifoLevels) & 0xFF) == 9);
  // They left an almost empty FIFO; from here on only the end of the queue counts.
  bench.write(driver::kRegInterruptClear, driver::kIntAll);
  bench.write(driver::kRegInterruptMask, driver::kIntCalcDone | driver::kIntAlmostFull);
  bench.wait_irq(driver::kIrqKpu);
  CHECK((bench.read(driver::kRegFifoLevels) & 0xFF) == 1);
  // The last layer asks for calc_done.
  bench.write(driver::kRegInterruptMask, driver::kIntAlmostEmpty | driver::kIntAlmostFull);
  words[0] |= 1;
  bench.push(words);
  bench.wait_irq(driver::kIrqKpu);
  CHECK(bench.read(driver::kRegLayersDone) - before == 13);
  CHECK(bench.output(prepared) == prepared.expected);
}

TEST_CASE("Counters are a layer's own, or none") {
  for (const unsigned depth : {1u, 12u}) {
    driver::DriverOptions options;
    options.queue_depth = depth;
    SystemBench bench({}, options);
    const Prepared prepared = bench.prepare(3, false, 1, 1);
    const std::vector<driver::QueuedLayer> layers(24, prepared.layer);
    std::size_t counted = 0;
    driver::LayerObserver observer;
    observer.on_result = [&](std::size_t i, const driver::LayerResult& result) {
      INFO("depth " << depth << ", layer " << i);
      // The simulation's own counts are kept for each layer.
      const std::map<std::string, std::uint64_t> traffic = bench.harness.layer_traffic();
      REQUIRE(traffic.contains("cycles") == bench.harness.counts_layers());
      counted += result.counted ? 1 : 0;
      if (result.counted && bench.harness.counts_layers()) CHECK(result.counters[0] == traffic.at("cycles"));
      if (!result.counted) CHECK(std::ranges::count(result.counters, 0u) == static_cast<std::ptrdiff_t>(result.counters.size()));
    };
    bench.driver.run_layers(layers, observer);
    CHECK(bench.output(prepared) == prepared.expected);
    // The last one's are there in any case.
    if (depth == 1) CHECK(counted == layers.size());
    else CHECK((counted > 0 && counted < layers.size()));
  }
}

TEST_CASE("A streaming layer is done when its last word has been read, or flushed") {
  SystemBench bench;
  const Prepared prepared = bench.prepare(17, true);
  LayerWords words = prepared.layer.words;
  words[0] |= 1;
  const auto wait_for_words = [&](std::uint64_t count) {
    while ((bench.read(driver::kRegFifoLevels) >> 8 & 0xFF) < count) bench.harness.tick();
  };
  const auto done = [&] {
    return (bench.read(driver::kRegInterruptRaw) & driver::kIntCalcDone) != 0;
  };
  const std::size_t last_words = 5;

  for (const bool flush : {false, true}) {
    bench.write(driver::kRegInterruptClear, driver::kIntAll);
    bench.push(words);
    Bytes stream;
    while (stream.size() < prepared.expected.size() - 8 * last_words) {
      wait_for_words(1);
      const std::uint64_t word = bench.read(driver::kRegFifoDataOut);
      for (unsigned b = 0; b < 8; ++b) stream.push_back(static_cast<std::uint8_t>(word >> (8 * b)));
    }
    CHECK(std::equal(stream.begin(), stream.end(), prepared.expected.begin()));
    wait_for_words(last_words);
    for (int i = 0; i < 2000; ++i) bench.harness.tick();
    CHECK(bench.output(prepared) == prepared.expected);
    for (std::size_t i = 0; i < (flush ? 1 : last_words); ++i) {
      CHECK_FALSE(done());
      bench.read(driver::kRegFifoDataOut);
    }
    if (flush) {
      bench.write(driver::kRegFifoCtrl, driver::kFifoCtrlRun & ~std::uint64_t{1});
      bench.write(driver::kRegFifoCtrl, driver::kFifoCtrlRun);
    }
    CHECK(done());
  }
}

TEST_CASE("The runtime that asks for one word too many gets a zero, beside a copying channel") {
  SystemBench bench;
  driver::DmacDriver dmac(bench.harness.cpu());
  const Prepared prepared = bench.prepare(11, true);
  Bytes picture(100'000);
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<std::uint8_t>(i * i);
  bench.harness.load_memory(driver::kSramBase + 0x400000, picture);

  // Armed before the layer starts, twice: the end of the first stream must not feed the second.
  for (int round = 0; round < 2; ++round) {
    const auto words = static_cast<std::uint32_t>(prepared.expected.size() / 8);
    const Bytes poison(8, 0xAA);
    bench.harness.load_memory(kStream + 8 * words, poison);
    dmac.select(0, driver::kDmaRequestKpu);
    dmac.select(4, 0);
    dmac.start(0, {.src = driver::kKpuBase + driver::kRegFifoDataOut,
                   .dst = kStream,
                   .items = words + 1,
                   .control = {.src_fixed = true, .src_burst = 2, .dst_burst = 2},
                   .cfg = driver::dmac_from_peripheral(0)});
    dmac.start(2, {.src = driver::kSramBase + 0x400000,
                   .dst = driver::kSramBase + 0x500000,
                   .items = static_cast<std::uint32_t>(picture.size() / 8),
                   .control = {}});
    bench.push(prepared.layer.words);
    dmac.wait(0);
    dmac.wait(2);
    Bytes stream(prepared.expected.size() + 8);
    bench.harness.peek_memory(kStream, stream);
    CHECK(std::equal(prepared.expected.begin(), prepared.expected.end(), stream.begin()));
    CHECK(std::all_of(stream.end() - 8, stream.end(), [](std::uint8_t b) { return b == 0; }));
    Bytes copy(picture.size());
    bench.harness.peek_memory(driver::kSramBase + 0x500000, copy);
    CHECK(copy == picture);
    CHECK(bench.read(driver::kRegStatus) == driver::kStatusOutEmptyRead);
    bench.write(driver::kRegStatus, driver::kStatusAll);
  }
}

TEST_CASE("An error response at any fetch ends the layer with its source and an interrupt") {
  SystemBench bench;
  const Prepared prepared = bench.prepare(5, false);
  const std::array<std::uint32_t, 3> addresses{prepared.args.bn_addr, prepared.args.act_addr,
                                               prepared.args.weights_addr};
  for (unsigned source = 1; source <= 3; ++source) {
    bench.harness.add_fault(addresses[source - 1], 8);
    bench.write(driver::kRegInterruptClear, driver::kIntAll);
    LayerWords words = prepared.layer.words;
    words[0] |= 1;
    bench.push(words);
    bench.wait_irq(driver::kIrqKpu);
    CHECK(bench.read(driver::kRegStatus) ==
          (std::uint64_t{source} << 16 | driver::kStatusBusError));
    bench.write(driver::kRegStatus, driver::kStatusAll);
    bench.harness.clear_faults();
    bench.write(driver::kRegInterruptClear, driver::kIntAll);
    bench.require_works(source);
  }
  // The driver says it in words.
  bench.harness.add_fault(prepared.args.act_addr, 8);
  CHECK_THROWS_WITH(bench.driver.run_layers({&prepared.layer, 1}),
                    contains_text("activation table"));
  bench.harness.clear_faults();
  bench.require_works(9);
}

TEST_CASE("A layer without a sign of life is a fault of the hardware, with the state of its units") {
  driver::DriverOptions options;
  options.watchdog = 2'000;
  SystemBench bench({.read_latency = 20'000}, options);
  const Prepared prepared = bench.prepare(23, false);
  REQUIRE_THROWS_AS(bench.driver.run_layers({&prepared.layer, 1}), HardwareFault);
  REQUIRE_THROWS_WITH(bench.driver.run_layers({&prepared.layer, 1}),
                      contains_text("KPU layer 0 hangs") && contains_text("unit state"));
}

TEST_CASE("A copy that does not go on is a fault of the hardware") {
  driver::DriverOptions options;
  options.watchdog = 2'000;
  SystemBench bench({.read_latency = 1'000'000}, options);
  CHECK_THROWS_WITH(bench.driver.copy(driver::kAiRamBase, driver::kSramBase, 4096),
                    contains_text("DMA channel 5 hangs after") && contains_text("of 512 items"));
  SystemBench slow({.read_latency = 1'500}, options);
  CHECK_NOTHROW(slow.driver.copy(driver::kAiRamBase, driver::kSramBase, 4096));
}

// The interconnect passes a burst's data on when its address has been taken; the register slice behind it
// takes addresses by itself, so that such a memory and the system do not wait for each other.
TEST_CASE("A memory may wait for data before it takes an address") {
  for (const std::uint32_t stall : {0u, 40u}) {
    SystemBench bench({.stall_percent = stall, .data_first = true});
    bench.require_works(31);
    bench.require_works(32);
  }
}

TEST_CASE("Systems beside each other end in any order") {
  auto first = std::make_unique<tb::KpuHarness>();
  { const tb::KpuHarness second; }
  first.reset();
  SystemBench bench;
  bench.require_works(5);
}

TEST_CASE("Flush and reset in the middle of a layer leave a working KPU") {
  SystemBench bench;
  const Prepared prepared = bench.prepare(21, true, 64);
  for (int round = 0; round < 12; ++round) {
    // At many moments: while tables load, while the array works, while the stream leaves.
    bench.push(prepared.layer.words);
    bench.push(prepared.layer.words);
    for (int i = 0; i < 40 + round * round * 60; ++i) bench.harness.tick();
    if (round % 3 == 2) {
      bench.harness.reset();
      bench.driver.initialize();
      bench.driver.set_eight_bit_mode(true);
    } else {
      bench.driver.initialize();
    }
    bench.require_works(static_cast<std::uint64_t>(round) + 40);
  }
}

TEST_CASE("The processor sees every block, and an address of nobody is answered") {
  SystemBench bench;
  tb::CpuPort& cpu = bench.harness.cpu();
  cpu.write(driver::kSramBase + 0x100, 0x0102030405060708);
  CHECK(cpu.read(driver::kSramCachedBase + 0x104, 4) == 0x01020304);
  cpu.write(driver::kAiRamCachedBase + 0x40, 0x55, 1);
  CHECK(cpu.read(driver::kAiRamBase + 0x40, 1) == 0x55);
  CHECK(cpu.read(driver::kDmacBase + driver::kDmacId) != 0);
  cpu.write(driver::kDmaSelect0, 0x3FFFFFFF, 4);
  cpu.write(driver::kDmaSelect1, 22, 4);
  CHECK(cpu.read(driver::kDmaSelect0, 4) == 0x3FFFFFFF);
  CHECK(cpu.read(driver::kDmaSelect1, 4) == 22);
  // Each write changes its own register only.
  cpu.write(driver::kDmaSelect0, 0x15, 4);
  CHECK(cpu.read(driver::kDmaSelect1, 4) == 22);
  cpu.write(driver::kDmaSelect1, 5, 4);
  cpu.write(driver::kDmaSelect1 + 8, 63, 4);
  CHECK(cpu.read(driver::kDmaSelect0, 4) == 0x15);
  CHECK(cpu.read(driver::kDmaSelect1, 4) == 5);
  std::uint64_t value = 1;
  CHECK(cpu.try_read(0x2000'0000, 8, value) == tb::kDecodeError);
  CHECK(cpu.try_write(0x7000'0000, 4, 0) == tb::kDecodeError);
  // Reading the empty stream is answered at once.
  CHECK(cpu.read(driver::kKpuBase + driver::kRegFifoDataOut) == 0);
  CHECK(bench.read(driver::kRegStatus) == driver::kStatusOutEmptyRead);
}

}  // namespace
}  // namespace kpu::test
