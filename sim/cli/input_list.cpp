// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/input_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kmodel.h"

namespace kpu::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 9> kEndings = {".png", ".jpg", ".jpeg", ".bmp",
                                                      ".ppm", ".pgm", ".bin",  ".raw", ".npy"};

bool is_input_file(const fs::directory_entry& entry) {
  std::string ending = entry.path().extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return entry.is_regular_file() &&
         std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

std::vector<std::string> files_in_folder(const std::string& folder) {
  std::vector<std::string> files;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (is_input_file(entry)) files.push_back(entry.path().string());
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(fmt::format("{}: {}, expected a readable folder", folder, error.code().message()));
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    throw Error(fmt::format("{}: no input in the folder, expected files that end with {}", folder,
                            fmt::join(kEndings, ", ")));
  }
  return files;
}

std::vector<std::string> files_of_list(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  std::istringstream lines(std::string(bytes.begin(), bytes.end()));
  std::vector<std::string> files;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    files.push_back((fs::path(path).parent_path() / line).string());
  }
  if (files.empty()) throw Error(fmt::format("{}: empty, expected a file name a line", path));
  return files;
}

}  // namespace

bool is_input_list(const std::string& argument) {
  std::error_code error;
  return argument.starts_with('@') || fs::is_directory(argument, error);
}

std::vector<std::string> expand_inputs(const std::vector<std::string>& arguments) {
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    std::vector<std::string> more;
    if (!is_input_list(argument)) {
      more = {argument};
    } else if (argument.starts_with('@')) {
      more = files_of_list(argument.substr(1));
    } else {
      more = files_in_folder(argument);
    }
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

}  // namespace kpu::sim
