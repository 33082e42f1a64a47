// SPDX-License-Identifier: Apache-2.0
#include "tb/cpu_port.h"

#include <cstddef>

#include <fmt/format.h>

#include "common/error.h"

namespace kpu::tb {
namespace {

constexpr int kAnswerPatience = 10'000;  // cycles without an answer
constexpr std::uint8_t kIncrBurst = 1;  // AxBURST

[[noreturn]] void fail_access(const char* what, std::uint32_t address, const char* how) {
  throw Error(fmt::format("{} at {:#010x}: {}", what, address, how));
}

/// AxSIZE of an access; checks that it is one.
std::uint8_t access_size(std::uint32_t address, unsigned bytes) {
  for (std::uint8_t size = 0; size < 4; ++size) {
    if (bytes == 1u << size && address % bytes == 0) return size;
  }
  throw Error(fmt::format("access of {} bytes at {:#010x}: expected 1, 2, 4 or 8 at a multiple of it",
                          bytes, address));
}

std::uint64_t low_bytes(std::uint64_t value, unsigned bytes) {
  return bytes == 8 ? value : value & ((std::uint64_t{1} << (8 * bytes)) - 1);
}

}  // namespace

CpuPort::CpuPort(const AxiReadPort& read_port, const AxiWritePort& write_port, Clock& clock)
    : read_port_(read_port),
      write_port_(write_port),
      clock_(clock),
      bursts_(read_port, write_port, clock) {}

AxiResponse CpuPort::try_read(std::uint32_t address, unsigned bytes, std::uint64_t& value) {
  const AxiReadPort& port = read_port_;
  *port.arsize = access_size(address, bytes);
  *port.araddr = address;
  *port.arlen = 0;
  *port.arburst = kIncrBurst;
  *port.arvalid = 1;
  *port.rready = 1;
  for (int wait = 0; wait < kAnswerPatience; ++wait) {
    clock_.settle();
    const bool taken = *port.arvalid && *port.arready;
    const bool answered = *port.rvalid;
    const auto response = static_cast<AxiResponse>(*port.rresp);
    if (answered) value = low_bytes(port.rdata.get() >> (8 * (address % 8)), bytes);
    clock_.edge();
    if (taken) *port.arvalid = 0;
    if (answered) {
      *port.rready = 0;
      return response;
    }
  }
  fail_access("read", address, "no answer");
}

AxiResponse CpuPort::try_write(std::uint32_t address, unsigned bytes, std::uint64_t value) {
  const AxiWritePort& port = write_port_;
  const unsigned first = address % 8;
  *port.awsize = access_size(address, bytes);
  *port.awaddr = address;
  *port.awlen = 0;
  *port.awburst = kIncrBurst;
  *port.awvalid = 1;
  port.wdata.put(low_bytes(value, bytes) << (8 * first));
  port.wstrb.put(((std::uint64_t{1} << bytes) - 1) << first);
  *port.wlast = 1;
  *port.wvalid = 1;
  for (int wait = 0; wait < kAnswerPatience; ++wait) {
    clock_.settle();
    const bool address_taken = *port.awvalid && *port.awready;
    const bool data_taken = *port.wvalid && *port.wready;
    const bool answered = *port.bvalid;
    const auto response = static_cast<AxiResponse>(*port.bresp);
    clock_.edge();
    if (address_taken) *port.awvalid = 0;
    if (data_taken) *port.wvalid = 0;
    if (answered) return response;
  }
  fail_access("write", address, "no answer");
}

std::uint64_t CpuPort::read(std::uint32_t address, unsigned bytes) {
  std::uint64_t value = 0;
  if (try_read(address, bytes, value) != kOkay) fail_access("read", address, "error response");
  return value;
}

void CpuPort::write(std::uint32_t address, std::uint64_t value, unsigned bytes) {
  if (try_write(address, bytes, value) != kOkay) fail_access("write", address, "error response");
}

void CpuPort::read_each(std::uint32_t address, std::uint32_t step,
                        std::span<std::uint64_t> values) {
  const AxiReadPort& port = read_port_;
  std::size_t asked = 0;
  std::size_t answered = 0;
  *port.arsize = access_size(address, 8);
  *port.arlen = 0;
  *port.arburst = kIncrBurst;
  *port.rready = 1;
  for (int wait = 0; answered < values.size(); ++wait) {
    if (wait == kAnswerPatience) fail_access("read", address, "no answer");
    *port.arvalid = asked < values.size();
    *port.araddr = static_cast<std::uint32_t>(address + asked * step);
    clock_.settle();
    if (*port.arvalid && *port.arready) ++asked;
    if (*port.rvalid) {
      if (*port.rresp != kOkay) fail_access("read", address, "error response");
      values[answered++] = port.rdata.get();
      wait = 0;
    }
    clock_.edge();
  }
  *port.arvalid = 0;
  *port.rready = 0;
}

void CpuPort::write_each(std::uint32_t address, std::uint32_t step,
                         std::span<const std::uint64_t> values) {
  for (const std::uint64_t value : values) {
    write(address, value);
    address += step;
  }
}

}  // namespace kpu::tb
