// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "golden/kpu/kpu_backend.h"

namespace CLI {
class App;
}

namespace kpu::board {

/// What computes layers, by the name that --engine takes.
struct EngineChoice {
  std::string name;
  std::function<std::unique_ptr<golden::KpuBackend>()> make;
};

/// `board`: firmware on a virtual K210 board. Adds itself to the parser; `engines` are what
/// --engine may choose, the first by default.
void add_board_command(CLI::App& app, int& exit_code, std::vector<EngineChoice> engines);

}  // namespace kpu::board
