// SPDX-License-Identifier: Apache-2.0
//
// Networks with several inputs, and inputs of other types than uint8, on the command line: a small
// v5 file whose output is the sum of its inputs shows which file went where.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "sim/cli/cli_inputs.h"
#include "sim/vision/image_io.h"
#include "sim/vision/network_input.h"
#include "tests/golden/kmodel/v5/v5_file.h"
#include "tests/sim/cli/kpu_tool.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::kpu_tool;
using kpu::test::Outcome;
using kpu::test::TempFolder;
using kpu::test::V5File;

namespace {

/// out = in0 + 10 * in1, two floats each.
std::vector<std::uint8_t> weighted_sum_file() {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  kpu::test::StackText text;
  text.shape(0, {2}).shape(1, {1}).shape(2, {0});
  text.buffer(0, 8).buffer(2, 0).buffer(3, 0);
  text.tensor(0x01, 9, 0, 1, 0, 2, 1, 2, -kInf, kInf);
  text.buffer(0, 0).buffer(3, 0).buffer(1, 0);
  text.tensor(0x01, 9, 0, 1, 0, 1, 1, 0, -kInf, kInf);
  V5File file(V5File::kFloat, 8, V5File::kFloat, 8);
  return file.input(V5File::kFloat, 8).rdata(ByteList(10.0f, 10.0f)).text(text).bytes();
}

std::string saved(const TempFolder& folder, const std::string& name,
                  const std::vector<std::uint8_t>& bytes) {
  kpu::write_file(folder / name, bytes.data(), bytes.size());
  return folder / name;
}

}  // namespace

TEST_CASE("a network with two inputs takes each once, by name or index") {
  const TempFolder folder;
  const std::string model = saved(folder, "sum.kmodel", weighted_sum_file());
  const std::string one = saved(folder, "one.bin", ByteList(1.0f, 2.0f).bytes());
  const std::string two = saved(folder, "two.bin", ByteList(3.0f, 4.0f).bytes());
  const auto sum = [&](const std::string& inputs) {
    const std::string json = folder / "r.json";
    const Outcome outcome =
        kpu_tool("run " + model + " " + inputs + " --engine golden --json " + json);
    CAPTURE(outcome.text);
    REQUIRE(outcome.exit_code == 0);
    const auto bytes = kpu::read_file(json);
    const auto report = nlohmann::json::parse(bytes.begin(), bytes.end());
    CHECK(report["inputs"].size() == 2);
    return report["outputs"][0]["sum"].get<double>();
  };
  CHECK(sum("--input 0=" + one + " --input 1=" + two) == 73);
  CHECK(sum("--input input1=" + one + " --input input0=" + two) == 37);

  const auto refused = [&](const std::string& inputs) {
    const Outcome outcome = kpu_tool("run " + model + " " + inputs + " --engine golden");
    CHECK(outcome.exit_code == 2);
    CHECK(std::count(outcome.text.begin(), outcome.text.end(), '\n') == 1);
    return outcome.text;
  };
  CHECK_THAT(refused(one), contains_text("expected --input input0=FILE --input input1=FILE"));
  CHECK_THAT(refused(one + " " + two), contains_text("expected --input input0=FILE"));
  CHECK_THAT(refused("--input 0=" + one), contains_text("input1=FILE: missing"));
  CHECK_THAT(refused("--input 0=" + one + " --input input0=" + two), contains_text("given twice"));
  CHECK_THAT(refused("--input 2=" + one),
             contains_text("no such input") && contains_text("input1 (float32 2)"));
  CHECK_THAT(refused("--input 0"), contains_text("expected NAME_OR_INDEX=FILE"));
  CHECK_THAT(refused(one + " --input 0=" + one), contains_text("expected INPUT, or --input"));
  CHECK_THAT(refused(""), contains_text("expected INPUT, or --input"));
  CHECK_THAT(refused("--input 0=" + one + " --csv " + folder / "x.csv"), contains_text("--csv"));
  CHECK_THAT(refused("--input 0=" + model + " --input 1=" + one), contains_text("raw input of"));
  CHECK_THAT(kpu_tool("info " + model).text,
             contains_text("input0: 2 float32") && contains_text("input1: 2 float32"));
}

TEST_CASE("a dump of a v5 file has every tensor that the processor computes") {
  const TempFolder folder;
  const std::string model = saved(folder, "sum.kmodel", weighted_sum_file());
  const std::string one = saved(folder, "one.bin", ByteList(1.0f, 2.0f).bytes());
  const std::string two = saved(folder, "two.bin", ByteList(3.0f, 4.0f).bytes());
  REQUIRE(kpu_tool("run " + model + " --input 0=" + one + " --input 1=" + two +
                   " --engine golden --dump " + folder / "d")
              .exit_code == 0);
  const auto bytes = kpu::read_file(folder / "d/manifest.json");
  const auto manifest = nlohmann::json::parse(bytes.begin(), bytes.end());
  REQUIRE(manifest["arrays"].size() == 3);
  CHECK(manifest["arrays"][0]["name"] == "cpu_000");
  CHECK(manifest["arrays"][0]["kind"] == "binary");
  CHECK(manifest["arrays"][1]["shape"] == nlohmann::json({2}));
  const auto product = kpu::read_file(folder / "d/cpu_000.npy");
  const auto wanted = ByteList(30.0f, 40.0f).bytes();
  CHECK(std::equal(wanted.begin(), wanted.end(), product.end() - 8));
  CHECK(kpu::read_file(folder / "d/cpu_001.npy") == kpu::read_file(folder / "d/output_0.npy"));
}

TEST_CASE("a network without KPU layers takes time on the chip") {
  const TempFolder folder;
  const Outcome outcome = kpu_tool("estimate " + saved(folder, "s.kmodel", weighted_sum_file()));
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("no layer runs on the KPU") &&
                               contains_text("2 layers on its CPU take about 0.0008 ms"));
}

TEST_CASE("a network with one input takes it either way") {
  const std::string example = KPU_SOURCE_DIR "/examples/";
  const std::string run = "run " + example + "edges.kmodel ";
  const std::string scene = example + "scene.png --engine golden";
  const Outcome with_name = kpu_tool(run + "--input 0=" + scene);
  CHECK(with_name.exit_code == 0);
  CHECK_THAT(with_name.text, contains_text("verdict: not compared"));
}

TEST_CASE("pictures for int8 inputs count from -128") {
  const TempFolder folder;
  kpu::sim::Image image(2, 1, 1);
  image.data = {0, 200};
  kpu::sim::save_png(folder / "a.png", image);
  const kpu::sim::InputSpec spec{1, 1, 2, 1, true};
  const kpu::sim::Input input = kpu::sim::load_input(folder / "a.png", spec);
  CHECK(input.bytes == std::vector<std::uint8_t>{0x80, 72});
  saved(folder, "a.bin", input.bytes);
  CHECK(kpu::sim::load_input(folder / "a.bin", spec).picture->data == image.data);
  saved(folder, "b.bin", {1});
  CHECK_THROWS_WITH(kpu::sim::load_input(folder / "b.bin", spec), contains_text("1x1x2 int8"));
}
