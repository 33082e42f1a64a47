// SPDX-License-Identifier: Apache-2.0
#include "common/field_reader.h"

#include <fmt/format.h>

#include <utility>

#include "common/bits.h"
#include "common/error.h"

namespace kpu {

FieldReader::FieldReader(std::span<const std::uint8_t> file, std::size_t begin, std::size_t end,
                         std::string where)
    : file_(file), offset_(begin), end_(end), where_(std::move(where)) {}

void FieldReader::fail(const char* field, std::uint64_t value, const std::string& expected) const {
  throw Error(fmt::format("{}: {}={}: expected {}", where_, field, value, expected));
}

std::span<const std::uint8_t> FieldReader::bytes(std::uint64_t count, const char* field) {
  if (count > remaining()) {
    throw Error(fmt::format("{}: {}: needs {} bytes at offset {}, expected at most {}", where_,
                            field, count, offset_, remaining()));
  }
  const std::span<const std::uint8_t> view = file_.subspan(offset_, count);
  offset_ += count;
  return view;
}

std::span<const std::uint8_t> FieldReader::file_bytes(std::uint64_t offset, std::uint64_t count,
                                                      const char* field) const {
  if (offset > file_.size() || count > file_.size() - offset) {
    throw Error(fmt::format("{}: {}={}: {} bytes there leave the file, which has {}", where_, field,
                            offset, count, file_.size()));
  }
  return file_.subspan(offset, count);
}

template <class T>
T FieldReader::next(const char* field) {
  return load_le<T>(bytes(sizeof(T), field), 0);
}

std::uint8_t FieldReader::u8(const char* field) { return next<std::uint8_t>(field); }
std::uint16_t FieldReader::u16(const char* field) { return next<std::uint16_t>(field); }
std::uint32_t FieldReader::u32(const char* field) { return next<std::uint32_t>(field); }
std::int32_t FieldReader::i32(const char* field) { return next<std::int32_t>(field); }
std::uint64_t FieldReader::u64(const char* field) { return next<std::uint64_t>(field); }
float FieldReader::f32(const char* field) { return next<float>(field); }

std::uint32_t FieldReader::u32_in(const char* field, std::uint32_t first, std::uint32_t last) {
  const std::uint32_t value = u32(field);
  if (value < first || value > last) {
    fail(field, value, fmt::format("{} to {}", first, last));
  }
  return value;
}

std::uint64_t saturating_product(std::initializer_list<std::uint64_t> factors) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
  std::uint64_t product = 1;
  for (std::uint64_t factor : factors) {
    if (factor == 0) {
      return 0;
    }
  }
  for (std::uint64_t factor : factors) {
    if (product > kLimit / factor) {
      return kLimit;
    }
    product *= factor;
  }
  return product;
}

}  // namespace kpu
