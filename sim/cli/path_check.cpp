// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/path_check.h"

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <system_error>

#include "common/error.h"

namespace kpu::sim {
namespace {

namespace fs = std::filesystem;

bool same_place(const std::string& a, const std::string& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  const fs::path one = fs::weakly_canonical(fs::absolute(a, error), error);
  const fs::path other = fs::weakly_canonical(fs::absolute(b, error), error);
  return one == other;
}

/// Whether `path` lies somewhere in `folder`.
bool is_within(const std::string& path, const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return false;
  const fs::path relative =
      fs::weakly_canonical(path, error).lexically_relative(fs::weakly_canonical(folder, error));
  return !relative.empty() && *relative.begin() != "..";
}

bool is_device(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

}  // namespace

void require_separate(const std::vector<NamedPath>& read, const std::vector<NamedPath>& written) {
  for (std::size_t i = 0; i < written.size(); ++i) {
    const NamedPath& to = written[i];
    if (to.path.empty() || is_device(to.path)) continue;
    for (const NamedPath& from : read) {
      if (from.path.empty()) continue;
      if (is_within(from.path, to.path)) {
        throw Error(fmt::format("{} {}: holds {} {}, which is read: expected another folder",
                                to.option, to.path, from.option, from.path));
      }
      if (same_place(to.path, from.path)) {
        throw Error(fmt::format("{} {}: is {}, which is read: expected another file", to.option,
                                to.path, from.option));
      }
    }
    for (std::size_t other = 0; other < i; ++other) {
      if (!written[other].path.empty() && same_place(to.path, written[other].path)) {
        throw Error(fmt::format("{} {}: is also written by {}: expected another file", to.option,
                                to.path, written[other].option));
      }
    }
  }
}

}  // namespace kpu::sim
