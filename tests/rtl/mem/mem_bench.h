// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "Vkpu_ai_mem.h"
#include "Vkpu_ai_mem___024root.h"
#include "tb/ai_ram.h"
#include "tb/axi_master.h"
#include "tests/rtl/support/unit_clock.h"
#include "tests/support/catch2.h"

namespace kpu::test {

KPU_DEFINE_AI_RAM(ai_ram_of, kpu_ai_mem)

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::size_t kRamBytes = 64 * 1024;  // -GLines=1024
inline constexpr std::size_t kWordBytes = sizeof(Vkpu_ai_mem::rd_data_o);
/// Bytes from one address to the next: a word, or one of its lines.
inline constexpr std::size_t kStepBytes = std::min<std::size_t>(kWordBytes, 64);
inline constexpr std::uint32_t kSpan = kWordBytes / kStepBytes;
inline constexpr std::uint32_t kWords = kRamBytes / kStepBytes;  ///< addresses

/// AI RAM with arbiter and AXI4 slave; the other clients are played by the test.
class MemBench {
 public:
  MemBench() {
    top.clear_i = 0;
    top.conv_rd_valid_i = 0;
    top.conv_rsp_ready_i = 0;
    top.str_rd_valid_i = 0;
    top.wb_wr_valid_i = 0;
    clock.reset();
  }

  tb::AxiReadPort read_port() {
    return {&top.s_axi_arvalid_i, &top.s_axi_arready_o, &top.s_axi_araddr_i, &top.s_axi_arid_i,
            &top.s_axi_arlen_i,   &top.s_axi_arsize_i,  &top.s_axi_arburst_i, &top.s_axi_rvalid_o,
            &top.s_axi_rready_i,  &top.s_axi_rdata_o,   &top.s_axi_rid_o,    &top.s_axi_rresp_o,
            &top.s_axi_rlast_o};
  }
  tb::AxiWritePort write_port() {
    return {&top.s_axi_awvalid_i, &top.s_axi_awready_o, &top.s_axi_awaddr_i, &top.s_axi_awid_i,
            &top.s_axi_awlen_i,   &top.s_axi_awsize_i,  &top.s_axi_awburst_i, &top.s_axi_wvalid_i,
            &top.s_axi_wready_o,  &top.s_axi_wdata_i,   &top.s_axi_wstrb_i,  &top.s_axi_wlast_i,
            &top.s_axi_bvalid_o,  &top.s_axi_bready_i,  &top.s_axi_bid_o,    &top.s_axi_bresp_o};
  }

  Bytes peek() {
    Bytes bytes(kRamBytes);
    ai_ram_of(*top.rootp).read(0, bytes);
    return bytes;
  }

  /// A burst of at least one beat: returns the response (the first error, if any), and the data of a read.
  std::uint8_t write_burst(std::uint32_t address, std::uint8_t size, std::uint8_t burst,
                           const std::vector<std::uint64_t>& data,
                           const std::vector<std::uint8_t>& strobes);
  std::uint8_t read_burst(std::uint32_t address, std::uint8_t size,
                          std::vector<std::uint64_t>& data);
  std::uint8_t write_beat(std::uint32_t address, std::uint8_t size, std::uint8_t burst,
                          std::uint64_t data, std::uint8_t strobe) {
    return write_burst(address, size, burst, {data}, {strobe});
  }
  std::uint8_t read_beat(std::uint32_t address, std::uint64_t& data) {
    std::vector<std::uint64_t> beats(1);
    const std::uint8_t response = read_burst(address, 3, beats);
    data = beats[0];
    return response;
  }

  UnitClock<Vkpu_ai_mem> clock;
  Vkpu_ai_mem& top = clock.top();
  tb::AxiMaster axi{read_port(), write_port(), clock};
};

inline std::uint8_t MemBench::write_burst(std::uint32_t address, std::uint8_t size,
                                          std::uint8_t burst,
                                          const std::vector<std::uint64_t>& data,
                                          const std::vector<std::uint8_t>& strobes) {
  top.s_axi_awaddr_i = address;
  top.s_axi_awsize_i = size;
  top.s_axi_awburst_i = burst;
  top.s_axi_awlen_i = static_cast<std::uint8_t>(data.size() - 1);
  top.s_axi_awvalid_i = 1;
  std::size_t beat = 0;
  for (std::size_t cycle = 0; cycle < 20 + 4 * data.size(); ++cycle) {
    top.s_axi_wvalid_i = beat < data.size();
    if (beat < data.size()) {
      top.s_axi_wdata_i = data[beat];
      top.s_axi_wstrb_i = strobes[beat];
      top.s_axi_wlast_i = beat + 1 == data.size();
    }
    clock.settle();
    const bool address_taken = top.s_axi_awready_o;
    const bool data_taken = top.s_axi_wvalid_i && top.s_axi_wready_o;
    const bool answered = top.s_axi_bvalid_o;
    const std::uint8_t response = top.s_axi_bresp_o;
    clock.edge();
    if (address_taken) top.s_axi_awvalid_i = 0;
    if (data_taken) ++beat;
    if (answered) return response;
  }
  FAIL("no answer to a write");
  return 0;
}

inline std::uint8_t MemBench::read_burst(std::uint32_t address, std::uint8_t size,
                                         std::vector<std::uint64_t>& data) {
  top.s_axi_araddr_i = address;
  top.s_axi_arsize_i = size;
  top.s_axi_arburst_i = 1;
  top.s_axi_arlen_i = static_cast<std::uint8_t>(data.size() - 1);
  top.s_axi_arvalid_i = 1;
  top.s_axi_rready_i = 1;
  std::uint8_t response = tb::kOkay;
  std::size_t beat = 0;
  for (std::size_t cycle = 0; cycle < 20 + 4 * data.size(); ++cycle) {
    clock.settle();
    const bool address_taken = top.s_axi_arready_o;
    const bool answered = top.s_axi_rvalid_o;
    if (answered) {
      data[beat++] = top.s_axi_rdata_o;
      response = std::max<std::uint8_t>(response, top.s_axi_rresp_o);
      REQUIRE(top.s_axi_rlast_o == (beat == data.size()));
    }
    clock.edge();
    if (address_taken) top.s_axi_arvalid_i = 0;
    if (beat == data.size()) return response;
  }
  FAIL("no answer to a read");
  return 0;
}

}  // namespace kpu::test
