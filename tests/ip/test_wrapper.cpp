// SPDX-License-Identifier: Apache-2.0
//
// `openkpu`, the wrapper with AXI's names: random layers on it by the C driver while the
// interconnect around it waits wherever AXI lets it, against the golden model; its registers in
// 32-bit halves; resets at any time. What the machine inside does is tested elsewhere: here every
// signal of the wrapper has to be joined to the right one.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "golden/kpu/ai_ram.h"
#include "golden/kpu/kpu_layer.h"
#include "sim/fuzz/random_layer.h"
#include "tests/ip/ip_bench.h"
#include "tests/support/catch2.h"

using namespace kpu::test;
using kpu::sim::RandomEngine;
using kpu::sim::RandomLayer;

namespace {

constexpr std::uint32_t kTableBytes = 0x4'0000;  // of main memory for each of a layer's tables

Interconnect random_interconnect(RandomEngine& random) {
  Interconnect around;
  around.seed = random();
  around.stall_percent = static_cast<std::uint32_t>(random() % 3 * 35);
  around.memory.read_latency = static_cast<std::uint32_t>(1 + random() % 40);
  around.memory.bandwidth_percent = static_cast<std::uint32_t>(30 + random() % 71);
  around.memory.stall_percent = static_cast<std::uint32_t>(random() % 3 * 25);
  around.memory.max_outstanding = static_cast<std::uint32_t>(1 + random() % 8);
  around.memory.seed = random();
  return around;
}

RandomLayer draw(RandomEngine& random) {
  kpu::sim::RandomLayerLimits limits;
  limits.ram_lines = kRamBytes / 64;
  limits.weight_rows = 128;
  limits.array_cycles = 100;
  limits.pack_lanes = 16;
  limits.eight_bit = random() % 2 == 0;
  RandomLayer layer = kpu::sim::random_layer(random, limits);
  if (layer.weights.size() > kTableBytes) return draw(random);
  layer.args.weights_addr = kMemory;
  layer.args.bn_addr = kMemory + kTableBytes;
  layer.args.act_addr = kMemory + 2 * kTableBytes;
  layer.args.send_data_out = layer.stream_out;
  layer.args.int_en = true;
  return layer;
}

/// AI RAM of the bench as the golden model has it.
kpu::golden::AiRam ai_ram(IpBench& bench) {
  kpu::golden::AiRam copy;
  bench.read_ram(0, copy.bytes().subspan(0, kRamBytes));
  return copy;
}

void fill_ram(IpBench& bench, RandomEngine& random) {
  std::vector<std::uint8_t> bytes(kRamBytes);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  bench.load_ram(0, bytes);
}

/// Runs the layer by the driver on what is in AI RAM and compares all that it leaves.
void check(IpBench& bench, const kpu_device& device, const RandomLayer& layer) {
  INFO(fmt::format("{} -> {} channels, {}x{}, kernel {}, pool {}, stream {}",
                   layer.args.in_channels, layer.args.out_channels, layer.args.in_height,
                   layer.args.in_width, layer.args.kernel(), layer.args.pool_type,
                   layer.stream_out));
  bench.memory().write(layer.args.weights_addr, layer.weights);
  bench.memory().write(layer.args.bn_addr, layer.batch_norm);
  bench.memory().write(layer.args.act_addr, layer.act);
  kpu::golden::LayerOptions options;
  options.eight_bit = layer.eight_bit;
  const auto before = kpu::golden::unpack_image(ai_ram(bench).bytes(), layer.args.input_layout());
  const auto want = kpu::golden::run_kpu_layer(
      layer.args, before, {layer.weights, layer.batch_norm, layer.act}, options);

  REQUIRE(kpu_set_weight_bits(&device, layer.eight_bit ? 8 : 16) == KPU_OK);
  kpu_irq_enable(&device, KPU_INT_CALC_DONE);
  const std::uint32_t done = kpu_layers_done(&device);
  REQUIRE(kpu_push(&device, kpu::golden::encode(layer.args).data()) == KPU_OK);
  std::vector<std::uint64_t> stream((want.planar.size() + 7) / 8);
  std::size_t taken = 0;
  std::uint32_t status = 0;
  int result = KPU_ERR_TIMEOUT;
  for (int poll = 0; result == KPU_ERR_TIMEOUT && poll < 200'000; ++poll) {
    if (layer.stream_out) {
      taken += kpu_read_stream(&device, stream.data() + taken, stream.size() - taken);
    }
    result = kpu_wait(&device, done + 1, 1, &status);
  }
  REQUIRE(result == KPU_OK);
  CHECK(bench.irq());
  CHECK(kpu_irq_pending(&device) == KPU_INT_CALC_DONE);
  kpu_irq_clear(&device, KPU_INT_ALL);
  CHECK(!bench.irq());

  CHECK(((status & KPU_STATUS_CONV_OVERFLOW) != 0) == (want.range.conv_count != 0));
  if (!want.range.ok()) return;
  const auto after = kpu::golden::unpack_image(ai_ram(bench).bytes(), layer.args.output_layout());
  REQUIRE((after == want.planar));
  if (!layer.stream_out) return;
  REQUIRE(taken == stream.size());
  for (std::size_t i = 0; i < want.planar.size(); ++i) {
    REQUIRE(static_cast<std::uint8_t>(stream[i / 8] >> (8 * (i % 8))) == want.planar[i]);
  }
}

}  // namespace

TEST_CASE("random layers are right whatever the interconnect does") {
  constexpr std::uint64_t kSeed = 31;
  RandomEngine random(kSeed);
  int streams = 0;
  for (int machine = 0; machine < 12; ++machine) {
    CAPTURE(kSeed, machine);
    IpBench bench(random_interconnect(random));
    const DriverPort port(bench);
    kpu_device device;
    REQUIRE(kpu_init(&device, kRegs, kRam) == KPU_OK);
    fill_ram(bench, random);
    for (int i = 0; i < 5; ++i) {
      const RandomLayer layer = draw(random);
      streams += layer.stream_out ? 1 : 0;
      check(bench, device, layer);
    }
  }
  CHECK(streams > 5);
}

TEST_CASE("a reset at any moment takes nothing along and leaves a machine that works") {
  constexpr std::uint64_t kSeed = 77;
  RandomEngine random(kSeed);
  for (int i = 0; i < 12; ++i) {
    CAPTURE(kSeed, i);
    IpBench bench(random_interconnect(random));
    const DriverPort port(bench);
    kpu_device device;
    REQUIRE(kpu_init(&device, kRegs, kRam) == KPU_OK);
    fill_ram(bench, random);
    const RandomLayer layer = draw(random);
    bench.memory().write(layer.args.act_addr, layer.act);
    REQUIRE(kpu_push(&device, kpu::golden::encode(layer.args).data()) == KPU_OK);
    const auto cycles = random() % 400;
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) bench.tick();
    bench.reset(static_cast<unsigned>(1 + random() % 3));
    // At once: the first accesses fall in the cycles in which the machine inside is still held.
    CHECK(kpu_layers_done(&device) == 0);
    REQUIRE(kpu_init(&device, kRegs, kRam) == KPU_OK);
    check(bench, device, layer);
  }
}

TEST_CASE("what is offered while reset ends is taken once, and no earlier than the machine runs") {
  IpBench bench;
  bench.reset(2);
  Vopenkpu& top = bench.top();
  top.s_axi_ctrl_arvalid = 1;
  top.s_axi_ctrl_araddr = 0x104;
  top.s_axi_ram_arvalid = 1;
  top.s_axi_ram_arlen = 0;
  top.s_axi_ram_arsize = 3;
  top.s_axi_ram_arburst = 1;
  top.s_axi_ram_awvalid = top.s_axi_ram_wvalid = 1;
  top.s_axi_ram_awlen = 0;
  top.s_axi_ram_awsize = 3;
  top.s_axi_ram_awburst = 1;
  top.s_axi_ram_wlast = 1;
  top.aresetn = 0;
  for (int cycle = 0; cycle < 8; ++cycle) {
    CAPTURE(cycle);
    if (cycle == 3) top.aresetn = 1;  // from here on the second edge lets the machine go
    bench.settle();
    const bool runs = cycle >= 5;
    if (!runs) {
      CHECK(top.s_axi_ctrl_arready == 0);
      CHECK(top.s_axi_ctrl_awready == 0);
      CHECK(top.s_axi_ram_arready == 0);
      CHECK(top.s_axi_ram_awready == 0);
      CHECK(top.s_axi_ram_wready == 0);
      CHECK(top.s_axi_ctrl_rvalid + top.s_axi_ram_rvalid + top.s_axi_ram_bvalid == 0);
    }
    if (cycle == 5) {
      CHECK(top.s_axi_ctrl_arready == 1);
      CHECK(top.s_axi_ram_arready == 1);
    }
    bench.edge();
  }
}

TEST_CASE("registers are read and written by halves, words of layers and streams whole") {
  IpBench bench({.stall_percent = 30, .memory = {}, .seed = 5});
  const DriverPort port(bench);
  CHECK(bench.read32(kRegs + KPU_REG_ID + 4) == KPU_ID_VALUE);
  CHECK(bench.read32(kRegs + KPU_REG_ID) == 0x0001'0000);
  // A control register: the low half counts, and only with its first byte.
  CHECK(bench.read32(kRegs + KPU_REG_INTERRUPT_MASK) == 7);
  bench.write32(kRegs + KPU_REG_INTERRUPT_MASK, 2);
  CHECK(bench.read32(kRegs + KPU_REG_INTERRUPT_MASK) == 2);
  bench.write32(kRegs + KPU_REG_INTERRUPT_MASK, 5, 0xE);
  bench.write32(kRegs + KPU_REG_INTERRUPT_MASK + 4, 5);
  CHECK(bench.read32(kRegs + KPU_REG_INTERRUPT_MASK) == 2);
  CHECK(bench.read32(kRegs + KPU_REG_INTERRUPT_MASK + 4) == 0);
  // Eleven words and the low half of the twelfth are no layer.
  const auto levels = [&] { return bench.read32(kRegs + KPU_REG_FIFO_LEVELS) & 0xFF; };
  const auto done = [&] { return bench.read32(kRegs + KPU_REG_LAYERS_DONE); };
  for (int half = 0; half < 23; ++half) {
    bench.write32(kRegs + KPU_REG_LAYER_ARGUMENT_FIFO + 4 * (half % 2), 0xFFFF'FFFF);
  }
  for (int i = 0; i < 200; ++i) bench.tick();
  CHECK(levels() + done() == 0);
  bench.write32(kRegs + KPU_REG_LAYER_ARGUMENT_FIFO + 4, 0xFFFF'FFFF);
  for (int i = 0; i < 200; ++i) bench.tick();
  CHECK(done() == 1);
  CHECK((bench.read32(kRegs + KPU_REG_STATUS) & KPU_STATUS_UNSUPPORTED) != 0);
  // An empty stream: zero, and the status says so.
  CHECK(bench.read32(kRegs + KPU_REG_FIFO_DATA_OUT) == 0);
  CHECK((bench.read32(kRegs + KPU_REG_STATUS) & KPU_STATUS_OUT_EMPTY_READ) != 0);
}
