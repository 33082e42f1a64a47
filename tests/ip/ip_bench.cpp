// SPDX-License-Identifier: Apache-2.0
#include "tests/ip/ip_bench.h"

#include <fmt/format.h>

#include "common/error.h"
#include "tb/coverage.h"
#include "tests/ip/port.h"

namespace kpu::test {
namespace {

constexpr int kPatience = 20'000;  // cycles for one access

}  // namespace

// Of the driver's port, which has no argument for it.
static IpBench* driven = nullptr;

namespace {

/// One transfer that a master offers once it does not stall, and holds until it is taken.
struct Offer {
  bool offered = false;
  bool taken = false;

  bool now(bool stall) {
    if (!taken && !stall) offered = true;
    return offered;
  }
  void look(std::uint8_t ready) {
    if (!offered || ready == 0) return;
    offered = false;
    taken = true;
  }
};

}  // namespace

IpBench::IpBench(const Interconnect& interconnect)
    : interconnect_(interconnect), random_(interconnect.seed) {
  context_.fatalOnError(false);
  context_.randReset(2);
  context_.randSeed(static_cast<int>(interconnect.seed % 1'000'000 + 1));
  top_ = std::make_unique<Vopenkpu>(&context_);
  Vopenkpu& t = *top_;
  map_.add_segment(kMemory, kMemoryBytes);
  memory_.emplace(
      tb::AxiReadPort{&t.m_axi_arvalid, &t.m_axi_arready, &t.m_axi_araddr, nullptr, &t.m_axi_arlen,
                      &t.m_axi_arsize, &t.m_axi_arburst, &t.m_axi_rvalid, &t.m_axi_rready,
                      &t.m_axi_rdata, nullptr, &t.m_axi_rresp, &t.m_axi_rlast},
      map_, interconnect.memory);
  axi_.emplace(
      tb::AxiReadPort{&t.s_axi_ram_arvalid, &t.s_axi_ram_arready, &t.s_axi_ram_araddr,
                      &t.s_axi_ram_arid, &t.s_axi_ram_arlen, &t.s_axi_ram_arsize,
                      &t.s_axi_ram_arburst, &t.s_axi_ram_rvalid, &t.s_axi_ram_rready,
                      &t.s_axi_ram_rdata, &t.s_axi_ram_rid, &t.s_axi_ram_rresp, &t.s_axi_ram_rlast},
      tb::AxiWritePort{
          &t.s_axi_ram_awvalid, &t.s_axi_ram_awready, &t.s_axi_ram_awaddr, &t.s_axi_ram_awid,
          &t.s_axi_ram_awlen, &t.s_axi_ram_awsize, &t.s_axi_ram_awburst, &t.s_axi_ram_wvalid,
          &t.s_axi_ram_wready, &t.s_axi_ram_wdata, &t.s_axi_ram_wstrb, &t.s_axi_ram_wlast,
          &t.s_axi_ram_bvalid, &t.s_axi_ram_bready, &t.s_axi_ram_bid, &t.s_axi_ram_bresp},
      *this);
  axi_->set_stalls(interconnect.stall_percent, interconnect.seed);
  held_ = {Held{"s_axi_ctrl B",
                [&t] { return t.s_axi_ctrl_bvalid != 0; },
                [&t] { return t.s_axi_ctrl_bready != 0; },
                [&t] { return t.s_axi_ctrl_bresp; },
                {}},
           Held{"s_axi_ctrl R",
                [&t] { return t.s_axi_ctrl_rvalid != 0; },
                [&t] { return t.s_axi_ctrl_rready != 0; },
                [&t] { return std::uint64_t{t.s_axi_ctrl_rdata} << 2 | t.s_axi_ctrl_rresp; },
                {}},
           Held{"s_axi_ram B",
                [&t] { return t.s_axi_ram_bvalid != 0; },
                [&t] { return t.s_axi_ram_bready != 0; },
                [&t] { return std::uint64_t{t.s_axi_ram_bid} << 2 | t.s_axi_ram_bresp; },
                {}},
           // Sixty bits of data, and the rest.
           Held{"s_axi_ram R",
                [&t] { return t.s_axi_ram_rvalid != 0; },
                [&t] { return t.s_axi_ram_rready != 0; },
                [&t] {
                  return t.s_axi_ram_rdata * 0x9E3779B97F4A7C15u ^
                         (std::uint64_t{t.s_axi_ram_rid} << 3 | t.s_axi_ram_rresp << 1 |
                          t.s_axi_ram_rlast);
                },
                {}},
           Held{"m_axi AR",
                [&t] { return t.m_axi_arvalid != 0; },
                [&t] { return t.m_axi_arready != 0; },
                [&t] { return std::uint64_t{t.m_axi_araddr} << 8 | t.m_axi_arlen; },
                {}}};
  // A simulator's asynchronous reset needs an edge, and so does the one behind kpu_reset_sync, whose flip-flops may begin
  // low: a clock edge under reset, before anything is looked at.
  t.aresetn = 1;
  t.eval();
  t.aresetn = 0;
  t.aclk = 0;
  t.eval();
  t.aclk = 1;
  t.eval();
  reset(3);
}

IpBench::~IpBench() {
  top_->final();
  tb::save_coverage(context_);
}

void IpBench::side_signals() {
  Vopenkpu& t = *top_;
  const std::uint64_t bits = random_.next();
  t.s_axi_ctrl_awprot = bits & 7;
  t.s_axi_ctrl_arprot = bits >> 3 & 7;
  t.s_axi_ram_awlock = bits >> 6 & 1;
  t.s_axi_ram_awcache = bits >> 7 & 15;
  t.s_axi_ram_awprot = bits >> 11 & 7;
  t.s_axi_ram_awqos = bits >> 14 & 15;
  t.s_axi_ram_arlock = bits >> 18 & 1;
  t.s_axi_ram_arcache = bits >> 19 & 15;
  t.s_axi_ram_arprot = bits >> 23 & 7;
  t.s_axi_ram_arqos = bits >> 26 & 15;
  t.m_axi_rid = bits >> 30 & 1;
}

void IpBench::settle() {
  side_signals();
  memory_->drive();
  top_->aclk = 0;
  top_->eval();
}

void IpBench::edge() {
  watch();
  memory_->sample();
  top_->aclk = 1;
  top_->eval();
  ++cycles_;
  if (context_.gotError()) throw HardwareFault("the RTL failed an assertion (named above)");
}

void IpBench::watch() {
  const Vopenkpu& t = *top_;
  for (Held& channel : held_) {
    if (t.aresetn == 0) {
      channel.last.reset();
      continue;
    }
    if (channel.last && (!channel.valid() || channel.payload() != *channel.last)) {
      throw Error(fmt::format("{}: offered, not taken, and changed", channel.name));
    }
    channel.last.reset();
    if (channel.valid() && !channel.ready()) channel.last = channel.payload();
  }
  if (t.m_axi_arvalid == 0) return;
  const std::uint32_t bytes = 8u * (t.m_axi_arlen + 1u);
  if (t.m_axi_arlen > 15 || t.m_axi_arsize != 3 || t.m_axi_arburst != 1 ||
      t.m_axi_araddr % 4096 + bytes > 4096) {
    throw Error(
        fmt::format("m_axi AR: address {:#x}, length {}, size {}, burst {}: expected up to "
                    "16 beats of 8 bytes, INCR, inside 4 KiB",
                    t.m_axi_araddr, t.m_axi_arlen, t.m_axi_arsize, t.m_axi_arburst));
  }
  if (t.m_axi_arid != 0 || t.m_axi_arlock != 0 || t.m_axi_arcache != 3 || t.m_axi_arprot != 0 ||
      t.m_axi_arqos != 0) {
    throw Error("m_axi AR: id, lock, cache, prot or qos is not as documented");
  }
}

void IpBench::reset(unsigned cycles) {
  Vopenkpu& t = *top_;
  t.aresetn = 0;
  t.s_axi_ctrl_awvalid = t.s_axi_ctrl_wvalid = t.s_axi_ctrl_arvalid = 0;
  t.s_axi_ram_awvalid = t.s_axi_ram_wvalid = t.s_axi_ram_arvalid = 0;
  t.eval();
  for (unsigned i = 0; i < cycles; ++i) tick();
  memory_->reset();  // at last: the first cycle of a simulation begins with anything
  t.aresetn = 1;
}

std::uint32_t IpBench::read32(std::uintptr_t address) {
  if (address >= kRam) return ram_read32(static_cast<std::uint32_t>(address - kRam));
  Vopenkpu& t = *top_;
  Offer ar;
  t.s_axi_ctrl_araddr = static_cast<std::uint16_t>(address - kRegs);
  for (int wait = 0; wait < kPatience; ++wait) {
    t.s_axi_ctrl_arvalid = ar.now(stalls());
    t.s_axi_ctrl_rready = !stalls();
    settle();
    if (t.s_axi_ctrl_rvalid != 0 && (!ar.taken || t.s_axi_ctrl_rresp != tb::kOkay)) {
      throw Error("s_axi_ctrl R: not asked for, or not OKAY");
    }
    ar.look(t.s_axi_ctrl_arready);
    const bool done = t.s_axi_ctrl_rvalid != 0 && t.s_axi_ctrl_rready != 0;
    const std::uint32_t value = t.s_axi_ctrl_rdata;
    edge();
    if (!done) continue;
    t.s_axi_ctrl_rready = 0;
    return value;
  }
  throw Error(fmt::format("s_axi_ctrl read of {:#x}: no answer", address));
}

void IpBench::write32(std::uintptr_t address, std::uint32_t value, std::uint8_t strobe) {
  if (address >= kRam)
    return ram_write32(static_cast<std::uint32_t>(address - kRam), value, strobe);
  Vopenkpu& t = *top_;
  Offer aw, w;
  t.s_axi_ctrl_awaddr = static_cast<std::uint16_t>(address - kRegs);
  t.s_axi_ctrl_wdata = value;
  t.s_axi_ctrl_wstrb = strobe;
  for (int wait = 0; wait < kPatience; ++wait) {
    t.s_axi_ctrl_awvalid = aw.now(stalls());
    t.s_axi_ctrl_wvalid = w.now(stalls());
    t.s_axi_ctrl_bready = !stalls();
    settle();
    if (t.s_axi_ctrl_bvalid != 0 && !(aw.taken && w.taken && t.s_axi_ctrl_bresp == tb::kOkay)) {
      throw Error("s_axi_ctrl B: before its write, or not OKAY");
    }
    aw.look(t.s_axi_ctrl_awready);
    w.look(t.s_axi_ctrl_wready);
    const bool done = t.s_axi_ctrl_bvalid != 0 && t.s_axi_ctrl_bready != 0;
    edge();
    if (!done) continue;
    t.s_axi_ctrl_bready = 0;
    return;
  }
  throw Error(fmt::format("s_axi_ctrl write of {:#x}: no answer", address));
}

std::uint32_t IpBench::ram_read32(std::uint32_t offset) {
  Vopenkpu& t = *top_;
  Offer ar;
  const auto id = static_cast<std::uint8_t>(random_.below(16));
  t.s_axi_ram_araddr = offset;
  t.s_axi_ram_arid = id;
  t.s_axi_ram_arlen = 0;
  t.s_axi_ram_arsize = 2;
  t.s_axi_ram_arburst = 1;
  for (int wait = 0; wait < kPatience; ++wait) {
    t.s_axi_ram_arvalid = ar.now(stalls());
    t.s_axi_ram_rready = !stalls();
    settle();
    if (t.s_axi_ram_rvalid != 0 && !(ar.taken && t.s_axi_ram_rresp == tb::kOkay &&
                                     t.s_axi_ram_rid == id && t.s_axi_ram_rlast != 0)) {
      throw Error("s_axi_ram R: not asked for, of another id, not the last, or not OKAY");
    }
    ar.look(t.s_axi_ram_arready);
    const bool done = t.s_axi_ram_rvalid != 0 && t.s_axi_ram_rready != 0;
    const std::uint64_t word = t.s_axi_ram_rdata;
    edge();
    if (!done) continue;
    t.s_axi_ram_rready = 0;
    return static_cast<std::uint32_t>(word >> (8 * (offset & 4)));
  }
  throw Error(fmt::format("s_axi_ram read of {:#x}: no answer", offset));
}

void IpBench::ram_write32(std::uint32_t offset, std::uint32_t value, std::uint8_t strobe) {
  Vopenkpu& t = *top_;
  Offer aw, w;
  const auto id = static_cast<std::uint8_t>(random_.below(16));
  t.s_axi_ram_awaddr = offset;
  t.s_axi_ram_awid = id;
  t.s_axi_ram_awlen = 0;
  t.s_axi_ram_awsize = 2;
  t.s_axi_ram_awburst = 1;
  t.s_axi_ram_wdata = std::uint64_t{value} << (8 * (offset & 4));
  t.s_axi_ram_wstrb = static_cast<std::uint8_t>(strobe << (offset & 4));
  t.s_axi_ram_wlast = 1;
  for (int wait = 0; wait < kPatience; ++wait) {
    t.s_axi_ram_awvalid = aw.now(stalls());
    t.s_axi_ram_wvalid = w.now(stalls());
    t.s_axi_ram_bready = !stalls();
    settle();
    if (t.s_axi_ram_bvalid != 0 &&
        !(aw.taken && w.taken && t.s_axi_ram_bresp == tb::kOkay && t.s_axi_ram_bid == id)) {
      throw Error("s_axi_ram B: before its write, of another id, or not OKAY");
    }
    aw.look(t.s_axi_ram_awready);
    w.look(t.s_axi_ram_wready);
    const bool done = t.s_axi_ram_bvalid != 0 && t.s_axi_ram_bready != 0;
    edge();
    if (!done) continue;
    t.s_axi_ram_bready = 1;  // as tb::AxiMaster leaves it
    return;
  }
  throw Error(fmt::format("s_axi_ram write of {:#x}: no answer", offset));
}

DriverPort::DriverPort(IpBench& bench) { driven = &bench; }
DriverPort::~DriverPort() { driven = nullptr; }

}  // namespace kpu::test

std::uint32_t kpu_port_read32(std::uintptr_t address) { return kpu::test::driven->read32(address); }

void kpu_port_write32(std::uintptr_t address, std::uint32_t value) {
  kpu::test::driven->write32(address, value);
}
