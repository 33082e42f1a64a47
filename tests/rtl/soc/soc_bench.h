// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "Vkpu_soc_bench.h"
#include "tb/random.h"
#include "tests/rtl/support/unit_clock.h"

namespace kpu::test {

inline constexpr unsigned kMasters = 3;
inline constexpr unsigned kBlocks = 3;
/// Whom an address belongs to. What stands before kRegs is a whole AXI4 slave.
enum Slave : unsigned { kSram, kAiRam, kRegs, kNobody };
inline constexpr unsigned kSlaves = kNobody;

/// A data beat: strobes of a write or response of a read; or an address with its ID.
struct Beat {
  std::uint64_t data = 0;
  unsigned side = 0;
  bool last = false;
  bool operator==(const Beat&) const = default;
};

/// A burst, from the moment its master thinks of it until its last answer.
struct Burst {
  Slave slave = kNobody;
  unsigned block = 0;         ///< of kRegs
  std::uint32_t address = 0;  ///< of the first beat
  std::uint32_t size = 3;     ///< log2 of bytes a beat
  bool fixed = false;
  std::uint32_t count = 1;  ///< beats

  bool shown = false;    ///< the crossbar has taken its address
  bool arrived = false;  ///< its slave has its address
  /// A write's beats, all; a read's beats that its slave has given and its master not yet received.
  std::deque<Beat> beats;
  std::uint32_t given = 0;  ///< beats that left the sender (register block: that were asked for)
  std::uint32_t taken = 0;  ///< beats that the receiver has
  int answer = -1;          ///< of the slave to a write

  bool to_show() const { return !shown; }
  bool to_arrive() const { return !arrived && slave != kNobody; }
  bool to_give() const { return given < count; }
  bool to_read() const { return arrived && given < count; }
  bool to_write() const { return arrived && taken < count; }
  bool to_answer() const { return arrived && answer < 0; }
  bool to_receive() const { return arrived && taken + beats.size() < count; }

  /// As kpu_axi_pkg::ax_t.
  std::uint64_t word() const {
    return std::uint64_t{address} << 13 | (count - 1) << 5 | size << 2 | (fixed ? 0 : 1);
  }
  /// Of beat `i`.
  std::uint32_t beat_address(std::uint32_t i) const {
    return fixed || i == 0 ? address : ((address >> size) + i) << size;
  }
};

/// How the traffic looks. Percentages are of cycles.
struct Mix {
  std::uint32_t idle = 20;   ///< a master shows nothing new
  std::uint32_t hold = 20;   ///< a master does not take an answer
  std::uint32_t stall = 20;  ///< a slave does not take, or does not begin to give
  bool answers = true;       ///< slaves give data and answers at all
  std::size_t ahead = 6;     ///< bursts of each kind that a master has in mind or under way
  std::uint32_t beats = 12;  ///< longest of most bursts; some have 256
  /// Bit s: master m addresses slave s (3: nobody).
  std::array<unsigned, kMasters> slaves{15, 15, 15};
};

/// The system's interconnect with all masters, slaves and register blocks played at random. Every
/// beat has its own data, so that a check of the data is one of their way. Fails the test for a beat
/// at a wrong place, one that does not stay until it is taken, and when somebody waits too long.
class SocBench {
 public:
  explicit SocBench(std::uint64_t seed);

  void run(std::uint32_t cycles, const Mix& mix);
  /// Lets everything under way end, without anything new.
  void drain(Mix mix);
  /// Reset in the middle of everything; nobody may see anything of what was before.
  void reset();
  tb::Random& random() { return random_; }

  /// Bursts that have ended, by slave: writes, reads.
  std::array<std::uint32_t, kSlaves + 1> written{}, read{};
  /// The masters whose addresses each slave has taken, in order.
  std::array<std::vector<unsigned>, kSlaves> write_order, read_order;

 private:
  struct Master {
    std::deque<Burst> writes, reads;
    std::uint32_t waits = 0;  ///< cycles without a beat for it
  };
  /// What a register block has been asked for.
  struct Note {
    unsigned master, block;
    std::uint64_t data;
  };
  /// A stream's beat that was not taken in the last cycle.
  struct Held {
    bool waits = false;
    Beat beat;
  };

  void cycle(const Mix& mix);
  Burst draw(unsigned master, const Mix& mix, bool write);
  void drive_master(unsigned m, const Mix& mix);
  void drive_slave(unsigned s, const Mix& mix);
  void drive_blocks(const Mix& mix);
  void sample_addresses(unsigned s);
  void sample_slave(unsigned s);
  void sample_blocks();
  void sample_master(unsigned m);
  /// The next beat of the writes to slave `s` is this one.
  void take_beat(unsigned s, const Beat& beat);
  /// Field `i` of an input of the design: is its beat taken? Then its valid falls after the edge.
  bool taken(CData& valid, unsigned i, bool ready);
  /// A beat on an output must stay until it is taken.
  void check_held(unsigned stream, bool valid, bool ready, const Beat& beat);

  UnitClock<Vkpu_soc_bench> clock_;
  Vkpu_soc_bench& top_ = clock_.top();
  tb::Random random_;
  std::array<Master, kMasters> masters_;
  std::array<std::deque<unsigned>, kSlaves> turns_;  ///< masters whose data come next, by slave
  std::deque<unsigned> read_turns_;                  ///< masters whose reads of registers come next
  std::deque<Note> notes_;
  std::optional<Note> write_;  ///< which a register block has to answer
  unsigned read_blocks_ = 0;   ///< bit b: block b's answer is taken in this cycle
  std::array<Held, 5 * kMasters> held_;
  std::vector<std::pair<CData*, unsigned>> falling_;
};

}  // namespace kpu::test
