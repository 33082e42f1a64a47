// SPDX-License-Identifier: Apache-2.0
//
// Interrupts, clocks, serial lines, timers and pins as the vendor's drivers and MaixPy use them: the accesses are those
// that firmware makes, in its order. Flash and pictures have files of their own; whole programs run in machine/test_machine.cpp.
#include <cstdint>
#include <string>

#include "board/cpu/hart_state.h"
#include "board/devices/clint.h"
#include "board/devices/console.h"
#include "board/devices/event_queue.h"
#include "board/devices/gpio.h"
#include "board/devices/plic.h"
#include "board/devices/rtc.h"
#include "board/devices/sysctl.h"
#include "board/devices/timer.h"
#include "board/devices/uart.h"
#include "board/devices/uarths.h"
#include "board/devices/watchdog.h"
#include "tests/board/devices/device_access.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

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
