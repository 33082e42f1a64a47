// SPDX-License-Identifier: Apache-2.0
#include "board/devices/camera.h"

namespace kpu::board {

unsigned CameraSensor::address() const {
  switch (kind_) {
    case Kind::Ov2640:
      return 0x30;
    case Kind::Ov5640:
      return 0x3C;
    default:
      return 0x21;
  }
}

std::uint8_t CameraSensor::read(std::uint16_t reg) const {
  static const std::map<std::uint16_t, std::uint8_t> kOv2640 = {
      {0x1C, 0x7F}, {0x1D, 0xA2}, {0x0A, 0x26}, {0x0B, 0x42}};
  static const std::map<std::uint16_t, std::uint8_t> kOv5640 = {{0x300A, 0x56}, {0x300B, 0x40}};
  static const std::map<std::uint16_t, std::uint8_t> kGc0328 = {{0xF0, 0x9D}};
  const auto& identity = kind_ == Kind::Ov2640   ? kOv2640
                         : kind_ == Kind::Ov5640 ? kOv5640
                                                 : kGc0328;
  if (const auto found = identity.find(reg); found != identity.end()) {
    return found->second;
  }
  const auto found = registers_.find(reg);
  return found == registers_.end() ? 0 : found->second;
}

}  // namespace kpu::board
