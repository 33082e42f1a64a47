// SPDX-License-Identifier: Apache-2.0
#include "board/cpu/ram.h"

#include <algorithm>
#include <bit>
#include <cstddef>

static_assert(std::endian::native == std::endian::little, "RAM is read as the host's numbers");

namespace kpu::board {

Ram::Page& Ram::page(std::size_t at) {
  std::unique_ptr<Page>& page = pages_[at / kPageBytes];
  if (!page) {
    page = std::make_unique<Page>();
    page->back().kind = Kind::PageEnd;
  }
  return *page;
}

void Ram::write(std::size_t at, std::span<const std::uint8_t> bytes) {
  const std::size_t here = at < direct_ ? std::min(bytes.size(), direct_ - at) : 0;
  if (here != 0) {
    std::copy_n(bytes.begin(), here, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
    forget(at, here);
  }
  if (here != bytes.size()) {
    ai_ram_->write(at + here - kAiRam, bytes.subspan(here));
  }
}

void Ram::read(std::size_t at, std::span<std::uint8_t> bytes) const {
  const std::size_t here = at < direct_ ? std::min(bytes.size(), direct_ - at) : 0;
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), here, bytes.begin());
  if (here != bytes.size()) {
    ai_ram_->read(at + here - kAiRam, bytes.subspan(here));
  }
}

Instruction Ram::decode_at(std::size_t at) const {
  std::uint32_t bits = load<std::uint16_t>(at);
  if ((bits & 3) == 3 && at + 4 <= direct_) {
    bits = load<std::uint32_t>(at);
  }
  return decode(bits);
}

void Ram::forget_in(std::size_t index, std::size_t at, std::size_t count) {
  // An instruction that begins one half word earlier may reach into the range.
  const std::size_t start = index * kPageBytes;
  const std::size_t first = std::max(at > 2 ? at - 2 : 0, start) / 2;
  const std::size_t end = std::min(at + count - 1, start + kPageBytes - 1) / 2;
  for (std::size_t i = first; i <= end; ++i) {
    (*pages_[index])[i - start / 2].kind = Kind::Undecoded;
  }
}

}  // namespace kpu::board
