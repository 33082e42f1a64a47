// SPDX-License-Identifier: Apache-2.0
#include "common/files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <system_error>

#include "common/error.h"

namespace kpu {

std::vector<std::uint8_t> read_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw Error(fmt::format("{}: is a directory, expected a file", path));
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw Error(fmt::format("{}: cannot be opened for reading", path));
  }
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream),
                                  std::istreambuf_iterator<char>()};
  if (stream.bad()) {
    throw Error(fmt::format("{}: read error after {} bytes", path, bytes.size()));
  }
  return bytes;
}

void write_file(const std::string& path, const void* data, std::size_t size) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
  out.close();
  if (!out) throw Error(fmt::format("{}: cannot be written", path));
}

}  // namespace kpu
