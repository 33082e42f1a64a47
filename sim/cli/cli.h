// SPDX-License-Identifier: Apache-2.0
//
// The subcommands of `kpu`. Each adds itself to the parser and, when chosen, leaves its exit code.
#pragma once

#include <exception>

namespace CLI {
class App;
}

namespace kpu::sim {

/// Exit codes of the tool.
enum ExitCode : int {
  kExitMatch = 0,
  kExitInternal = 1,  ///< also a HardwareFault: a hang, a failed assertion
  kExitBadInput = 2,
  kExitMismatch = 3,
};

/// Prints the error that ended a command as one line on standard error; the exit code that it means.
int report_error(const std::exception& error);

/// `kpu run`: a network on the RTL, on the golden model, or on both with comparison.
void add_run_command(CLI::App& app, int& exit_code);

/// `kpu estimate`: cycles of a network without simulation, on this RTL and on the chip.
void add_estimate_command(CLI::App& app, int& exit_code);

/// `kpu info`: what a network file contains.
void add_info_command(CLI::App& app, int& exit_code);

/// `kpu fuzz`: random layers on both engines.
void add_fuzz_command(CLI::App& app, int& exit_code);

/// `kpu export`: every KPU layer as memory images and expected results, for other simulators.
void add_export_command(CLI::App& app, int& exit_code);

/// `kpu activity`: switching of one layer by unit of the RTL.
void add_activity_command(CLI::App& app, int& exit_code);

/// `kpu board`: firmware on a virtual board whose KPU layers the RTL computes, the golden model, or
/// both with comparison.
void add_board_command(CLI::App& app, int& exit_code);

/// `kpu compile`: an ONNX network to a kmodel.
void add_compile_command(CLI::App& app, int& exit_code);

/// `kpu layer`: one layer from arrays.
void add_layer_command(CLI::App& app, int& exit_code);

/// `kpu check-onnx`: the quantised convolutions of an ONNX model as layers.
void add_check_onnx_command(CLI::App& app, int& exit_code);

/// `kpu compare`: the float network against its compiled form.
void add_compare_command(CLI::App& app, int& exit_code);

}  // namespace kpu::sim
