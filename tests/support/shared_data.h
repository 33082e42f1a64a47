// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace kpu::test {

/// Folder with the optional test data (real networks, expected checksums): $KPU_SHARED, else
/// `shared` beside the repository. Nothing if there is none: such tests pass with a note.
inline std::optional<std::filesystem::path> shared_data() {
  const char* chosen = std::getenv("KPU_SHARED");
  const std::filesystem::path path = chosen != nullptr
                                         ? std::filesystem::path(chosen)
                                         : std::filesystem::path(KPU_SOURCE_DIR) / ".." / "shared";
  if (!std::filesystem::is_directory(path / "vectors")) {
    return std::nullopt;
  }
  return path;
}

}  // namespace kpu::test

/// Binds `name` to the data folder, or ends the test case with a note that it was skipped.
#define KPU_SHARED_OR_SKIP(name)                               \
  const auto name##_found = kpu::test::shared_data();          \
  if (!name##_found) {                                         \
    WARN("skipped: no test data in ../shared or $KPU_SHARED"); \
    return;                                                    \
  }                                                            \
  const std::filesystem::path& name = *name##_found
