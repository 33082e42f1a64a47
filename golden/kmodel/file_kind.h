// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace kpu::golden {

/// What a file is that is no kmodel, for a message: "empty", "a Git LFS pointer (..): ..", "a PNG
/// picture", ...; empty if nothing is known about it. Judged by its first bytes, and for an
/// encrypted file by how evenly its bytes are spread.
std::string file_kind(std::span<const std::uint8_t> file);

}  // namespace kpu::golden
