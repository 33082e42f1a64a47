// SPDX-License-Identifier: Apache-2.0
//
// Buses of a Verilated design as pointers to its top-level variables, so that one bus model serves
// every design. Types are those Verilator chooses for the port widths.
#pragma once

#include <cstdint>

namespace kpu::tb {

/// AXI responses.
enum AxiResponse : std::uint8_t { kOkay = 0, kSlaveError = 2, kDecodeError = 3 };

/// The read half of a 64-bit AXI4 bus. `arid`, `rid` and `rlast` are null where the bus lacks them.
struct AxiReadPort {
  std::uint8_t* arvalid;
  std::uint8_t* arready;
  std::uint32_t* araddr;
  std::uint8_t* arid;
  std::uint8_t* arlen;
  std::uint8_t* arsize;
  std::uint8_t* arburst;
  std::uint8_t* rvalid;
  std::uint8_t* rready;
  std::uint64_t* rdata;
  std::uint8_t* rid;
  std::uint8_t* rresp;
  std::uint8_t* rlast;
};

/// The write half of a 64-bit AXI4 bus. `awid` and `bid` are null where the bus has no IDs.
struct AxiWritePort {
  std::uint8_t* awvalid;
  std::uint8_t* awready;
  std::uint32_t* awaddr;
  std::uint8_t* awid;
  std::uint8_t* awlen;
  std::uint8_t* awsize;
  std::uint8_t* awburst;
  std::uint8_t* wvalid;
  std::uint8_t* wready;
  std::uint64_t* wdata;
  std::uint8_t* wstrb;
  std::uint8_t* wlast;
  std::uint8_t* bvalid;
  std::uint8_t* bready;
  std::uint8_t* bid;
  std::uint8_t* bresp;
};

/// A 64-bit AXI4-Lite bus with an address of 9 to 16 bits.
struct AxiLitePort {
  std::uint8_t* awvalid;
  std::uint8_t* awready;
  std::uint16_t* awaddr;
  std::uint8_t* wvalid;
  std::uint8_t* wready;
  std::uint64_t* wdata;
  std::uint8_t* wstrb;
  std::uint8_t* bvalid;
  std::uint8_t* bready;
  std::uint8_t* bresp;
  std::uint8_t* arvalid;
  std::uint8_t* arready;
  std::uint16_t* araddr;
  std::uint8_t* rvalid;
  std::uint8_t* rready;
  std::uint64_t* rdata;
  std::uint8_t* rresp;
};

}  // namespace kpu::tb
