// SPDX-License-Identifier: Apache-2.0
//
// NumPy's .npy files: arrays of any plain type, in and out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpu::sim {

/// An array as it lies in a .npy file, in C order, little endian.
struct NpyArray {
  std::string type = "u1";  ///< kind and bytes of an element: "u1", "i4", "f4", ...
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> bytes;
};

/// The bytes of a file (format 1.0) of elements of `type`; `bytes` has as many as `shape` says.
std::vector<std::uint8_t> npy_bytes(std::span<const std::uint8_t> bytes,
                                    std::span<const std::size_t> shape,
                                    const std::string& type = "u1");

/// Writes such a file. Throws kpu::Error if it cannot be written.
void save_npy(const std::string& path, std::span<const std::uint8_t> bytes,
              std::span<const std::size_t> shape, const std::string& type = "u1");

/// Whether a file starts as .npy files do.
bool is_npy(std::span<const std::uint8_t> file);

/// The text of a file that holds one (NumPy's type '<U', no axes), as far as it is ASCII; nothing
/// of any other file.
std::optional<std::string> npy_text(std::span<const std::uint8_t> file);

/// Reads a file of any format version. Throws kpu::Error, naming `path`, for big-endian or Fortran
/// order, structured types, and a header or size that is wrong.
NpyArray parse_npy(std::span<const std::uint8_t> file, const std::string& path);

}  // namespace kpu::sim
