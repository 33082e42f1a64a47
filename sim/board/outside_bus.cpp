// SPDX-License-Identifier: Apache-2.0
#include "sim/board/outside_bus.h"

#include <bit>

#include "driver/k210_map.h"

namespace kpu::sim {

tb::AxiResponse OutsideBus::read_beat(std::uint32_t address, unsigned, std::uint64_t& word) {
  ++beats_;
  if (address < driver::kSramBytes) {
    word = ports_.ram.load<std::uint64_t>(address & ~std::uint32_t{7});
    return tb::kOkay;
  }
  board::DmaEndpoint* const device = ports_.endpoint(address);
  if (device == nullptr) return tb::kDecodeError;
  // The DMA controller asks for no more than the device said it holds.
  word = device->dma_read(0).value_or(0) << 8 * (address % 8);
  if (on_taken_) on_taken_();
  return tb::kOkay;
}

tb::AxiResponse OutsideBus::write_beat(std::uint32_t address, std::uint64_t word,
                                       std::uint8_t strobe) {
  ++beats_;
  const std::uint32_t aligned = address & ~std::uint32_t{7};
  if (address < driver::kSramBytes) {
    if (strobe == 0xFF) {
      ports_.ram.store<std::uint64_t>(aligned, word);
      return tb::kOkay;
    }
    for (unsigned b = 0; b < 8; ++b) {
      if ((strobe >> b & 1) != 0) {
        ports_.ram.store<std::uint8_t>(aligned + b, static_cast<std::uint8_t>(word >> 8 * b));
      }
    }
    return tb::kOkay;
  }
  board::DmaEndpoint* const device = ports_.endpoint(address);
  if (device == nullptr) return tb::kDecodeError;
  if (strobe != 0) device->dma_write(word >> 8 * std::countr_zero(strobe));
  return tb::kOkay;
}

}  // namespace kpu::sim
