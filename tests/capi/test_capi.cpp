// SPDX-License-Identifier: Apache-2.0
//
// The C interface. Covered: what each function refuses, bus errors, all access sizes, aliases,
// options, time, and that two simulations do not touch each other. The layer it can run is in the
// example program, which is a test of its own.
#include <cstring>
#include <string>

#include "include/openkpu.h"
#include "tests/support/catch2.h"

namespace {

constexpr uint32_t kSram = 0x40000000;
constexpr uint32_t kSramCached = 0x80000000;
constexpr uint32_t kAiRam = 0x40600000;
constexpr uint32_t kKpuId = 0x40800100;

TEST_CASE("Loads and stores of all sizes reach SRAM, AI RAM and registers in both aliases") {
  openkpu_system* system = openkpu_create(nullptr, nullptr, 0);
  REQUIRE(system != nullptr);
  uint64_t value = 0;
  for (uint32_t base : {kSram, kAiRam}) {
    REQUIRE(openkpu_write(system, base + 64, 64, 0x1122334455667788) == OPENKPU_OK);
    REQUIRE(openkpu_write(system, base + 66, 16, 0xABCD) == OPENKPU_OK);
    REQUIRE(openkpu_write(system, base + 71, 8, 0xEF) == OPENKPU_OK);
    REQUIRE(openkpu_read(system, base + 64 + (kSramCached - kSram), 64, &value) == OPENKPU_OK);
    CHECK(value == 0xEF223344ABCD7788);
    REQUIRE(openkpu_read(system, base + 68, 32, &value) == OPENKPU_OK);
    CHECK(value == 0xEF223344);
    uint8_t bytes[3] = {};
    REQUIRE(openkpu_peek(system, base + 70, bytes, 2) == OPENKPU_OK);
    CHECK((bytes[0] == 0x22 && bytes[1] == 0xEF && bytes[2] == 0));
    REQUIRE(openkpu_load(system, base + 64, "\x01\x02", 2) == OPENKPU_OK);
    REQUIRE(openkpu_read(system, base + 64, 16, &value) == OPENKPU_OK);
    CHECK(value == 0x0201);
  }
  REQUIRE(openkpu_read(system, kKpuId, 64, &value) == OPENKPU_OK);
  CHECK(value >> 32 == 0x4B505531);
  CHECK(openkpu_abi_version() == OPENKPU_ABI_VERSION);
  openkpu_destroy(system);
}

TEST_CASE("What is refused says why, and the simulation goes on") {
  char text[64] = "";
  openkpu_options options;
  openkpu_default_options(&options);
  options.bandwidth_percent = 0;
  CHECK(openkpu_create(&options, text, sizeof text) == nullptr);
  CHECK(std::string(text).find("bandwidth=0") != std::string::npos);

  openkpu_default_options(&options);
  options.seed = UINT64_MAX;
  openkpu_system* seeded = openkpu_create(&options, text, sizeof text);
  CHECK(seeded != nullptr);
  openkpu_destroy(seeded);
  options.stall_percent = 100;
  CHECK(openkpu_create(&options, text, sizeof text) == nullptr);
  CHECK(std::string(text).find("stall probability=100") != std::string::npos);

  openkpu_system* system = openkpu_create(nullptr, text, sizeof text);
  REQUIRE(system != nullptr);
  uint64_t value = 0;
  CHECK(openkpu_read(system, kSram + 1, 16, &value) == OPENKPU_BAD_ARGUMENT);
  CHECK(openkpu_read(system, kSram, 24, &value) == OPENKPU_BAD_ARGUMENT);
  CHECK(openkpu_write(system, kSram + 4, 64, 0) == OPENKPU_BAD_ARGUMENT);
  CHECK(openkpu_load(system, 0x1000, text, 1) == OPENKPU_BAD_ARGUMENT);
  CHECK(openkpu_peek(system, kAiRam + 0x1FFFFF, text, 2) == OPENKPU_BAD_ARGUMENT);
  CHECK(std::strlen(openkpu_error(system)) > 0);
  for (uint32_t nobody : {0x0u, 0x40801000u, 0x50001000u, 0xC0000000u}) {
    CHECK(openkpu_read(system, nobody, 32, &value) == OPENKPU_BUS_ERROR);
    CHECK(openkpu_write(system, nobody, 32, 0) == OPENKPU_BUS_ERROR);
  }
  CHECK(openkpu_write(system, kSram, 64, 5) == OPENKPU_OK);
  CHECK(openkpu_read(system, kSram, 64, &value) == OPENKPU_OK);
  CHECK(value == 5);
  openkpu_destroy(system);
  openkpu_destroy(nullptr);
}

TEST_CASE("Time passes as told, and two simulations are independent") {
  openkpu_system* one = openkpu_create(nullptr, nullptr, 0);
  openkpu_system* two = openkpu_create(nullptr, nullptr, 0);
  REQUIRE((one != nullptr && two != nullptr));
  const uint64_t start = openkpu_cycles(two);
  REQUIRE(openkpu_run(one, 100) == OPENKPU_OK);
  CHECK(openkpu_cycles(one) == start + 100);
  CHECK(openkpu_cycles(two) == start);
  CHECK(openkpu_interrupts(one) == 0);
  REQUIRE(openkpu_write(one, kSram, 64, 77) == OPENKPU_OK);
  REQUIRE(openkpu_reset(one) == OPENKPU_OK);
  uint64_t value = 0;
  REQUIRE(openkpu_read(one, kSram, 64, &value) == OPENKPU_OK);
  CHECK(value == 77);
  REQUIRE(openkpu_read(two, kSram, 64, &value) == OPENKPU_OK);
  CHECK(value == 0);
  openkpu_destroy(one);
  openkpu_destroy(two);
}

}  // namespace
