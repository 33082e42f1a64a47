// SPDX-License-Identifier: Apache-2.0
//
// Packages as board makers' tools write them, in every dialect of the list and every method of
// packing, whole and cut; and files that are something else, named for what they are.
#include <zip.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <utility>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/file_kind.h"
#include "golden/kmodel/kfpkg.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/relaxed_json.h"
#include "tests/golden/kmodel/damage.h"
#include "tests/golden/kmodel/sample_files.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::Bytes;
using kpu::test::contains_text;
using kpu::test::kpu_file;
using kpu::test::load_message;
using kpu::test::make_zip;
using kpu::test::text_bytes;

namespace {

std::string strict(const std::string& text) { return strict_json(text_bytes(text)); }

Bytes package(const std::string& list, const std::string& folder = "") {
  return make_zip({{folder + "flash-list.json", text_bytes(list)},
                   {folder + "firmware.bin", text_bytes("firmware here")},
                   {folder + "net.kmodel", kpu_file()}});
}

/// Sets a field of the local header and of the directory entry of the archive's last file.
void set_field(Bytes& zip, std::size_t in_local, std::size_t in_directory, std::uint8_t value) {
  const auto last = [&](const char* signature) {
    const std::string text(zip.begin(), zip.end());
    return text.rfind(std::string(signature, 4));
  };
  zip[last("PK\3\4") + in_local] = value;
  zip[last("PK\1\2") + in_directory] = value;
}

Bytes set_method(Bytes zip, std::uint8_t method) {
  set_field(zip, 8, 10, method);
  return zip;
}

}  // namespace

TEST_CASE("a list of a board maker's tool becomes JSON") {
  CHECK(strict(R"({"a": 0x1F, "b": [1, 0XAB,], })") == R"({"a": 31, "b": [1, 171] })");
  CHECK(strict("\xEF\xBB\xBF{} // end") == "{} ");
  CHECK(strict("{/* a, \n b */\"x\": 1}") == "{\"x\": 1}");
  CHECK(strict(R"(["0x10, // no", "\"0x1", 10x2])") == R"(["0x10, // no", "\"0x1", 10x2])");
  CHECK(strict(R"(["unclosed)") == R"(["unclosed)");
  CHECK(strict("/* unclosed") == "");
  CHECK_THROWS_WITH(strict("[0x1ffffffffffffffff]"), contains_text("at most 64 bits"));
  CHECK_THROWS_WITH(strict("[0xfg]"), contains_text("hexadecimal"));
  CHECK_THROWS_WITH(strict("[0x]"), contains_text("hexadecimal"));
}

TEST_CASE("packages in the dialects of board makers' tools open") {
  const std::string lists[] = {
      R"({"files": [{"address": 0, "bin": "firmware.bin", "sha256Prefix": true},
          {"address": 0x00300000, "bin": "net.kmodel", "sha256Prefix": false,},]})",
      "\xEF\xBB\xBF{ // made by a tool\r\n \"version\": \"0.1.0\", \"files\": [ /* firmware */"
      R"({"address": 0x0, "bin": "./firmware.bin"}, {"address": 0x300000, "bin": "net.kmodel"}]})",
      R"({"files": [{"address": "0", "bin": "firmware.bin"},
          {"address": "0x300000", "bin": ".\\net.kmodel"}]})"};
  for (const std::string& list : lists) {
    for (const std::string folder : {"", "my board/", "a/b/"}) {
      CAPTURE(list, folder);
      const auto parts = read_kfpkg(package(list, folder));
      REQUIRE(parts.size() == 2);
      CHECK(parts[1].address == 0x300000);
      CHECK(parts[1].bytes == kpu_file());
      CHECK(load_model(package(list, folder))->info().layers.size() == 4);
    }
  }
  const std::string odd = R"({"files": [{"address": -4, "bin": "net.kmodel"}]})";
  CHECK_THAT(load_message(package(odd)), contains_text("address -4: expected a whole number"));
}

TEST_CASE("methods of packing that are not there are named") {
  const std::string list = R"({"files": [{"address": 0, "bin": "net.kmodel"}]})";
  const Bytes zip = package(list);
  for (const auto& [method, name] : {std::pair{9, "Deflate64"}, std::pair{1, "Shrink"},
                                     std::pair{98, "PPMd"}, std::pair{77, "method 77"}}) {
    CHECK_THAT(load_message(set_method(zip, static_cast<std::uint8_t>(method))),
               contains_text("net.kmodel: packed with " + std::string(name)) &&
                   contains_text("expected stored or Deflate"));
  }
  // What this libzip has is unpacked, so the bytes are found damaged instead.
  if (zip_compression_method_supported(ZIP_CM_LZMA, 0) == 0) {
    CHECK_THAT(load_message(set_method(zip, 14)), contains_text("packed with LZMA"));
  }
  Bytes encrypted = zip;
  set_field(encrypted, 6, 8, 1);
  CHECK_THAT(load_message(encrypted), contains_text("net.kmodel: encrypted"));
}

TEST_CASE("cut and damaged packages say what is missing") {
  const std::string list = R"({"files": [{"address": 0, "bin": "net.kmodel"}]})";
  Bytes cut = package(list);
  const std::string text(cut.begin(), cut.end());
  cut.resize(text.rfind("PK\3\4") + 30 + 10 + 40);
  CHECK_THAT(load_message(cut), contains_text("kfpkg: cut at " + std::to_string(cut.size())) &&
                                    contains_text("whole are flash-list.json, firmware.bin") &&
                                    contains_text("of net.kmodel there are 40 of "));
  Bytes damaged = package(list);
  damaged[text.rfind("PK\3\4") + 30 + 10 + 20] ^= 0x55;
  CHECK_THAT(load_message(damaged), contains_text("net.kmodel: damaged in the archive"));
  CHECK_THAT(load_message(make_zip({{"flash-list.json", text_bytes(list)}, {"other", kpu_file()}})),
             contains_text("net.kmodel: not in the archive, which has flash-list.json, other"));
}

TEST_CASE("files that are no kmodel are named for what they are") {
  const auto kind = [](const std::string& start) {
    Bytes file = text_bytes(start);
    file.resize(std::max<std::size_t>(file.size(), 64), 7);
    return load_message(file);
  };
  CHECK_THAT(load_message({}), contains_text("this is empty"));
  CHECK_THAT(kind("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 388776\n"),
             contains_text("a Git LFS pointer (to 388776 bytes)"));
  CHECK_THAT(kind("\x89PNG\r\n\x1a\n"), contains_text("a PNG picture"));
  CHECK_THAT(kind(std::string("\x1c\0\0\0TFL3", 8)), contains_text("TensorFlow Lite"));
  CHECK_THAT(kind("\x08\x07\x12\x07pytorch"), contains_text("ONNX"));
  CHECK_THAT(kind("\x1f\x8b\x08"), contains_text("gzip"));
  CHECK_THAT(kind("<!DOCTYPE html>"), contains_text("an HTML page"));
  CHECK_THAT(kind(std::string("\x21\xa8\xef\xbe\xad\xde", 6)), contains_text("K210 firmware"));
  CHECK_THAT(load_message(make_zip({{"data.pkl", text_bytes("x")}})),
             contains_text("flash-list.json: not in the archive, which has data.pkl"));
  CHECK_THAT(load_message(Bytes(100, 0xFF)), contains_text("100 bytes of 0xff"));
  CHECK_THAT(kind("something else"), contains_text("starts with 0x656d6f73"));

  std::mt19937 random(3);
  Bytes noise(20000);
  for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
  CHECK_THAT(load_message(noise), contains_text("encrypted model"));
  Bytes image(1000, 1);
  kpu::store_le(std::span(image), 1, std::uint32_t{1000 - 37});
  image[0] = 1;
  CHECK_THAT(load_message(image), contains_text("an encrypted K210 firmware image"));
  for (const Bytes& file : {kpu::test::v4_file(), kpu::test::v5_file(), kpu::test::v1_file()}) {
    CHECK_THAT(load_message(kpu::test::word_swapped(file)), contains_text("word-swapped"));
    CHECK(load_message(file) == "loaded");
  }
}
