// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "board/devices/picture.h"

namespace kpu::board {

/// A camera chip as firmware probes it: its address, its identity, registers that keep what is
/// written to them.
class CameraSensor {
 public:
  enum class Kind : std::uint8_t { Ov2640, Ov5640, Gc0328 };

  explicit CameraSensor(Kind kind) : kind_(kind) {}

  /// 7-bit address on a two-wire bus.
  unsigned address() const;
  /// Whether registers have 16-bit addresses.
  bool wide() const { return kind_ == Kind::Ov5640; }
  std::uint8_t read(std::uint16_t reg) const;
  void write(std::uint16_t reg, std::uint8_t value) { registers_[reg] = value; }

 private:
  Kind kind_;
  std::map<std::uint16_t, std::uint8_t> registers_;
};

/// Gives the pictures that cameras see, one for each frame; each is scaled to what the chip asks.
using PictureSource = std::function<const Picture&()>;

}  // namespace kpu::board
