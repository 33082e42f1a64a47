// SPDX-License-Identifier: Apache-2.0
#include "common/files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "common/error.h"

namespace kpu {
namespace {

namespace fs = std::filesystem;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

[[noreturn]] void fail_to_write(const std::string& path, const char* reason) {
  throw Error(fmt::format("{}: cannot be written: {}", path, reason));
}

}  // namespace

std::vector<std::uint8_t> read_file(const std::string& path, std::size_t max_bytes) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    throw Error(fmt::format("{}: is a directory, expected a file", path));
  }
  const File file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) {
    throw Error(fmt::format("{}: cannot be opened for reading: {}", path, std::strerror(errno)));
  }
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 65536> chunk;
  while (const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    if (count > max_bytes - bytes.size()) {
      throw Error(fmt::format("{}: longer than {} bytes, expected at most that{}", path, max_bytes,
                              fs::is_regular_file(path, error) ? "" : " (a device without end?)"));
    }
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
  }
  if (std::ferror(file.get()) != 0) {
    throw Error(fmt::format("{}: read error after {} bytes", path, bytes.size()));
  }
  return bytes;
}

OutputFile::OutputFile(const std::string& path) : path_(path) {
  std::error_code error;
  if (const fs::path target = fs::canonical(path, error); !error) path_ = target.string();
  in_place_ = fs::exists(path_, error) && !fs::is_regular_file(path_, error);
  draft_ = in_place_ ? path_ : fmt::format("{}.{}.draft", path_, getpid());
  if (!in_place_) temp_ = TempFile(draft_);
}

void OutputFile::commit() {
  if (in_place_) return;
  std::error_code error;
  const fs::file_status before = fs::status(path_, error);
  if (fs::is_regular_file(before)) fs::permissions(draft_, before.permissions(), error);
  if (std::rename(draft_.c_str(), path_.c_str()) != 0) fail_to_write(path_, std::strerror(errno));
  temp_.release();
}

void write_file(const std::string& path, const void* data, std::size_t size) {
  OutputFile output(path);
  std::FILE* const file = std::fopen(output.draft().c_str(), "wb");
  if (file == nullptr) fail_to_write(path, std::strerror(errno));
  int failure = std::fwrite(data, 1, size, file) == size ? 0 : errno;
  if (std::fclose(file) != 0 && failure == 0) failure = errno;
  if (failure != 0) fail_to_write(path, std::strerror(failure));
  output.commit();
}

void write_file(const std::string& path, std::string_view text) {
  write_file(path, text.data(), text.size());
}

}  // namespace kpu
