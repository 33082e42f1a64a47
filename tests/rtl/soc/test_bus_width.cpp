// SPDX-License-Identifier: Apache-2.0
//
// The memory port on a bus of 4 or 16 bytes (kpu_axi_narrow_bus, kpu_axi_widen_bus).
//
// Covered: INCR, FIXED and WRAP bursts of every size, length and alignment from three IDs, to memory and to devices, any
// strobes, stalls on either side, read data of different IDs mixed, addresses that wait for data, errors. The slave
// is bytes; every burst it sees must be legal AXI4, every beat the master sees must be the bytes it asked for with
// their worst answer, and in the end memory must be what the master wrote.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <unordered_map>

#include "Vkpu_axi_port_width.h"
#include "tb/random.h"
#include "tests/rtl/support/unit_clock.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

using Top = Vkpu_axi_port_width;
constexpr unsigned kIds = 3;
constexpr unsigned kBus = sizeof(Top::m_w_o) == 8 ? 4 : 16;  // bytes
constexpr unsigned kFixed = 0, kIncr = 1, kWrap = 2;
constexpr std::uint64_t kSeed = 3;
constexpr int kPatience = 20000;

/// `count` bits, 64 at most, of a port from bit `first` on.
template <typename Port>
std::uint64_t bits(const Port& port, unsigned first, unsigned count) {
  std::array<std::uint8_t, sizeof(Port)> bytes{};
  std::memcpy(bytes.data(), &port, sizeof(Port));
  std::uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i) value |= std::uint64_t{bytes[(first + i) / 8] >> (first + i) % 8 & 1u} << i;
  return value;
}

template <typename Port>
void set_bits(Port& port, unsigned first, unsigned count, std::uint64_t value) {
  std::array<std::uint8_t, sizeof(Port)> bytes{};
  std::memcpy(bytes.data(), &port, sizeof(Port));
  for (unsigned i = 0; i < count; ++i) {
    std::uint8_t& byte = bytes[(first + i) / 8];
    const unsigned bit = (first + i) % 8;
    byte = static_cast<std::uint8_t>((byte & ~(1u << bit)) | (value >> i & 1) << bit);
  }
  std::memcpy(&port, bytes.data(), sizeof(Port));
}

/// What a byte holds that nobody wrote.
std::uint8_t content(std::uint32_t address) { return static_cast<std::uint8_t>((address * 0x9E3779B1u) >> 24); }

/// The answer of an access: one for each beat of the bus at its widest.
unsigned answer(std::uint32_t address) {
  const std::uint32_t hash = (address / kBus * 0x85EBCA6Bu) >> 20 & 63;
  return hash == 0 ? 3 : hash == 1 ? 2 : 0;
}

struct Burst {
  std::uint32_t address = 0;
  unsigned id = 0, len = 0, size = 0, kind = kIncr;
  unsigned done = 0;   ///< beats
  unsigned worst = 0;  ///< answer so far
  bool complete() const { return done == len + 1; }

  std::uint64_t word() const {
    return std::uint64_t{id} << 45 | std::uint64_t{address} << 13 | len << 5 | size << 2 | kind;
  }
  static Burst of(std::uint64_t word) {
    return {static_cast<std::uint32_t>(word >> 13), static_cast<unsigned>(word >> 45), static_cast<unsigned>(word >> 5 & 255),
            static_cast<unsigned>(word >> 2 & 7), static_cast<unsigned>(word & 3)};
  }
  /// First byte of beat `i`, and the one behind its last.
  std::uint32_t first(unsigned i) const {
    if (kind == kFixed || i == 0) return address;
    const std::uint32_t next = ((address >> size) + i) << size;
    const std::uint32_t around = (len + 1) << size;
    return kind == kWrap ? (address & ~(around - 1)) | (next & (around - 1)) : next;
  }
  std::uint32_t end(unsigned i) const { return ((first(i) >> size) + 1) << size; }
};

/// How the traffic looks, in percent of cycles.
struct Mix {
  std::uint32_t idle, hold, stall;
  bool data_first = false;  ///< an address is taken when data are there only
  std::uint32_t longest = 40;
};

class Bench {
 public:
  Bench() : random_(kSeed) { reset(); }

  void reset() {
    top_.s_awvalid_i = top_.s_wvalid_i = top_.s_arvalid_i = top_.m_bvalid_i = top_.m_rvalid_i = 0;
    clock_.reset();
  }

  void run(unsigned bursts, const Mix& mix) {
    unsigned writes = bursts, reads = bursts;
    int waits = 0;
    while (writes > 0 || reads > 0 || !idle()) {
      if (writes > 0 && show_writes_.empty()) {
        draw(mix, show_writes_);
        add_data();
        --writes;
      }
      if (reads > 0 && show_reads_.empty()) {
        draw(mix, show_reads_);
        --reads;
      }
      moved_ = false;
      cycle(mix);
      waits = moved_ ? 0 : waits + 1;
      REQUIRE(waits < kPatience);
    }
    for (const auto& [address, byte] : expected_) REQUIRE(slave_byte(address) == byte);
  }

  /// So many cycles of traffic, then a reset in the middle of it.
  void interrupt(unsigned cycles, const Mix& mix) {
    for (unsigned i = 0; i < cycles; ++i) {
      if (show_writes_.empty()) {
        draw(mix, show_writes_);
        add_data();
      }
      if (show_reads_.empty()) draw(mix, show_reads_);
      cycle(mix);
    }
    show_writes_.clear();
    show_reads_.clear();
    data_.clear();
    slave_writes_.clear();
    for (unsigned id = 0; id < kIds; ++id) {
      writes_[id].clear();
      reads_[id].clear();
      slave_reads_[id].clear();
      answers_[id].clear();
    }
    memory_.clear();
    expected_.clear();
    reset();
  }

  /// Cycles of `bursts` reads of `len` + 1 beats of 8 bytes from `address` on, where nobody waits.
  std::uint64_t reads(unsigned bursts, unsigned len, std::uint32_t address) {
    const std::uint64_t begin = clock_.cycles();
    for (unsigned left = bursts; left > 0 || !idle();) {
      if (left > 0 && show_reads_.empty()) {
        show_reads_.push_back({address, 0, len, 3, kIncr});
        --left;
      }
      cycle({.idle = 0, .hold = 0, .stall = 0});
    }
    return clock_.cycles() - begin;
  }
  unsigned slave_bursts = 0;  ///< that the slave has seen

 private:
  struct Data {
    std::uint64_t word;
    std::uint8_t strobe;
    bool last;
  };

  bool idle() const {
    bool none = show_writes_.empty() && show_reads_.empty() && data_.empty() && slave_writes_.empty();
    for (unsigned id = 0; id < kIds; ++id) none = none && reads_[id].empty() && writes_[id].empty();
    return none;
  }
  std::uint8_t slave_byte(std::uint32_t address) const {
    const auto found = memory_.find(address);
    return found != memory_.end() ? found->second : content(address);
  }

  void draw(const Mix& mix, std::deque<Burst>& to) {
    Burst burst;
    burst.id = random_.below(kIds);
    burst.size = random_.chance(70) ? 3 : random_.below(4);
    const std::uint32_t kind = random_.below(10);
    burst.kind = kind == 0 ? kFixed : kind == 1 ? kWrap : kIncr;
    burst.len = burst.kind == kFixed  ? random_.below(16)
                : burst.kind == kWrap ? (2u << random_.below(4)) - 1
                : random_.chance(3)   ? 255 - random_.below(3)
                                      : random_.below(mix.longest);
    const std::uint32_t bytes = (burst.len + 1) << burst.size;
    const std::uint32_t at = random_.chance(20) ? 4096 - bytes : random_.below(4097 - bytes);
    // An unaligned burst has as many beats, the first one shorter.
    burst.address = (random_.chance(20) ? 0x50000000u : 0) + random_.below(3) * 4096 + at;
    if (burst.kind == kWrap || random_.chance(50)) burst.address &= ~((1u << burst.size) - 1);
    to.push_back(burst);
  }

  void add_data() {
    const Burst& burst = show_writes_.back();
    for (unsigned i = 0; i <= burst.len; ++i) {
      Data data{random_.next(), 0, i == burst.len};
      const bool some = random_.chance(30);
      for (std::uint32_t a = burst.first(i); a < burst.end(i); ++a) {
        if (some && random_.chance(50)) continue;
        data.strobe = static_cast<std::uint8_t>(data.strobe | 1u << a % 8);
        if (answer(a) == 0) expected_[a] = static_cast<std::uint8_t>(data.word >> 8 * (a % 8));
      }
      data_.push_back(data);
    }
  }

  static unsigned worst_of(const Burst& burst, unsigned i) {
    unsigned worst = 0;
    for (std::uint32_t a = burst.first(i); a < burst.end(i); ++a) worst = std::max(worst, answer(a));
    return worst;
  }

  void check_legal(const Burst& burst) {
    ++slave_bursts;
    REQUIRE(1u << burst.size <= kBus);
    REQUIRE(burst.id < kIds);
    if (burst.kind == kIncr) REQUIRE(burst.address / 4096 == (burst.end(burst.len) - 1) / 4096);
    if (burst.kind == kWrap) REQUIRE(((burst.len & (burst.len + 1)) == 0 && burst.len < 16 && burst.address % (1u << burst.size) == 0));
    if (burst.kind == kFixed) REQUIRE(burst.len < 16);
    if (burst.address >> 28 != 0) REQUIRE(burst.size <= 3);
  }

  void cycle(const Mix& mix) {
    Top& t = top_;
    // The master.
    if (!t.s_awvalid_i && !show_writes_.empty() && !random_.chance(mix.idle)) {
      t.s_awvalid_i = 1;
      t.s_aw_i = show_writes_.front().word();
    }
    if (!t.s_arvalid_i && !show_reads_.empty() && !random_.chance(mix.idle)) {
      t.s_arvalid_i = 1;
      t.s_ar_i = show_reads_.front().word();
    }
    if (!t.s_wvalid_i && !data_.empty() && !random_.chance(mix.idle)) {
      t.s_wvalid_i = 1;
      set_bits(t.s_w_i, 9, 64, data_.front().word);
      set_bits(t.s_w_i, 1, 8, data_.front().strobe);
      set_bits(t.s_w_i, 0, 1, data_.front().last);
    }
    t.s_bready_i = !random_.chance(mix.hold);
    t.s_rready_i = !random_.chance(mix.hold);
    // The slave.
    t.m_arready_i = !random_.chance(mix.stall);
    t.m_wready_i = !slave_writes_.empty() && !random_.chance(mix.stall);
    offer_read(mix);
    offer_answer(mix);
    clock_.settle();
    t.m_awready_i = (!mix.data_first || t.m_wvalid_o) && !random_.chance(mix.stall);
    clock_.settle();
    sample();
  }

  void offer_read(const Mix& mix) {
    Top& t = top_;
    if (t.m_rvalid_i || random_.chance(mix.stall)) return;
    const unsigned from = random_.below(kIds);
    for (unsigned i = 0; i < kIds; ++i) {
      const unsigned id = (from + i) % kIds;
      if (slave_reads_[id].empty()) continue;
      const Burst& burst = slave_reads_[id].front();
      t.m_rvalid_i = 1;
      for (std::uint32_t lane = 0; lane < kBus; ++lane) set_bits(t.m_r_i, 3 + 8 * lane, 8, random_.next());
      for (std::uint32_t a = burst.first(burst.done); a < burst.end(burst.done); ++a) {
        set_bits(t.m_r_i, 3 + 8 * (a % kBus), 8, content(a));
      }
      set_bits(t.m_r_i, 1, 2, worst_of(burst, burst.done));
      set_bits(t.m_r_i, 0, 1, burst.done == burst.len);
      set_bits(t.m_r_i, 3 + 8 * kBus, 2, id);
      return;
    }
  }

  void offer_answer(const Mix& mix) {
    if (top_.m_bvalid_i || random_.chance(mix.stall)) return;
    const unsigned from = random_.below(kIds);
    for (unsigned i = 0; i < kIds; ++i) {
      const unsigned id = (from + i) % kIds;
      if (answers_[id].empty()) continue;
      top_.m_bvalid_i = 1;
      set_bits(top_.m_b_i, 0, 2, answers_[id].front());
      set_bits(top_.m_b_i, 2, 2, id);
      return;
    }
  }

  void sample() {
    Top& t = top_;
    if (t.m_arvalid_o && t.m_arready_i) {
      const Burst burst = Burst::of(t.m_ar_o);
      check_legal(burst);
      slave_reads_[burst.id].push_back(burst);
    }
    if (t.m_awvalid_o && t.m_awready_i) {
      const Burst burst = Burst::of(t.m_aw_o);
      check_legal(burst);
      slave_writes_.push_back(burst);
    }
    if (t.m_wvalid_o && t.m_wready_i) write_beat();
    if (t.s_rvalid_o && t.s_rready_i) read_beat();
    if (t.s_bvalid_o && t.s_bready_i) {
      std::deque<Burst>& open = writes_[bits(t.s_b_o, 2, 2)];
      REQUIRE((!open.empty()));
      REQUIRE(bits(t.s_b_o, 0, 2) == open.front().worst);
      open.pop_front();
      moved_ = true;
    }
    const bool r_taken = t.m_rvalid_i && t.m_rready_o, b_taken = t.m_bvalid_i && t.m_bready_o;
    const bool ar_taken = t.s_arvalid_i && t.s_arready_o, aw_taken = t.s_awvalid_i && t.s_awready_o;
    const bool w_taken = t.s_wvalid_i && t.s_wready_o;
    clock_.edge();
    if (r_taken) {
      t.m_rvalid_i = 0;
      std::deque<Burst>& open = slave_reads_[bits(t.m_r_i, 3 + 8 * kBus, 2)];
      if (open.front().done++ == open.front().len) open.pop_front();
    }
    if (b_taken) {
      t.m_bvalid_i = 0;
      answers_[bits(t.m_b_i, 2, 2)].pop_front();
    }
    if (ar_taken) {
      t.s_arvalid_i = 0;
      reads_[show_reads_.front().id].push_back(show_reads_.front());
      show_reads_.pop_front();
    }
    if (aw_taken) {
      t.s_awvalid_i = 0;
      Burst& burst = show_writes_.front();
      for (unsigned i = 0; i <= burst.len; ++i) burst.worst = std::max(burst.worst, worst_of(burst, i));
      writes_[burst.id].push_back(burst);
      show_writes_.pop_front();
    }
    if (w_taken) {
      t.s_wvalid_i = 0;
      data_.pop_front();
    }
    moved_ = moved_ || ar_taken || aw_taken || w_taken;
  }

  void write_beat() {
    REQUIRE((!slave_writes_.empty()));
    Burst& burst = slave_writes_.front();
    const std::uint32_t first = burst.first(burst.done), end = burst.end(burst.done);
    for (std::uint32_t lane = 0; lane < kBus; ++lane) {
      if (bits(top_.m_w_o, 1 + lane, 1) == 0) continue;
      const std::uint32_t address = first / kBus * kBus + lane;
      REQUIRE((address >= first && address < end));
      if (answer(address) == 0) memory_[address] = static_cast<std::uint8_t>(bits(top_.m_w_o, 1 + kBus + 8 * lane, 8));
    }
    burst.worst = std::max(burst.worst, worst_of(burst, burst.done));
    REQUIRE(bits(top_.m_w_o, 0, 1) == (burst.done == burst.len ? 1 : 0));
    if (burst.done++ == burst.len) {
      answers_[burst.id].push_back(burst.worst);
      slave_writes_.pop_front();
    }
  }

  void read_beat() {
    const auto& r = top_.s_r_o;
    std::deque<Burst>& open = reads_[bits(r, 67, 2)];
    REQUIRE((!open.empty()));
    Burst& burst = open.front();
    for (std::uint32_t a = burst.first(burst.done); a < burst.end(burst.done); ++a) {
      REQUIRE(bits(r, 3 + 8 * (a % 8), 8) == content(a));
    }
    REQUIRE(bits(r, 1, 2) == worst_of(burst, burst.done));
    REQUIRE(bits(r, 0, 1) == (burst.done == burst.len ? 1 : 0));
    if (burst.done++ == burst.len) open.pop_front();
    moved_ = true;
  }

  UnitClock<Top> clock_;
  Top& top_ = clock_.top();
  tb::Random random_;
  std::deque<Burst> show_writes_, show_reads_;             // of the master, before their address is taken
  std::array<std::deque<Burst>, kIds> writes_, reads_;     // .. behind it
  std::deque<Data> data_;
  std::array<std::deque<Burst>, kIds> slave_reads_;        // of the slave
  std::deque<Burst> slave_writes_;
  std::array<std::deque<unsigned>, kIds> answers_;
  std::unordered_map<std::uint32_t, std::uint8_t> memory_, expected_;
  bool moved_ = false;
};

TEST_CASE("The bytes are those that were asked for, at any stalls") {
  const Mix mix = GENERATE(Mix{20, 20, 20}, Mix{0, 0, 0}, Mix{0, 80, 0}, Mix{0, 0, 80}, Mix{80, 0, 0},
                           Mix{10, 10, 10, true}, Mix{0, 0, 0, true}, Mix{0, 0, 30, false, 3}, Mix{0, 0, 0, false, 1});
  CAPTURE(kSeed, mix.idle, mix.hold, mix.stall, mix.data_first, mix.longest);
  Bench bench;
  bench.run(600, mix);
  CHECK(bench.slave_bursts >= 1200);
}

TEST_CASE("Rates: a beat of the narrower bus a cycle") {
  Bench bench;
  const std::uint64_t cycles = bench.reads(100, 15, 0);
  const std::uint64_t ideal = 100u * 16 * (kBus == 4 ? 2 : 1);
  CHECK(cycles >= ideal);
  CHECK(cycles <= ideal + 10);
  CHECK(bench.slave_bursts == 100);
}

TEST_CASE("A reset in any cycle") {
  for (int i = 0; i < 100; ++i) {
    CAPTURE(i);
    Bench bench;
    bench.interrupt(static_cast<unsigned>(i), {0, 10, 10});
    bench.run(20, {0, 10, 10});
  }
}

}  // namespace
}  // namespace kpu::test
