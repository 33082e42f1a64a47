// SPDX-License-Identifier: Apache-2.0
#include "board/cpu/ram.h"

#include <algorithm>
#include <bit>

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

Instruction Ram::decode_at(std::size_t at) const {
  std::uint32_t bits = load<std::uint16_t>(at);
  if ((bits & 3) == 3 && at + 4 <= kBytes) {
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
