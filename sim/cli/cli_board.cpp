// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "board/cli/cli_board.h"
#include "golden/fast/fast_backend.h"
#include "sim/board/rtl_accelerator.h"
#include "sim/cli/cli.h"

namespace kpu::sim {
namespace {

board::EngineChoice rtl_choice(const char* name, bool compare) {
  return {
      name, [compare](const board::WaveOptions& wave) {
        return rtl_accelerator(
            {.expected = compare ? std::make_shared<golden::fast::FastBackend>() : nullptr,
             .wave = {.path = wave.path, .layer = wave.layer, .from = 0, .cycles = wave.cycles}});
      }};
}

}  // namespace

void add_board_command(CLI::App& app, int& exit_code) {
  board::add_board_command(
      app, exit_code, {rtl_choice("rtl", false), board::golden_choice(), rtl_choice("both", true)});
}

}  // namespace kpu::sim
