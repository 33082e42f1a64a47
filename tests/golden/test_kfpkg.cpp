// SPDX-License-Identifier: Apache-2.0
//
// Ways in which kmodels are wrapped: kfpkg packages (made here with libzip) and word-swapped files;
// and what is said about damaged ones.
#include "golden/kfpkg.h"

#include <zip.h>

#include <string>
#include <utility>
#include <vector>

#include "golden/error.h"
#include "golden/kmodel.h"
#include "tests/golden/v3_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::V3File;

using Bytes = std::vector<std::uint8_t>;

namespace {

Bytes text_bytes(const std::string& text) { return {text.begin(), text.end()}; }

/// A zip archive of the given files.
Bytes make_zip(const std::vector<std::pair<std::string, Bytes>>& files) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  for (const auto& [name, bytes] : files) {
    zip_file_add(archive, name.c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0),
                 ZIP_FL_OVERWRITE);
  }
  zip_close(archive);
  zip_source_open(target);
  zip_source_seek(target, 0, SEEK_END);
  Bytes result(static_cast<std::size_t>(zip_source_tell(target)));
  zip_source_seek(target, 0, SEEK_SET);
  zip_source_read(target, result.data(), result.size());
  zip_source_close(target);
  zip_source_free(target);
  return result;
}

Bytes small_model() {
  V3File file(2);
  return file.output(0, 8).bytes();
}

const std::string kList = R"({"version": "0.1.0", "files": [)"
                          R"({"address": 0, "bin": "firmware.bin", "sha256Prefix": true},)"
                          R"({"address": 3145728, "bin": "net.kmodel", "sha256Prefix": false}]})";

}  // namespace

TEST_CASE("a kfpkg's parts are listed and its kmodel is found") {
  const Bytes package = make_zip({{"flash-list.json", text_bytes(kList)},
                                  {"firmware.bin", text_bytes("firmware here")},
                                  {"net.kmodel", small_model()}});
  REQUIRE(is_zip(package));
  const std::vector<KfpkgPart> parts = read_kfpkg(package);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].name == "firmware.bin");
  CHECK_FALSE(parts[0].is_kmodel());
  CHECK(parts[1].address == 0x300000);
  CHECK(parts[1].is_kmodel());
  CHECK(parts[1].bytes == small_model());
  CHECK(load_model(package)->info().format == Format::kV3);

  LoadOptions options;
  options.part = "net.kmodel";
  CHECK(load_model(package, options)->info().layers.size() == 1);
  options.part = "other";
  CHECK_THROWS_WITH(load_model(package, options), contains_text("net.kmodel ("));
  options.part = "firmware.bin";
  CHECK_THROWS_WITH(load_model(package, options), contains_text("kmodel: starts with"));
}

TEST_CASE("damaged packages are named") {
  const Bytes model = small_model();
  CHECK_THROWS_WITH(load_model(make_zip({{"net.kmodel", model}})),
                    contains_text("flash-list.json: not in the archive"));
  CHECK_THROWS_WITH(load_model(make_zip({{"flash-list.json", text_bytes(kList)}})),
                    contains_text("firmware.bin: not in the archive"));
  CHECK_THROWS_WITH(load_model(make_zip({{"flash-list.json", text_bytes("{")}})),
                    contains_text("kfpkg: flash-list.json"));
  CHECK_THROWS_WITH(load_model(make_zip({{"flash-list.json", text_bytes(R"({"files": []})")}})),
                    contains_text("0 parts are kmodels"));
  Bytes package = make_zip({{"flash-list.json", text_bytes(kList)}});
  package.resize(package.size() / 2);
  CHECK_THROWS_AS(load_model(package), kpu::Error);
}

TEST_CASE("a word-swapped v3 file loads") {
  Bytes swapped = small_model();
  for (std::size_t i = 0; i + 4 <= swapped.size(); i += 4) {
    std::swap(swapped[i], swapped[i + 3]);
    std::swap(swapped[i + 1], swapped[i + 2]);
  }
  const auto model = load_model(swapped);
  CHECK(model->info().variant == "word-swapped");
  CHECK(model->info().layers.at(0).type == "fully_connected");
}
