// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace kpu {

/// Removes a file when it goes, and, after remove_temp_files_on_signals(), also when a signal ends
/// the program. The file need not exist. At most 32 are known to the signals at a time; paths
/// longer than 4095 bytes are not.
class TempFile {
 public:
  TempFile() = default;
  explicit TempFile(const std::string& path);
  ~TempFile();
  TempFile(TempFile&& other) noexcept;
  TempFile& operator=(TempFile&& other) noexcept;
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  /// Keeps the file.
  void release();

 private:
  void remove();

  std::string path_;
  std::size_t slot_ = 0;  ///< in the list that signals see, from 1; 0: none
};

/// From here on SIGINT, SIGTERM and SIGHUP remove the temporary files and then end the program as
/// they do. So does SIGBUS, which a full disk causes under a file that is mapped into memory: with
/// a line on standard error and exit code 2. A file beyond the process's limit (SIGXFSZ) is an
/// error of the write instead of the program's end.
void remove_temp_files_on_signals();

}  // namespace kpu
