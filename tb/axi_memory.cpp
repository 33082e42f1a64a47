// SPDX-License-Identifier: Apache-2.0
#include "tb/axi_memory.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/error.h"

namespace kpu::tb {
namespace {

void require(const char* name, std::uint32_t value, std::uint32_t low, std::uint32_t high) {
  if (value < low || value > high) {
    throw Error(fmt::format("memory {}={}: expected {}..{}", name, value, low, high));
  }
}

/// The address of the beat behind one of 2^`size` bytes.
std::uint32_t behind(std::uint32_t address, unsigned size) { return ((address >> size) + 1) << size; }

/// Calls `piece` with the address and the log2 of the size of each piece of up to 8 bytes of a beat, and returns
/// the worst of its responses.
template <typename Piece>
AxiResponse for_each_piece(std::uint32_t address, unsigned size, const Piece& piece) {
  const std::uint32_t end = behind(address, size);
  AxiResponse worst = kOkay;
  for (std::uint32_t a = address; a != end; a = behind(a, std::min(size, 3u))) {
    worst = std::max<AxiResponse>(worst, piece(a, std::min(size, 3u)));
  }
  return worst;
}

}  // namespace

void MemoryTiming::check() const {
  require("read latency", read_latency, 1, 1'000'000);
  require("write latency", write_latency, 1, 1'000'000);
  require("bandwidth", bandwidth_percent, 1, 100);
  require("outstanding bursts", max_outstanding, 1, 32);
  require("stall probability", stall_percent, 0, 99);
  require("early data", early_beats, 0, 32);
}

AxiReadMemory::AxiReadMemory(const AxiReadPort& port, AxiTarget& memory,
                             const MemoryTiming& timing)
    : port_(port),
      memory_(memory),
      timing_(timing),
      meter_(timing.bandwidth_percent),
      random_(timing.seed) {
  timing_.check();
  reset();
}

void AxiReadMemory::reset() {
  count_ = 0;
  offered_ = false;
  *port_.arready = 0;
  *port_.rvalid = 0;
}

void AxiReadMemory::drive() {
  *port_.arready = count_ < timing_.max_outstanding && !random_.chance(timing_.stall_percent);
  meter_.tick();
  if (!offered_) offer();
  *port_.rvalid = offered_;
}

void AxiReadMemory::offer() {
  if (count_ == 0 || queue_[head_].due > cycle_ || !meter_.ready()) return;
  if (random_.chance(timing_.stall_percent)) return;

  const Burst& burst = queue_[head_];
  const BusLanes& bus = port_.rdata;
  *port_.rresp = for_each_piece(burst.address, burst.size, [&](std::uint32_t address, unsigned size) {
    std::uint64_t word = 0;
    const AxiResponse response = memory_.read_beat(address, size, word);
    if (bus.bytes() < 8) {
      bus.put(word >> (8 * (address & 4)));
    } else {
      bus.put(word, address % bus.bytes() / 8);
    }
    return response;
  });
  if (port_.rlast != nullptr) *port_.rlast = burst.beats == 1;
  if (port_.rid != nullptr) *port_.rid = burst.id;
  offered_ = true;
}

void AxiReadMemory::sample() {
  if (offered_ && *port_.rready) {
    offered_ = false;
    meter_.spend();
    Burst& burst = queue_[head_];
    ++beats_[burst.id % kIds];
    burst.address = behind(burst.address, burst.size);
    if (--burst.beats == 0) {
      head_ = (head_ + 1) % kQueue;
      --count_;
    }
  }
  if (*port_.arvalid && *port_.arready) {
    queue_[(head_ + count_) % kQueue] = {cycle_ + timing_.read_latency, *port_.araddr,
                                         std::uint32_t{*port_.arlen} + 1, *port_.arsize,
                                         port_.arid != nullptr ? *port_.arid : std::uint8_t{0}};
    ++count_;
  }
  ++cycle_;
}

AxiWriteMemory::AxiWriteMemory(const AxiWritePort& port, AxiTarget& memory,
                               const MemoryTiming& timing)
    : port_(port),
      memory_(memory),
      timing_(timing),
      meter_(timing.bandwidth_percent),
      random_(timing.seed + 1) {
  timing_.check();
  reset();
}

void AxiWriteMemory::reset() {
  count_ = 0;
  complete_ = 0;
  early_.clear();
  answering_ = false;
  *port_.awready = 0;
  *port_.wready = 0;
  *port_.bvalid = 0;
}

void AxiWriteMemory::drive() {
  const bool data_offered = *port_.wvalid != 0 || !early_.empty();
  *port_.awready = count_ < timing_.max_outstanding && (data_offered || !timing_.data_first) &&
                   !random_.chance(timing_.stall_percent);
  meter_.tick();
  *port_.wready = (complete_ < count_ || early_.size() < timing_.early_beats) && meter_.ready() &&
                  !random_.chance(timing_.stall_percent);
  if (!answering_ && complete_ > 0 && at(0).due <= cycle_ &&
      !random_.chance(timing_.stall_percent)) {
    answering_ = true;
    *port_.bresp = at(0).response;
    if (port_.bid != nullptr) *port_.bid = at(0).id;
  }
  *port_.bvalid = answering_;
}

void AxiWriteMemory::sample() {
  if (answering_ && *port_.bready) {
    answering_ = false;
    head_ = (head_ + 1) % kQueue;
    --count_;
    --complete_;
  }
  if (*port_.wvalid && *port_.wready) {
    meter_.spend();
    early_.push_back(beat_on_bus());
  }
  if (*port_.awvalid && *port_.awready) {
    at(count_) = {*port_.awaddr,
                  std::uint32_t{*port_.awlen} + 1,
                  *port_.awsize,
                  port_.awid != nullptr ? *port_.awid : std::uint8_t{0},
                  kOkay,
                  0};
    ++count_;
  }
  for (; complete_ < count_ && !early_.empty(); early_.pop_front()) write(early_.front());
  ++cycle_;
}

AxiWriteMemory::Beat AxiWriteMemory::beat_on_bus() const {
  Beat beat{};
  const std::uint64_t strobes = port_.wstrb.get();
  for (std::size_t word = 0; word < port_.wdata.bytes(); word += 8) {
    beat.data[word / 8] = port_.wdata.get(word / 8);
    beat.strobe[word / 8] = static_cast<std::uint8_t>(strobes >> word);
  }
  return beat;
}

void AxiWriteMemory::write(const Beat& beat) {
  Burst& burst = at(complete_);
  const std::size_t bus_bytes = port_.wdata.bytes();
  const AxiResponse response = for_each_piece(burst.address, burst.size, [&](std::uint32_t address, unsigned) {
    // Lanes of a narrow bus are those of its word in eight bytes.
    const std::uint32_t first = bus_bytes < 8 ? address & 4 : 0;
    const std::size_t word = address % bus_bytes / 8;
    return memory_.write_beat(address, beat.data[word] << (8 * first),
                              static_cast<std::uint8_t>(beat.strobe[word] << first));
  });
  burst.response = std::max<std::uint8_t>(burst.response, response);
  ++beats_[burst.id % kIds];
  burst.address = behind(burst.address, burst.size);
  if (--burst.beats == 0) {
    burst.due = cycle_ + timing_.write_latency;
    ++complete_;
  }
}

}  // namespace kpu::tb
