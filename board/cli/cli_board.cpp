// SPDX-License-Identifier: Apache-2.0
#include "board/cli/cli_board.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "board/cli/session.h"
#include "board/devices/model_accelerator.h"
#include "common/error.h"
#include "golden/fast/fast_backend.h"

namespace kpu::board {

EngineChoice golden_choice() {
  return {
      "golden", [](const WaveOptions& wave) -> MakeAccelerator {
        if (!wave.path.empty()) {
          throw Error("--wave " + wave.path + ": the models have no waves, expected --engine rtl");
        }
        return [backend = std::make_shared<golden::fast::FastBackend>()](const BoardPorts& ports) {
          return std::make_unique<ModelAccelerator>(ports, *backend);
        };
      }};
}

void add_board_command(CLI::App& app, int& exit_code, std::vector<EngineChoice> engines) {
  CLI::App* const command = app.add_subcommand("board", "Runs firmware on a virtual K210 board.");
  auto options = std::make_shared<SessionOptions>();
  auto wave = std::make_shared<WaveOptions>();
  auto engine = std::make_shared<std::string>(engines.front().name);
  std::vector<std::string> names;
  for (const EngineChoice& choice : engines) {
    names.push_back(choice.name);
  }
  command->add_option("firmware", options->firmware, "Program (.bin), .kfpkg or 16 MiB flash image")
      ->required();
  command->add_option("--flash", options->flash, "Put a file into flash: ADDRESS=FILE");
  command->add_option("--camera", options->camera, "Picture that the camera sees, or a folder");
  command->add_option("--sensor", options->sensor, "Camera chip on the I2C buses")
      ->check(CLI::IsMember({"ov2640", "ov5640", "gc0328"}));
  command->add_option("--lcd", options->lcd, "Write the panel as PNG at the end");
  command->add_option("--lcd-frames", options->lcd_frames, "Write each picture of the panel here");
  command->add_option("--lcd-pin", options->lcd_pin, "Pin of the panel's command/data line");
  command->add_option("--serial", options->serial, "Write what the firmware prints");
  command->add_option("--repl", options->repl, "Type a script at the MicroPython prompt, then end");
  command->add_flag("--interactive", options->interactive,
                    "The board's console on this terminal; Ctrl-] ends");
  command->add_option("--limit", options->limit, "End after so many million cycles")
      ->check(CLI::PositiveNumber);
  command->add_option("--frames", options->frames, "End after so many pictures on the panel");
  command->add_option("--gdb", options->gdb,
                      "Wait for GDB at a port of this machine, or at a Unix socket's path");
  command->add_option("--trace", options->trace, "Write each register access as a line of text");
  command->add_option("--trace-from", options->trace_from,
                      "Cycle from which on the trace has instructions, too");
  command->add_option("--trace-count", options->trace_count, "How many of them; 0 for none");
  command->add_flag("--layers", options->layers, "Print the KPU's layers as a table");
  command->add_option("--save-flash", options->save_flash, "Write the flash at the end");
  command->add_flag("--strict", options->strict, "End at an unknown register");
  command->add_flag("--quiet", options->quiet, "Print nothing but what was asked for");
  command->add_flag("--digest", options->digest,
                    "Print checksums of text, panel and layers' outputs");
  command->add_option("--engine", *engine, "What KPU and DMA controller are")
      ->check(CLI::IsMember(names));
  command->add_option("--wave", wave->path,
                      "Record waves of the RTL (FST), with a GTKWave save file");
  command->add_option("--wave-layer", wave->layer, "First layer of which waves are recorded");
  command->add_option("--wave-cycles", wave->cycles, "Cycles of the RTL that are recorded")
      ->check(CLI::PositiveNumber);
  command->callback([options, engine, wave, engines = std::move(engines), &exit_code] {
    for (const EngineChoice& choice : engines) {
      if (choice.name == *engine) {
        const MakeAccelerator accelerator = choice.make(*wave);
        exit_code = Session(*options, accelerator).run();
      }
    }
  });
}

}  // namespace kpu::board
