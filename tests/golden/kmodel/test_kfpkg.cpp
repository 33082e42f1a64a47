// SPDX-License-Identifier: Apache-2.0
//
// Ways in which kmodels are wrapped: kfpkg packages (made here with libzip) and word-swapped files;
// and what is said about damaged ones.
#include "golden/kmodel/kfpkg.h"

#include <string>
#include <vector>

#include "common/error.h"
#include "golden/kmodel/kmodel.h"
#include "tests/golden/kmodel/sample_files.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::Bytes;
using kpu::test::contains_text;
using kpu::test::kFlashList;
using kpu::test::kpu_file;
using kpu::test::make_zip;
using kpu::test::text_bytes;

TEST_CASE("a kfpkg's parts are listed and its kmodel is found") {
  const Bytes package = kpu::test::kfpkg_file();
  REQUIRE(is_zip(package));
  const std::vector<KfpkgPart> parts = read_kfpkg(package);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].name == "firmware.bin");
  CHECK_FALSE(parts[0].is_kmodel());
  CHECK(parts[1].address == 0x300000);
  CHECK(parts[1].is_kmodel());
  CHECK(parts[1].bytes == kpu_file());
  CHECK(load_model(package)->info().format == Format::kV3);

  LoadOptions options;
  options.part = "net.kmodel";
  CHECK(load_model(package, options)->info().layers.size() == 4);
  options.part = "other";
  CHECK_THROWS_WITH(load_model(package, options), contains_text("net.kmodel ("));
  options.part = "firmware.bin";
  CHECK_THROWS_WITH(load_model(package, options), contains_text("kmodel: starts with"));
}

TEST_CASE("hexadecimal addresses, which vendors' lists have, are read; strings stay as they are") {
  const std::string text = R"({"files": [{"address": 0x00A00000, "bin": "0x10\".bin"}]})";
  const std::vector<KfpkgPart> parts =
      read_kfpkg(make_zip({{"flash-list.json", text_bytes(text)}, {"0x10\".bin", {1, 2}}}));
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].address == 0xA00000);
  CHECK(parts[0].name == "0x10\".bin");
}

TEST_CASE("damaged packages are named") {
  const Bytes model = kpu_file();
  CHECK_THROWS_WITH(load_model(make_zip({{"net.kmodel", model}})),
                    contains_text("flash-list.json: not in the archive"));
  CHECK_THROWS_WITH(load_model(make_zip({{"flash-list.json", text_bytes(kFlashList)}})),
                    contains_text("firmware.bin: not in the archive"));
  CHECK_THROWS_WITH(load_model(make_zip({{"flash-list.json", text_bytes("{")}})),
                    contains_text("kfpkg: flash-list.json"));
  CHECK_THROWS_WITH(load_model(make_zip({{"flash-list.json", text_bytes(R"({"files": []})")}})),
                    contains_text("0 parts are kmodels"));
  Bytes package = make_zip({{"flash-list.json", text_bytes(kFlashList)}});
  package.resize(package.size() / 2);
  CHECK_THROWS_AS(load_model(package), kpu::Error);
}

TEST_CASE("a word-swapped v3 file loads") {
  const auto model = load_model(kpu::test::word_swapped(kpu_file()));
  CHECK(model->info().variant == "word-swapped");
  CHECK(model->info().layers.at(0).type == "k210_conv");
}
