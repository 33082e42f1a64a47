// SPDX-License-Identifier: Apache-2.0
//
// The inputs of a network on the command line, as run, export and activity share them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "sim/cli/path_check.h"
#include "sim/cli/picture_options.h"
#include "sim/vision/network_input.h"

namespace CLI {
class App;
}

namespace kpu::sim {

struct InputArguments {
  std::vector<std::string> files;  ///< INPUT: of a network with one input
  std::vector<std::string> named;  ///< --input, each NAME_OR_INDEX=FILE: of a network with any
  PictureArguments picture;
};

/// One input for each of a network's, and the files they come from.
struct NetworkInputs {
  std::vector<Input> inputs;
  std::vector<std::string> paths;

  /// The data alone, as golden::run_network() takes it.
  std::vector<std::vector<std::uint8_t>> bytes() const;
  std::vector<InputOrigin> origins() const;
};

/// How often INPUT may be given.
enum class InputCount { kOne, kSeveral };

/// Adds INPUT, --input and the options of pictures.
void add_input_options(CLI::App& command, InputArguments& arguments, InputCount count,
                       const std::string& description);

/// "input0", "input1", ..: network files store no names.
std::string input_name(std::size_t index);

/// A file for each of the network's inputs, in their order, from the values of --input. Throws
/// kpu::Error unless every input is given once, by its name or index.
std::vector<std::string> files_of_inputs(const golden::ModelInfo& info,
                                         const std::vector<std::string>& named);

/// Throws kpu::Error, with the options to use instead, unless INPUT alone can feed the network.
void require_one_input(const golden::ModelInfo& info);

/// Every file that the arguments name, for require_separate(). Throws kpu::Error as
/// expand_inputs().
std::vector<NamedPath> paths_of(const InputArguments& arguments);

/// Throws kpu::Error unless either INPUT or --input is given.
void require_given(const InputArguments& arguments);

/// What the options say of a network's pictures. Throws kpu::Error as input_options() and
/// require_usable().
InputOptions input_options(const golden::ModelInfo& info, const PictureArguments& arguments);

/// Reads one run's inputs, from INPUT (a single file) or from --input. Throws kpu::Error.
NetworkInputs load_inputs(const golden::ModelInfo& info, const InputArguments& arguments);

}  // namespace kpu::sim
