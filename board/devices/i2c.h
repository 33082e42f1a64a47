// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "board/devices/camera.h"
#include "board/devices/device.h"

namespace kpu::board {

/// An I2C master; cameras are the only chips on its bus. A transfer takes no time.
class I2c final : public Device {
 public:
  /// The camera must outlive the controller.
  void attach(CameraSensor& sensor) { sensors_.push_back(&sensor); }

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

 private:
  void command(std::uint32_t value);

  Storage storage_{0x100};
  std::vector<CameraSensor*> sensors_;
  std::deque<std::uint8_t> received_;
  std::vector<std::uint8_t> written_;  ///< bytes of the message so far
  std::uint16_t register_ = 0;
  bool aborted_ = false;
};

}  // namespace kpu::board
