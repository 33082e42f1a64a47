// SPDX-License-Identifier: Apache-2.0
//
// Pictures: reading, size checks, scaling, drawing, .npy files and contact sheets. Small pictures
// whose every pixel is known; the file formats themselves are stb's.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "sim/report/contact_sheet.h"
#include "sim/text/npy.h"
#include "sim/vision/annotate.h"
#include "sim/vision/image.h"
#include "sim/vision/image_io.h"
#include "sim/vision/network_input.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
using kpu::test::contains_text;
using kpu::test::TempFolder;

namespace {

/// 3 x 2 pixels, each byte different.
Image small_picture() {
  Image image(3, 2, 3);
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    image.data[i] = static_cast<std::uint8_t>(10 * i);
  }
  return image;
}

}  // namespace

TEST_CASE("PNG goes out and comes back") {
  const TempFolder folder;
  const Image image = small_picture();
  save_png(folder / "a.png", image);
  const Image back = load_image(folder / "a.png", 3);
  CHECK(back.width == 3);
  CHECK(back.height == 2);
  CHECK(back.data == image.data);
}

TEST_CASE("a picture becomes planes, as uint8 or float") {
  const TempFolder folder;
  const Image image = small_picture();
  save_png(folder / "a.png", image);
  const Input bytes = load_input(folder / "a.png", {3, 2, 3, 1});
  REQUIRE(bytes.bytes.size() == 18);
  CHECK(bytes.bytes[0] == image.data[0]);
  CHECK(bytes.bytes[1] == image.data[3]);
  CHECK(bytes.bytes[6] == image.data[1]);
  CHECK(bytes.bytes[17] == image.data[17]);

  const Input floats = load_input(folder / "a.png", {3, 2, 3, 4});
  REQUIRE(floats.bytes.size() == 72);
  float value = 0;
  std::memcpy(&value, &floats.bytes[4], 4);
  CHECK(value == 30.0f / 255);  // as if divided
}

TEST_CASE("a picture of another size is refused with the needed size") {
  const TempFolder folder;
  save_png(folder / "a.png", small_picture());
  CHECK_THROWS_WITH(load_input(folder / "a.png", {3, 240, 320, 1}),
                    contains_text("3x2") && contains_text("320x240") && contains_text("--resize"));
  CHECK_THROWS_WITH(load_input(folder / "a.png", {16, 2, 3, 1}), contains_text("16 channels"));
}

TEST_CASE("raw files need exactly the input's size") {
  const TempFolder folder;
  const std::vector<std::uint8_t> raw{1, 2, 3, 4, 5, 6};
  kpu::write_file(folder / "a.bin", raw.data(), raw.size());
  CHECK(load_input(folder / "a.bin", {1, 2, 3, 1}).bytes == raw);
  CHECK(load_input(folder / "a.bin", {1, 2, 3, 1}).picture->channels == 1);
  CHECK_FALSE(load_input(folder / "a.bin", {6, 1, 1, 1}).picture);
  CHECK_THROWS_WITH(load_input(folder / "a.bin", {1, 2, 3, 4}), contains_text("6 bytes") &&
                                                                    contains_text("24 bytes") &&
                                                                    contains_text("float32"));
}

TEST_CASE("files that are missing or damaged are named") {
  const TempFolder folder;
  CHECK_THROWS_WITH(load_image(folder / "none.png", 3), contains_text("none.png"));
  CHECK_THROWS_AS(kpu::write_file(folder / "no/such/folder", "x", 1), kpu::Error);
  save_png(folder / "a.png", small_picture());
  std::vector<std::uint8_t> png = kpu::read_file(folder / "a.png");
  png.resize(png.size() / 2);
  kpu::write_file(folder / "cut.png", png.data(), png.size());
  CHECK_THROWS_WITH(load_image(folder / "cut.png", 3), contains_text("cut.png"));
}

TEST_CASE("scaling keeps flat pictures flat and averages when it shrinks") {
  const Image flat(7, 5, 1, {90, 0, 0});
  for (std::uint8_t value : resize(flat, 13, 3).data) CHECK(value == 90);
  Image stripes(8, 1, 1);
  for (std::size_t i = 1; i < 8; i += 2) stripes.data[i] = 200;
  for (std::uint8_t value : resize(stripes, 2, 1).data) CHECK(std::abs(value - 100) <= 15);
  const Image image = small_picture();
  CHECK(resize(image, 3, 2).data == image.data);
  CHECK(magnify(image, 2).data[3] == image.data[0]);
}

TEST_CASE("drawing stays inside the picture") {
  Image image(8, 8, 3);
  fill_rect(image, {-5, -5, 100, 7}, {1, 2, 3});
  CHECK(image.data[0] == 1);
  CHECK(image.data[8 * 3 * 2] == 0);
  draw_text(image, -3, 2, "outside?", 3, {255, 255, 255});
  draw_rect(image, {6, 6, 50, 50}, 2, {9, 9, 9});
  CHECK(image.data[(7 * 8 + 7) * 3] == 9);
  CHECK(text_width("ab", 2) == 2 * text_width("ab", 1));
  const std::vector<Detection> wild{{1e30f, -1e30f, 1e30f, 1e30f, 3, 0.9f}, {0, 0, 1, 1, 0, 1}};
  CHECK(annotate_boxes(image, wild, {}).width == 640);
}

TEST_CASE("npy header: magic, length, dictionary, padding") {
  const std::vector<std::uint8_t> values{1, 2, 3, 4, 5, 6};
  const std::vector<std::size_t> shape{1, 2, 3};
  const std::vector<std::uint8_t> file = npy_bytes(values, shape);
  CHECK(std::memcmp(file.data(), "\x93NUMPY\x01\x00", 8) == 0);
  const std::size_t header = file[8] + 256u * file[9];
  CHECK((10 + header) % 64 == 0);
  const std::string text(file.begin() + 10,
                         file.begin() + 10 + static_cast<std::ptrdiff_t>(header));
  CHECK(text.find("'descr': '|u1'") != std::string::npos);
  CHECK(text.find("'fortran_order': False") != std::string::npos);
  CHECK(text.find("'shape': (1, 2, 3, )") != std::string::npos);
  CHECK(text.back() == '\n');
  REQUIRE(file.size() == 10 + header + values.size());
  CHECK(file.back() == 6);
}

TEST_CASE("contact sheet holds every channel, each stretched from black to white") {
  // Of the 16 values of channel c, 4 are 10 + c, the others 100 + c.
  std::vector<std::uint8_t> planar(5 * 4 * 4);
  for (std::size_t i = 0; i < planar.size(); ++i) {
    planar[i] = static_cast<std::uint8_t>((i % 16 < 4 ? 10 : 100) + i / 16);
  }
  const Image sheet = contact_sheet(planar, 5, 4, 4, "title");
  std::size_t black = 0;
  std::size_t white = 0;
  for (std::size_t i = 0; i < sheet.data.size(); i += 3) {
    black += sheet.data[i] == 0 && sheet.data[i + 1] == 0;
    white += sheet.data[i] == 255 && sheet.data[i + 1] == 255;
  }
  CHECK(black >= 5 * 4 * 12 * 12);  // a tile is at least 48 pixels wide
  CHECK(white == 3 * black);
}
