// SPDX-License-Identifier: Apache-2.0
//
// LCD panels, camera interface and cameras as the vendor's drivers and MaixPy use them: the accesses are those that
// firmware makes, in its order.
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "board/devices/camera.h"
#include "board/devices/dvp.h"
#include "board/devices/event_queue.h"
#include "board/devices/i2c.h"
#include "board/devices/lcd.h"
#include "board/devices/plic.h"
#include "tests/board/devices/device_access.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

TEST_CASE("LCD: window, pixels of 16 and of 32 bits, the axes swapped, the last picture is shown") {
  bool is_data = false;
  Lcd lcd([&is_data] { return is_data; });
  int pictures = 0;
  lcd.on_picture([&pictures](const Picture& picture) {
    ++pictures;
    CHECK(picture.width == 320);
  });
  const auto command = [&](std::uint32_t code, std::vector<std::uint32_t> parameters) {
    is_data = false;
    lcd.exchange({.frame_bits = 8,
                  .lines = 3,
                  .mode = 1,
                  .address_bits = 0,
                  .frames = {code},
                  .receive = 0});
    is_data = true;
    lcd.exchange({.frame_bits = 8,
                  .lines = 3,
                  .mode = 1,
                  .address_bits = 0,
                  .frames = std::move(parameters),
                  .receive = 0});
  };
  const auto pixels = [&](unsigned bits, std::vector<std::uint32_t> frames) {
    lcd.exchange({.frame_bits = bits,
                  .lines = 3,
                  .mode = 1,
                  .address_bits = 0,
                  .frames = std::move(frames),
                  .receive = 0});
  };
  command(0x36, {0x60});
  command(0x2A, {0, 10, 0, 11});
  command(0x2B, {0, 20, 0, 21});
  command(0x2C, {});
  pixels(32, {0xF800'07E0});
  pixels(16, {0x001F, 0xFFFF, 0xF800});  // the last one wraps to the window's start
  const Picture picture = lcd.picture();
  const auto at = [&picture](unsigned x, unsigned y) {
    const std::size_t i = (std::size_t{y} * picture.width + x) * 3;
    return picture.rgb[i] << 16 | picture.rgb[i + 1] << 8 | picture.rgb[i + 2];
  };
  CHECK(at(10, 20) == 0xFF0000);
  CHECK(at(11, 20) == 0x00FF00);
  CHECK(at(10, 21) == 0x0000FF);
  CHECK(at(11, 21) == 0xFFFFFF);
  CHECK_FALSE(lcd.has_news());
  for (int i = 0; i < 2; ++i) {
    command(0x2A, {0, 0, 1, 0x3F});
    command(0x2B, {0, 0, 0, 0xEF});
    command(0x2C, {});
    CHECK(pictures == i);
    pixels(32, std::vector<std::uint32_t>(38400, 0x1234'5678));
  }
  CHECK(lcd.has_news());
}

TEST_CASE("DVP: a frame is written when enabled in time, planes and swapped pairs of pixels") {
  Ram ram;
  Plic plic;
  EventQueue events;
  Dvp dvp(ram, plic, events, [] { return std::uint64_t{1'000'000}; });
  Picture picture(8, 2);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) {
    picture.rgb[i] = static_cast<std::uint8_t>(i * 5);
  }
  dvp.set_source([&picture]() -> const Picture& { return picture; });
  plic.write(4 * 24, 4, 1);
  plic.write(0x2000, 4, 1u << 24);
  dvp.write(0x00, 4, 0xF | 1u << 12 | 2u << 20);
  dvp.write(0x04, 4, 0x4000'0000);
  dvp.write(0x08, 4, 0x4000'0100);
  dvp.write(0x0C, 4, 0x8000'0200);
  dvp.write(0x28, 4, 0x8000'0300);
  dvp.start();
  REQUIRE(plic.pending(0));
  CHECK(read(dvp, 0x20) == 1);
  dvp.write(0x20, 4, 0x2'0000 | 0x1'0000 | 3);  // arm, clear the start
  CHECK_FALSE(plic.pending(0));
  events.set_now(1100);
  events.run_due();
  CHECK(read(dvp, 0x20) == 0x100);
  CHECK(plic.pending(0));
  CHECK(dvp.frames() == 1);
  CHECK(ram.load<std::uint8_t>(0x001) == 15);
  CHECK(ram.load<std::uint8_t>(0x10F) == static_cast<std::uint8_t>(46 * 5));
  CHECK(ram.load<std::uint8_t>(0x200) == 10);
  CHECK(ram.load<std::uint16_t>(0x302) == (0 | 5 >> 2 << 5 | 10 >> 3));  // the first pixel
  // A status word that is read, changed and written back does not disarm.
  dvp.write(0x20, 4, 0x3'0000);
  dvp.write(0x20, 4, read(dvp, 0x20) | 0x300);
  CHECK(read(dvp, 0x20) == 0x1'0000);
}

TEST_CASE("cameras answer by their identity on SCCB and on I2C, others do not") {
  Ram ram;
  Plic plic;
  EventQueue events;
  Dvp dvp(ram, plic, events, [] { return std::uint64_t{1'000'000}; });
  CameraSensor ov2640(CameraSensor::Kind::Ov2640);
  CameraSensor ov5640(CameraSensor::Kind::Ov5640);
  dvp.attach(ov2640);
  dvp.attach(ov5640);
  const auto go = [&dvp](unsigned bytes, std::uint32_t control) {
    dvp.write(0x14, 4, bytes - 1);
    dvp.write(0x18, 4, control);
    dvp.write(0x20, 4, 0x0300'0000);
    return read(dvp, 0x14) >> 24;
  };
  go(2, 0x60 | 1 | 0x0Au << 8);
  CHECK(go(2, 0x60) == 0x26);
  go(3, 0x78 | 1 | 0x30u << 8 | 0x0Au << 16);
  CHECK(go(3, 0x78) == 0x56);
  go(3, 0x60 | 1 | 0x44u << 8 | 0x99u << 16);
  go(2, 0x60 | 1 | 0x44u << 8);
  CHECK(go(2, 0x60) == 0x99);
  CHECK(go(2, 0x42) == 0xFF);

  I2c i2c;
  i2c.attach(ov2640);
  i2c.write(0x04, 4, 0x21);
  i2c.write(0x10, 4, 0);
  CHECK(read(i2c, 0x80) == 1);
  read(i2c, 0x54);
  CHECK(read(i2c, 0x80) == 0);
  i2c.write(0x04, 4, 0x30);
  i2c.write(0x10, 4, 0x1C);
  i2c.write(0x10, 4, 0x100);
  CHECK(read(i2c, 0x78) == 1);
  CHECK(read(i2c, 0x70) == 0x0E);
  CHECK(read(i2c, 0x10) == 0x7F);
}

}  // namespace
}  // namespace kpu::board
