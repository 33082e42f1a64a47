// SPDX-License-Identifier: Apache-2.0
//
// The C interface. Covered: what each function refuses, bus errors, all access sizes, aliases,
// options, time, and that two simulations do not touch each other. The layer it can run is in the
// example program, which is a test of its own.
#include <cstring>
#include <string>

#include "include/kpu_sim.h"
#include "tests/support/catch2.h"

namespace {

constexpr uint32_t kSram = 0x40000000;
constexpr uint32_t kSramCached = 0x80000000;
constexpr uint32_t kAiRam = 0x40600000;
constexpr uint32_t kKpuId = 0x40800100;

TEST_CASE("Loads and stores of all sizes reach SRAM, AI RAM and registers in both aliases") {
  kpu_sim* sim = kpu_sim_create(nullptr, nullptr, 0);
  REQUIRE(sim != nullptr);
  uint64_t value = 0;
  for (uint32_t base : {kSram, kAiRam}) {
    REQUIRE(kpu_sim_write(sim, base + 64, 64, 0x1122334455667788) == KPU_SIM_OK);
    REQUIRE(kpu_sim_write(sim, base + 66, 16, 0xABCD) == KPU_SIM_OK);
    REQUIRE(kpu_sim_write(sim, base + 71, 8, 0xEF) == KPU_SIM_OK);
    REQUIRE(kpu_sim_read(sim, base + 64 + (kSramCached - kSram), 64, &value) == KPU_SIM_OK);
    CHECK(value == 0xEF223344ABCD7788);
    REQUIRE(kpu_sim_read(sim, base + 68, 32, &value) == KPU_SIM_OK);
    CHECK(value == 0xEF223344);
    uint8_t bytes[3] = {};
    REQUIRE(kpu_sim_peek(sim, base + 70, bytes, 2) == KPU_SIM_OK);
    CHECK((bytes[0] == 0x22 && bytes[1] == 0xEF && bytes[2] == 0));
    REQUIRE(kpu_sim_load(sim, base + 64, "\x01\x02", 2) == KPU_SIM_OK);
    REQUIRE(kpu_sim_read(sim, base + 64, 16, &value) == KPU_SIM_OK);
    CHECK(value == 0x0201);
  }
  REQUIRE(kpu_sim_read(sim, kKpuId, 64, &value) == KPU_SIM_OK);
  CHECK(value >> 32 == 0x4B505531);
  kpu_sim_destroy(sim);
}

TEST_CASE("What is refused says why, and the simulation goes on") {
  char text[64] = "";
  kpu_sim_options options;
  kpu_sim_default_options(&options);
  options.bandwidth_percent = 0;
  CHECK(kpu_sim_create(&options, text, sizeof text) == nullptr);
  CHECK(std::string(text).find("bandwidth=0") != std::string::npos);

  kpu_sim_default_options(&options);
  options.seed = UINT64_MAX;
  kpu_sim* seeded = kpu_sim_create(&options, text, sizeof text);
  CHECK(seeded != nullptr);
  kpu_sim_destroy(seeded);
  options.stall_percent = 100;
  CHECK(kpu_sim_create(&options, text, sizeof text) == nullptr);
  CHECK(std::string(text).find("stall probability=100") != std::string::npos);

  kpu_sim* sim = kpu_sim_create(nullptr, text, sizeof text);
  REQUIRE(sim != nullptr);
  uint64_t value = 0;
  CHECK(kpu_sim_read(sim, kSram + 1, 16, &value) == KPU_SIM_BAD_ARGUMENT);
  CHECK(kpu_sim_read(sim, kSram, 24, &value) == KPU_SIM_BAD_ARGUMENT);
  CHECK(kpu_sim_write(sim, kSram + 4, 64, 0) == KPU_SIM_BAD_ARGUMENT);
  CHECK(kpu_sim_load(sim, 0x1000, text, 1) == KPU_SIM_BAD_ARGUMENT);
  CHECK(kpu_sim_peek(sim, kAiRam + 0x1FFFFF, text, 2) == KPU_SIM_BAD_ARGUMENT);
  CHECK(std::strlen(kpu_sim_error(sim)) > 0);
  for (uint32_t nobody : {0x0u, 0x40801000u, 0x50001000u, 0xC0000000u}) {
    CHECK(kpu_sim_read(sim, nobody, 32, &value) == KPU_SIM_BUS_ERROR);
    CHECK(kpu_sim_write(sim, nobody, 32, 0) == KPU_SIM_BUS_ERROR);
  }
  CHECK(kpu_sim_write(sim, kSram, 64, 5) == KPU_SIM_OK);
  CHECK(kpu_sim_read(sim, kSram, 64, &value) == KPU_SIM_OK);
  CHECK(value == 5);
  kpu_sim_destroy(sim);
  kpu_sim_destroy(nullptr);
}

TEST_CASE("Time passes as told, and two simulations are independent") {
  kpu_sim* one = kpu_sim_create(nullptr, nullptr, 0);
  kpu_sim* two = kpu_sim_create(nullptr, nullptr, 0);
  REQUIRE((one != nullptr && two != nullptr));
  const uint64_t start = kpu_sim_cycles(two);
  REQUIRE(kpu_sim_run(one, 100) == KPU_SIM_OK);
  CHECK(kpu_sim_cycles(one) == start + 100);
  CHECK(kpu_sim_cycles(two) == start);
  CHECK(kpu_sim_interrupts(one) == 0);
  REQUIRE(kpu_sim_write(one, kSram, 64, 77) == KPU_SIM_OK);
  REQUIRE(kpu_sim_reset(one) == KPU_SIM_OK);
  uint64_t value = 0;
  REQUIRE(kpu_sim_read(one, kSram, 64, &value) == KPU_SIM_OK);
  CHECK(value == 77);
  REQUIRE(kpu_sim_read(two, kSram, 64, &value) == KPU_SIM_OK);
  CHECK(value == 0);
  kpu_sim_destroy(one);
  kpu_sim_destroy(two);
}

}  // namespace
