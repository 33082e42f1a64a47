// SPDX-License-Identifier: Apache-2.0
//
// Rows of every width across the sizes of a move, each with its bytes and not a byte beside them.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/copy_rows.h"
#include "tests/support/catch2.h"

TEST_CASE("rows of every width are copied and nothing beside them") {
  constexpr std::size_t kRows = 3, kFrom = 150, kTo = 170;
  std::vector<std::uint8_t> from(kRows * kFrom);
  for (std::size_t i = 0; i < from.size(); ++i) {
    from[i] = static_cast<std::uint8_t>(1 + i % 251);
  }
  for (std::size_t width = 0; width <= 140; ++width) {
    std::vector<std::uint8_t> to(kRows * kTo), expected(kRows * kTo);
    kpu::copy_rows(from.data(), kFrom, to.data(), kTo, width, kRows);
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t i = 0; i < width; ++i) {
        expected[row * kTo + i] = from[row * kFrom + i];
      }
    }
    CAPTURE(width);
    CHECK(to == expected);
  }
}
