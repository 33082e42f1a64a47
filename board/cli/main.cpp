// SPDX-License-Identifier: Apache-2.0
//
// kpu-board: firmware on a virtual K210 board whose KPU is the golden model.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "board/cli/cli_board.h"
#include "common/error.h"

int main(int argc, char** argv) {
  CLI::App app("Runs K210 firmware on a virtual board whose KPU is the golden model.", "kpu-board");
  app.require_subcommand(1);
  int exit_code = 0;
  kpu::board::add_board_command(app, exit_code, {kpu::board::golden_choice()});
  try {
    app.parse(argc, argv);
    return exit_code;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const kpu::Error& error) {
    fmt::print(stderr, "kpu-board: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "kpu-board: internal error: {}\n", error.what());
    return 1;
  }
}
