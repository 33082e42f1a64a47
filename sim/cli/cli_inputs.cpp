// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/cli_inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <cstdint>

#include <CLI/CLI.hpp>

#include "common/error.h"
#include "sim/cli/input_list.h"
#include "sim/cli/model_input.h"

namespace kpu::sim {
namespace {

constexpr const char* kInputGroup = "Input";

/// "input0 (uint8 3x16x16), input1 (..)".
std::string inputs_text(const golden::ModelInfo& info) {
  std::string text;
  for (std::size_t i = 0; i < info.inputs.size(); ++i) {
    text +=
        fmt::format("{}{} ({} {})", i == 0 ? "" : ", ", input_name(i),
                    golden::to_string(info.inputs[i].type), fmt::join(info.inputs[i].dims, "x"));
  }
  return text;
}

/// Which input a name or an index means. Throws kpu::Error if none.
std::size_t input_index(const golden::ModelInfo& info, const std::string& option,
                        const std::string& key) {
  for (std::size_t i = 0; i < info.inputs.size(); ++i) {
    if (key == input_name(i) || key == std::to_string(i)) return i;
  }
  throw Error(
      fmt::format("--input {}: no such input, expected one of {}", option, inputs_text(info)));
}

}  // namespace

std::vector<std::vector<std::uint8_t>> NetworkInputs::bytes() const {
  std::vector<std::vector<std::uint8_t>> all;
  for (const Input& input : inputs) all.push_back(input.bytes);
  return all;
}

std::vector<InputOrigin> NetworkInputs::origins() const {
  std::vector<InputOrigin> all;
  for (const Input& input : inputs) all.push_back(input.origin);
  return all;
}

void add_input_options(CLI::App& command, InputArguments& arguments, InputCount count,
                       const std::string& description) {
  CLI::Option* input = command.add_option("INPUT", arguments.files, description);
  if (count == InputCount::kOne) input->expected(1);
  command
      .add_option("--input", arguments.named,
                  "One input of a network with several, by its name or index in kpu info; once "
                  "for each")
      ->option_text("NAME_OR_INDEX=FILE ...")
      ->group(kInputGroup)
      ->allow_extra_args(false);
  add_picture_options(command, arguments.picture, kInputGroup);
}

std::vector<NamedPath> paths_of(const InputArguments& arguments) {
  std::vector<NamedPath> paths;
  for (const std::string& file : arguments.files) {
    paths.push_back({"INPUT", file.starts_with('@') ? file.substr(1) : file});
  }
  for (const std::string& file : expand_inputs(arguments.files)) paths.push_back({"INPUT", file});
  for (const std::string& option : arguments.named) {
    paths.push_back({"--input", option.substr(option.find('=') + 1)});
  }
  return paths;
}

std::string input_name(std::size_t index) { return fmt::format("input{}", index); }

std::vector<std::string> files_of_inputs(const golden::ModelInfo& info,
                                         const std::vector<std::string>& named) {
  std::vector<std::string> files(info.inputs.size());
  for (const std::string& option : named) {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos || equals + 1 == option.size()) {
      throw Error(fmt::format("--input {}: expected NAME_OR_INDEX=FILE", option));
    }
    std::string& file = files[input_index(info, option, option.substr(0, equals))];
    if (!file.empty()) throw Error(fmt::format("--input {}: given twice, expected once", option));
    file = option.substr(equals + 1);
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].empty()) {
      throw Error(fmt::format("--input {}=FILE: missing, expected one for each of {}",
                              input_name(i), inputs_text(info)));
    }
  }
  return files;
}

void require_one_input(const golden::ModelInfo& info) {
  if (info.inputs.size() == 1) return;
  std::string options;
  for (std::size_t i = 0; i < info.inputs.size(); ++i) {
    options += fmt::format(" --input {}=FILE", input_name(i));
  }
  throw Error(fmt::format("network with {} inputs: expected{} instead of INPUT", info.inputs.size(),
                          options));
}

void require_given(const InputArguments& arguments) {
  if (arguments.files.empty() == arguments.named.empty()) {
    throw Error("input: expected INPUT, or --input NAME_OR_INDEX=FILE for each input");
  }
}

InputOptions input_options(const golden::ModelInfo& info, const PictureArguments& arguments) {
  const InputOptions options = input_options(arguments);
  std::vector<InputSpec> specs;
  for (const golden::TensorInfo& input : info.inputs) specs.push_back(input_spec(input));
  require_usable(options, specs);
  return options;
}

NetworkInputs load_inputs(const golden::ModelInfo& info, const InputArguments& arguments) {
  require_given(arguments);
  NetworkInputs loaded;
  if (!arguments.named.empty()) {
    loaded.paths = files_of_inputs(info, arguments.named);
  } else {
    require_one_input(info);
    loaded.paths = {arguments.files.front()};
  }
  const InputOptions options = input_options(info, arguments.picture);
  for (std::size_t i = 0; i < loaded.paths.size(); ++i) {
    loaded.inputs.push_back(load_input(loaded.paths[i], input_spec(info.inputs[i]), options));
  }
  return loaded;
}

}  // namespace kpu::sim
