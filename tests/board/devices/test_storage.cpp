// SPDX-License-Identifier: Apache-2.0
//
// Flash behind SPI3 and the DMA controller that empties it, as the vendor's drivers and MaixPy use them: the accesses
// are those that firmware makes, in its order.
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "board/devices/dmac.h"
#include "board/devices/event_queue.h"
#include "board/devices/flash.h"
#include "board/devices/plic.h"
#include "board/devices/spi.h"
#include "tests/board/devices/device_access.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

struct FlashBench {
  FlashBench() {
    spi.attach(0, flash);
    for (std::size_t i = 0; i < 64; ++i) {
      flash.bytes()[0x1000 + i] = static_cast<std::uint8_t>(i + 1);
    }
  }
  void begin(std::uint32_t control, std::uint32_t spi_control, std::uint32_t frames) {
    spi.write(0x00, 4, control);
    spi.write(0xF4, 4, spi_control);
    spi.write(0x04, 4, frames - 1);
    spi.write(0x08, 4, 1);
  }
  void send(std::initializer_list<std::uint32_t> frames) {
    for (const std::uint32_t frame : frames) {
      spi.write(0x60, 4, frame);
    }
    spi.write(0x10, 4, 1);
  }
  void end() {
    spi.write(0x10, 4, 0);
    spi.write(0x08, 4, 0);
  }
  /// A command alone, or with bytes behind it.
  void command(std::initializer_list<std::uint32_t> frames) {
    begin(0x07 | 1u << 10, 0, 1);
    send(frames);
    read(spi, 0x28);
    end();
  }
  Flash flash;
  Spi spi{Spi::Layout::Spi3};
};

TEST_CASE("flash: identity and standard read in EEPROM mode") {
  FlashBench bench;
  bench.begin(0x07 | 3u << 10, 0, 2);
  bench.send({0x90, 0, 0, 0});
  CHECK(read(bench.spi, 0x24) == 2);
  CHECK(read(bench.spi, 0x60) == 0xEF);
  CHECK(read(bench.spi, 0x60) == 0x17);
  bench.end();
  bench.begin(0x07 | 3u << 10, 0, 3);
  bench.send({0x03, 0x00, 0x10, 0x01});
  CHECK(read(bench.spi, 0x60) == 2);
  bench.end();
  CHECK(read(bench.spi, 0x24) == 0);  // disabling empties the FIFO
}

TEST_CASE("flash: quad read has instruction and address as a frame each; frames pack bytes") {
  FlashBench bench;
  // Frames of 32 bits, quad, receive; 32 bits of address of which 8 are mode bits.
  bench.begin(31 | 2u << 10 | 2u << 22, 0x2221, 2);
  bench.send({0xEB, 0x1000 << 8});
  CHECK(read(bench.spi, 0x60) == 0x0102'0304);
  CHECK(read(bench.spi, 0x60) == 0x0506'0708);
  bench.end();
}

TEST_CASE("flash: erase and program need write enable and wrap in a page") {
  FlashBench bench;
  bench.command({0x20, 0x00, 0x10, 0x00});
  CHECK(bench.flash.bytes()[0x1000] == 1);
  CHECK_FALSE(bench.flash.changed());
  bench.command({0x06});
  bench.command({0x20, 0x00, 0x10, 0x00});
  CHECK(bench.flash.bytes()[0x1000] == 0xFF);
  CHECK(bench.flash.changed());
  bench.command({0x06});
  bench.command({0x02, 0x00, 0x10, 0xFF, 0xF0, 0x0F});
  CHECK(bench.flash.bytes()[0x10FF] == 0xF0);
  CHECK(bench.flash.bytes()[0x1000] == 0x0F);
  bench.command({0x06});
  bench.command({0x02, 0x00, 0x10, 0xFF, 0x3C});
  CHECK(bench.flash.bytes()[0x10FF] == 0x30);  // programming only clears bits
}

TEST_CASE("DMA: a flash read whose receiving channel starts before the sending one") {
  FlashBench bench;
  Ram ram;
  Plic plic;
  EventQueue events;
  Dmac dmac(ram, plic, events);
  dmac.set_endpoints(
      [&bench](std::uint64_t address) { return address == 0x5400'0060 ? &bench.spi : nullptr; });
  bench.spi.on_receive([&dmac] { dmac.move(); });
  ram.store<std::uint32_t>(0, 0xEB);
  ram.store<std::uint32_t>(4, 0x1000 << 8);
  plic.write(4 * 28, 4, 1);
  plic.write(0x2000, 4, 1u << 28);
  bench.begin(7 | 2u << 10 | 2u << 22, 0x2221, 4);
  const auto channel = [&dmac](std::uint32_t n, std::uint64_t from, std::uint64_t to,
                               std::uint64_t control, std::uint64_t items) {
    dmac.write(0x100 * n + 0x198, 8, ~0u);
    dmac.write(0x100 * n + 0x100, 8, from);
    dmac.write(0x100 * n + 0x108, 8, to);
    dmac.write(0x100 * n + 0x118, 8, control);
    dmac.write(0x100 * n + 0x110, 8, items - 1);
    dmac.write(0x100 * n + 0x180, 8, 2);
    dmac.write(0x18, 8, 0x101u << n);
  };
  channel(1, 0x5400'0060, 0x4000'1000, 0x1210, 4);
  channel(0, 0x8000'0000, 0x5400'0060, 0x1240, 2);
  CHECK(read(dmac, 0x18, 8) == 3);
  bench.spi.write(0x10, 4, 1);
  CHECK_FALSE(plic.pending(0));
  events.set_now(100);
  events.run_due();
  CHECK(read(dmac, 0x18, 8) == 0);
  CHECK(read(dmac, 0x288, 8) == 2);  // those that are enabled
  CHECK(plic.pending(0));
  CHECK(ram.load<std::uint32_t>(0x1000) == 1);
  CHECK(ram.load<std::uint32_t>(0x100C) == 4);
  dmac.write(0x298, 8, ~0u);
  CHECK_FALSE(plic.pending(0));
}

TEST_CASE(
    "DMA: a block that leaves RAM ends with a decode error, one that is disabled never ends") {
  Ram ram;
  Plic plic;
  EventQueue events;
  Dmac dmac(ram, plic, events);
  dmac.write(0x100, 8, 0x9000'0000);
  dmac.write(0x108, 8, 0x8000'0000);
  dmac.write(0x118, 8, 3u << 8);
  dmac.write(0x180, 8, ~0u);
  dmac.write(0x18, 8, 0x101);
  events.set_now(10);
  events.run_due();
  CHECK(read(dmac, 0x188, 8) == 1u << 5);
  dmac.write(0x198, 8, ~0u);
  dmac.write(0x100, 8, 0x8000'0000);
  dmac.write(0x18, 8, 0x101);
  dmac.write(0x18, 8, 0x100);
  events.set_now(100);
  events.run_due();
  CHECK(read(dmac, 0x188, 8) == 0);
}

}  // namespace
}  // namespace kpu::board
