// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/dmac/dmac_bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/error.h"

namespace kpu::test {
namespace {

tb::AxiReadPort read_port(Vkpu_dmac& top) {
  return {.arvalid = &top.m_axi_arvalid_o,
          .arready = &top.m_axi_arready_i,
          .araddr = &top.m_axi_araddr_o,
          .arid = nullptr,
          .arlen = &top.m_axi_arlen_o,
          .arsize = &top.m_axi_arsize_o,
          .arburst = &top.m_axi_arburst_o,
          .rvalid = &top.m_axi_rvalid_i,
          .rready = &top.m_axi_rready_o,
          .rdata = &top.m_axi_rdata_i,
          .rid = nullptr,
          .rresp = &top.m_axi_rresp_i,
          .rlast = nullptr};
}

tb::AxiWritePort write_port(Vkpu_dmac& top) {
  return {.awvalid = &top.m_axi_awvalid_o,
          .awready = &top.m_axi_awready_i,
          .awaddr = &top.m_axi_awaddr_o,
          .awid = nullptr,
          .awlen = &top.m_axi_awlen_o,
          .awsize = &top.m_axi_awsize_o,
          .awburst = &top.m_axi_awburst_o,
          .wvalid = &top.m_axi_wvalid_o,
          .wready = &top.m_axi_wready_i,
          .wdata = &top.m_axi_wdata_o,
          .wstrb = &top.m_axi_wstrb_o,
          .wlast = &top.m_axi_wlast_o,
          .bvalid = &top.m_axi_bvalid_i,
          .bready = &top.m_axi_bready_o,
          .bid = nullptr,
          .bresp = &top.m_axi_bresp_i};
}

tb::AxiLitePort register_port(Vkpu_dmac& top) {
  return {&top.s_axil_awvalid_i, &top.s_axil_awready_o, &top.s_axil_awaddr_i,
          &top.s_axil_wvalid_i,  &top.s_axil_wready_o,  &top.s_axil_wdata_i,
          &top.s_axil_wstrb_i,   &top.s_axil_bvalid_o,  &top.s_axil_bready_i,
          &top.s_axil_bresp_o,   &top.s_axil_arvalid_i, &top.s_axil_arready_o,
          &top.s_axil_araddr_i,  &top.s_axil_rvalid_o,  &top.s_axil_rready_i,
          &top.s_axil_rdata_o,   &top.s_axil_rresp_o};
}

}  // namespace

DmacBench::DmacBench(const tb::MemoryTiming& timing)
    : reads_(read_port(clock_.top()), memory, timing),
      writes_(write_port(clock_.top()), memory, timing),
      regs_(register_port(clock_.top()), *this) {
  memory.add_segment(kBase, kSize);
  top().hs_items_i = 0;
  top().hs_end_i = 0;
  clock_.reset();
}

void DmacBench::settle() {
  reads_.drive();
  writes_.drive();
  clock_.settle();
}

void DmacBench::edge() {
  reads_.sample();
  writes_.sample();
  clock_.edge();
}

void DmacBench::reset() {
  reads_.reset();
  writes_.reset();
  clock_.reset();
}

void DmacBench::driver_init() {
  write(driver::kDmacReset, 1);
  while (read(driver::kDmacReset) != 0) {
  }
  write(driver::kDmacComIntClear, 0x10F);
  write(driver::kDmacCfg, 0);
  while (read(driver::kDmacCfg) != 0) {
  }
  write(driver::kDmacChEn, read(driver::kDmacChEn) & ~std::uint64_t{0x3F});
  for (unsigned n = 0; n < driver::kDmacChannels; ++n) {
    write(driver::dmac_channel(n) + driver::kDmacIntStatusEn, 0);
  }
  write(driver::kDmacCfg, 3);
}

void DmacBench::driver_start(unsigned channel, const Transfer& transfer) {
  const unsigned base = driver::dmac_channel(channel);
  write(base + driver::kDmacIntClear, 0xFFFFFFFF);
  enable(channel, false);
  while (enabled(channel)) {
  }
  write(base + driver::kDmacChCfg, transfer.cfg);
  write(base + driver::kDmacSar, transfer.src);
  write(base + driver::kDmacDar, transfer.dst);
  write(base + driver::kDmacCtl, transfer.control.word());
  write(base + driver::kDmacBlockTs, transfer.items - 1);
  write(driver::kDmacCfg, 3);
  enable(channel, true);
}

void DmacBench::enable(unsigned channel, bool on) {
  write(driver::kDmacChEn, std::uint64_t{0x100} << channel | std::uint64_t{on} << channel);
}

std::uint64_t DmacBench::wait(unsigned channel, std::uint64_t limit) {
  const std::uint64_t end = cycles() + limit;
  while (enabled(channel)) {
    if (cycles() > end) throw Error(fmt::format("DMAC channel {} does not stop", channel));
    for (int i = 0; i < 8; ++i) tick();
  }
  return read(driver::dmac_channel(channel) + driver::kDmacChIntStatus);
}

void DmacBench::model(const Transfer& transfer, std::vector<std::uint8_t>& memory) const {
  const std::uint32_t src_width = 1u << transfer.control.src_width;
  const std::uint32_t dst_width = 1u << transfer.control.dst_width;
  const std::uint32_t bytes = transfer.items * src_width;
  for (std::uint32_t i = 0; i < bytes; ++i) {
    const std::uint32_t from = transfer.src + (transfer.control.src_fixed ? i % src_width : i);
    const std::uint32_t to = transfer.dst + (transfer.control.dst_fixed ? i % dst_width : i);
    memory[to - kBase] = memory[from - kBase];
  }
}

std::vector<std::uint8_t> DmacBench::content() const {
  std::vector<std::uint8_t> bytes(kSize);
  memory.read(kBase, bytes);
  return bytes;
}

bool DmacBench::same_content(const std::vector<std::uint8_t>& expected, std::uint32_t at,
                             std::uint32_t size) const {
  std::vector<std::uint8_t> bytes(size);
  memory.read(kBase + at, bytes);
  return std::equal(bytes.begin(), bytes.end(), expected.begin() + at);
}

void DmacBench::set_content(std::span<const std::uint8_t> bytes) { memory.write(kBase, bytes); }

}  // namespace kpu::test
