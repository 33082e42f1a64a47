// SPDX-License-Identifier: Apache-2.0
//
// A board with the test firmware (tests/board/firmware/selftest.c), for the models and for the RTL.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "board/devices/accelerator.h"
#include "board/devices/picture.h"
#include "board/machine/machine.h"
#include "golden/fast/fast_backend.h"

namespace kpu::board {

inline constexpr std::uint64_t kLimit = 200'000'000;
inline const std::string kFirmware = KPU_SOURCE_DIR "/tests/board/firmware/selftest.bin";

struct Board {
  /// With the models.
  explicit Board(MachineOptions options = {});
  Board(const MakeAccelerator& accelerator, MachineOptions options);
  void program(const std::vector<std::uint32_t>& words);

  golden::fast::FastBackend kpu;
  Machine machine;
  std::string printed;
  Picture scene{320, 240};
  std::vector<LayerReport> layers;

 private:
  void connect();
};

/// What the firmware must print for its layer and its network.
struct FirmwareSums {
  std::uint32_t layer;
  std::uint32_t network;
};

/// Puts the layers that the firmware runs where it looks for them.
FirmwareSums put_layers(Board& board);

/// Runs the firmware and checks what it prints and shows.
void check_selftest(Board& board);

}  // namespace kpu::board
