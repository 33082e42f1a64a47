// SPDX-License-Identifier: Apache-2.0
//
// Buses of a Verilated design as pointers to its top-level variables, so that one bus model serves
// every design. Types are those Verilator chooses for the port widths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kpu::tb {

/// AXI responses.
enum AxiResponse : std::uint8_t { kOkay = 0, kSlaveError = 2, kDecodeError = 3 };

/// Data or strobes of a bus: a top-level variable of the bus's width, little endian as the host.
class BusLanes {
 public:
  /// `variable`: as Verilator declares a port of 8, 16, 32, 64 or 128 bits.
  template <typename Variable>
  BusLanes(Variable* variable) : at_(variable), bytes_(sizeof(Variable)) {}

  std::size_t bytes() const { return bytes_; }
  /// Eight bytes of the bus, or all of a narrower one in the lower bits.
  std::uint64_t get(std::size_t word = 0) const {
    std::uint64_t value = 0;
    std::memcpy(&value, place(word), word_bytes());
    return value;
  }
  /// Sets them; of a narrower bus, to the lower bits.
  void put(std::uint64_t value, std::size_t word = 0) const { std::memcpy(place(word), &value, word_bytes()); }

 private:
  std::size_t word_bytes() const { return bytes_ < 8 ? bytes_ : 8; }
  std::uint8_t* place(std::size_t word) const { return static_cast<std::uint8_t*>(at_) + 8 * word; }

  void* at_;
  std::size_t bytes_;
};

/// The read half of an AXI4 bus of 32, 64 or 128 bits. `arid`, `rid` and `rlast` are null where the bus lacks them.
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
  BusLanes rdata;
  std::uint8_t* rid;
  std::uint8_t* rresp;
  std::uint8_t* rlast;
};

/// The write half of an AXI4 bus of 32, 64 or 128 bits. `awid` and `bid` are null where the bus has no IDs.
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
  BusLanes wdata;
  BusLanes wstrb;
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
