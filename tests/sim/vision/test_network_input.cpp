// SPDX-License-Identifier: Apache-2.0
//
// Pictures as inputs: the three ways to another size and where the input then lies on the picture,
// planes in both orders, float inputs, and boxes on their way back. Small pictures, every pixel
// known.
#include "sim/vision/network_input.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "sim/vision/image_io.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
using kpu::test::contains_text;
using kpu::test::TempFolder;

namespace {

/// 8 x 4 pixels: column c has the grey value 30 c.
Image columns() {
  Image image(8, 4, 1);
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    image.data[i] = static_cast<std::uint8_t>(30 * (i % 8));
  }
  return image;
}

std::vector<float> floats(const Input& input) {
  std::vector<float> values(input.bytes.size() / 4);
  std::memcpy(values.data(), input.bytes.data(), input.bytes.size());
  return values;
}

}  // namespace

TEST_CASE("a picture of another size is stretched, cropped or put between borders") {
  const TempFolder folder;
  save_png(folder / "a.png", columns());
  const InputSpec square{1, 4, 4, 1};
  CHECK_THROWS_WITH(load_input(folder / "a.png", square),
                    contains_text("8x4") && contains_text("4x4") && contains_text("letterbox"));

  const Input stretched = load_input(folder / "a.png", square, {ResizeMode::kStretch});
  CHECK(stretched.bytes == resize(columns(), 4, 4).data);
  CHECK(stretched.origin.across == 1);
  CHECK(stretched.picture->width == 8);  // the file's own

  const Input cropped = load_input(folder / "a.png", square, {ResizeMode::kCrop});
  CHECK(std::vector(cropped.bytes.begin(), cropped.bytes.begin() + 4) ==
        std::vector<std::uint8_t>{60, 90, 120, 150});
  CHECK(cropped.origin.left == 0.25f);
  CHECK(cropped.origin.across == 0.5f);
  CHECK(cropped.origin.down == 1);

  const Input boxed = load_input(folder / "a.png", square, {ResizeMode::kLetterbox, 77});
  CHECK(boxed.bytes[0] == 77);
  CHECK(boxed.bytes[4] == resize(columns(), 4, 2).data[0]);
  CHECK(boxed.bytes[12] == 77);
  CHECK(boxed.origin.top == -0.5f);
  CHECK(boxed.origin.down == 2);

  const Input same = load_input(folder / "a.png", {1, 4, 8, 1}, {ResizeMode::kLetterbox});
  CHECK(same.origin.resize == ResizeMode::kRefuse);
  CHECK(same.bytes == columns().data);
}

TEST_CASE("boxes come back onto the picture") {
  InputOrigin cropped;
  cropped.left = 0.25f;
  cropped.across = 0.5f;
  const Detection d{.x = 0.5f, .y = 0.5f, .width = 1, .height = 1, .landmarks = {{0, 0}, {1, 1}}};
  const Detection on = on_picture(d, cropped);
  CHECK(on.x == 0.5f);
  CHECK(on.width == 0.5f);
  CHECK(on.height == 1);
  CHECK(on.landmarks[0].x == 0.25f);
  CHECK(on.landmarks[1].x == 0.75f);

  InputOrigin boxed;
  boxed.top = -0.5f;
  boxed.down = 2;
  // The middle half of the input's height is the whole picture.
  const Detection whole = on_picture({.x = 0.5f, .y = 0.5f, .width = 1, .height = 0.5f}, boxed);
  CHECK(whole.y == 0.5f);
  CHECK(whole.height == 1);
}

TEST_CASE("any size becomes any size, and the place on it stays a fraction") {
  const TempFolder folder;
  for (const auto& [width, height] : {std::pair{1, 1}, {3, 200}, {200, 3}, {17, 31}}) {
    save_png(folder / "a.png", Image(width, height, 3));
    for (const ResizeMode mode :
         {ResizeMode::kStretch, ResizeMode::kCrop, ResizeMode::kLetterbox}) {
      const Input input = load_input(folder / "a.png", {3, 24, 32, 1}, {mode});
      CHECK(input.bytes.size() == 3 * 24 * 32);
      const InputOrigin& o = input.origin;
      const bool outside = mode == ResizeMode::kLetterbox;
      CHECK((outside ? o.left <= 0 && o.top <= 0 : o.left >= 0 && o.top >= 0));
      CHECK((outside ? o.across >= 1 && o.down >= 1 : o.left + o.across <= 1.0001f));
    }
  }
}

TEST_CASE("float inputs are normalised, channel by channel, in either order of planes") {
  const TempFolder folder;
  Image image(1, 1, 3);
  image.data = {255, 51, 0};
  save_png(folder / "a.png", image);
  const InputSpec spec{3, 1, 1, 4};
  CHECK(floats(load_input(folder / "a.png", spec)) == std::vector<float>{1, 51 / 255.0f, 0});
  InputOptions options;
  options.bgr = true;
  options.normalisation = {1.0f, {1, 2, 3}, {2}};
  const Input input = load_input(folder / "a.png", spec, options);
  CHECK(floats(input) == std::vector<float>{-0.5f, 24.5f, 126});
  CHECK(describe(input.origin) == "picture 1x1, BGR; (byte * 1 - 1,2,3) / 2");
  CHECK(describe(load_input(folder / "a.png", {3, 1, 1, 1}).origin) ==
        "picture 1x1, RGB; bytes as they are");

  require_usable(options, {spec});
  CHECK_THROWS_WITH(require_usable(options, {{3, 1, 1, 1}}), contains_text("input is uint8"));
  CHECK_THROWS_WITH(require_usable(options, {{1, 1, 1, 4}}), contains_text("--bgr"));
  options.bgr = false;
  CHECK_THROWS_WITH(require_usable(options, {{1, 1, 1, 4}}), contains_text("3 and 1 numbers"));
}
