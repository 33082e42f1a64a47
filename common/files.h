// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/temp_files.h"

namespace kpu {

/// Largest file that is read: every file of this field is far smaller, and a device has no end.
inline constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20;

/// Reads a file whole. Throws Error naming it if that fails or if it has more than `max_bytes`.
std::vector<std::uint8_t> read_file(const std::string& path, std::size_t max_bytes = kMaxFileBytes);

/// A file that appears under its name when it is complete, and else not at all: it is written under
/// another name beside it, draft(), and renamed by commit(). What stood there before stays until
/// then. Without commit(), also when the program is interrupted (remove_temp_files_on_signals()),
/// the draft is removed. A device or pipe is written to directly.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);

  /// Where to write.
  const std::string& draft() const { return draft_; }
  /// Throws Error if the file cannot be put in its place.
  void commit();

 private:
  std::string path_;
  std::string draft_;
  bool in_place_ = false;
  TempFile temp_;
};

/// Writes a file of `size` bytes, as OutputFile. Throws Error naming it if that fails.
void write_file(const std::string& path, const void* data, std::size_t size);
void write_file(const std::string& path, std::string_view text);

}  // namespace kpu
