// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace kpu {

/// Reads little-endian fields one after the other from an untrusted file, never beyond its end.
///
/// Every failure throws Error with one line: the place given to the constructor ("layer 3
/// (softmax)"), the field, its value and what was expected.
class FieldReader {
 public:
  /// Reads bytes `begin` .. `end` of `file`; the caller has checked that they lie inside it.
  FieldReader(std::span<const std::uint8_t> file, std::size_t begin, std::size_t end,
              std::string where);

  std::uint8_t u8(const char* field);
  std::uint16_t u16(const char* field);
  std::uint32_t u32(const char* field);
  std::int32_t i32(const char* field);
  std::uint64_t u64(const char* field);
  float f32(const char* field);

  /// The next `count` bytes, as a view into the file.
  std::span<const std::uint8_t> bytes(std::uint64_t count, const char* field);

  /// `count` bytes of the file at an offset that the file gives, wherever that is.
  std::span<const std::uint8_t> file_bytes(std::uint64_t offset, std::uint64_t count,
                                           const char* field) const;

  /// A u32 that must lie in first .. last.
  std::uint32_t u32_in(const char* field, std::uint32_t first, std::uint32_t last);

  void skip(std::uint64_t count, const char* field) { bytes(count, field); }

  std::size_t offset() const { return offset_; }            ///< of the next field, in the file
  std::size_t remaining() const { return end_ - offset_; }  ///< bytes up to the end
  const std::string& where() const { return where_; }

  /// Throws Error("<where>: <field>=<value>: expected <expected>").
  [[noreturn]] void fail(const char* field, std::uint64_t value, const std::string& expected) const;

 private:
  template <class T>
  T next(const char* field);

  std::span<const std::uint8_t> file_;
  std::size_t offset_;
  std::size_t end_;
  std::string where_;
};

/// Product of `factors`, or 2^63 if it is that large or larger: for sizes that are then compared
/// with a limit.
std::uint64_t saturating_product(std::initializer_list<std::uint64_t> factors);

}  // namespace kpu
