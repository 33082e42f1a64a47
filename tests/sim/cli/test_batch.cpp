// SPDX-License-Identifier: Apache-2.0
//
// A network on many inputs: which files the arguments stand for, rows and CSV lines, an input that
// fails among others that do not, engines that are used again, and memory that does not grow.
#include "common/files.h"
#include "sim/cli/batch.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/error.h"
#include "examples/edge_network.h"
#include "sim/cli/batch_text.h"
#include "sim/cli/input_list.h"
#include "sim/vision/image_io.h"
#include "sim/vision/network_input.h"
#include "tests/sim/cli/kpu_tool.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
namespace golden = kpu::golden;
using kpu::test::contains_text;
using kpu::test::kScene;
using kpu::test::TempFolder;

namespace {

void write_text(const std::string& path, const std::string& text) {
  kpu::write_file(path, text.data(), text.size());
}

/// Peak of this process's memory so far.
long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("inputs: files, folders, lists") {
  const TempFolder folder;
  for (const char* name : {"b.png", "a.JPG", "c.bin", "notes.txt"}) write_text(folder / name, "x");
  std::filesystem::create_directory(folder / "d.png");
  write_text(folder / "list.txt", "# two files\nb.png\r\n\n/elsewhere/e.png\n");
  const std::vector<std::string> all = {folder / "a.JPG", folder / "b.png", folder / "c.bin"};
  CHECK(expand_inputs({folder / ""}) == all);
  CHECK(expand_inputs({"x.png", "@" + folder / "list.txt"}) ==
        std::vector<std::string>{"x.png", folder / "b.png", "/elsewhere/e.png"});
  CHECK(is_input_list(folder / ""));
  CHECK(is_input_list("@list"));
  CHECK_FALSE(is_input_list(folder / "b.png"));
  CHECK_THROWS_WITH(expand_inputs({folder / "d.png"}), contains_text("no input in the folder"));
  CHECK_THROWS_WITH(expand_inputs({"@" + folder / "none"}), contains_text("cannot be opened"));
  write_text(folder / "empty.txt", "#\n");
  CHECK_THROWS_WITH(expand_inputs({"@" + folder / "empty.txt"}), contains_text("expected a file"));
}

TEST_CASE("a CSV line has every column, quoted where needed") {
  BatchRow row;
  row.input = "a,b.png";
  row.verdict = Verdict::kMatch;
  row.outputs = {0x12, 0xAB};
  row.top_class = "\"cat\"";
  row.probability = 0.5f;
  row.objects = 1;
  row.boxes = "face 0.9 0.1 0.2 0.3 0.4";
  row.wall_seconds = {{"golden", 0.001}, {"rtl", 2}};
  row.cycles = 1234;
  row.energy_uj = 1.25;
  CHECK(csv_line(row) ==
        "\"a,b.png\",match,0000000000000012 00000000000000ab,\"\"\"cat\"\"\",0.500000,1,"
        "face 0.9 0.1 0.2 0.3 0.4,1.000,2000.000,1234,,1.250\n");
  BatchRow failed;
  failed.input = "x";
  failed.error = "x: gone";
  CHECK(csv_line(failed) == "x,failed,,,,,,,,,x: gone,\n");
  const std::string header = csv_header();
  CHECK(std::count(header.begin(), header.end(), ',') == 11);
  const std::vector<BatchRow> rows = {row, failed};
  CHECK(batch_table(rows, true).find("cat") == std::string::npos);
  CHECK_THAT(batch_summary(rows, 400e6), contains_text("2 inputs: 1 failed, 1 match") &&
                                             contains_text("1 objects") && contains_text("1 234"));
}

TEST_CASE("an input that fails does not stop the others") {
  const auto model = golden::load_model(kpu::examples::make_edge_network());
  BatchOptions options;
  options.request.engine = EngineChoice::kGolden;
  std::vector<std::string> seen;
  options.on_row = [&](const BatchRow& row) { seen.push_back(row.state()); };
  const auto rows = run_batch(*model, {kScene, "/none.png", kScene}, options);
  CHECK(seen == std::vector<std::string>{"not compared", "failed", "not compared"});
  CHECK_THAT(rows.at(1).error, contains_text("/none.png"));
  CHECK(rows.at(2).outputs == std::vector<std::uint64_t>{0xb8dfd9869d1eae6full});
  CHECK(rows.at(2).outputs == rows.at(0).outputs);
  CHECK_FALSE(rows.at(0).cycles);
}

TEST_CASE("a batch on both engines repeats its verdict and its cycles") {
  const auto model = golden::load_model(kpu::examples::make_edge_network());
  const auto rows = run_batch(*model, {kScene, kScene}, {});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].verdict == Verdict::kMatch);
  CHECK(rows[1].verdict == Verdict::kMatch);
  CHECK(rows[0].cycles == rows[1].cycles);
}

TEST_CASE("fifty frames need no more memory than five") {
  const auto model = golden::load_model(kpu::examples::make_edge_network());
  BatchOptions options;
  options.request.engine = EngineChoice::kGolden;
  run_batch(*model, std::vector<std::string>(5, kScene), options);
  const long before = peak_kib();
  const auto rows = run_batch(*model, std::vector<std::string>(50, kScene), options);
  // A frame's layers are about 2 MiB.
  CHECK(peak_kib() - before < 8 * 1024);
  for (const BatchRow& row : rows) CHECK(row.outputs.at(0) == 0xb8dfd9869d1eae6full);
}

TEST_CASE("golden paths, threads and profiles") {
  const auto model = golden::load_model(kpu::examples::make_edge_network());
  const Input input = load_input(kScene, {3, 192, 256, 1});
  RunRequest request;
  request.engine = EngineChoice::kGolden;
  request.threads = 2;
  const RunReport fast = run_engines(*model, {input.bytes}, request);
  CHECK(fast.settings.golden == "fast");
  CHECK(fast.settings.threads == 2);
  request.golden = GoldenPath::kReference;
  CHECK_THROWS_WITH(run_engines(*model, {input.bytes}, request), contains_text("threads=2"));
  request.threads = 1;
  const RunReport reference = run_engines(*model, {input.bytes}, request);
  CHECK(reference.settings.golden == "reference");
  CHECK(reference.settings.profile == "default");
  REQUIRE(reference.layers.size() == fast.layers.size());
  for (std::size_t i = 0; i < fast.layers.size(); ++i) {
    CHECK(reference.layers[i].output == fast.layers[i].output);
  }
  request.profile = "v0.1";
  CHECK_THAT(run_engines(*model, {input.bytes}, request).settings.rules,
             contains_text("rounding=v0.1"));
  request.engine = EngineChoice::kRtl;
  CHECK_THROWS_WITH(run_engines(*model, {input.bytes}, request),
                    contains_text("profile v0.1") && contains_text("--engine golden"));
  request.profile = "fpga";
  CHECK_THROWS_WITH(run_engines(*model, {input.bytes}, request), contains_text("'fpga'"));
}
