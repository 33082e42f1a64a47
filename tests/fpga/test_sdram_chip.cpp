// SPDX-License-Identifier: Apache-2.0
//
// The test bench's chip of SDRAM: what it answers, and that it refuses each command that its bank,
// its past, or the other side of the data pins forbid. A controller that was never tested against
// it proves nothing.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/error.h"
#include "tb/sdram_chip.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr std::uint16_t kAll = 0x400;

/// A chip and what to tell it, at 50 MHz: tRCD 2, tRP 2, tRAS 3, tRC 4, tRRD 2, tRFC 4, tWR 2,
/// tMRD 2.
class Driver {
 public:
  void rest(unsigned cycles) {
    for (unsigned i = 0; i < cycles; ++i) tell(7, 0, 0);
  }
  void mode(std::uint16_t mode = 0x020, std::uint8_t bank = 0) { tell(0, bank, mode); }
  void refresh() { tell(1, 0, 0); }
  void close(std::uint16_t address = kAll, std::uint8_t bank = 0) { tell(2, bank, address); }
  void open(std::uint8_t bank, std::uint16_t row) { tell(3, bank, row); }
  void write(std::uint8_t bank, std::uint16_t column, std::uint16_t data, std::uint8_t mask = 0) {
    tell(4, bank, column, true, data, mask);
  }
  void write_nothing(std::uint8_t bank, std::uint16_t column) { tell(4, bank, column); }
  void read(std::uint8_t bank, std::uint16_t column) { tell(5, bank, column); }
  void drive() { tell(7, 0, 0, true); }
  void stop() { tell(6, 0, 0); }

  void set_up() {
    rest(10'000);
    close();
    rest(1);
    for (int i = 0; i < 2; ++i) {
      refresh();
      rest(3);
    }
    mode();
    rest(1);
  }

  /// .. with row 3 of bank 1 open, for so long that every distance to it has passed.
  void set_up_open() {
    set_up();
    open(1, 3);
    rest(9);
  }

  tb::SdramChip chip{tb::sdram_timing(50)};

 private:
  void tell(unsigned command, std::uint8_t bank, std::uint16_t address, bool driven = false,
            std::uint16_t data = 0, std::uint8_t mask = 0) {
    chip.edge({(command & 4) != 0, (command & 2) != 0, (command & 1) != 0, bank, address, mask,
               driven, data});
  }
};

}  // namespace

TEST_CASE("distances at two clocks") {
  const tb::SdramTiming slow = tb::sdram_timing(25), fast = tb::sdram_timing(50);
  CHECK(std::vector{slow.trcd, slow.trp, slow.tras, slow.trc, slow.trfc, slow.power} ==
        std::vector{1u, 1u, 2u, 2u, 2u, 5000u});
  CHECK(std::vector{fast.trcd, fast.trp, fast.tras, fast.trc, fast.trfc, fast.power} ==
        std::vector{2u, 2u, 3u, 4u, 4u, 10'000u});
  CHECK(slow.refresh == Approx(195.3125));
}

TEST_CASE("the chip keeps halfwords and their bytes") {
  Driver driver;
  driver.set_up();
  driver.open(2, 8191);
  driver.rest(1);
  driver.write(2, 511, 0x1234);
  driver.write(2, 510, 0xABCD);
  driver.write(2, 511, 0x5678, 2);
  driver.read(2, 511);
  driver.read(2, 510);
  CHECK(driver.chip.data() == 0x1278);
  driver.rest(1);
  CHECK(driver.chip.data() == 0xABCD);
  CHECK(driver.chip.unwritten() == 0);
  driver.read(2, 0);
  CHECK(driver.chip.unwritten() == 2);
  const std::uint32_t at = (8191u << 12 | 2u << 10 | 511u << 1);
  CHECK(driver.chip.peek(at) == 0x78);
  CHECK(driver.chip.peek(at + 1) == 0x12);
  driver.chip.poke(at + 1, 0x99);
  driver.read(2, 511);
  driver.rest(1);
  CHECK(driver.chip.data() == 0x9978);
}

TEST_CASE("data come in the second cycle and are gone in the third") {
  Driver driver;
  driver.set_up();
  driver.open(0, 0);
  driver.rest(1);
  driver.write(0, 7, 0x4711);
  driver.read(0, 7);
  CHECK(driver.chip.data() != 0x4711);
  driver.rest(1);
  CHECK(driver.chip.data() == 0x4711);
  driver.rest(1);
  CHECK(driver.chip.data() != 0x4711);
}

TEST_CASE("what is against the rules") {
  struct Rule {
    std::string fault;
    std::function<void(Driver&)> steps;
  };
  const Rule rule = GENERATE(Rule{"rest",
                                  [](Driver& d) {
                                    d.rest(9990);
                                    d.close();
                                  }},
                             Rule{"mode is not set",
                                  [](Driver& d) {
                                    d.rest(10'000);
                                    d.open(0, 0);
                                  }},
                             Rule{"refreshes: expected",
                                  [](Driver& d) {
                                    d.rest(10'000);
                                    d.close();
                                    d.rest(2);
                                    d.mode();
                                  }},
                             Rule{"expected 0, 0x020",
                                  [](Driver& d) {
                                    d.set_up();
                                    d.mode(0x030);
                                  }},
                             Rule{"expected 0, 0x020",
                                  [](Driver& d) {
                                    d.set_up();
                                    d.mode(0x020, 1);
                                  }},
                             Rule{"tMRD",
                                  [](Driver& d) {
                                    d.set_up();
                                    d.mode();
                                    d.open(0, 0);
                                  }},
                             Rule{"has no row open",
                                  [](Driver& d) {
                                    d.set_up();
                                    d.read(0, 0);
                                  }},
                             Rule{"has row 3 open",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.open(1, 4);
                                  }},
                             Rule{"a row is open",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.refresh();
                                  }},
                             Rule{"a row is open",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.mode();
                                  }},
                             Rule{"has no row open",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.write(2, 0, 0);
                                  }},
                             Rule{"tRP",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.close();
                                    d.open(1, 3);
                                  }},
                             Rule{"tRP",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.close();
                                    d.refresh();
                                  }},
                             Rule{"tRCD",
                                  [](Driver& d) {
                                    d.set_up();
                                    d.open(1, 3);
                                    d.read(1, 0);
                                  }},
                             Rule{"tRAS",
                                  [](Driver& d) {
                                    d.set_up();
                                    d.open(1, 3);
                                    d.rest(1);
                                    d.close();
                                  }},
                             Rule{"tRRD",
                                  [](Driver& d) {
                                    d.set_up();
                                    d.open(1, 3);
                                    d.open(2, 3);
                                  }},
                             Rule{"tRFC",
                                  [](Driver& d) {
                                    d.set_up();
                                    d.refresh();
                                    d.rest(2);
                                    d.open(2, 3);
                                  }},
                             Rule{"tWR",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.write(1, 0, 0);
                                    d.close();
                                  }},
                             Rule{"nobody drives",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.write_nothing(1, 0);
                                  }},
                             Rule{"both sides",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.read(1, 0);
                                    d.drive();
                                  }},
                             Rule{"both sides",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.read(1, 0);
                                    d.rest(1);
                                    d.drive();
                                  }},
                             Rule{"below 512",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.read(1, 512);
                                  }},
                             Rule{"below 512",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.read(1, kAll);
                                  }},
                             Rule{"one column",
                                  [](Driver& d) {
                                    d.set_up_open();
                                    d.stop();
                                  }},
                             Rule{"are due", [](Driver& d) {
                                    d.set_up();
                                    d.rest(2000);
                                  }});
  CAPTURE(rule.fault);
  Driver driver;
  CHECK_THROWS_WITH(rule.steps(driver), contains_text(rule.fault));
}

TEST_CASE("what is next to that is allowed") {
  Driver driver;
  driver.set_up();
  driver.open(1, 3);
  driver.rest(2);
  driver.close();
  driver.rest(1);
  driver.refresh();
  driver.rest(3);
  driver.open(1, 3);
  driver.rest(1);
  driver.open(2, 5);
  driver.rest(1);
  driver.write(2, 0, 1);
  driver.read(2, 0);
  driver.read(1, 0);
  driver.rest(2);
  driver.write(1, 0, 0);
  driver.close(0, 2);
  driver.rest(1);
  driver.close(0, 1);
  driver.rest(1);
  driver.refresh();
  CHECK(driver.chip.refreshes() == 4);
}

}  // namespace kpu::test
