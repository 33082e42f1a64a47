// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace kpu::sim {

/// A file that a command reads or writes, and the option or argument that names it. An empty path
/// stands for none.
struct NamedPath {
  std::string option;
  std::string path;
};

/// Refuses to write over what is read, and twice to one place: by name, and through links. Devices
/// may be written more than once. Throws kpu::Error that names both.
void require_separate(const std::vector<NamedPath>& read, const std::vector<NamedPath>& written);

}  // namespace kpu::sim
