// SPDX-License-Identifier: Apache-2.0
#include "tb/kpu_harness.h"

#include <fmt/format.h>
#include <verilated.h>
#include <verilated_fst_c.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <type_traits>
#include <utility>

#include "Vkpu_soc.h"
#include "Vkpu_soc___024root.h"
#include "common/error.h"
#include "tb/ai_ram.h"
#include "tb/coverage.h"

namespace kpu::tb {
namespace {

KPU_DEFINE_AI_RAM(ai_ram_of, kpu_soc__DOT__u_kpu__DOT__u_ai_mem)

}  // namespace

struct KpuHarness::Design {
  VerilatedContext context;
  std::unique_ptr<Vkpu_soc> top;
  std::unique_ptr<VerilatedFstC> trace;
  std::uint64_t trace_from = 0;   ///< first time that is recorded
  std::uint64_t trace_times = 0;  ///< how many times from there

  explicit Design(std::uint64_t seed) {
    context.traceEverOn(true);
    context.fatalOnError(false);
    context.randReset(2);
    // The simulator takes 31 bits, and 0 as "any".
    context.randSeed(static_cast<int>(seed & 0x7FFFFFFE) + 1);
    top = std::make_unique<Vkpu_soc>(&context, "kpu_soc");
  }

  // The model's end looks for its scopes in the thread's context: the one made last, which may be gone.
  ~Design() { Verilated::threadContextp(&context); }

  void eval() {
    top->eval();
    if (trace && context.time() - trace_from < trace_times) trace->dump(context.time());
    context.timeInc(1);
  }

  auto ai_ram() const { return ai_ram_of(*top->rootp); }

  // What kpu_traffic.sv counts.
#if KPU_TRAFFIC
  std::uint32_t layers() const { return top->rootp->kpu_soc__DOT__u_kpu__DOT__u_traffic__DOT__layers_q; }
  std::uint64_t count(std::size_t index) const {
    return top->rootp->kpu_soc__DOT__u_kpu__DOT__u_traffic__DOT__latched_q[index];
  }
#else
  std::uint32_t layers() const { return 0; }
  std::uint64_t count(std::size_t) const { return 0; }
#endif
};

namespace {

using Ram = decltype(ai_ram_of(std::declval<Vkpu_soc___024root&>()));

/// Order and names of kpu_traffic.sv's enum.
constexpr std::array<const char*, 19> kTrafficNames{
    "cycles",          "ring_reads",      "array_cycles",     "drain_cycles",  "sums_started",
    "sums_added",      "lanes_valid",     "post_lines",       "parameter_beats",
    "ram_reads_lines", "ram_reads_again", "ram_reads_stream", "ram_reads_bus",
    "ram_waits_lines", "ram_waits_stream", "ram_waits_bus",   "ram_waits_met",
    "ram_waits_writes", "ram_waits_bus_writes"};
/// Layers whose traffic waits to be asked for; more than software has under way.
constexpr std::size_t kMostLayers = 256;

void check_range(std::size_t address, std::size_t size) {
  if (address > Ram::kBytes || size > Ram::kBytes - address) {
    throw Error(fmt::format("{} bytes at {:#x} leave AI RAM: expected at most {:#x}", size, address,
                            Ram::kBytes));
  }
}

/// Offset in SRAM of an address in either alias.
std::uint32_t sram_offset(std::uint32_t address, std::size_t size) {
  for (const std::uint32_t base : {driver::kSramBase, driver::kSramCachedBase}) {
    if (address >= base && address - base <= driver::kSramBytes &&
        size <= driver::kSramBytes - (address - base)) {
      return address - base;
    }
  }
  throw Error(fmt::format("{} bytes at {:#010x} lie outside SRAM", size, address));
}

}  // namespace

KpuHarness::KpuHarness(const HarnessConfig& config)
    : design_(std::make_unique<Design>(config.seed)) {
  Vkpu_soc& top = *design_->top;
  if (config.outside == nullptr) memory_.add_segment(0, driver::kSramBytes);
  AxiTarget& memory = config.outside != nullptr ? *config.outside : memory_;
  top.dma_items_i = 0;
  reads_ = std::make_unique<AxiReadMemory>(AxiReadPort{.arvalid = &top.m_axi_arvalid_o,
                                                       .arready = &top.m_axi_arready_i,
                                                       .araddr = &top.m_axi_araddr_o,
                                                       .arid = &top.m_axi_arid_o,
                                                       .arlen = &top.m_axi_arlen_o,
                                                       .arsize = &top.m_axi_arsize_o,
                                                       .arburst = &top.m_axi_arburst_o,
                                                       .rvalid = &top.m_axi_rvalid_i,
                                                       .rready = &top.m_axi_rready_o,
                                                       .rdata = &top.m_axi_rdata_i,
                                                       .rid = &top.m_axi_rid_i,
                                                       .rresp = &top.m_axi_rresp_i,
                                                       .rlast = &top.m_axi_rlast_i},
                                           memory, config.memory);
  writes_ = std::make_unique<AxiWriteMemory>(AxiWritePort{.awvalid = &top.m_axi_awvalid_o,
                                                          .awready = &top.m_axi_awready_i,
                                                          .awaddr = &top.m_axi_awaddr_o,
                                                          .awid = &top.m_axi_awid_o,
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
                                                          .bid = &top.m_axi_bid_i,
                                                          .bresp = &top.m_axi_bresp_i},
                                             memory, config.memory);
  cpu_ = std::make_unique<CpuPort>(AxiReadPort{.arvalid = &top.s_axi_arvalid_i,
                                               .arready = &top.s_axi_arready_o,
                                               .araddr = &top.s_axi_araddr_i,
                                               .arid = nullptr,
                                               .arlen = &top.s_axi_arlen_i,
                                               .arsize = &top.s_axi_arsize_i,
                                               .arburst = &top.s_axi_arburst_i,
                                               .rvalid = &top.s_axi_rvalid_o,
                                               .rready = &top.s_axi_rready_i,
                                               .rdata = &top.s_axi_rdata_o,
                                               .rid = nullptr,
                                               .rresp = &top.s_axi_rresp_o,
                                               .rlast = &top.s_axi_rlast_o},
                                   AxiWritePort{.awvalid = &top.s_axi_awvalid_i,
                                                .awready = &top.s_axi_awready_o,
                                                .awaddr = &top.s_axi_awaddr_i,
                                                .awid = nullptr,
                                                .awlen = &top.s_axi_awlen_i,
                                                .awsize = &top.s_axi_awsize_i,
                                                .awburst = &top.s_axi_awburst_i,
                                                .wvalid = &top.s_axi_wvalid_i,
                                                .wready = &top.s_axi_wready_o,
                                                .wdata = &top.s_axi_wdata_i,
                                                .wstrb = &top.s_axi_wstrb_i,
                                                .wlast = &top.s_axi_wlast_i,
                                                .bvalid = &top.s_axi_bvalid_o,
                                                .bready = &top.s_axi_bready_i,
                                                .bid = nullptr,
                                                .bresp = &top.s_axi_bresp_o},
                                   *this);
  reset();
}

KpuHarness::~KpuHarness() {
  stop_trace();
  design_->top->final();
  save_coverage(design_->context);
}

void KpuHarness::settle() {
  reads_->drive();
  writes_->drive();
  design_->top->clk_i = 0;
  design_->eval();
}

void KpuHarness::edge() {
  reads_->sample();
  writes_->sample();
  design_->top->clk_i = 1;
  design_->eval();
  ++cycles_;
  if (design_->layers() != layers_) [[unlikely]] {
    layers_ = design_->layers();
    std::map<std::string, std::uint64_t>& counts = layer_traffic_.emplace_back();
    for (std::size_t i = 0; i < kTrafficNames.size(); ++i) counts[kTrafficNames[i]] = design_->count(i);
    if (layer_traffic_.size() > kMostLayers) layer_traffic_.pop_front();
  }
  if (design_->context.gotError()) [[unlikely]] {
    throw HardwareFault(fmt::format("the RTL failed an assertion in cycle {} (named above)", cycles_));
  }
}

void KpuHarness::reset() {
  design_->top->rst_ni = 0;
  for (int i = 0; i < 4; ++i) tick();
  layers_ = 0;
  layer_traffic_.clear();
  reads_->reset();
  writes_->reset();
  design_->top->rst_ni = 1;
  tick();
}

std::uint32_t KpuHarness::interrupts() const { return design_->top->irq_o; }

unsigned KpuHarness::dma_select(unsigned channel) const {
  return static_cast<unsigned>(design_->top->dma_select_o >> 6 * channel & 63);
}

void KpuHarness::set_dma_items(unsigned channel, std::uint8_t items) {
  auto& all = design_->top->dma_items_i;
  const std::uint64_t field = std::uint64_t{0xFF} << 8 * channel;
  all = static_cast<std::remove_reference_t<decltype(all)>>((all & ~field) |
                                                            std::uint64_t{items} << 8 * channel);
}

std::size_t KpuHarness::ai_ram_bytes() { return Ram::kBytes; }
std::size_t KpuHarness::lanes() { return Ram::kWordBytes; }

driver::Traffic KpuHarness::traffic(driver::Initiator initiator) const {
  return {reads_->bytes(initiator), writes_->bytes(initiator)};
}

std::map<std::string, std::uint64_t> KpuHarness::layer_traffic() {
  if (layer_traffic_.empty()) return {};
  std::map<std::string, std::uint64_t> counts = std::move(layer_traffic_.front());
  layer_traffic_.pop_front();
  return counts;
}

bool KpuHarness::counts_layers() const { return KPU_TRAFFIC != 0; }

void KpuHarness::load_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  memory_.write(sram_offset(address, bytes.size()), bytes);
}

void KpuHarness::peek_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const {
  memory_.read(sram_offset(address, bytes.size()), bytes);
}

void KpuHarness::add_fault(std::uint32_t address, std::size_t size) {
  memory_.add_fault(sram_offset(address, size), size);
}

void KpuHarness::load_ai_ram(std::size_t address, std::span<const std::uint8_t> bytes) {
  check_range(address, bytes.size());
  design_->ai_ram().write(address, bytes);
}

void KpuHarness::peek_ai_ram(std::size_t address, std::span<std::uint8_t> bytes) const {
  check_range(address, bytes.size());
  design_->ai_ram().read(address, bytes);
}

void KpuHarness::start_trace(const std::string& path, std::uint64_t from, std::uint64_t cycles) {
  stop_trace();
  // A cycle is two times, one for each level of the clock; a window without end must not wrap.
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  design_->trace_from = design_->context.time() + 2 * std::min(from, kMost);
  design_->trace_times = 2 * std::min(cycles, kMost);
  // The simulator ends the program when it cannot write.
  if (!std::ofstream(path, std::ios::binary)) {
    throw Error(fmt::format("wave file {}: cannot be written", path));
  }
  design_->trace = std::make_unique<VerilatedFstC>();
  design_->top->trace(design_->trace.get(), 99);
  design_->trace->open(path.c_str());
}

void KpuHarness::stop_trace() {
  if (!design_->trace) return;
  design_->trace->close();
  design_->trace.reset();
}

}  // namespace kpu::tb
