// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpu::sim {

/// Reads the fields of an FST file one after the other, never beyond the end of its part: numbers
/// most significant byte first, and numbers of seven bits a byte, least significant first.
///
/// Every failure throws Error("<path>: cannot be read as FST: <field>: <what was expected>").
class FstCursor {
 public:
  FstCursor(std::span<const std::uint8_t> bytes, const std::string& path)
      : bytes_(bytes), path_(&path) {}

  std::uint8_t u8(const char* field) { return take(1, field)[0]; }
  std::uint64_t u64(const char* field);
  std::uint64_t varint(const char* field);
  std::int64_t signed_varint(const char* field);
  /// Text up to a zero byte, which is passed.
  std::string_view text(const char* field);
  std::span<const std::uint8_t> take(std::uint64_t count, const char* field);
  /// The same from the end backwards.
  std::span<const std::uint8_t> take_back(std::uint64_t count, const char* field);
  std::uint64_t u64_back(const char* field);

  std::size_t remaining() const { return bytes_.size(); }
  std::span<const std::uint8_t> rest() const { return bytes_; }
  const std::string& path() const { return *path_; }

  [[noreturn]] void fail(const char* field, const std::string& expected) const;

 private:
  std::span<const std::uint8_t> bytes_;  ///< what has not been read
  const std::string* path_;
};

/// The `size` bytes that a zlib stream, a gzip file or an LZ4 block unpacks to. Throws as
/// `cursor` does, also for sizes that the method cannot reach.
std::vector<std::uint8_t> unzip(const FstCursor& cursor, std::span<const std::uint8_t> packed,
                                std::uint64_t size, const char* field);
std::vector<std::uint8_t> unpack_lz4(const FstCursor& cursor, std::span<const std::uint8_t> packed,
                                     std::uint64_t size, const char* field);

}  // namespace kpu::sim
