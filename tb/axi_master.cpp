// SPDX-License-Identifier: Apache-2.0
#include "tb/axi_master.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "common/error.h"

namespace kpu::tb {
namespace {

constexpr int kPatience = 10'000;  // cycles in which nothing moves
constexpr std::uint32_t kBurstBytes = 128;
constexpr std::uint8_t kEightBytes = 3;  // AxSIZE
constexpr std::uint8_t kIncr = 1;        // AxBURST

/// Walks a range of bytes in aligned words of eight, and in bursts that end at multiples of
/// kBurstBytes, so that none crosses 4 KiB.
struct Walk {
  std::uint32_t word;  ///< address of the next word
  std::uint32_t end;   ///< one past the last byte

  Walk(std::uint32_t address, std::size_t size)
      : word(address & ~7u), end(address + static_cast<std::uint32_t>(size)) {}
  bool done() const { return word >= end; }
  std::uint32_t burst_words() const {
    const std::uint32_t burst_end = std::min((word / kBurstBytes + 1) * kBurstBytes, end);
    return (burst_end - word + 7) / 8;
  }
};

[[noreturn]] void fail(const char* what, std::uint32_t address, const char* how) {
  throw Error(fmt::format("AXI4 {} at {:#x}: {}", what, address, how));
}

}  // namespace

AxiMaster::AxiMaster(const AxiReadPort& read_port, const AxiWritePort& write_port, Clock& clock)
    : read_port_(read_port), write_port_(write_port), clock_(clock) {
  *read_port_.arvalid = 0;
  *read_port_.rready = 0;
  *write_port_.awvalid = 0;
  *write_port_.wvalid = 0;
  *write_port_.bready = 1;
}

void AxiMaster::set_stalls(std::uint32_t percent, std::uint64_t seed) {
  stall_percent_ = percent;
  random_ = Random(seed);
}

void AxiMaster::write(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  const AxiWritePort& port = write_port_;
  Walk addresses(address, bytes.size());
  Walk data(address, bytes.size());
  std::uint32_t data_left = 0;  // words of the current burst
  std::uint32_t unanswered = 0;
  bool address_offered = false;
  bool data_offered = false;

  *port.awsize = kEightBytes;
  *port.awburst = kIncr;
  if (port.awid != nullptr) *port.awid = 0;
  for (int wait = 0; !addresses.done() || !data.done() || unanswered > 0; ++wait) {
    if (wait == kPatience) fail("write", data.word, "nothing moves");
    if (!address_offered && !addresses.done() && !random_.chance(stall_percent_)) {
      *port.awaddr = addresses.word;
      *port.awlen = static_cast<std::uint8_t>(addresses.burst_words() - 1);
      address_offered = true;
    }
    if (!data_offered && !data.done() && !random_.chance(stall_percent_)) {
      if (data_left == 0) data_left = data.burst_words();
      std::uint64_t word = 0;
      std::uint8_t strobe = 0;
      const std::uint32_t first = std::max(data.word, address);
      const std::uint32_t end = std::min(data.word + 8, data.end);
      for (std::uint32_t a = first; a < end; ++a) {
        word |= std::uint64_t{bytes[a - address]} << (8 * (a % 8));
        strobe = static_cast<std::uint8_t>(strobe | 1u << (a % 8));
      }
      port.wdata.put(word);
      port.wstrb.put(strobe);
      *port.wlast = data_left == 1;
      data_offered = true;
    }
    *port.awvalid = address_offered;
    *port.wvalid = data_offered;

    clock_.settle();
    if (address_offered && *port.awready) {
      address_offered = false;
      addresses.word += 8 * addresses.burst_words();
      ++unanswered;
      wait = 0;
    }
    if (data_offered && *port.wready) {
      data_offered = false;
      data.word += 8;
      --data_left;
      wait = 0;
    }
    if (*port.bvalid) {
      if (*port.bresp != kOkay) fail("write", address, "error response");
      --unanswered;
    }
    clock_.edge();
  }
  *port.awvalid = 0;
  *port.wvalid = 0;
}

void AxiMaster::read(std::uint32_t address, std::span<std::uint8_t> bytes) {
  const AxiReadPort& port = read_port_;
  Walk addresses(address, bytes.size());
  Walk data(address, bytes.size());
  bool address_offered = false;

  *port.arsize = kEightBytes;
  *port.arburst = kIncr;
  if (port.arid != nullptr) *port.arid = 0;
  for (int wait = 0; !data.done(); ++wait) {
    if (wait == kPatience) fail("read", data.word, "nothing moves");
    if (!address_offered && !addresses.done() && !random_.chance(stall_percent_)) {
      *port.araddr = addresses.word;
      *port.arlen = static_cast<std::uint8_t>(addresses.burst_words() - 1);
      address_offered = true;
    }
    *port.arvalid = address_offered;
    *port.rready = !random_.chance(stall_percent_);

    clock_.settle();
    if (address_offered && *port.arready) {
      address_offered = false;
      addresses.word += 8 * addresses.burst_words();
    }
    if (*port.rvalid && *port.rready) {
      if (*port.rresp != kOkay) fail("read", data.word, "error response");
      const std::uint64_t word = port.rdata.get();
      const std::uint32_t first = std::max(data.word, address);
      const std::uint32_t end = std::min(data.word + 8, data.end);
      for (std::uint32_t a = first; a < end; ++a) {
        bytes[a - address] = static_cast<std::uint8_t>(word >> (8 * (a % 8)));
      }
      data.word += 8;
      wait = 0;
    }
    clock_.edge();
  }
  *port.arvalid = 0;
  *port.rready = 0;
}

}  // namespace kpu::tb
