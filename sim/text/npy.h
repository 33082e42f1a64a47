// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kpu::sim {

/// The bytes of a NumPy .npy file (format 1.0) that holds a uint8 array in C order.
std::vector<std::uint8_t> npy_bytes(std::span<const std::uint8_t> values,
                                    std::span<const std::size_t> shape);

/// Writes such a file. Throws kpu::Error if it cannot be written.
void save_npy(const std::string& path, std::span<const std::uint8_t> values,
              std::span<const std::size_t> shape);

}  // namespace kpu::sim
