// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "tb/axi_ports.h"
#include "tb/axi_target.h"
#include "tb/random.h"

namespace kpu::tb {

/// How a memory behaves on the bus. The data are the same at every setting, the cycles are not.
struct MemoryTiming {
  /// Cycles from the one in which an address is taken to the one that offers its first data, at
  /// least 1.
  std::uint32_t read_latency = 20;
  /// Cycles from the one in which the last data of a burst are taken to the one that offers the
  /// answer, at least 1.
  std::uint32_t write_latency = 20;
  /// Share of cycles in which a beat may move, 1..100, evenly spread.
  std::uint32_t bandwidth_percent = 100;
  /// Bursts taken and not yet answered, 1..32, in each direction.
  std::uint32_t max_outstanding = 8;
  /// Probability, 0..99, that a cycle that could do something does not.
  std::uint32_t stall_percent = 0;
  /// Beats of write data that are taken before their address, 0..32.
  std::uint32_t early_beats = 0;
  /// A write's address is taken only once data are offered, as AXI4 allows a slave.
  bool data_first = false;
  std::uint64_t seed = 1;

  /// Throws Error naming the first value that is out of range.
  void check() const;
};

/// Gives a beat's turn `percent` times in 100 cycles, evenly.
class BandwidthMeter {
 public:
  explicit BandwidthMeter(std::uint32_t percent) : percent_(percent) {}

  /// Once a cycle.
  void tick() {
    if (credit_ < 100) credit_ += percent_;
  }
  bool ready() const { return credit_ >= 100; }
  void spend() { credit_ -= 100; }

 private:
  std::uint32_t percent_;
  std::uint32_t credit_ = 0;
};

/// Memory behind the AXI4 read master of a design: INCR bursts, answered in order. Beats are those of the
/// port, 4, 8 or 16 bytes at most.
///
/// drive() sets the inputs of the bus before the clock settles, sample() looks at it before the
/// rising edge; both once a cycle.
class AxiReadMemory {
 public:
  AxiReadMemory(const AxiReadPort& port, AxiTarget& memory, const MemoryTiming& timing);

  void drive();
  void sample();
  /// Forgets all bursts, as after a reset of the design.
  void reset();

  /// Data beats given so far, to the master with this ID.
  std::uint64_t beats(unsigned id = 0) const { return beats_[id % kIds]; }
  /// Bytes of the bus in them.
  std::uint64_t bytes(unsigned id = 0) const { return beats(id) * port_.rdata.bytes(); }

 private:
  struct Burst {
    std::uint64_t due;  ///< cycle of its first data
    std::uint32_t address;
    std::uint32_t beats;  ///< still to give
    std::uint8_t size;    ///< log2 of bytes a beat
    std::uint8_t id;
  };
  static constexpr std::size_t kQueue = 32;
  static constexpr std::size_t kIds = 4;  ///< IDs are two bits at most

  void offer();

  AxiReadPort port_;
  AxiTarget& memory_;
  MemoryTiming timing_;
  BandwidthMeter meter_;
  Random random_;
  std::array<Burst, kQueue> queue_{};
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  bool offered_ = false;  ///< data are on the bus and not yet taken
  std::uint64_t cycle_ = 0;
  std::array<std::uint64_t, kIds> beats_{};
};

/// Memory behind the AXI4 write master of a design: INCR bursts, answered in order. Data that come
/// before their address wait for it, in the memory or on the bus. drive() and sample() as in
/// AxiReadMemory.
class AxiWriteMemory {
 public:
  AxiWriteMemory(const AxiWritePort& port, AxiTarget& memory, const MemoryTiming& timing);

  void drive();
  void sample();
  void reset();

  /// Data beats taken so far, from the master with this ID.
  std::uint64_t beats(unsigned id = 0) const { return beats_[id % kIds]; }
  /// Bytes of the bus in them.
  std::uint64_t bytes(unsigned id = 0) const { return beats(id) * port_.wdata.bytes(); }

 private:
  struct Burst {
    std::uint32_t address;
    std::uint32_t beats;  ///< still to come
    std::uint8_t size;
    std::uint8_t id;
    std::uint8_t response;
    std::uint64_t due;  ///< cycle of its answer, once all data are there
  };
  static constexpr std::size_t kQueue = 32;
  static constexpr std::size_t kIds = 4;  ///< IDs are two bits at most

  /// A data beat, in pieces of 8 bytes.
  struct Beat {
    std::array<std::uint64_t, 2> data;
    std::array<std::uint8_t, 2> strobe;
  };

  Burst& at(std::size_t i) { return queue_[(head_ + i) % kQueue]; }
  Beat beat_on_bus() const;
  void write(const Beat& beat);

  AxiWritePort port_;
  AxiTarget& memory_;
  MemoryTiming timing_;
  BandwidthMeter meter_;
  Random random_;
  std::array<Burst, kQueue> queue_{};  ///< first the complete ones, then those with data to come
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  std::size_t complete_ = 0;
  std::deque<Beat> early_;  ///< data without an address
  bool answering_ = false;  ///< an answer is on the bus and not yet taken
  std::uint64_t cycle_ = 0;
  std::array<std::uint64_t, kIds> beats_{};
};

}  // namespace kpu::tb
