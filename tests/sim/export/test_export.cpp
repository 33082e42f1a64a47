// SPDX-License-Identifier: Apache-2.0
//
// `kpu export`: what is in the images, that the bench passes under Icarus (with the RTL as plain
// Verilog) and under Verilator (with the RTL as it is), and that it does not when any kind of
// expectation is wrong. One small network has both kinds of results, in AI RAM and on the output
// stream; its second layer starts from the first one's.
#include <sys/wait.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/network.h"
#include "sim/export/vector_folder.h"
#include "sim/export/vector_recorder.h"
#include "sim/vision/image_io.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"
#include "tests/support/small_network.h"

namespace golden = kpu::golden;
using kpu::test::contains_text;
using kpu::test::TempFolder;

namespace {

int shell(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string text_of(const std::string& path) {
  const auto bytes = kpu::read_file(path);
  return {bytes.begin(), bytes.end()};
}

void write_text(const std::string& path, const std::string& text) {
  kpu::write_file(path, text.data(), text.size());
}

/// Exports the small network to folder/"vectors" with the tool.
void export_small(const TempFolder& folder) {
  const auto model = kpu::test::small_network();
  const auto input = kpu::test::small_input();
  kpu::write_file(folder / "small.kmodel", model.data(), model.size());
  kpu::write_file(folder / "small.bin", input.data(), input.size());
  REQUIRE(shell(KPU_BINARY_DIR "/kpu export " + folder / "small.kmodel" + " " +
                folder / "small.bin" + " --out " + folder / "vectors" + " > " + folder / "log") ==
          0);
}

/// Inverts the lowest bit of the first word of a hexadecimal file; its byte is a pixel.
std::string with_wrong_bit(std::string text) {
  char& digit = text[text.find('\n') - 1];
  digit = "1032547698badcfe"[std::stoi(std::string(1, digit), nullptr, 16)];
  return text;
}

/// Runs the bench in the folder `vectors` by `program`, a shell command: it passes as exported, and
/// fails for a wrong byte in AI RAM, one on the output stream, and a layer that the KPU refuses.
void check_bench(const std::string& vectors, const std::string& program) {
  const auto simulate = [&](const std::string& options) {
    return shell("cd " + vectors + " && " + program + " " + options + " > log 2>&1");
  };
  REQUIRE(simulate("") == 0);
  CHECK_THAT(text_of(vectors + "/log"), contains_text("PASS: 2 jobs"));

  for (const char* name : {"/job000_output.hex", "/job001_stream.hex"}) {
    CAPTURE(name);
    const std::string right = text_of(vectors + name);
    write_text(vectors + name, with_wrong_bit(right));
    CHECK(simulate("") != 0);
    CHECK_THAT(text_of(vectors + "/log"), contains_text("FAIL: 1 of 2 jobs"));
    write_text(vectors + name, right);
  }
  std::string layer = text_of(vectors + "/job000_layer.hex");
  layer[15] = '5';  // full_add
  write_text(vectors + "/job000_layer.hex", layer);
  CHECK(simulate("+last=0") != 0);
  CHECK_THAT(text_of(vectors + "/log"), contains_text("status register 0xd01"));
}

}  // namespace

TEST_CASE("images hold what the golden model starts from and leaves") {
  std::vector<kpu::sim::VectorJob> jobs;
  kpu::sim::VectorRecorder recorder([&](const kpu::sim::VectorJob& job) { jobs.push_back(job); });
  const auto model = golden::load_model(kpu::test::small_network());
  const auto run = golden::run_network(*model, {kpu::test::small_input()}, recorder);
  REQUIRE(jobs.size() == 2);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    CAPTURE(i);
    const kpu::sim::VectorJob& job = jobs[i];
    golden::AiRam ram;
    const auto place = [&](const kpu::sim::RamImage& image) {
      std::copy(
          image.bytes.begin(), image.bytes.end(),
          ram.bytes().begin() + static_cast<std::ptrdiff_t>(image.first_line * kpu::kLineBytes));
    };
    place(job.input);
    const auto before = golden::unpack_image(ram.bytes(), job.args.input_layout());
    CHECK(before == (i == 0 ? kpu::test::small_input() : run.kpu_layers[0].output));
    place(job.output);
    const auto after = golden::unpack_image(ram.bytes(), job.args.output_layout());
    CHECK(after == run.kpu_layers[i].output);
    CHECK(std::count(job.counts.begin(), job.counts.end(), 1) ==
          static_cast<std::ptrdiff_t>(after.size()));
    CHECK(job.stream == (i == 1 ? after : std::vector<std::uint8_t>{}));
    CHECK(golden::decode(job.words).int_en);
  }
}

TEST_CASE("a folder is written whole or not at all") {
  const TempFolder folder;
  export_small(folder);
  const auto list = nlohmann::json::parse(text_of(folder / "vectors/jobs.json"));
  CHECK(list["jobs"].size() == 2);
  CHECK(list["jobs"][1]["stream"] == true);

  const std::string again = KPU_BINARY_DIR "/kpu export " + folder / "small.kmodel" + " " +
                            folder / "small.bin" + " --out " + folder / "vectors" + " 2> " +
                            folder / "log";
  CHECK(shell(again) == 2);
  CHECK_THAT(text_of(folder / "log"), contains_text("does not exist yet or is empty"));

  { const kpu::sim::VectorFolder given_up(folder / "other"); }
  CHECK_FALSE(std::filesystem::exists(folder / "other"));
  write_text(folder / "file", "");
  CHECK_THROWS_AS(kpu::sim::VectorFolder(folder / "file/below"), kpu::Error);
}

TEST_CASE("the bench passes under Icarus, and fails for wrong expectations") {
  if (shell("command -v iverilog > /dev/null && command -v yosys > /dev/null") != 0) {
    WARN("skipped: iverilog or yosys is not installed");
    return;
  }
  const TempFolder folder;
  export_small(folder);
  REQUIRE(shell(KPU_SOURCE_DIR "/scripts/verilog.sh " + folder / "rtl" + " lanes16 > " +
                folder / "log") == 0);
  const std::string vectors = folder / "vectors";
  REQUIRE(shell("cd " + vectors + " && iverilog -g2012 -s kpu_vectors_bench -o bench.vvp -I. " +
                folder / "rtl/kpu_top_lanes16.v" + " kpu_vectors_bench.sv") == 0);
  check_bench(vectors, "vvp bench.vvp");
}

TEST_CASE("the bench passes under Verilator, and fails for wrong expectations") {
  const TempFolder folder;
  export_small(folder);
  // As the folder's README.md has it, but for the smallest KPU and a compiler in a hurry.
  const std::string source = KPU_SOURCE_DIR;
  REQUIRE(shell("cd " + folder / "vectors" +
                " && verilator --binary --timing -Wno-fatal -Wno-lint -Wno-style"
                " --top-module kpu_vectors_bench '-DKPU_TOP_PARAMETERS=.Lanes(16), .PostLanes(1)'"
                " -MAKEFLAGS 'OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0' -I. -I" +
                source + "/rtl $(sed '/^+/d; s|^|" + source + "/|' " + source + "/rtl/kpu.f)" +
                " kpu_vectors_bench.sv > log 2>&1") == 0);
  check_bench(folder / "vectors", "obj_dir/Vkpu_vectors_bench");
}
