// SPDX-License-Identifier: Apache-2.0
#include "tests/fpga/memory_bench.h"

#include <cstddef>
#include <vector>

#include "common/error.h"

namespace kpu::test {
namespace {

constexpr unsigned kPatience = 20'000;  // rest after reset is the longest

void check(bool good, const char* what) {
  if (!good) throw Error(what);
}

}  // namespace

std::uint64_t MemoryBench::run(Traffic& traffic) {
  Vkpu_board_sram& top = clock.top();
  std::vector<Burst>&reads = traffic.reads, &writes = traffic.writes;
  std::size_t asked = 0, answered = 0;  // reads
  std::size_t told = 0, given = 0, done = 0,
              beat = 0;                    // writes: addresses, data, answers; beat of the data
  bool ar = false, aw = false, w = false;  // offered, and held until taken
  const std::uint64_t begin = clock.cycles();
  unsigned wait = 0;
  while (answered < reads.size() || done < writes.size()) {
    check(++wait < kPatience, "memory: nothing moves");
    const auto may = [&] { return !random.chance(traffic.stall_percent); };
    ar = ar || (asked < reads.size() && may());
    aw = aw || (told < writes.size() && may());
    const bool data_held = traffic.hold_data && answered < reads.size();
    w = w || (given < writes.size() && !data_held && may());
    top.s_axi_arvalid_i = ar;
    if (ar) {
      top.s_axi_araddr_i = reads[asked].address;
      top.s_axi_arlen_i = static_cast<std::uint8_t>(reads[asked].beats - 1);
      top.s_axi_arid_i = reads[asked].id;
    }
    top.s_axi_awvalid_i = aw;
    if (aw) {
      top.s_axi_awaddr_i = writes[told].address;
      top.s_axi_awid_i = writes[told].id;
    }
    top.s_axi_wvalid_i = w;
    if (w) {
      top.s_axi_wdata_i = writes[given].data[beat];
      top.s_axi_wstrb_i = writes[given].strobes[beat];
      top.s_axi_wlast_i = beat + 1 == writes[given].beats;
    }
    top.s_axi_rready_i = may() && !(traffic.hold_reads && done < writes.size());
    top.s_axi_bready_i = may();

    settle();
    if (ar && top.s_axi_arready_o) {
      ar = false;
      ++asked;
      wait = 0;
    }
    if (aw && top.s_axi_awready_o) {
      aw = false;
      ++told;
      wait = 0;
    }
    if (w && top.s_axi_wready_o) {
      w = false;
      wait = 0;
      if (++beat == writes[given].beats) {
        beat = 0;
        ++given;
      }
    }
    if (top.s_axi_rvalid_o && top.s_axi_rready_i) {
      check(answered < asked, "memory: data that nobody asked for");
      Burst& burst = reads[answered];
      burst.data.push_back(top.s_axi_rdata_o);
      burst.responses.push_back(top.s_axi_rresp_o);
      const bool last = burst.data.size() == burst.beats;
      check(top.s_axi_rid_o == burst.id && (top.s_axi_rlast_o != 0) == last,
            "memory: id or end of a read");
      if (last) ++answered;
      wait = 0;
    }
    if (top.s_axi_bvalid_o && top.s_axi_bready_i) {
      check(done < given && done < told, "memory: an answer before the write");
      writes[done].responses.push_back(top.s_axi_bresp_o);
      check(top.s_axi_bid_o == writes[done].id, "memory: id of a write");
      ++done;
      wait = 0;
    }
    edge();
  }
  top.s_axi_rready_i = top.s_axi_bready_i = 0;
  return clock.cycles() - begin;
}

}  // namespace kpu::test
