// SPDX-License-Identifier: Apache-2.0
//
// kpu: runs K210 network files on the RTL and on the golden model.
#include <CLI/CLI.hpp>
#include <exception>

#include "sim/cli/cli.h"

int main(int argc, char** argv) {
  CLI::App app("Runs K210 network files (kmodel) on an open KPU in RTL and on its golden model.",
               "kpu");
  app.require_subcommand(1);
  app.footer("Exit codes: 0 match, 1 internal error or hardware fault, 2 bad input or usage, 3 mismatch.");
  int exit_code = kpu::sim::kExitMatch;
  kpu::sim::add_run_command(app, exit_code);
  kpu::sim::add_info_command(app, exit_code);
  kpu::sim::add_estimate_command(app, exit_code);
  kpu::sim::add_fuzz_command(app, exit_code);
  kpu::sim::add_export_command(app, exit_code);
  kpu::sim::add_activity_command(app, exit_code);
  try {
    app.parse(argc, argv);
    return exit_code;
  } catch (const CLI::ParseError& error) {
    // Help is asked for with an exception, too.
    return app.exit(error) == 0 ? kpu::sim::kExitMatch : kpu::sim::kExitBadInput;
  } catch (const std::exception& error) {
    return kpu::sim::report_error(error);
  }
}
