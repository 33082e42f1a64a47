// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct zip;

namespace kpu::golden {

/// A zip archive in memory, read only. Every failure throws Error with one line that starts with
/// "kfpkg: ".
class ZipArchive {
 public:
  /// `file` must outlive the archive. Throws Error for bytes that are no zip archive; of one whose
  /// end is missing it names the files that are whole and the one that is cut.
  explicit ZipArchive(std::span<const std::uint8_t> file);

  /// Names of all files, folders left out.
  const std::vector<std::string>& names() const { return names_; }

  /// A file's bytes. Throws Error for a method of packing that libzip was built without (named),
  /// for an encrypted or damaged file, and for one of more than 64 MiB.
  std::vector<std::uint8_t> read(const std::string& name) const;

 private:
  std::unique_ptr<zip, void (*)(zip*)> archive_;
  std::vector<std::string> names_;
};

}  // namespace kpu::golden
