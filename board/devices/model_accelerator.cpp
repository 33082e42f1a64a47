// SPDX-License-Identifier: Apache-2.0
#include "board/devices/model_accelerator.h"

#include <memory>

#include "common/bits.h"
#include "driver/k210_map.h"
#include "driver/kpu_registers.h"

namespace kpu::board {
namespace {

/// The KPU's clock: PLL1 as all known firmware sets it.
constexpr double kKpuHz = 400e6;
constexpr std::uint32_t kSelect0 = 0x64;  // of channels 0 to 4

}  // namespace

ModelAccelerator::ModelAccelerator(const BoardPorts& ports, golden::KpuBackend& backend)
    : kpu_(ports.ram, ports.plic, ports.events, backend),
      dmac_(ports.ram, ports.plic, ports.events) {
  kpu_.on_output([this] { dmac_.move(); });
  kpu_.set_pc(ports.pc);
  kpu_.set_clock_ratio([cpu_hz = ports.cpu_hz] { return static_cast<double>(cpu_hz()) / kKpuHz; });
  dmac_.set_endpoints([this, endpoint = ports.endpoint](std::uint64_t address) -> DmaEndpoint* {
    if (address == driver::kKpuBase + driver::kRegFifoDataOut ||
        address == driver::kKpuBase + driver::kRegLayerArgumentFifo) {
      return &kpu_;
    }
    return endpoint(address);
  });
  dmac_.set_requesters([this, requester = ports.requester](unsigned channel) -> DmaEndpoint* {
    const unsigned line = selected_.at(channel);
    return line == driver::kDmaRequestKpu ? &kpu_ : requester(line);
  });
}

void ModelAccelerator::select_request(std::uint32_t offset, std::uint32_t value) {
  if (offset == kSelect0) {
    for (unsigned c = 0; c < 5; ++c) {
      selected_[c] = static_cast<unsigned>(bits(value, 6 * c, 6));
    }
  } else {
    selected_[5] = static_cast<unsigned>(bits(value, 0, 6));
  }
  dmac_.move();
}

MakeAccelerator model_accelerator(golden::KpuBackend& backend) {
  return [&backend](const BoardPorts& ports) {
    return std::make_unique<ModelAccelerator>(ports, backend);
  };
}

}  // namespace kpu::board
