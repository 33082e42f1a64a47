// SPDX-License-Identifier: Apache-2.0
//
// Each device as the vendor's drivers and MaixPy use it: the accesses are those that firmware
// makes, in its order. Whole programs run in machine/test_machine.cpp.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "board/cpu/hart_state.h"
#include "board/devices/camera.h"
#include "board/devices/clint.h"
#include "board/devices/console.h"
#include "board/devices/dmac.h"
#include "board/devices/dvp.h"
#include "board/devices/event_queue.h"
#include "board/devices/flash.h"
#include "board/devices/gpio.h"
#include "board/devices/i2c.h"
#include "board/devices/lcd.h"
#include "board/devices/plic.h"
#include "board/devices/rtc.h"
#include "board/devices/spi.h"
#include "board/devices/sysctl.h"
#include "board/devices/timer.h"
#include "board/devices/uart.h"
#include "board/devices/uarths.h"
#include "board/devices/watchdog.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

std::uint64_t read(Device& device, std::uint32_t offset, unsigned bytes = 4) {
  return device.read(offset, bytes).value();
}

TEST_CASE("CLINT: soft interrupts read back, the timer fires when mtime reaches mtimecmp") {
  EventQueue events;
  Clint clint(events);
  CHECK(clint.pending(0) == 0);
  CHECK(clint.next() == EventQueue::kNever);
  REQUIRE(clint.write(4, 4, 1));
  CHECK(clint.pending(1) == kSoftwareInterrupt);
  CHECK(read(clint, 4) == 1);
  REQUIRE(clint.write(0x4000, 8, 10));
  CHECK(clint.next() == 500);
  events.set_now(499);
  CHECK(clint.pending(0) == 0);
  events.set_now(500);
  CHECK(clint.pending(0) == kTimerInterrupt);
  CHECK(read(clint, 0xBFF8, 8) == 10);
  // In halves, as 32-bit code writes it.
  clint.write(0x4004, 4, ~0u);
  CHECK(clint.pending(0) == 0);
  CHECK(read(clint, 0x4000, 8) == 0xFFFF'FFFF'0000'000A);
  CHECK_FALSE(clint.read(0x8000, 4));
}

TEST_CASE("PLIC: a handler that raises the threshold sees only more urgent sources") {
  Plic plic;
  plic.write(4 * 27, 4, 1);
  plic.write(4 * 33, 4, 2);
  plic.write(0x2000, 4, 1u << 27);
  plic.write(0x2004, 4, 1u << 1);
  plic.set_level(27, true);
  REQUIRE(plic.pending(0));
  CHECK_FALSE(plic.pending(1));
  CHECK(read(plic, 0x20'0004) == 27);
  CHECK_FALSE(plic.pending(0));  // claimed
  plic.write(0x20'0000, 4, 1);
  plic.set_level(33, true);
  REQUIRE(plic.pending(0));
  CHECK(read(plic, 0x20'0004) == 33);
  plic.set_level(33, false);
  plic.write(0x20'0004, 4, 33);
  plic.write(0x20'0004, 4, 27);
  CHECK_FALSE(plic.pending(0));  // level still there, but the threshold masks it
  plic.write(0x20'0000, 4, 0);
  CHECK(plic.pending(0));
  CHECK(read(plic, 0x1000) == 1u << 27);
  // The second hart's machine context is the third one.
  plic.write(0x2100, 4, 1u << 27);
  CHECK(plic.pending(1));
  CHECK(read(plic, 0x20'2004) == 27);
}

TEST_CASE("SYSCTL: PLLs are locked, clocks follow from the registers, reset is told") {
  Sysctl sysctl;
  bool reset = false;
  sysctl.on_reset([&reset] { reset = true; });
  CHECK(read(sysctl, 0x18) == 0x0003'0303);
  CHECK(sysctl.cpu_hz() == 26'000'000);
  sysctl.write(0x08, 4, 0 | 59u << 4 | 1u << 10);  // 26 MHz / 1 * 60 / 2
  sysctl.write(0x20, 4, 1);
  CHECK(sysctl.pll0_hz() == 780'000'000);
  CHECK(sysctl.cpu_hz() == 390'000'000);
  sysctl.write(0x64, 4, 22u << 6);
  sysctl.write(0x68, 4, 7);
  CHECK(sysctl.dma_request(1) == 22);
  CHECK(sysctl.dma_request(5) == 7);
  CHECK(sysctl.timer_hz(0) == 13'000'000);
  CHECK_FALSE(reset);
  sysctl.write(0x30, 4, 1);
  CHECK(reset);
}

TEST_CASE("consoles: what is written is printed, what is typed interrupts and reads once") {
  Console console;
  Plic plic;
  Uarths uarths(console, plic);
  Uart uart("UART3", kIrqUart1 + 2, console, plic);
  std::string printed;
  console.set_sink([&printed](const std::string& port, char c) { printed += port + c; });
  uarths.write(0, 4, 'a');
  CHECK(read(uarths, 0) == 0);  // not full
  uart.write(0x0C, 4, 0x80);
  uart.write(0x00, 4, 'x');  // divisor
  uart.write(0x0C, 4, 3);
  CHECK(read(uart, 0x14) == 0x60);
  uart.write(0x04, 4, 0x80);
  CHECK(read(uart, 0x14) == 0x40);  // with the programmable threshold, bit 5 means full
  uart.write(0x00, 4, 'b');
  CHECK(printed == "UARTHSaUART3b");

  plic.write(4 * 33, 4, 1);
  plic.write(0x2004, 4, 2);
  uarths.write(0, 4, '>');  // the prompt: what is typed is for this port
  CHECK(read(uarths, 4) == 0x8000'0000);
  uarths.write(0x10, 4, 2);
  CHECK_FALSE(plic.pending(0));
  console.type("q");
  CHECK(plic.pending(0));
  CHECK(read(uarths, 0x14) == 3);
  CHECK(read(uarths, 4) == 'q');
  CHECK_FALSE(plic.pending(0));
}

TEST_CASE("UART1..3 receive what is typed after they have printed, with an interrupt") {
  Console console;
  Plic plic;
  Uarths uarths(console, plic);
  Uart uart("UART2", kIrqUart1 + 1, console, plic);
  for (const unsigned source : {12u, 33u}) {
    plic.write(4 * source, 4, 1);
    plic.write(0x2000 + source / 32 * 4, 4, 1u << source % 32);
  }
  uarths.write(0x10, 4, 2);
  uart.write(0x04, 4, 0x01);
  uart.write(0x00, 4, '?');
  CHECK(read(uart, 0x14) == 0x60);
  CHECK(read(uart, 0x08) == 0xC1);
  console.type("ab");
  CHECK(read(plic, 0x20'0004) == 12);
  CHECK(read(uart, 0x14) == 0x61);
  CHECK(read(uart, 0x08) == 0xC4);
  CHECK(read(uarths, 4) == 0x8000'0000);  // not for this one
  CHECK(read(uart, 0x00) == 'a');
  CHECK(read(uart, 0x00) == 'b');
  CHECK(read(uart, 0x14) == 0x60);
  plic.write(0x20'0004, 4, 12);
  CHECK_FALSE(plic.pending(0));
  // The empty transmit FIFO interrupts once, until something is sent.
  uart.write(0x04, 4, 0x02);
  CHECK(plic.pending(0));
  CHECK(read(uart, 0x08) == 0xC2);
  CHECK_FALSE(plic.pending(0));
  uart.write(0x00, 4, 'c');
  CHECK(plic.pending(0));
}

TEST_CASE("WDT: interrupt first, reset when nobody cleared it, a restart in time keeps it quiet") {
  Plic plic;
  EventQueue events;
  bool reset = false;
  Watchdog watchdog(plic, events, kIrqWdt0, [](std::uint64_t n) { return 2 * n; });
  watchdog.on_reset([&reset] { reset = true; });
  plic.write(4 * 21, 4, 1);
  plic.write(0x2000, 4, 1u << 21);
  const auto pass = [&events](std::uint64_t cycles) {
    events.set_now(events.now() + cycles);
    events.run_due();
  };
  constexpr std::uint64_t kTimeout = 2 << 17;
  watchdog.write(0x04, 4, 1);
  watchdog.write(0x00, 4, 3);
  pass(kTimeout - 1);
  CHECK(read(watchdog, 0x08) == 0);
  watchdog.write(0x0C, 4, 0x76);
  CHECK(read(watchdog, 0x08) == 1 << 17);
  pass(kTimeout - 1);
  CHECK_FALSE(plic.pending(0));
  pass(1);
  CHECK(plic.pending(0));
  CHECK(read(watchdog, 0x10) == 1);
  CHECK(read(watchdog, 0x14) == 0);  // clears it
  CHECK_FALSE(plic.pending(0));
  pass(kTimeout);
  CHECK(plic.pending(0));
  CHECK_FALSE(reset);
  pass(kTimeout);
  CHECK(reset);
  reset = false;
  watchdog.write(0x00, 4, 0);
  watchdog.write(0x00, 4, 1);  // reset at once
  pass(kTimeout);
  CHECK(reset);
}

TEST_CASE("RTC: runs from what was set, over the end of February, and ticks once each time") {
  Plic plic;
  EventQueue events;
  Rtc rtc(plic, events, [] { return 1000; });
  plic.write(4 * 20, 4, 1);
  plic.write(0x2000, 4, 1u << 20);
  rtc.write(0x1C, 4, 2);
  rtc.write(0x00, 4, 3u | 28u << 8 | 2u << 16 | 24u << 20);
  rtc.write(0x04, 4, 58u << 10 | 59u << 16 | 23u << 24);
  rtc.write(0x28, 4, 20);
  rtc.write(0x18, 4, 1u | 3u << 2);  // each day
  rtc.write(0x1C, 4, 1);
  const auto pass = [&events](unsigned seconds) {
    for (unsigned i = 0; i < seconds; ++i) {
      events.set_now(events.now() + 1000);
      events.run_due();
    }
  };
  pass(1);
  CHECK(read(rtc, 0x04) == (59u << 10 | 59u << 16 | 23u << 24));
  CHECK_FALSE(plic.pending(0));
  pass(1);
  CHECK(read(rtc, 0x04) == 0);
  CHECK(read(rtc, 0x00) == (4u | 29u << 8 | 2u << 16 | 24u << 20));  // a leap year
  CHECK(read(plic, 0x20'0004) == 20);
  plic.write(0x20'0004, 4, 20);
  CHECK_FALSE(plic.pending(0));
  pass(86'400);
  CHECK(read(rtc, 0x00) == (5u | 1u << 8 | 3u << 16 | 24u << 20));
  rtc.write(0x1C, 4, 0);
  const std::uint64_t stopped = read(rtc, 0x04);
  pass(5);
  CHECK(read(rtc, 0x04) == stopped);
}

TEST_CASE("GPIO: pins that nobody drives read as ones, FPIOA tells which line is at a pin") {
  Fpioa fpioa;
  Gpiohs gpiohs;
  CHECK(read(gpiohs, 0) == 0xFFFF'FFFF);
  gpiohs.write(0x08, 4, 1u << 2);
  CHECK(read(gpiohs, 0) == ~(1u << 2));
  gpiohs.write(0x0C, 4, 1u << 2);
  CHECK(gpiohs.output(2));
  CHECK_FALSE(fpioa.gpiohs_at(38));
  fpioa.write(4 * 38, 4, 0x1F00 | (24 + 31));
  CHECK(fpioa.gpiohs_at(38) == 31u);
}

/// A flash behind SPI3, with the accesses of a driver.
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

TEST_CASE("LCD: window, pixels of 16 and of 32 bits, the axes swapped, the last picture is shown") {
  bool is_data = false;
  Lcd lcd([&is_data] { return is_data; });
  int pictures = 0;
  lcd.on_picture([&pictures](const Picture& picture) {
    ++pictures;
    CHECK(picture.width == 320);
  });
  const auto command = [&](std::uint32_t code, std::vector<std::uint32_t> parameters) {
    is_data = false;
    lcd.exchange({.frame_bits = 8,
                  .lines = 3,
                  .mode = 1,
                  .address_bits = 0,
                  .frames = {code},
                  .receive = 0});
    is_data = true;
    lcd.exchange({.frame_bits = 8,
                  .lines = 3,
                  .mode = 1,
                  .address_bits = 0,
                  .frames = std::move(parameters),
                  .receive = 0});
  };
  const auto pixels = [&](unsigned bits, std::vector<std::uint32_t> frames) {
    lcd.exchange({.frame_bits = bits,
                  .lines = 3,
                  .mode = 1,
                  .address_bits = 0,
                  .frames = std::move(frames),
                  .receive = 0});
  };
  command(0x36, {0x60});
  command(0x2A, {0, 10, 0, 11});
  command(0x2B, {0, 20, 0, 21});
  command(0x2C, {});
  pixels(32, {0xF800'07E0});
  pixels(16, {0x001F, 0xFFFF, 0xF800});  // the last one wraps to the window's start
  const Picture picture = lcd.picture();
  const auto at = [&picture](unsigned x, unsigned y) {
    const std::size_t i = (std::size_t{y} * picture.width + x) * 3;
    return picture.rgb[i] << 16 | picture.rgb[i + 1] << 8 | picture.rgb[i + 2];
  };
  CHECK(at(10, 20) == 0xFF0000);
  CHECK(at(11, 20) == 0x00FF00);
  CHECK(at(10, 21) == 0x0000FF);
  CHECK(at(11, 21) == 0xFFFFFF);
  CHECK_FALSE(lcd.has_news());
  for (int i = 0; i < 2; ++i) {
    command(0x2A, {0, 0, 1, 0x3F});
    command(0x2B, {0, 0, 0, 0xEF});
    command(0x2C, {});
    CHECK(pictures == i);
    pixels(32, std::vector<std::uint32_t>(38400, 0x1234'5678));
  }
  CHECK(lcd.has_news());
}

TEST_CASE("DVP: a frame is written when enabled in time, planes and swapped pairs of pixels") {
  Ram ram;
  Plic plic;
  EventQueue events;
  Dvp dvp(ram, plic, events, [] { return std::uint64_t{1'000'000}; });
  Picture picture(8, 2);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) {
    picture.rgb[i] = static_cast<std::uint8_t>(i * 5);
  }
  dvp.set_source([&picture]() -> const Picture& { return picture; });
  plic.write(4 * 24, 4, 1);
  plic.write(0x2000, 4, 1u << 24);
  dvp.write(0x00, 4, 0xF | 1u << 12 | 2u << 20);
  dvp.write(0x04, 4, 0x4000'0000);
  dvp.write(0x08, 4, 0x4000'0100);
  dvp.write(0x0C, 4, 0x8000'0200);
  dvp.write(0x28, 4, 0x8000'0300);
  dvp.start();
  REQUIRE(plic.pending(0));
  CHECK(read(dvp, 0x20) == 1);
  dvp.write(0x20, 4, 0x2'0000 | 0x1'0000 | 3);  // arm, clear the start
  CHECK_FALSE(plic.pending(0));
  events.set_now(1100);
  events.run_due();
  CHECK(read(dvp, 0x20) == 0x100);
  CHECK(plic.pending(0));
  CHECK(dvp.frames() == 1);
  CHECK(ram.load<std::uint8_t>(0x001) == 15);
  CHECK(ram.load<std::uint8_t>(0x10F) == static_cast<std::uint8_t>(46 * 5));
  CHECK(ram.load<std::uint8_t>(0x200) == 10);
  CHECK(ram.load<std::uint16_t>(0x302) == (0 | 5 >> 2 << 5 | 10 >> 3));  // the first pixel
  // A status word that is read, changed and written back does not disarm.
  dvp.write(0x20, 4, 0x3'0000);
  dvp.write(0x20, 4, read(dvp, 0x20) | 0x300);
  CHECK(read(dvp, 0x20) == 0x1'0000);
}

TEST_CASE("cameras answer by their identity on SCCB and on I2C, others do not") {
  Ram ram;
  Plic plic;
  EventQueue events;
  Dvp dvp(ram, plic, events, [] { return std::uint64_t{1'000'000}; });
  CameraSensor ov2640(CameraSensor::Kind::Ov2640);
  CameraSensor ov5640(CameraSensor::Kind::Ov5640);
  dvp.attach(ov2640);
  dvp.attach(ov5640);
  const auto go = [&dvp](unsigned bytes, std::uint32_t control) {
    dvp.write(0x14, 4, bytes - 1);
    dvp.write(0x18, 4, control);
    dvp.write(0x20, 4, 0x0300'0000);
    return read(dvp, 0x14) >> 24;
  };
  go(2, 0x60 | 1 | 0x0Au << 8);
  CHECK(go(2, 0x60) == 0x26);
  go(3, 0x78 | 1 | 0x30u << 8 | 0x0Au << 16);
  CHECK(go(3, 0x78) == 0x56);
  go(3, 0x60 | 1 | 0x44u << 8 | 0x99u << 16);
  go(2, 0x60 | 1 | 0x44u << 8);
  CHECK(go(2, 0x60) == 0x99);
  CHECK(go(2, 0x42) == 0xFF);

  I2c i2c;
  i2c.attach(ov2640);
  i2c.write(0x04, 4, 0x21);
  i2c.write(0x10, 4, 0);
  CHECK(read(i2c, 0x80) == 1);
  read(i2c, 0x54);
  CHECK(read(i2c, 0x80) == 0);
  i2c.write(0x04, 4, 0x30);
  i2c.write(0x10, 4, 0x1C);
  i2c.write(0x10, 4, 0x100);
  CHECK(read(i2c, 0x78) == 1);
  CHECK(read(i2c, 0x70) == 0x0E);
  CHECK(read(i2c, 0x10) == 0x7F);
}

TEST_CASE("timers count down, interrupt and start again") {
  Plic plic;
  EventQueue events;
  Timer timer(plic, events, 14, [](std::uint64_t clocks) { return 10 * clocks; });
  plic.write(4 * 14, 4, 1);
  plic.write(0x2000, 4, 1u << 14);
  timer.write(0x00, 4, 99);
  timer.write(0x08, 4, 3);
  events.set_now(999);
  events.run_due();
  CHECK_FALSE(plic.pending(0));
  events.set_now(1000);
  events.run_due();
  CHECK(plic.pending(0));
  CHECK(read(timer, 0xA0) == 1);
  CHECK(read(timer, 0x10) == 1);
  read(timer, 0x0C);
  CHECK_FALSE(plic.pending(0));
  CHECK(events.next() == 2000);
  timer.write(0x08, 4, 2);
  events.set_now(3000);
  events.run_due();
  CHECK_FALSE(plic.pending(0));
}

}  // namespace
}  // namespace kpu::board
