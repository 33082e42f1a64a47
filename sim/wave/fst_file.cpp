// SPDX-License-Identifier: Apache-2.0
//
// Blocks, hierarchy and widths; fst_values.cpp reads the values.
#include "sim/wave/fst_file.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <span>
#include <utility>

#include "common/files.h"
#include "sim/wave/fst_blocks.h"
#include "sim/wave/fst_bytes.h"

namespace kpu::sim {
namespace {

/// Tags of the hierarchy; those below kVariableKinds are kinds of variables.
constexpr std::uint8_t kAttributeBegin = 252;
constexpr std::uint8_t kAttributeEnd = 253;
constexpr std::uint8_t kScope = 254;
constexpr std::uint8_t kUpscope = 255;
constexpr std::uint8_t kVariableKinds = 30;

/// The hierarchy's bytes, unpacked.
std::vector<std::uint8_t> unpack_hierarchy(FstCursor cursor, std::uint8_t kind) {
  constexpr const char* kField = "hierarchy";
  const std::uint64_t size = cursor.u64(kField);
  if (kind == kFstHierarchyZip) return unzip(cursor, cursor.rest(), size, kField);
  if (kind == kFstHierarchyLz4) return unpack_lz4(cursor, cursor.rest(), size, kField);
  const std::uint64_t once = cursor.varint(kField);
  const auto inner = unpack_lz4(cursor, cursor.rest(), once, kField);
  return unpack_lz4(cursor, inner, size, kField);
}

}  // namespace

FstFile::FstFile(const std::string& path)
    : path_(path), bytes_(read_file(path, std::numeric_limits<std::size_t>::max())) {
  read_blocks();
}

FstCursor FstFile::open(const Block& block) const {
  return {std::span<const std::uint8_t>(bytes_).subspan(block.begin, block.size), path_};
}

void FstFile::read_blocks() {
  const std::span<const std::uint8_t> file(bytes_);
  FstCursor cursor(file, path_);
  std::vector<Block> known;
  while (cursor.remaining() > 0) {
    const std::uint8_t kind = cursor.u8("block");
    const std::uint64_t length = cursor.u64("length of a block");
    if (length < 8) cursor.fail("length of a block", "expected at least its own 8 bytes");
    const std::size_t begin = file.size() - cursor.remaining();
    cursor.take(length - 8, "block");
    if (kind == kFstWholeZip) cursor.fail("block", "the file is packed as a whole");
    known.push_back({kind, begin, static_cast<std::size_t>(length - 8)});
  }
  const auto find = [&](std::initializer_list<std::uint8_t> kinds, const char* name) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const Block& block) {
      return std::find(kinds.begin(), kinds.end(), block.kind) != kinds.end();
    });
    if (found == known.end()) cursor.fail(name, "the file has none; was it closed?");
    return *found;
  };
  const Block head = find({kFstHeader}, "header");
  FstCursor fields = open(head);
  start_time_ = fields.u64("start time");
  end_time_ = fields.u64("end time");
  read_widths(find({kFstWidths}, "widths"));
  read_hierarchy(find({kFstHierarchyZip, kFstHierarchyLz4, kFstHierarchyLz4Twice}, "hierarchy"));
  for (const Block& block : known) {
    if (is_fst_values(block.kind)) values_.push_back(block);
  }
}

void FstFile::read_widths(const Block& block) {
  FstCursor cursor = open(block);
  const std::uint64_t size = cursor.u64("widths");
  const std::uint64_t count = cursor.u64("number of signals");
  std::vector<std::uint8_t> unpacked(cursor.rest().begin(), cursor.rest().end());
  if (unpacked.size() != size) unpacked = unzip(cursor, cursor.rest(), size, "widths");
  FstCursor widths(unpacked, path_);
  while (widths.remaining() > 0) {
    constexpr std::uint64_t kString = 0xFFFF'FFFF;
    constexpr std::uint64_t kMostBits = 1 << 24;
    constexpr std::uint32_t kRealBytes = 8;
    const std::uint64_t width = widths.varint("width of a signal");
    if (width != kString && width > kMostBits)
      widths.fail("width of a signal", "expected at most 2^24");
    has_bits_.push_back(width != 0 && width != kString);
    widths_.push_back(width == 0 ? kRealBytes
                                 : (width == kString ? 0 : static_cast<std::uint32_t>(width)));
  }
  if (widths_.size() != count) cursor.fail("widths", "expected one for each signal");
}

void FstFile::read_hierarchy(const Block& block) {
  const auto unpacked = unpack_hierarchy(open(block), block.kind);
  FstCursor cursor(unpacked, path_);
  std::size_t depth = 0;
  std::uint32_t signals = 0;
  while (cursor.remaining() > 0) {
    FstEntry entry;
    const std::uint8_t tag = cursor.u8("hierarchy");
    if (tag == kScope) {
      cursor.u8("kind of scope");
      entry.name = cursor.text("name of a scope");
      cursor.text("component of a scope");
      ++depth;
    } else if (tag == kUpscope) {
      entry.kind = FstEntry::Kind::kUpscope;
      if (depth-- == 0) cursor.fail("hierarchy", "a scope ends that never began");
    } else if (tag == kAttributeBegin) {
      cursor.take(2, "kind of attribute");
      cursor.text("name of an attribute");
      cursor.varint("argument of an attribute");
      continue;
    } else if (tag == kAttributeEnd) {
      continue;
    } else if (tag < kVariableKinds) {
      entry.kind = FstEntry::Kind::kSignal;
      cursor.u8("direction of a signal");
      entry.name = cursor.text("name of a signal");
      cursor.varint("width of a signal");
      const std::uint64_t alias = cursor.varint("alias of a signal");
      entry.alias = alias != 0;
      if (!entry.alias) ++signals;
      const std::uint64_t handle = entry.alias ? alias : signals;  // counted from 1
      if (handle > signals || handle > widths_.size()) {
        cursor.fail("alias of a signal", "expected an earlier signal");
      }
      entry.signal = static_cast<std::uint32_t>(handle - 1);
      entry.bits = has_bits_[entry.signal] ? widths_[entry.signal] : 0;
    } else {
      cursor.fail("hierarchy", "an entry of unknown kind");
    }
    hierarchy_.push_back(std::move(entry));
  }
}

}  // namespace kpu::sim
