// SPDX-License-Identifier: Apache-2.0
#include "board/devices/spi.h"

#include <algorithm>
#include <cstddef>

#include "common/bits.h"

namespace kpu::board {
namespace {

enum : std::uint32_t {
  kCtrlr0 = 0x00,
  kCtrlr1 = 0x04,
  kSsienr = 0x08,
  kSer = 0x10,
  kTxflr = 0x20,
  kRxflr = 0x24,
  kSr = 0x28,
  kIdr = 0x58,
  kSpiVersion = 0x5C,
  kSpiData = 0x60,
  kDataEnd = 0xF0,
  kSpiCtrlr0 = 0xF4,
};

constexpr std::uint32_t kFifoDepth = 32;
constexpr std::uint32_t kNotFullAndEmpty = 0x06;
constexpr std::uint32_t kSpiReceived = 0x08;

}  // namespace

SpiTransfer Spi::configuration() const {
  const std::uint32_t c = storage_.get(kCtrlr0);
  const bool spi3 = layout_ == Layout::Spi3;
  SpiTransfer transfer;
  transfer.frame_bits = static_cast<unsigned>(bits(c, spi3 ? 0 : 16, 5) + 1);
  transfer.mode = static_cast<unsigned>(bits(c, spi3 ? 10 : 8, 2));
  transfer.lines = static_cast<unsigned>(bits(c, spi3 ? 22 : 21, 2));
  transfer.address_bits = static_cast<unsigned>(4 * bits(storage_.get(kSpiCtrlr0), 2, 4));
  return transfer;
}

void Spi::run() {
  const std::uint32_t selected = storage_.get(kSer);
  if ((storage_.get(kSsienr) & 1) == 0 || selected == 0 || transmit_.empty()) {
    return;
  }
  SpiTransfer transfer = configuration();
  const std::size_t head = transfer.lines != 0 ? (transfer.address_bits != 0 ? 2 : 1) : 1;
  if (transfer.mode >= 2 && transmit_.size() < head) {
    return;
  }
  transfer.receive = transfer.mode == 0   ? transmit_.size()
                     : transfer.mode == 1 ? 0
                                          : bits(storage_.get(kCtrlr1), 0, 16) + 1;
  transfer.frames.swap(transmit_);
  std::vector<std::uint32_t> answer(transfer.receive, ~0u);
  for (unsigned i = 0; i < slaves_.size(); ++i) {
    if (bits(selected, i, 1) != 0 && slaves_[i] != nullptr) {
      answer = slaves_[i]->exchange(transfer);
    }
  }
  receive_.insert(receive_.end(), answer.begin(), answer.end());
  if (!receive_.empty() && on_receive_) {
    on_receive_();
  }
}

void Spi::release() {
  run();
  for (unsigned i = 0; i < slaves_.size(); ++i) {
    if (bits(storage_.get(kSer), i, 1) != 0 && slaves_[i] != nullptr) {
      slaves_[i]->deselect();
    }
  }
}

std::optional<std::uint64_t> Spi::dma_read(std::uint64_t) {
  if (receive_.empty()) {
    return std::nullopt;
  }
  const std::uint32_t frame = receive_.front();
  receive_.pop_front();
  return frame;
}

std::optional<std::uint64_t> Spi::read(std::uint32_t offset, unsigned bytes) {
  if (offset >= kSpiData && offset < kDataEnd) {
    run();
    return dma_read(0).value_or(0);
  }
  switch (offset) {
    case kTxflr:
      run();
      return 0;
    case kRxflr:
      run();
      return std::min<std::size_t>(receive_.size(), kFifoDepth);
    case kSr:
      run();
      return kNotFullAndEmpty | (receive_.empty() ? 0 : kSpiReceived);
    case kIdr:
      return 0xFFFF'FFFF;
    case kSpiVersion:
      return 0x3430'312A;
    default:
      return storage_.read(offset, bytes);
  }
}

bool Spi::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  if (offset >= kSpiData && offset < kDataEnd) {
    if ((storage_.get(kSsienr) & 1) != 0) {
      transmit_.push_back(static_cast<std::uint32_t>(value));
    }
    return true;
  }
  const bool releases = (offset == kSer && value == 0) || (offset == kSsienr && (value & 1) == 0);
  if (releases) {
    release();
  }
  if (offset == kSsienr && (value & 1) == 0) {
    transmit_.clear();
    receive_.clear();
  }
  const bool known = storage_.write(offset, bytes, value);
  if (offset == kSer) {
    run();
  }
  return known;
}

}  // namespace kpu::board
