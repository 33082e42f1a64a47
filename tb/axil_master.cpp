// SPDX-License-Identifier: Apache-2.0
#include "tb/axil_master.h"

#include <cstddef>

#include <fmt/format.h>

#include "common/error.h"

namespace kpu::tb {
namespace {

constexpr int kRegisterPatience = 1000;  // cycles

[[noreturn]] void fail_register(const char* what, std::uint16_t address, const char* how) {
  throw Error(fmt::format("AXI4-Lite {} of register {:#05x}: {}", what, address, how));
}

}  // namespace

AxiLiteMaster::AxiLiteMaster(const AxiLitePort& port, Clock& clock) : port_(port), clock_(clock) {
  *port_.awvalid = 0;
  *port_.wvalid = 0;
  *port_.bready = 1;
  *port_.arvalid = 0;
  *port_.rready = 1;
}

void AxiLiteMaster::write(std::uint16_t address, std::uint64_t value, std::uint8_t strobe) {
  *port_.awaddr = address;
  *port_.wdata = value;
  *port_.wstrb = strobe;
  *port_.awvalid = 1;
  *port_.wvalid = 1;
  bool answered = false;
  for (int wait = 0; !answered; ++wait) {
    if (wait == kRegisterPatience) fail_register("write", address, "no answer");
    clock_.settle();
    const bool address_taken = *port_.awvalid && *port_.awready;
    const bool data_taken = *port_.wvalid && *port_.wready;
    answered = *port_.bvalid;
    if (answered && *port_.bresp != kOkay) fail_register("write", address, "error response");
    clock_.edge();
    if (address_taken) *port_.awvalid = 0;
    if (data_taken) *port_.wvalid = 0;
  }
}

std::uint64_t AxiLiteMaster::read(std::uint16_t address) {
  std::uint64_t value = 0;
  read_burst(address, 0, {&value, 1});
  return value;
}

void AxiLiteMaster::read_burst(std::uint16_t address, std::uint16_t step,
                               std::span<std::uint64_t> values) {
  std::size_t asked = 0;
  std::size_t answered = 0;
  for (int wait = 0; answered < values.size(); ++wait) {
    if (wait == kRegisterPatience) fail_register("read", address, "no answer");
    *port_.arvalid = asked < values.size();
    *port_.araddr = static_cast<std::uint16_t>(address + asked * step);
    clock_.settle();
    if (*port_.arvalid && *port_.arready) ++asked;
    if (*port_.rvalid) {
      if (*port_.rresp != kOkay) fail_register("read", address, "error response");
      values[answered++] = *port_.rdata;
      wait = 0;
    }
    clock_.edge();
  }
  *port_.arvalid = 0;
}

}  // namespace kpu::tb
