// SPDX-License-Identifier: Apache-2.0
//
// kpu: runs K210 network files on the RTL and on the golden model.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>

#include "common/error.h"
#include "common/temp_files.h"
#include "common/version.h"
#include "sim/cli/cli.h"
#include "sim/model/configuration.h"

namespace {

/// A standard stream that is closed must not give its number to a file that is opened later.
void occupy_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) != -1) continue;
    // Read only: writing to it stays an error. Descriptors are given in order, so this is `stream`.
    [[maybe_unused]] const int opened = open("/dev/null", O_RDONLY);
  }
}

/// Names a word that stands where a subcommand is expected and is none.
void require_known_subcommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == argv[1]) return;
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  throw kpu::Error(fmt::format("'{:.40}': unknown subcommand, expected one of {}", argv[1], names));
}

int run_tool(int argc, char** argv) {
  CLI::App app("Runs K210 network files (kmodel) on an open KPU in RTL and on its golden model.",
               "kpu");
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("kpu {}, RTL with {} lanes", kpu::version(),
                                                kpu::sim::built_configuration().lanes));
  app.footer(
      "Exit codes: 0 match, 1 internal error or hardware fault, 2 bad input or usage, 3 mismatch.");
  int exit_code = kpu::sim::kExitMatch;
  kpu::sim::add_run_command(app, exit_code);
  kpu::sim::add_info_command(app, exit_code);
  kpu::sim::add_estimate_command(app, exit_code);
  kpu::sim::add_fuzz_command(app, exit_code);
  kpu::sim::add_export_command(app, exit_code);
  kpu::sim::add_activity_command(app, exit_code);
  kpu::sim::add_board_command(app, exit_code);
  kpu::sim::add_compile_command(app, exit_code);
  kpu::sim::add_compare_command(app, exit_code);
  kpu::sim::add_layer_command(app, exit_code);
  kpu::sim::add_check_onnx_command(app, exit_code);
  try {
    require_known_subcommand(app, argc, argv);
    app.parse(argc, argv);
    return exit_code;
  } catch (const CLI::ParseError& error) {
    // Help is asked for with an exception, too.
    if (error.get_exit_code() == 0) return app.exit(error);
    fmt::print(stderr, "kpu: {} (--help lists what there is)\n", error.what());
    return kpu::sim::kExitBadInput;
  } catch (const std::exception& error) {
    return kpu::sim::report_error(error);
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_streams();
  kpu::remove_temp_files_on_signals();
  const int exit_code = run_tool(argc, argv);
  std::cout.flush();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout) {
    fmt::print(stderr, "kpu: standard output: cannot be written: {}\n", std::strerror(errno));
    return exit_code == kpu::sim::kExitMatch ? kpu::sim::kExitBadInput : exit_code;
  }
  return exit_code;
}
