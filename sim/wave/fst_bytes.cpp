// SPDX-License-Identifier: Apache-2.0
#include "sim/wave/fst_bytes.h"

#include <fmt/format.h>
#include <lz4.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "common/error.h"

namespace kpu::sim {
namespace {

/// Most bytes that one packed byte can stand for, whatever the method.
constexpr std::uint64_t kMostRatio = 1100;

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

void check_size(const FstCursor& cursor, std::size_t packed, std::uint64_t size,
                const char* field) {
  if (size > kMostRatio * (packed + 1) || size > std::numeric_limits<int>::max()) {
    cursor.fail(field, fmt::format("{} packed bytes cannot unpack to {}", packed, size));
  }
}

}  // namespace

void FstCursor::fail(const char* field, const std::string& expected) const {
  throw Error(fmt::format("{}: cannot be read as FST: {}: {}", *path_, field, expected));
}

std::span<const std::uint8_t> FstCursor::take(std::uint64_t count, const char* field) {
  if (count > bytes_.size()) {
    fail(field, fmt::format("expected {} bytes, {} are left", count, bytes_.size()));
  }
  const auto taken = bytes_.first(count);
  bytes_ = bytes_.subspan(count);
  return taken;
}

std::span<const std::uint8_t> FstCursor::take_back(std::uint64_t count, const char* field) {
  if (count > bytes_.size()) {
    fail(field, fmt::format("expected {} bytes, {} are left", count, bytes_.size()));
  }
  const auto taken = bytes_.last(count);
  bytes_ = bytes_.first(bytes_.size() - count);
  return taken;
}

std::uint64_t FstCursor::u64(const char* field) { return big_endian(take(8, field)); }

std::uint64_t FstCursor::u64_back(const char* field) { return big_endian(take_back(8, field)); }

std::uint64_t FstCursor::varint(const char* field) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = u8(field);
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  fail(field, "expected a number of at most 64 bits");
}

std::int64_t FstCursor::signed_varint(const char* field) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64;) {
    const std::uint8_t byte = u8(field);
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    shift += 7;
    if ((byte & 0x80) == 0) {
      if (shift < 64 && (byte & 0x40) != 0) value |= ~std::uint64_t{0} << shift;
      return static_cast<std::int64_t>(value);
    }
  }
  fail(field, "expected a number of at most 64 bits");
}

std::string_view FstCursor::text(const char* field) {
  const auto end = std::find(bytes_.begin(), bytes_.end(), std::uint8_t{0});
  if (end == bytes_.end()) fail(field, "expected a zero byte behind the text");
  const auto length = static_cast<std::size_t>(end - bytes_.begin());
  const auto taken = take(length + 1, field);
  return {reinterpret_cast<const char*>(taken.data()), length};
}

std::vector<std::uint8_t> unzip(const FstCursor& cursor, std::span<const std::uint8_t> packed,
                                std::uint64_t size, const char* field) {
  check_size(cursor, packed.size(), size, field);
  std::vector<std::uint8_t> bytes(size + 1);  // room for one too many, which is then noticed
  z_stream stream = {};
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = bytes.data();
  stream.avail_out = static_cast<uInt>(bytes.size());
  constexpr int kZlibOrGzip = MAX_WBITS + 32;
  int state = inflateInit2(&stream, kZlibOrGzip);
  if (state == Z_OK) {
    state = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
  }
  if (state != Z_STREAM_END || stream.total_out != size) {
    cursor.fail(field, fmt::format("expected to unpack to {} bytes", size));
  }
  bytes.resize(size);
  return bytes;
}

std::vector<std::uint8_t> unpack_lz4(const FstCursor& cursor, std::span<const std::uint8_t> packed,
                                     std::uint64_t size, const char* field) {
  check_size(cursor, packed.size(), size, field);
  std::vector<std::uint8_t> bytes(size);
  const int written = LZ4_decompress_safe(reinterpret_cast<const char*>(packed.data()),
                                          reinterpret_cast<char*>(bytes.data()),
                                          static_cast<int>(packed.size()), static_cast<int>(size));
  if (written < 0 || static_cast<std::uint64_t>(written) != size) {
    cursor.fail(field, fmt::format("expected to unpack to {} bytes", size));
  }
  return bytes;
}

}  // namespace kpu::sim
