// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kpu::golden {

/// A file inside a kfpkg: a zip archive whose flash-list.json says where each goes in flash.
struct KfpkgPart {
  std::string name;
  std::uint64_t address = 0;  ///< in flash
  std::vector<std::uint8_t> bytes;

  /// Whether it starts like a kmodel of any version.
  bool is_kmodel() const;
};

/// Whether `file` starts like a zip archive.
bool is_zip(std::span<const std::uint8_t> file);

/// The parts of a kfpkg, in the order of its list; the list as board makers' tools write it (see
/// strict_json(); addresses may be strings), at the top of the archive or in a folder. Throws Error
/// for a damaged archive, a missing or unreadable list, a part that is not there, or one larger
/// than 64 MiB.
std::vector<KfpkgPart> read_kfpkg(std::span<const std::uint8_t> file);

/// The kmodel in a kfpkg: the part called `name`, or, if that is empty, the only one that is a
/// kmodel. Throws Error, listing the parts, if there is no such part or more than one.
std::vector<std::uint8_t> kmodel_from_kfpkg(std::span<const std::uint8_t> file,
                                            const std::string& name);

}  // namespace kpu::golden
