// SPDX-License-Identifier: Apache-2.0
//
// The reader of FST files on files made by hand, byte by byte: every kind of entry, value and
// packing that Verilator's old and new writers use, then the same file cut off and changed at every
// byte. What the simulator itself writes is read in tests/sim/activity and tests/sim/engine.
#include "sim/wave/fst_file.h"

#include <lz4.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "tests/sim/temp_folder.h"
#include "tests/sim/wave/fst_builder.h"
#include "tests/support/catch2.h"

using kpu::sim::FstEntry;
using kpu::sim::FstFile;
using kpu::test::Bytes;
using kpu::test::contains_text;
using kpu::test::FstBuilder;
using kpu::test::TempFolder;

namespace {

using Changes = std::map<std::uint32_t, std::vector<std::pair<std::uint64_t, std::string>>>;

FstFile open(const TempFolder& folder, const Bytes& bytes) {
  const std::string path = folder / "w.fst";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return FstFile(path);
}

Changes changes_of(const FstFile& file) {
  Changes changes;
  CHECK(file.read_changes([&](std::uint32_t signal, std::uint64_t time, std::string_view value) {
    changes[signal].emplace_back(time, value);
  }));
  return changes;
}

Bytes pack_lz4(const Bytes& bytes) {
  Bytes packed(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(bytes.size()))));
  packed.resize(static_cast<std::size_t>(LZ4_compress_default(
      reinterpret_cast<const char*>(bytes.data()), reinterpret_cast<char*>(packed.data()),
      static_cast<int>(bytes.size()), static_cast<int>(packed.size()))));
  return packed;
}

Bytes pack_lz4_twice(const Bytes& bytes) {
  const Bytes once = pack_lz4(bytes);
  Bytes packed;
  kpu::test::put_varint(packed, once.size());
  kpu::test::put(packed, pack_lz4(once));
  return packed;
}

Bytes pack_zlib(const Bytes& bytes) {
  uLongf size = compressBound(bytes.size());
  Bytes packed(size);
  compress(packed.data(), &size, bytes.data(), bytes.size());
  packed.resize(size);
  return packed;
}

Bytes pack_gzip(const Bytes& bytes) {
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes packed(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// A bit, a vector of 9 bits that has an alias, a signal that never changes, and one that changes
/// as the first.
FstBuilder example() {
  FstBuilder builder;
  builder.scope("top").signal("clk", 1).signal("v [8:0]", 9);
  builder.scope("u_a").alias("w [8:0]", 9, 2).signal("quiet", 4).upscope();
  builder.signal("clk_too", 1).upscope();
  builder.change(0, 5, "0").change(0, 7, "1").change(0, 300, "x").change(0, 301, "z");
  builder.change(1, 5, "000000001").change(1, 300, "1x0000000").change(1, 301, "100000000");
  builder.same(3, 0);
  builder.begin_time = 5;
  return builder;
}

const Changes kExample = {
    {0, {{5, "0"}, {7, "1"}, {300, "x"}, {301, "z"}}},
    {1, {{5, "000000001"}, {300, "1x0000000"}, {301, "100000000"}}},
    {3, {{5, "0"}, {7, "1"}, {300, "x"}, {301, "z"}}},
};

}  // namespace

TEST_CASE("hierarchy, aliases and changes of a wave file") {
  const TempFolder folder;
  const FstFile file = open(folder, example().file());
  CHECK(file.start_time() == 5);
  CHECK(file.end_time() == 301);
  std::string text;
  for (const FstEntry& entry : file.hierarchy()) {
    if (entry.kind == FstEntry::Kind::kScope) text += entry.name + "(";
    if (entry.kind == FstEntry::Kind::kUpscope) text += ")";
    if (entry.kind != FstEntry::Kind::kSignal) continue;
    text += entry.name + "/" + std::to_string(entry.bits) + "#" + std::to_string(entry.signal) +
            (entry.alias ? "a " : " ");
  }
  CHECK(text == "top(clk/1#0 v [8:0]/9#1 u_a(w [8:0]/9#1a quiet/4#2 )clk_too/1#3 )");
  CHECK(changes_of(file) == kExample);
}

TEST_CASE("every packing unpacks to the same waves") {
  const TempFolder folder;
  const std::pair<std::uint8_t, FstBuilder::Packing> hierarchies[] = {
      {4, pack_gzip}, {6, pack_lz4}, {7, pack_lz4_twice}};
  for (const auto& [kind, packing] : hierarchies) {
    FstBuilder builder = example();
    builder.hierarchy_kind = kind;
    builder.pack_hierarchy = packing;
    const FstFile file = open(folder, builder.file());
    CHECK(file.hierarchy().size() == 9);
    CHECK(changes_of(file) == kExample);
  }
  const std::pair<char, FstBuilder::Packing> values[] = {
      {'4', pack_lz4}, {'Z', pack_zlib}, {'!', pack_zlib}};
  for (const auto& [mark, packing] : values) {
    FstBuilder builder = example();
    builder.packing_mark = mark;
    builder.pack_changes = packing;
    CHECK(changes_of(open(folder, builder.file())) == kExample);
  }
}

TEST_CASE("the frame counts where the first time lies behind the block's begin") {
  const TempFolder folder;
  FstBuilder builder = example();
  builder.begin_time = 3;
  builder.frame = {'1', '0', '0', '0', '0', '0', '0', '0', '0', '0', 'x', 'x', 'x', 'x', '0'};
  Changes changes = changes_of(open(folder, builder.file()));
  CHECK(changes[0].front() == std::pair<std::uint64_t, std::string>{3, "1"});
  CHECK(changes[1].front() == std::pair<std::uint64_t, std::string>{3, "000000000"});
  CHECK(changes[2] == Changes::mapped_type{{3, "xxxx"}});
  changes.erase(2);
  for (auto& [signal, list] : changes) list.erase(list.begin());
  CHECK(changes == kExample);
}

TEST_CASE("real numbers and strings are passed over") {
  const TempFolder folder;
  FstBuilder builder;
  builder.scope("top").signal("bit", 1).upscope();
  builder.change(0, 1, "1");
  builder.begin_time = 1;
  FstBuilder other = builder;
  other.scope("more").signal("real", 0, 3).upscope();
  const FstFile file = open(folder, other.file());
  CHECK(file.hierarchy()[4].bits == 0);
  CHECK(changes_of(file).size() == 1);
}

TEST_CASE("a damaged wave file is told in one line") {
  const TempFolder folder;
  CHECK_THROWS_WITH(open(folder, {}), contains_text("header"));
  FstBuilder fast = example();
  fast.packing_mark = 'F';
  fast.pack_changes = pack_zlib;
  const FstFile fastlz = open(folder, fast.file());
  CHECK_THROWS_WITH(fastlz.read_changes([](auto...) {}), contains_text("FastLZ"));

  FstBuilder packed = example();
  packed.hierarchy_kind = 4;
  packed.pack_hierarchy = pack_gzip;
  packed.pack_changes = pack_lz4;
  const auto try_to_read = [&](const Bytes& bytes) {
    try {
      open(folder, bytes).read_changes([](std::uint32_t, std::uint64_t, std::string_view) {});
    } catch (const kpu::Error& error) {
      const std::string text = error.what();
      CHECK(std::count(text.begin(), text.end(), '\n') == 0);
      CHECK_THAT(text, contains_text("w.fst: cannot be read as FST: "));
      return false;
    }
    return true;
  };
  std::mt19937 random(1);
  for (FstBuilder builder : {example(), packed}) {
    const Bytes whole = builder.file();
    for (std::size_t length = 0; length < whole.size(); ++length) {
      CHECK_FALSE(
          try_to_read(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))));
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
      Bytes changed = whole;
      changed[at] ^= static_cast<std::uint8_t>(1 + random() % 255);
      try_to_read(changed);
    }
  }
}
