// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/soc/soc_bench.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "tb/axi_ports.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kPatience = 5000;  // cycles

/// First and last page (4 KiB) of each region; the edges are drawn as often as all between them.
struct Region {
  Slave slave;
  std::uint32_t first, last;
};
constexpr Region kRegions[] = {
    {kSram, 0x40000, 0x405FF},   {kSram, 0x80000, 0x805FF},   {kAiRam, 0x40600, 0x407FF},
    {kAiRam, 0x80600, 0x807FF},  {kRegs, 0x40800, 0x40800},   {kRegs, 0x50000, 0x50000},
    {kRegs, 0x50440, 0x50440},   {kNobody, 0, 0x3FFFF},       {kNobody, 0x40801, 0x4FFFF},
    {kSram, 0x50001, 0x5043F},   {kSram, 0x50441, 0x5FFFF},   {kNobody, 0x60000, 0x7FFFF},
    {kNobody, 0x80800, 0xFFFFF}};

/// Field `i` of a port whose fields have `width` bits; fields of wide ports have 64.
template <class Port>
unsigned get(const Port& port, unsigned i, unsigned width = 1) {
  return port >> i * width & ((1u << width) - 1);
}
template <class Port>
void set(Port& port, unsigned i, unsigned value, unsigned width = 1) {
  const unsigned mask = ((1u << width) - 1) << i * width;
  port = static_cast<Port>((port & ~mask) | value << i * width);
}
template <std::size_t Words>
std::uint64_t get(const VlWide<Words>& port, unsigned i) {
  return port[2 * i] | std::uint64_t{port[2 * i + 1]} << 32;
}
template <std::size_t Words>
void set(VlWide<Words>& port, unsigned i, std::uint64_t value) {
  port[2 * i] = static_cast<EData>(value);
  port[2 * i + 1] = static_cast<EData>(value >> 32);
}

/// The first burst for which `holds` is true, or null.
Burst* first(std::deque<Burst>& bursts, bool (Burst::*holds)() const) {
  const auto found = std::find_if(bursts.begin(), bursts.end(), std::mem_fn(holds));
  return found == bursts.end() ? nullptr : &*found;
}

}  // namespace

SocBench::SocBench(std::uint64_t seed) : random_(seed) { reset(); }

void SocBench::run(std::uint32_t cycles, const Mix& mix) {
  for (std::uint32_t i = 0; i < cycles; ++i) cycle(mix);
}

void SocBench::drain(Mix mix) {
  mix.ahead = 0;
  const auto busy = [](const Master& master) {
    return !master.writes.empty() || !master.reads.empty();
  };
  while (std::any_of(masters_.begin(), masters_.end(), busy)) cycle(mix);
}

void SocBench::reset() {
  top_.m_awvalid_i = top_.m_wvalid_i = top_.m_arvalid_i = 0;
  top_.s_bvalid_i = top_.s_rvalid_i = top_.b_bvalid_i = top_.b_rvalid_i = 0;
  masters_ = {};
  turns_ = {};
  read_turns_.clear();
  notes_.clear();
  write_.reset();
  held_ = {};
  clock_.reset();
  // Any beat now would be one that nobody has asked for.
  run(5, {.ahead = 0});
}

void SocBench::cycle(const Mix& mix) {
  for (unsigned m = 0; m < kMasters; ++m) drive_master(m, mix);
  for (unsigned s = 0; s < kRegs; ++s) drive_slave(s, mix);
  drive_blocks(mix);
  clock_.settle();
  for (unsigned s = 0; s < kSlaves; ++s) sample_addresses(s);
  for (unsigned s = 0; s < kRegs; ++s) sample_slave(s);
  sample_blocks();
  for (unsigned m = 0; m < kMasters; ++m) sample_master(m);
  clock_.edge();
  for (const auto& [valid, i] : falling_) set(*valid, i, 0);
  falling_.clear();
  top_.b_rvalid_i &= static_cast<CData>(~read_blocks_);
}

bool SocBench::taken(CData& valid, unsigned i, bool ready) {
  if (!get(valid, i) || !ready) return false;
  falling_.push_back({&valid, i});
  return true;
}

void SocBench::check_held(unsigned stream, bool valid, bool ready, const Beat& beat) {
  Held& held = held_[stream];
  REQUIRE((!held.waits || (valid && beat == held.beat)));
  held = {valid && !ready, beat};
}

// ---- Masters --------------------------------------------------------------------------------------

Burst SocBench::draw(unsigned master, const Mix& mix, bool write) {
  const Region* region;
  do {
    region = &kRegions[random_.below(std::size(kRegions))];
  } while ((mix.slaves[master] >> region->slave & 1) == 0);
  const std::uint32_t pages[] = {region->first, region->last,
                                 region->first + random_.below(region->last - region->first + 1)};
  Burst burst;
  burst.slave = region->slave;
  burst.block = region->first == 0x40800 ? 0 : region->first == 0x50000 ? 1 : 2;
  burst.size = random_.chance(60) ? 3 : random_.below(4);
  burst.fixed = random_.chance(20);
  burst.count = 1 + random_.below(mix.beats);
  if (mix.beats > 1 && !burst.fixed && random_.chance(2)) burst.count = 256;
  const std::uint32_t bytes = burst.count << burst.size;
  burst.address = pages[random_.below(3)] << 12 | random_.below(4096 - bytes);
  for (std::uint32_t i = 0; write && i < burst.count; ++i) {
    burst.beats.push_back({random_.next(), random_.below(256), i + 1 == burst.count});
  }
  return burst;
}

void SocBench::drive_master(unsigned m, const Mix& mix) {
  auto& [writes, reads, waits] = masters_[m];
  if (writes.size() < mix.ahead) writes.push_back(draw(m, mix, true));
  if (reads.size() < mix.ahead) reads.push_back(draw(m, mix, false));
  if (!get(top_.m_awvalid_i, m) && !random_.chance(mix.idle)) {
    if (const Burst* burst = first(writes, &Burst::to_show)) {
      set(top_.m_awvalid_i, m, 1);
      set(top_.m_aw_i, m, burst->word());
    }
  }
  // Data may come long before their address, or behind it.
  if (!get(top_.m_wvalid_i, m) && !random_.chance(mix.idle)) {
    if (const Burst* burst = first(writes, &Burst::to_give)) {
      const Beat& beat = burst->beats[burst->given];
      set(top_.m_wvalid_i, m, 1);
      set(top_.m_wdata_i, m, beat.data);
      set(top_.m_wstrb_i, m, beat.side, 8);
      set(top_.m_wlast_i, m, beat.last);
    }
  }
  if (!get(top_.m_arvalid_i, m) && !random_.chance(mix.idle)) {
    if (const Burst* burst = first(reads, &Burst::to_show)) {
      set(top_.m_arvalid_i, m, 1);
      set(top_.m_ar_i, m, burst->word());
    }
  }
  set(top_.m_bready_i, m, !random_.chance(mix.hold));
  set(top_.m_rready_i, m, !random_.chance(mix.hold));
}

void SocBench::sample_master(unsigned m) {
  auto& [writes, reads, waits] = masters_[m];
  waits = writes.empty() && reads.empty() ? 0 : waits + 1;
  REQUIRE(waits < kPatience);
  if (taken(top_.m_awvalid_i, m, get(top_.m_awready_o, m))) first(writes, &Burst::to_show)->shown = true;
  if (taken(top_.m_arvalid_i, m, get(top_.m_arready_o, m))) first(reads, &Burst::to_show)->shown = true;
  if (taken(top_.m_wvalid_i, m, get(top_.m_wready_o, m))) {
    ++first(writes, &Burst::to_give)->given;
  }

  const Beat answer{.side = get(top_.m_bresp_o, m, 2)};
  check_held(5 * m, get(top_.m_bvalid_o, m), get(top_.m_bready_i, m), answer);
  if (get(top_.m_bvalid_o, m) && get(top_.m_bready_i, m)) {
    REQUIRE_FALSE(writes.empty());
    const Burst& burst = writes.front();
    REQUIRE((burst.shown && burst.given == burst.count));
    const int expected = burst.slave == kNobody ? tb::kDecodeError : burst.answer;
    REQUIRE(static_cast<int>(answer.side) == expected);
    ++written[burst.slave];
    writes.pop_front();
    waits = 0;
  }

  const Beat beat{get(top_.m_rdata_o, m), get(top_.m_rresp_o, m, 2), get(top_.m_rlast_o, m) != 0};
  check_held(5 * m + 1, get(top_.m_rvalid_o, m), get(top_.m_rready_i, m), beat);
  if (get(top_.m_rvalid_o, m) && get(top_.m_rready_i, m)) {
    REQUIRE_FALSE(reads.empty());
    Burst& burst = reads.front();
    if (burst.slave == kNobody) {
      burst.beats.push_back({0, tb::kDecodeError, burst.taken + 1 == burst.count});
    }
    REQUIRE((burst.shown && !burst.beats.empty()));
    REQUIRE((beat == burst.beats.front()));
    burst.beats.pop_front();
    waits = 0;
    if (++burst.taken == burst.count) {
      ++read[burst.slave];
      reads.pop_front();
    }
  }
}

// ---- Slaves ---------------------------------------------------------------------------------------

void SocBench::drive_slave(unsigned s, const Mix& mix) {
  set(top_.s_awready_i, s, !random_.chance(mix.stall));
  // Behind a slice data may overtake their address; a slave leaves them there.
  set(top_.s_wready_i, s, !turns_[s].empty() && !random_.chance(mix.stall));
  set(top_.s_arready_i, s, !random_.chance(mix.stall));
  if (!mix.answers) return;
  // Masters are answered in any order, and their read data are mixed; a master's own stay in order.
  const unsigned from = random_.below(kMasters);
  for (unsigned i = 0; i < kMasters; ++i) {
    const unsigned m = (from + i) % kMasters;
    const Burst* write = first(masters_[m].writes, &Burst::to_answer);
    if (!get(top_.s_bvalid_i, s) && write && write->slave == s && write->taken == write->count &&
        !random_.chance(mix.stall)) {
      set(top_.s_bvalid_i, s, 1);
      set(top_.s_bid_i, s, m, 2);
      set(top_.s_bresp_i, s, random_.below(4), 2);
    }
    const Burst* read = first(masters_[m].reads, &Burst::to_read);
    if (!get(top_.s_rvalid_i, s) && read && read->slave == s && !random_.chance(mix.stall)) {
      set(top_.s_rvalid_i, s, 1);
      set(top_.s_rid_i, s, m, 2);
      set(top_.s_rdata_i, s, random_.next());
      set(top_.s_rresp_i, s, random_.below(4), 2);
      set(top_.s_rlast_i, s, read->given + 1 == read->count);
    }
  }
}

void SocBench::sample_addresses(unsigned s) {
  const bool aw_ready = s == kRegs || get(top_.s_awready_i, s);
  const bool ar_ready = s == kRegs || get(top_.s_arready_i, s);
  check_held(5 * s + 2, get(top_.s_awvalid_o, s), aw_ready,
             {get(top_.s_aw_o, s), get(top_.s_awid_o, s, 2)});
  check_held(5 * s + 3, get(top_.s_arvalid_o, s), ar_ready,
             {get(top_.s_ar_o, s), get(top_.s_arid_o, s, 2)});
  if (get(top_.s_awvalid_o, s) && aw_ready) {
    const unsigned m = get(top_.s_awid_o, s, 2);
    REQUIRE(m < kMasters);
    Burst* burst = first(masters_[m].writes, &Burst::to_arrive);
    REQUIRE((burst && burst->slave == s && get(top_.s_aw_o, s) == burst->word()));
    burst->arrived = true;
    turns_[s].push_back(m);
    write_order[s].push_back(m);
  }
  if (get(top_.s_arvalid_o, s) && ar_ready) {
    const unsigned m = get(top_.s_arid_o, s, 2);
    REQUIRE(m < kMasters);
    Burst* burst = first(masters_[m].reads, &Burst::to_arrive);
    REQUIRE((burst && burst->slave == s && get(top_.s_ar_o, s) == burst->word()));
    burst->arrived = true;
    if (s == kRegs) read_turns_.push_back(m);
    read_order[s].push_back(m);
  }
}

void SocBench::take_beat(unsigned s, const Beat& beat) {
  REQUIRE_FALSE(turns_[s].empty());
  Burst* burst = first(masters_[turns_[s].front()].writes, &Burst::to_write);
  REQUIRE((burst && beat == burst->beats[burst->taken]));
  if (++burst->taken == burst->count) turns_[s].pop_front();
}

void SocBench::sample_slave(unsigned s) {
  const Beat data{get(top_.s_wdata_o, s), get(top_.s_wstrb_o, s, 8), get(top_.s_wlast_o, s) != 0};
  check_held(5 * s + 4, get(top_.s_wvalid_o, s), get(top_.s_wready_i, s), data);
  if (get(top_.s_wvalid_o, s) && get(top_.s_wready_i, s)) take_beat(s, data);
  if (taken(top_.s_bvalid_i, s, get(top_.s_bready_o, s))) {
    Burst* burst = first(masters_[get(top_.s_bid_i, s, 2)].writes, &Burst::to_answer);
    burst->answer = static_cast<int>(get(top_.s_bresp_i, s, 2));
  }
  if (taken(top_.s_rvalid_i, s, get(top_.s_rready_o, s))) {
    Burst* burst = first(masters_[get(top_.s_rid_i, s, 2)].reads, &Burst::to_read);
    burst->beats.push_back(
        {get(top_.s_rdata_i, s), get(top_.s_rresp_i, s, 2), get(top_.s_rlast_i, s) != 0});
    ++burst->given;
  }
}

// ---- Register blocks ------------------------------------------------------------------------------

void SocBench::drive_blocks(const Mix& mix) {
  top_.b_awready_i = top_.b_arready_i = top_.b_bvalid_i = 0;
  for (unsigned b = 0; b < kBlocks; ++b) {
    if (!random_.chance(mix.stall)) top_.b_awready_i |= static_cast<CData>(1u << b);
    if (!random_.chance(mix.stall)) top_.b_arready_i |= static_cast<CData>(1u << b);
    const auto note = std::find_if(notes_.begin(), notes_.end(),
                                   [b](const Note& n) { return n.block == b; });
    if (note == notes_.end() || (top_.b_rvalid_i >> b & 1) != 0) continue;
    if (!mix.answers || random_.chance(mix.stall)) continue;
    top_.b_rvalid_i |= static_cast<CData>(1u << b);
    set(top_.b_rdata_i, b, note->data);
  }
  if (mix.answers && write_ && !random_.chance(mix.stall)) {
    top_.b_bvalid_i = static_cast<CData>(1u << write_->block);
  }
}

void SocBench::sample_blocks() {
  if (top_.b_bvalid_i != 0) {
    Burst* burst = first(masters_[write_->master].writes, &Burst::to_answer);
    if (burst->taken == burst->count) burst->answer = tb::kOkay;
    write_.reset();
  }
  const unsigned writes = top_.b_awvalid_o & top_.b_awready_i;
  REQUIRE(top_.b_wvalid_o == top_.b_awvalid_o);
  if (writes != 0) {
    REQUIRE_FALSE(write_);
    REQUIRE_FALSE(turns_[kRegs].empty());
    const unsigned m = turns_[kRegs].front();
    const Burst* next = first(masters_[m].writes, &Burst::to_write);
    REQUIRE((next && writes == 1u << next->block));
    REQUIRE(top_.b_awaddr_o == (next->beat_address(next->taken) & 0xFFF));
    // A block does not see which beat is the last.
    take_beat(kRegs, {top_.b_wdata_o, top_.b_wstrb_o, next->taken + 1 == next->count});
    write_ = {m, next->block, 0};
  }

  read_blocks_ = top_.b_rvalid_i & top_.b_rready_o;
  if (read_blocks_ != 0) {
    REQUIRE(read_blocks_ == 1u << notes_.front().block);
    Burst* burst = first(masters_[notes_.front().master].reads, &Burst::to_receive);
    const bool last = burst->taken + burst->beats.size() + 1 == burst->count;
    burst->beats.push_back({notes_.front().data, tb::kOkay, last});
    notes_.pop_front();
  }
  const unsigned reads = top_.b_arvalid_o & top_.b_arready_i;
  if (reads != 0) {
    REQUIRE_FALSE(read_turns_.empty());
    const unsigned m = read_turns_.front();
    Burst* burst = first(masters_[m].reads, &Burst::to_read);
    REQUIRE((burst && reads == 1u << burst->block));
    REQUIRE(top_.b_araddr_o == (burst->beat_address(burst->given) & 0xFFF));
    notes_.push_back({m, burst->block, random_.next()});
    if (++burst->given == burst->count) read_turns_.pop_front();
  }
}

}  // namespace kpu::test
