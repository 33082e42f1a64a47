// SPDX-License-Identifier: Apache-2.0
//
// kpu_layer_ctrl with neighbours that do anything they may, in any cycle: layers start in the order in which they came,
// each after its job was taken, none twice. Its assertions are what this is run for (faults.txt).
#include <cstdint>
#include <deque>
#include <random>

#include "Vkpu_layer_ctrl_bench.h"
#include "tests/rtl/support/unit_clock.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr unsigned kStRun = 2;

TEST_CASE("Layers one behind the other, given up, failing, refused") {
  std::mt19937 random(1);
  const auto percent = [&](unsigned chance) { return random() % 100 < chance; };
  UnitClock<Vkpu_layer_ctrl_bench> clock;
  auto& top = clock.top();
  top.abort_i = 0;
  top.next_valid_i = 0;
  top.job_ready_i = 0;
  top.job_err_i = 0;
  top.written_i = 0;
  top.streamed_i = 0;
  top.out_empty_i = 1;
  clock.reset();

  std::deque<std::uint32_t> waiting;  // numbers of the layers that came, with a job each
  std::uint32_t number = 0;
  int started = 0;
  for (int cycle = 0; cycle < 20'000; ++cycle) {
    CAPTURE(cycle);
    if (!top.next_valid_i && percent(30)) {
      top.next_valid_i = 1;
      top.next_number_i = ++number;
      top.next_reason_i = percent(10) ? 3 : 0;
    }
    top.abort_i = percent(1);
    top.job_ready_i = percent(30);
    clock.settle();
    const bool runs = (top.state_o & 7u) == kStRun;
    top.written_i = runs && percent(10);
    top.streamed_i = runs && percent(10);
    top.job_err_i = runs && percent(1);
    top.out_empty_i = percent(50);
    clock.settle();
    const bool taken = top.next_valid_i && top.next_ready_o;
    if (taken) {
      waiting.clear();  // one at a time
      if (top.next_reason_i == 0) waiting.push_back(top.next_number_i);
    }
    if (top.job_valid_o && top.job_ready_i) {
      REQUIRE(waiting.size() == 1);
      CHECK(waiting.front() == top.job_number_o);
      waiting.clear();
    }
    started += top.start_o;
    clock.edge();
    if (taken) top.next_valid_i = 0;
  }
  CHECK(started > 100);
}

}  // namespace
}  // namespace kpu::test
