// SPDX-License-Identifier: Apache-2.0
//
// Addresses of AI RAM images: the standard layouts around every width where they change, the
// layer words' own steps, and that packing touches pixels only.
#include "golden/kpu/ai_ram.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "common/error.h"
#include "golden/kpu/golden_backend.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;

namespace {

std::vector<std::uint8_t> counting_image(const ImageLayout& layout) {
  std::vector<std::uint8_t> planar(layout.planar_bytes());
  std::iota(planar.begin(), planar.end(), std::uint8_t{1});
  return planar;
}

}  // namespace

TEST_CASE("standard layout by width") {
  struct Expected {
    std::uint32_t width, line_channels, row_lines;
  };
  for (const Expected& e : {Expected{1, 4, 1},
                            {16, 4, 1},
                            {17, 2, 1},
                            {32, 2, 1},
                            {33, 1, 1},
                            {64, 1, 1},
                            {65, 1, 2},
                            {320, 1, 5},
                            {1024, 1, 16}}) {
    CAPTURE(e.width);
    const ImageLayout layout = ImageLayout::standard(7, 5, 3, e.width);
    CHECK(layout.line_channels == e.line_channels);
    CHECK(layout.row_lines == e.row_lines);
    CHECK(layout.group_lines == e.row_lines * 3);
    CHECK(layout.address(0, 0, 0) == 7 * 64);
  }
}

TEST_CASE("addresses follow channel groups, rows and lines") {
  const ImageLayout four = ImageLayout::standard(10, 6, 3, 14);
  CHECK(four.address(0, 2, 13) == (10 + 2) * 64 + 13);
  CHECK(four.address(3, 1, 0) == (10 + 1) * 64 + 48);
  CHECK(four.address(5, 2, 4) == (10 + 3 + 2) * 64 + 16 + 4);
  CHECK(four.end_line() == 16);

  const ImageLayout two = ImageLayout::standard(0, 3, 2, 20);
  CHECK(two.address(1, 1, 19) == 64 + 32 + 19);
  CHECK(two.address(2, 0, 0) == 2 * 64);

  const ImageLayout one = ImageLayout::standard(1, 2, 2, 70);
  CHECK(one.address(1, 1, 69) == (1 + 4 + 2 + 1) * 64 + 5);

  ImageLayout spread = one;
  spread.row_lines = 5;
  spread.group_lines = 100;
  CHECK(spread.address(1, 1, 0) == (1 + 100 + 5) * 64);
}

TEST_CASE("packing and unpacking give the image back and leave padding alone") {
  for (std::uint32_t width : {1u, 15u, 16u, 17u, 31u, 32u, 33u, 63u, 64u, 65u, 130u}) {
    for (std::uint32_t channels : {1u, 2u, 3u, 5u}) {
      CAPTURE(width, channels);
      const ImageLayout layout = ImageLayout::standard(3, channels, 4, width);
      const std::vector<std::uint8_t> planar = counting_image(layout);
      AiRam ram;
      std::fill(ram.bytes().begin(), ram.bytes().end(), std::uint8_t{0xEE});
      pack_image(ram.bytes(), layout, planar);
      CHECK(unpack_image(ram.bytes(), layout) == planar);
      for (std::uint32_t channel = 0; channel < channels; ++channel) {
        if (width % 16 != 0) {
          CHECK(ram.bytes()[layout.address(channel, 1, width - 1) + 1] == 0xEE);
        }
      }
    }
  }
}

TEST_CASE("an image must fit AI RAM and have its layout's size") {
  AiRam ram;
  const ImageLayout last = ImageLayout::standard(kpu::kAiRamLines - 1, 4, 1, 16);
  CHECK_NOTHROW(pack_image(ram.bytes(), last, counting_image(last)));
  const ImageLayout beyond = ImageLayout::standard(kpu::kAiRamLines - 1, 5, 1, 16);
  CHECK_THROWS_AS(pack_image(ram.bytes(), beyond, counting_image(beyond)), kpu::Error);
  CHECK_THROWS_AS(unpack_image(ram.bytes(), beyond), kpu::Error);
  CHECK_THROWS_AS(pack_image(ram.bytes(), last, std::vector<std::uint8_t>(63)), kpu::Error);
}

TEST_CASE("images go through a backend whole") {
  GoldenBackend backend;
  for (std::uint32_t width : {7u, 20u, 65u}) {
    ImageLayout layout = ImageLayout::standard(100, 5, 3, width);
    for (std::uint32_t extra : {0u, 4u}) {
      CAPTURE(width, extra);
      layout.group_lines += extra;
      const std::vector<std::uint8_t> planar = counting_image(layout);
      upload_image(backend, layout, planar);
      CHECK(download_image(backend, layout) == planar);
    }
  }
  std::vector<std::uint8_t> byte(1);
  CHECK_NOTHROW(backend.read_ram(kpu::kAiRamBytes - 1, byte));
  CHECK_THROWS_AS(backend.read_ram(kpu::kAiRamBytes, byte), kpu::Error);
  CHECK_THROWS_AS(backend.write_ram(~std::size_t{0}, byte), kpu::Error);
}
