// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "board/devices/picture.h"
#include "board/devices/spi.h"

namespace kpu::board {

/// A 320x240 panel as ST7789 and NT35310 drive it: RGB565 pixels into a window.
class Lcd final : public SpiSlave {
 public:
  /// `is_data` tells the level of the line between command (false) and data.
  explicit Lcd(std::function<bool()> is_data) : is_data_(std::move(is_data)) {}

  std::vector<std::uint32_t> exchange(const SpiTransfer& transfer) override;
  void deselect() override {}

  /// What the panel shows.
  Picture picture() const;
  /// Called with a picture that stood on the whole panel, when the next one begins.
  void on_picture(std::function<void(const Picture&)> call) { on_picture_ = std::move(call); }
  /// Whether pixels came since on_picture() was last called.
  bool has_news() const { return whole_; }
  std::uint64_t pixels() const { return pixels_; }

 private:
  static constexpr unsigned kLong = 320;
  static constexpr unsigned kShort = 240;

  void command(std::uint8_t code);
  void data(std::uint32_t frame, unsigned bits);
  void parameter(std::uint8_t value);
  void pixel(std::uint16_t value);

  std::function<bool()> is_data_;
  std::function<void(const Picture&)> on_picture_;
  std::vector<std::uint16_t> pixels_565_ = std::vector<std::uint16_t>(kLong * kShort);
  unsigned width_ = kShort;
  unsigned height_ = kLong;
  std::uint8_t command_ = 0;
  std::array<std::uint8_t, 4> parameters_{};
  unsigned parameter_count_ = 0;
  unsigned first_x_ = 0, last_x_ = 0, first_y_ = 0, last_y_ = 0;  ///< window
  unsigned x_ = 0, y_ = 0;
  bool whole_ = false;  ///< a window of the whole panel has been filled
  std::uint64_t pixels_ = 0;
};

}  // namespace kpu::board
