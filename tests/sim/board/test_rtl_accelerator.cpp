// SPDX-License-Identifier: Apache-2.0
//
// The RTL's KPU and DMA controller on the board's bus. The test firmware must find what it finds
// with the models: DMA between memory, AI RAM, panel and flash, a layer with its stream,
// interrupts. What firmware may do wrong, or seldom does, is stored to the registers directly.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "board/cpu/ram.h"
#include "common/bits.h"
#include "common/error.h"
#include "driver/dmac_registers.h"
#include "driver/k210_map.h"
#include "driver/kpu_registers.h"
#include "golden/fast/fast_backend.h"
#include "sim/board/rtl_accelerator.h"
#include "sim/engine/wave_save.h"
#include "tests/board/machine/board_bench.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

namespace kpu::sim {
namespace {

using board::Board;
using board::Ram;

/// The golden model, with one pixel wrong.
class WrongBackend final : public golden::fast::FastBackend {
 public:
  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override {
    auto results = FastBackend::run_layers(jobs, observer);
    results.at(0).output.at(11) ^= 1;
    return results;
  }
};

struct Registers {
  explicit Registers(Board& board) : machine(board.machine) {}
  void store(std::uint64_t address, std::uint64_t value, unsigned bytes = 8) {
    REQUIRE(machine.store(address, bytes, value));
  }
  std::uint64_t load(std::uint64_t address, unsigned bytes = 8) {
    std::uint64_t value = 0;
    REQUIRE(machine.load(address, bytes, value));
    return value;
  }
  board::Machine& machine;
};

/// Both harts sleep, so that only devices are at work.
void sleep(Board& board) {
  // wfi; j -4
  board.program({0x1050'0073, 0xFFDF'F06F});
}

TEST_CASE("the test firmware finds the board with the RTL as it should be, and each layer right") {
  Board board(
      rtl_accelerator({.expected = std::make_shared<golden::fast::FastBackend>(), .wave = {}}), {});
  check_selftest(board);
  CHECK(board.layers.at(0).pushed_by - Ram::kCached < Ram::kBytes);
  CHECK(board.layers.at(0).problem.empty());
  CHECK(board.layers.at(0).cycles > 8);
}

TEST_CASE("models and RTL leave the same panel and the same layers") {
  Board models;
  check_selftest(models);
  Board rtl(rtl_accelerator({}), {});
  check_selftest(rtl);
  CHECK(models.layers.at(0).checksum == rtl.layers.at(0).checksum);
  CHECK(models.layers.at(0).pushed_by == rtl.layers.at(0).pushed_by);
  CHECK(models.machine.lcd().picture().rgb == rtl.machine.lcd().picture().rgb);
}

TEST_CASE("a layer that differs is named with the place that pushed it") {
  Board board(rtl_accelerator({.expected = std::make_shared<WrongBackend>(), .wave = {}}), {});
  CHECK_THROWS_WITH(check_selftest(board), test::contains_text("layer 0, pushed by pc 0x80000"));
}

TEST_CASE("waves of a layer of the firmware are recorded, of one that never runs they are missed") {
  const test::TempFolder folder;
  const std::string path = folder / "layer.fst";
  Board board(rtl_accelerator({.expected = nullptr,
                               .wave = {.path = path, .layer = 2, .from = 0, .cycles = 500}}),
              {});
  check_selftest(board);
  board.machine.accelerator().finish();
  CHECK(std::filesystem::file_size(path) > 1000);
  CHECK(std::filesystem::exists(wave_view_path(path)));
  Board missed(rtl_accelerator({.expected = nullptr,
                                .wave = {.path = path, .layer = 6, .from = 0, .cycles = 1}}),
               {});
  check_selftest(missed);
  CHECK_THROWS_WITH(missed.machine.accelerator().finish(),
                    test::contains_text("--wave-layer 6: no such layer ran"));
}

TEST_CASE("AI RAM is the RTL's for the harts, for DMA and across its border with SRAM") {
  Board board(rtl_accelerator({}), {});
  Registers bus(board);
  bus.store(0x8060'0040, 0x1122'3344'5566'7788);
  CHECK(bus.load(0x4060'0044, 4) == 0x1122'3344);
  CHECK(bus.load(0x4060'0043, 1) == 0x55);
  std::vector<std::uint8_t> bytes = {1, 2, 3, 4};
  board.machine.ram().write(Ram::kAiRam - 2, bytes);
  CHECK(board.machine.ram().load<std::uint16_t>(Ram::kAiRam - 2) == 0x0201);
  CHECK(bus.load(0x4060'0000, 2) == 0x0403);
  CHECK(bus.load(0x405F'FFFE, 4) == 0x0403'0201);
}

TEST_CASE(
    "registers: 64-bit accesses are whole, of 32-bit ones the other half stays or counts as zero") {
  Board board(rtl_accelerator({}), {});
  Registers bus(board);
  CHECK(bus.load(driver::kKpuBase + driver::kRegId) >> 32 == driver::kIdValue);
  CHECK(bus.load(driver::kKpuBase + driver::kRegId + 4, 4) == driver::kIdValue);
  const std::uint64_t ctl = driver::kDmacBase + driver::dmac_channel(2) + driver::kDmacCtl;
  bus.store(ctl, 0x1234'5678'9ABC'DEF0);
  bus.store(ctl + 4, 7, 4);
  CHECK(bus.load(ctl) == 0x0000'0007'9ABC'DEF0);
  // Twelve halves are twelve words of the layer FIFO.
  bus.store(driver::kKpuBase + driver::kRegFifoCtrl, 0);
  bus.store(driver::kKpuBase + driver::kRegFifoCtrl, driver::kFifoCtrlRun);
  for (int i = 0; i < 6; ++i) {
    bus.store(driver::kKpuBase, 0xF, 4);
    bus.store(driver::kKpuBase + 4, 0, 4);
  }
  sleep(board);
  board.machine.run(10'000);
  CHECK(bus.load(driver::kKpuBase + driver::kRegLayersDone) == 1);
  CHECK((bus.load(driver::kKpuBase + driver::kRegStatus) & driver::kStatusUnsupported) != 0);
  REQUIRE(board.layers.size() == 1);
  CHECK_FALSE(board.layers[0].problem.empty());
}

TEST_CASE("a linked list of blocks runs on the RTL's DMA controller in the machine's memory") {
  const bool models = GENERATE(false, true);
  Board board = models ? Board() : Board(rtl_accelerator({}), {});
  sleep(board);
  Ram& ram = board.machine.ram();
  constexpr std::size_t kItems = 0x10'0000;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const std::size_t at = kItems + 64 * i;
    ram.store<std::uint64_t>(0x20'0000 + 8 * i, 0x0101'0101'0101'0101 * (i + 1));
    ram.store<std::uint64_t>(at, Ram::kCached + 0x20'0000 + 8 * i);
    ram.store<std::uint64_t>(at + 8, Ram::kUncached + 0x30'0000 + 16 * i);
    ram.store<std::uint64_t>(at + 16, 0);
    ram.store<std::uint64_t>(at + 24, Ram::kCached + at + 64);
    ram.store<std::uint64_t>(at + 32,
                             driver::DmacControl{.list_last = i == 2, .list_valid = true}.word());
  }
  Registers bus(board);
  const std::uint64_t channel = driver::kDmacBase + driver::dmac_channel(3);
  bus.store(channel + driver::kDmacChCfg, driver::kDmacLinkedList);
  bus.store(channel + driver::kDmacLlp, Ram::kCached + kItems);
  bus.store(channel + driver::kDmacIntStatusEn, driver::kDmacTransferDone);
  bus.store(driver::kDmacBase + driver::kDmacCfg, 3);
  bus.store(driver::kDmacBase + driver::kDmacChEn, 0x0808);
  board.machine.run(20'000);
  CHECK(bus.load(driver::kDmacBase + driver::kDmacChEn) == 0);
  CHECK(bus.load(channel + driver::kDmacChIntStatus) == driver::kDmacTransferDone);
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(ram.load<std::uint64_t>(0x30'0000 + 16 * i) == 0x0101'0101'0101'0101 * (i + 1));
  }
}

TEST_CASE("DMA to an address that nobody has ends with a decode error") {
  const bool models = GENERATE(false, true);
  Board board = models ? Board() : Board(rtl_accelerator({}), {});
  sleep(board);
  Registers bus(board);
  const std::uint64_t channel = driver::kDmacBase + driver::dmac_channel(0);
  const std::uint64_t nowhere = GENERATE(0x5046'0010, 0x6000'0000);
  bus.store(channel + driver::kDmacSar, Ram::kCached);
  bus.store(channel + driver::kDmacDar, nowhere);
  bus.store(channel + driver::kDmacCtl, driver::DmacControl{.dst_fixed = true}.word());
  bus.store(channel + driver::kDmacIntStatusEn, ~0u);
  bus.store(driver::kDmacBase + driver::kDmacCfg, 3);
  bus.store(driver::kDmacBase + driver::kDmacChEn, 0x0101);
  board.machine.run(20'000);
  CHECK(bus.load(channel + driver::kDmacChIntStatus) == driver::kDmacDstDecodeError);
}

TEST_CASE("the RTL is not clocked while a channel waits for a device that has nothing") {
  Board board(rtl_accelerator({}), {});
  sleep(board);
  Registers bus(board);
  const std::uint64_t channel = driver::kDmacBase + driver::dmac_channel(1);
  bus.store(driver::kDmaSelect0, 6u << 6, 4);  // channel 1 listens to SPI3
  bus.store(channel + driver::kDmacSar, 0x5400'0060);
  bus.store(channel + driver::kDmacDar, Ram::kCached + 0x1000);
  bus.store(channel + driver::kDmacCtl,
            driver::DmacControl{.src_fixed = true, .src_width = 2, .dst_width = 2}.word());
  bus.store(channel + driver::kDmacChCfg, driver::dmac_from_peripheral(1));
  bus.store(channel + driver::kDmacBlockTs, 3);
  bus.store(driver::kDmacBase + driver::kDmacCfg, 3);
  bus.store(driver::kDmacBase + driver::kDmacChEn, 0x0202);
  // A second of the board would be minutes of the RTL.
  CHECK(board.machine.run(400'000'000) == board::End::Limit);
  CHECK(bus.load(driver::kDmacBase + driver::kDmacChEn) == 2);
  // The device speaks: 0x9F reads the flash's identity, frames of 8 bits.
  bus.store(0x5400'0000, 7 | 3u << 10, 4);
  bus.store(0x5400'0004, 3, 4);
  bus.store(0x5400'0008, 1, 4);
  bus.store(0x5400'0060, 0x9F, 4);
  bus.store(0x5400'0010, 1, 4);
  board.machine.run(20'000);
  CHECK(bus.load(driver::kDmacBase + driver::kDmacChEn) == 0);
  CHECK(board.machine.ram().load<std::uint32_t>(0x1000) == 0xEF);
  CHECK(board.machine.ram().load<std::uint32_t>(0x1008) == 0x18);
}

}  // namespace
}  // namespace kpu::sim
