// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace kpu::sim {

/// The files that the INPUT arguments of `kpu run` stand for, in order: a file for itself; a folder
/// for the pictures and raw files (.bin, .raw) in it, by name; @LIST for the lines of a text file,
/// taken from the list's folder, without empty lines and those that start with #. Files are not
/// looked at. Throws kpu::Error for a folder or list that cannot be read or has no input.
std::vector<std::string> expand_inputs(const std::vector<std::string>& arguments);

/// Whether an argument may stand for several files.
bool is_input_list(const std::string& argument);

}  // namespace kpu::sim
