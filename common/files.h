// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kpu {

/// Reads a file whole. Throws Error naming it if that fails.
std::vector<std::uint8_t> read_file(const std::string& path);

/// Writes a file of `size` bytes. Throws Error naming it if that fails.
void write_file(const std::string& path, const void* data, std::size_t size);

}  // namespace kpu
