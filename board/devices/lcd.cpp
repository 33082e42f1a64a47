// SPDX-License-Identifier: Apache-2.0
#include "board/devices/lcd.h"

#include <cstddef>

namespace kpu::board {
namespace {

enum Command : std::uint8_t {
  kColumns = 0x2A,
  kRows = 0x2B,
  kWrite = 0x2C,
  kAccess = 0x36,
};

constexpr std::uint8_t kSwapAxes = 0x20;

std::uint8_t widen(unsigned value, unsigned bits) {
  return static_cast<std::uint8_t>(value << (8 - bits) | value >> (2 * bits - 8));
}

}  // namespace

std::vector<std::uint32_t> Lcd::exchange(const SpiTransfer& transfer) {
  const bool is_data = is_data_();
  for (const std::uint32_t frame : transfer.frames) {
    if (is_data) {
      data(frame, transfer.frame_bits);
    } else {
      command(static_cast<std::uint8_t>(frame));
    }
  }
  return std::vector<std::uint32_t>(transfer.receive);
}

void Lcd::command(std::uint8_t code) {
  command_ = code;
  parameter_count_ = 0;
  if (code == kWrite) {
    const bool all =
        first_x_ == 0 && first_y_ == 0 && last_x_ + 1 == width_ && last_y_ + 1 == height_;
    if (all && whole_) {
      whole_ = false;
      if (on_picture_) {
        on_picture_(picture());
      }
    }
    x_ = first_x_;
    y_ = first_y_;
  }
}

void Lcd::data(std::uint32_t frame, unsigned bits) {
  if (command_ == kWrite && bits > 8) {
    if (bits > 16) {
      pixel(static_cast<std::uint16_t>(frame >> 16));
    }
    pixel(static_cast<std::uint16_t>(frame));
    return;
  }
  if (bits > 8) {
    parameter(static_cast<std::uint8_t>(frame >> 8));
  }
  parameter(static_cast<std::uint8_t>(frame));
}

void Lcd::parameter(std::uint8_t value) {
  parameters_[parameter_count_++ % parameters_.size()] = value;
  const unsigned first = parameters_[0] << 8 | parameters_[1];
  const unsigned last = parameters_[2] << 8 | parameters_[3];
  if (command_ == kColumns && parameter_count_ == 4) {
    first_x_ = first;
    last_x_ = last;
  } else if (command_ == kRows && parameter_count_ == 4) {
    first_y_ = first;
    last_y_ = last;
  } else if (command_ == kAccess && parameter_count_ == 1) {
    const bool wide = (value & kSwapAxes) != 0;
    width_ = wide ? kLong : kShort;
    height_ = wide ? kShort : kLong;
  } else if (command_ == kWrite && parameter_count_ % 2 == 0) {
    pixel(static_cast<std::uint16_t>(parameters_[(parameter_count_ - 2) % 4] << 8 | value));
  }
}

void Lcd::pixel(std::uint16_t value) {
  ++pixels_;
  if (x_ < width_ && y_ < height_) {
    pixels_565_[std::size_t{y_} * width_ + x_] = value;
    whole_ = whole_ || (x_ + 1 == width_ && y_ + 1 == height_);
  }
  if (++x_ > last_x_) {
    x_ = first_x_;
    if (++y_ > last_y_) {
      y_ = first_y_;
    }
  }
}

Picture Lcd::picture() const {
  Picture picture(width_, height_);
  for (std::size_t i = 0; i < pixels_565_.size(); ++i) {
    const std::uint16_t p = pixels_565_[i];
    picture.rgb[3 * i] = widen(p >> 11, 5);
    picture.rgb[3 * i + 1] = widen(p >> 5 & 63, 6);
    picture.rgb[3 * i + 2] = widen(p & 31, 5);
  }
  return picture;
}

}  // namespace kpu::board
