// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "board/devices/accelerator.h"

namespace CLI {
class App;
}

namespace kpu::board {

/// Waves of the RTL.
struct WaveOptions {
  std::string path;                ///< FST file; empty: none
  std::size_t layer = 0;           ///< from the start of this one on
  std::uint64_t cycles = 100'000;  ///< of the RTL
};

/// What is KPU and DMA controller, by the name that --engine takes.
struct EngineChoice {
  std::string name;
  std::function<MakeAccelerator(const WaveOptions& wave)> make;
};

/// The models, with layers by the golden model; they have no waves.
EngineChoice golden_choice();

/// `board`: firmware on a virtual K210 board. Adds itself to the parser; `engines` are what
/// --engine may choose, the first by default.
void add_board_command(CLI::App& app, int& exit_code, std::vector<EngineChoice> engines);

}  // namespace kpu::board
