// SPDX-License-Identifier: Apache-2.0
//
// AI RAM with its arbiter and AXI4 slave: after power-up with any content of its registers, after a reset
// or a clear in any cycle; how long each client waits at most; answers that nobody takes for a while.
#include <cstdint>
#include <cstring>
#include <deque>

#include "tb/random.h"
#include "tests/rtl/mem/mem_bench.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kSeed = 41;
constexpr std::uint64_t kAgeLimit = 16;  ///< cycles, parameter AgeLimit of kpu_ai_arbiter

/// All clients at random, one cycle after the other; requests stay until they are taken.
class Traffic {
 public:
  Traffic(MemBench& bench, std::uint32_t seed) : top_(bench.top), clock_(bench.clock), random_(seed) {}

  void run(std::uint32_t cycles) {
    for (std::uint32_t i = 0; i < cycles; ++i) cycle();
  }
  /// No request any more, whatever became of the last ones.
  void stop() {
    top_.s_axi_awvalid_i = top_.s_axi_wvalid_i = top_.s_axi_arvalid_i = 0;
    top_.conv_rd_valid_i = top_.str_rd_valid_i = top_.wb_wr_valid_i = 0;
    bursts_.clear();
    beats_ = 0;
  }
  tb::Random& random() { return random_; }

 private:
  void cycle() {
    if (!top_.s_axi_awvalid_i && bursts_.size() < 2 && random_.chance(60)) {
      top_.s_axi_awvalid_i = 1;
      top_.s_axi_awaddr_i = 8 * random_.below(kRamBytes / 8 - 512);
      top_.s_axi_awlen_i = static_cast<std::uint8_t>(random_.below(20));
      top_.s_axi_awsize_i = 3;
      top_.s_axi_awburst_i = 1;
    }
    if (!top_.s_axi_wvalid_i && !bursts_.empty() && random_.chance(80)) {
      top_.s_axi_wvalid_i = 1;
      top_.s_axi_wdata_i = random_.next();
      top_.s_axi_wstrb_i = static_cast<std::uint8_t>(random_.next());
      top_.s_axi_wlast_i = beats_ + 1 == bursts_.front();
    }
    if (!top_.s_axi_arvalid_i && random_.chance(60)) {
      top_.s_axi_arvalid_i = 1;
      top_.s_axi_araddr_i = 8 * random_.below(kRamBytes / 8 - 512);
      top_.s_axi_arlen_i = static_cast<std::uint8_t>(random_.below(20));
      top_.s_axi_arsize_i = 3;
      top_.s_axi_arburst_i = 1;
    }
    request(top_.conv_rd_valid_i, top_.conv_rd_addr_i);
    request(top_.str_rd_valid_i, top_.str_rd_addr_i);
    request(top_.wb_wr_valid_i, top_.wb_wr_addr_i);
    top_.s_axi_bready_i = random_.chance(70);
    top_.s_axi_rready_i = random_.chance(70);
    top_.conv_rsp_ready_i = random_.chance(60);
    clock_.settle();
    const bool address = top_.s_axi_awvalid_i && top_.s_axi_awready_o;
    const bool beat = top_.s_axi_wvalid_i && top_.s_axi_wready_o;
    const bool read = top_.s_axi_arready_o;
    const bool conv = top_.conv_rd_ready_o;
    const bool stream = top_.str_rd_ready_o;
    const bool written = top_.wb_wr_ready_o;
    clock_.edge();
    if (address) {
      top_.s_axi_awvalid_i = 0;
      bursts_.push_back(top_.s_axi_awlen_i + 1u);
    }
    if (beat) {
      top_.s_axi_wvalid_i = 0;
      if (++beats_ == bursts_.front()) {
        bursts_.pop_front();
        beats_ = 0;
      }
    }
    if (read) top_.s_axi_arvalid_i = 0;
    if (conv) top_.conv_rd_valid_i = 0;
    if (stream) top_.str_rd_valid_i = 0;
    if (written) top_.wb_wr_valid_i = 0;
  }

  template <class Address>
  void request(CData& valid, Address& address) {
    if (valid || !random_.chance(50)) return;
    valid = 1;
    address = static_cast<Address>(random_.below(kWords));
  }

  Vkpu_ai_mem& top_;
  UnitClock<Vkpu_ai_mem>& clock_;
  tb::Random random_;
  std::deque<std::uint32_t> bursts_;  ///< beats of those whose data are not all taken
  std::uint32_t beats_ = 0;           ///< taken of the first of them
};

/// Nobody gets an answer that he has not asked for.
void check_quiet(MemBench& bench) {
  bench.top.s_axi_bready_i = bench.top.s_axi_rready_i = 0;
  for (int cycle = 0; cycle < 6; ++cycle) {
    bench.clock.settle();
    CHECK(bench.top.conv_rsp_valid_o == 0);
    CHECK(bench.top.str_rsp_valid_o == 0);
    CHECK(bench.top.s_axi_rvalid_o == 0);
    CHECK(bench.top.s_axi_bvalid_o == 0);
    bench.clock.edge();
  }
  bench.top.s_axi_bready_i = bench.top.s_axi_rready_i = 1;
}

/// A beat goes to its eight bytes and nowhere else, and comes back.
void check_beat(MemBench& bench, std::uint32_t address, std::uint64_t value) {
  Bytes expected = bench.peek();
  std::memcpy(&expected[address], &value, 8);
  REQUIRE(bench.write_beat(address, 3, 1, value, 0xFF) == tb::kOkay);
  CHECK(bench.peek() == expected);
  std::uint64_t back = 0;
  REQUIRE(bench.read_beat(address, back) == tb::kOkay);
  CHECK(back == value);
}

TEST_CASE("Power-up with any content") {
  for (std::uint64_t i = 0; i < 16; ++i) {
    CAPTURE(i);
    MemBench bench;
    check_quiet(bench);
    check_beat(bench, 1000, 0x0123456789ABCDEF + i);
  }
}

TEST_CASE("A reset in any cycle") {
  CAPTURE(kSeed);
  MemBench bench;
  Traffic traffic(bench, kSeed);
  for (int i = 0; i < 200; ++i) {
    CAPTURE(i);
    traffic.run(1 + traffic.random().below(80));
    traffic.stop();
    bench.clock.reset();
    check_quiet(bench);
    check_beat(bench, 8 * traffic.random().below(kRamBytes / 8), traffic.random().next());
  }
}

TEST_CASE("A clear drops what line fetch and output stream ask for in its cycle") {
  MemBench bench;
  Vkpu_ai_mem& top = bench.top;
  for (const bool conv : {false, true}) {
    CAPTURE(conv);
    (conv ? top.conv_rd_valid_i : top.str_rd_valid_i) = 1;
    top.clear_i = 1;
    bench.clock.settle();
    REQUIRE((conv ? top.conv_rd_ready_o : top.str_rd_ready_o) == 1);
    bench.clock.edge();
    top.conv_rd_valid_i = top.str_rd_valid_i = 0;
    top.clear_i = 0;
    check_quiet(bench);
  }
}

/// Cycles until `ready` while `valid` asks; the request ends with it.
std::uint64_t wait_for(MemBench& bench, CData& valid, const CData& ready) {
  valid = 1;
  const std::uint64_t start = bench.clock.cycles();
  for (int cycle = 0; cycle < 100; ++cycle) {
    bench.clock.settle();
    const bool taken = ready;
    bench.clock.edge();
    if (!taken) continue;
    valid = 0;
    return bench.clock.cycles() - start - 1;
  }
  FAIL("starved");
  return 0;
}

TEST_CASE("A weaker client waits for the age limit and no longer") {
  MemBench bench;
  Vkpu_ai_mem& top = bench.top;
  top.s_axi_arsize_i = top.s_axi_awsize_i = 3;
  top.s_axi_arburst_i = top.s_axi_awburst_i = 1;
  top.s_axi_arlen_i = top.s_axi_awlen_i = 0;
  top.s_axi_araddr_i = top.s_axi_awaddr_i = 0;
  top.s_axi_rready_i = top.s_axi_bready_i = 0;
  top.conv_rd_valid_i = top.conv_rsp_ready_i = 1;
  top.wb_wr_valid_i = 1;
  top.wb_wr_be_i = {};
  bench.clock.tick();
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    CHECK(wait_for(bench, top.str_rd_valid_i, top.str_rd_ready_o) == kAgeLimit);
    for (int idle = 0; idle < round; ++idle) bench.clock.tick();
    // From the address on: one cycle to the request, the wait, three to the data as without one.
    CHECK(wait_for(bench, top.s_axi_arvalid_i, top.s_axi_arready_o) == 0);
    CHECK(wait_for(bench, top.s_axi_rready_i, top.s_axi_rvalid_o) == kAgeLimit + 2);
    CHECK(wait_for(bench, top.s_axi_awvalid_i, top.s_axi_awready_o) == 0);
    top.s_axi_wlast_i = 1;
    CHECK(wait_for(bench, top.s_axi_wvalid_i, top.s_axi_wready_o) == 0);
    CHECK(wait_for(bench, top.s_axi_bready_i, top.s_axi_bvalid_o) == kAgeLimit + 1);
  }
}

TEST_CASE("Answers to writes wait for their master, and none is lost") {
  MemBench bench;
  Vkpu_ai_mem& top = bench.top;
  top.s_axi_awsize_i = 3;
  top.s_axi_awburst_i = 1;
  top.s_axi_awlen_i = 0;
  top.s_axi_wlast_i = 1;
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    // Single beats as fast as they are taken, until nothing moves any more.
    top.s_axi_bready_i = 0;
    std::deque<std::uint8_t> ids;
    std::uint32_t beats = 0;
    std::uint8_t id = 0;
    for (int cycle = 0; cycle < 40; ++cycle) {
      top.s_axi_awvalid_i = 1;
      top.s_axi_awid_i = id;
      top.s_axi_awaddr_i = 64u * id;
      top.s_axi_wvalid_i = beats < ids.size();
      bench.clock.settle();
      const bool address = top.s_axi_awready_o;
      beats += top.s_axi_wvalid_i && top.s_axi_wready_o;
      bench.clock.edge();
      if (address) ids.push_back(id++ % 16);
    }
    CHECK(beats >= 3);
    CHECK(ids.size() > beats);
    // A burst of which an address is shown is given its turn.
    top.s_axi_bready_i = 1;
    bool address_left = true;
    std::uint32_t answers = 0;
    for (int cycle = 0; cycle < 60; ++cycle) {
      top.s_axi_awvalid_i = address_left;
      top.s_axi_wvalid_i = beats < ids.size();
      bench.clock.settle();
      if (top.s_axi_awvalid_i && top.s_axi_awready_o) {
        ids.push_back(top.s_axi_awid_i);
        address_left = false;
      }
      if (top.s_axi_bvalid_o) {
        REQUIRE(answers < ids.size());
        CHECK(top.s_axi_bid_o == ids[answers]);
        CHECK(top.s_axi_bresp_o == tb::kOkay);
        ++answers;
      }
      beats += top.s_axi_wvalid_i && top.s_axi_wready_o;
      bench.clock.edge();
    }
    CHECK(answers == ids.size());
  }
}

}  // namespace
}  // namespace kpu::test
