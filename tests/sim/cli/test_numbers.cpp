// SPDX-License-Identifier: Apache-2.0
//
// Numbers out of the tool: dumps that replace their own and nobody else's, expected values and the
// exit code they give, what info adds up.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/files.h"
#include "golden/kmodel/kmodel_writer.h"
#include "tests/golden/kmodel/sample_files.h"
#include "tests/sim/cli/kpu_tool.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

namespace fs = std::filesystem;
using kpu::test::contains_text;
using kpu::test::kModel;
using kpu::test::kpu_tool;
using kpu::test::kScene;
using kpu::test::Outcome;
using kpu::test::TempFolder;

namespace {

const std::string kGolden = "run " + kModel + " " + kScene + " --engine golden ";

}  // namespace

TEST_CASE("a dump holds every layer and output, and replaces an earlier one only") {
  const TempFolder folder;
  REQUIRE(kpu_tool(kGolden + "--dump " + folder / "d").exit_code == 0);
  const auto bytes = kpu::read_file(folder / "d/manifest.json");
  const auto manifest = nlohmann::json::parse(bytes.begin(), bytes.end());
  CHECK(manifest["made_by"] == "kpu run --dump");
  REQUIRE(manifest["arrays"].size() == 6);
  const auto& output = manifest["arrays"].back();
  CHECK(output["name"] == "output_0");
  CHECK(output["shape"] == nlohmann::json({3, 96, 128}));
  CHECK(output["fnv1a64"] == "b8dfd9869d1eae6f");
  CHECK(fs::file_size(folder / "d/output_0.bin") == 4 * 3 * 96 * 128);
  for (const auto& name : manifest["files"]) {
    CHECK(fs::exists(folder / ("d/" + name.get<std::string>())));
  }
  // A later dump of fewer layers leaves nothing of the earlier one.
  REQUIRE(kpu_tool(kGolden + "--layers 2 --dump " + folder / "d/").exit_code == 0);
  CHECK_FALSE(fs::exists(folder / "d/layer_04.npy"));
  CHECK_FALSE(fs::exists(folder / "d/output_0.npy"));
  CHECK(fs::exists(folder / "d/layer_01.npy"));

  kpu::write_file(folder / "d/mine.txt", "x");
  const Outcome refused = kpu_tool(kGolden + "--dump " + folder / "d");
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.text, contains_text("has mine.txt, which no dump has written"));
  CHECK(fs::exists(folder / "d/mine.txt"));
  CHECK(kpu_tool(kGolden + "--dump " + folder / "").exit_code == 2);
  CHECK(fs::exists(folder / "d/mine.txt"));
}

TEST_CASE("expected values decide the exit code") {
  const TempFolder folder;
  REQUIRE(kpu_tool(kGolden + "--dump " + folder / "d").exit_code == 0);
  const Outcome same = kpu_tool(kGolden + "--expect " + folder / "d/output_0.npy");
  CHECK(same.exit_code == 0);
  CHECK_THAT(same.text, contains_text("equal (36864 values)"));
  auto raw = kpu::read_file(folder / "d/output_0.bin");
  raw[4 * 1000 + 3] ^= 0x80;  // another sign
  kpu::write_file(folder / "other.bin", raw.data(), raw.size());
  auto npy = kpu::read_file(folder / "d/output_0.npy");
  npy.back() ^= 2;
  kpu::write_file(folder / "other.npy", npy.data(), npy.size());
  const Outcome other =
      kpu_tool(kGolden + "--expect " + folder / "other.npy --json " + folder / "r.json");
  CHECK(other.exit_code == 3);
  CHECK_THAT(other.text, contains_text("first at 2, 95, 127"));
  CHECK(kpu_tool(kGolden + "--tolerance 2 --expect " + folder / "other.npy").exit_code == 0);
  CHECK(kpu_tool(kGolden + "--expect " + kScene).exit_code == 2);
  const Outcome inside =
      kpu_tool(kGolden + "--dump " + folder / "d --expect " + folder / "d/output_0.npy");
  CHECK(inside.exit_code == 2);
  CHECK_THAT(inside.text, contains_text("which is read: expected another folder"));
  const Outcome two =
      kpu_tool(kGolden + "--expect " + folder / "other.npy --expect " + folder / "other.npy");
  CHECK(two.exit_code == 2);
  CHECK_THAT(two.text, contains_text("2 files, but the run has 1 outputs"));
  const auto bytes = kpu::read_file(folder / "r.json");
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end());
  CHECK(json["expectations"][0]["outside"] == 1);
  CHECK(json["settings"]["memory"]["read_latency"] == 20);
  CHECK(json["settings"]["tool"].get<std::string>().starts_with("kpu "));
}

namespace {

/// A detector's last layer alone: 125 channels of a grid of 7 x 10, flattened. An input of 255 in a
/// cell makes an object of class 7 there, with the third anchor.
std::vector<std::uint8_t> flattened_yolo2_file() {
  using namespace kpu::golden;
  constexpr std::size_t kObjectness = 2 * 25 + 4;
  constexpr std::size_t kClass7 = 2 * 25 + 5 + 7;
  KmodelWriter writer(true);
  WriterLayer layer;
  layer.args = make_layer_args(
      {.in_channels = 1, .out_channels = 125, .height = 7, .width = 10, .dst_line = 64}, true);
  layer.weights.assign(125, 0);
  layer.weights[kObjectness] = 1;
  layer.batch_norm.assign(125, {.mul = 1, .add = 0, .shift = 0});
  layer.batch_norm[kClass7].add = 200;
  for (Segment& segment : layer.act) segment = {.x_start = 0, .y_mul = 1, .shift = 0, .bias = 0};
  writer.add_kpu(layer);
  std::vector<KmodelWriter::Dequantize> channels(125, {0.1f, 0});
  for (std::size_t anchor = 0; anchor < 5; ++anchor) channels[25 * anchor + 4].bias = -10;
  writer.add_channelwise_dequantize(channels);
  return writer.finish();
}

}  // namespace

TEST_CASE("a YOLOv2 grid that the file flattens is read as one") {
  const TempFolder folder;
  const auto file = flattened_yolo2_file();
  kpu::write_file(folder / "net.kmodel", file.data(), file.size());
  std::vector<std::uint8_t> input(70);
  input[3 * 10 + 5] = 255;
  kpu::write_file(folder / "in.bin", input.data(), input.size());
  CHECK_THAT(kpu_tool("info " + folder / "net.kmodel").text, contains_text("125x70 float32"));
  const Outcome outcome = kpu_tool("run " + folder / "net.kmodel" + " " + folder / "in.bin" +
                                   " --engine golden --json " + folder / "r.json");
  CAPTURE(outcome.text);
  REQUIRE(outcome.exit_code == 0);
  const auto bytes = kpu::read_file(folder / "r.json");
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end());
  REQUIRE(json["detections"].size() == 1);
  const auto& box = json["detections"][0];
  CHECK(box["class"] == 7);
  CHECK(box["x"].get<double>() == Approx(0.55));
  CHECK(box["y"].get<double>() == Approx(0.5));
  CHECK(box["pixels"]["left"].get<double>() ==
        Approx(10 * (box["x"].get<double>() - box["width"].get<double>() / 2)));
  CHECK_THAT(outcome.text, contains_text("1 objects (yolo20)"));
}

TEST_CASE("the chip's time says what it covers") {
  const TempFolder folder;
  const auto file = flattened_yolo2_file();
  kpu::write_file(folder / "net.kmodel", file.data(), file.size());
  CHECK_THAT(kpu_tool("estimate " + folder / "net.kmodel --json " + folder / "e.json").text,
             contains_text("K210: 1 layer on its CPU take about 0.39 ms"));
  const auto bytes = kpu::read_file(folder / "e.json");
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end());
  CHECK(json["cpu_layers"] == 1);
  CHECK(json["k210_cpu_milliseconds_about"].get<double>() == Approx(0.39375));
  CHECK(json["tool"].get<std::string>().starts_with("kpu "));
}

TEST_CASE("tables that the vendor's runtime refuses are refused on request") {
  const TempFolder folder;
  const auto file = kpu::test::v1_file();
  kpu::write_file(folder / "v1.kmodel", file.data(), file.size());
  const std::vector<std::uint8_t> input(4);
  kpu::write_file(folder / "in.bin", input.data(), input.size());
  const std::string run = "run " + folder / "v1.kmodel " + folder / "in.bin --engine golden";
  CHECK(kpu_tool(run).exit_code == 0);
  const Outcome refused = kpu_tool(run + " --aligned-tables");
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.text, contains_text("expected a multiple of 128"));
  CHECK(kpu_tool(kGolden + "--aligned-tables").exit_code == 0);
}

TEST_CASE("info adds up what a network takes") {
  const Outcome outcome = kpu_tool("info " + kModel);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("fits the chip, and MaixPy's usual heap"));
  CHECK_THAT(kpu_tool("estimate " + kModel).text, contains_text("MHz"));
}

TEST_CASE("every layer is compared with another engine's rounding") {
  const TempFolder folder;
  const Outcome exact = kpu_tool(kGolden + "--reference exact --json " + folder / "exact.json");
  REQUIRE(exact.exit_code == 0);
  CHECK_THAT(exact.text, contains_text("each layer on its own input, against exact"));
  CHECK_THAT(exact.text, contains_text("2450 of 1069056 outputs differ, by at most 1: norm cut "
                                       "off 2450"));
  const auto bytes = kpu::read_file(folder / "exact.json");
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end())["reference"];
  CHECK(json["rule"] == "exact");
  REQUIRE(json["layers"].size() == 5);
  CHECK(json["layers"][0]["differing"] == 32);
  CHECK(json["layers"][0]["causes"] == nlohmann::json({{"norm cut off", 32}}));
  CHECK(json["layers"][0]["first"]["column"] == 172);
  CHECK(json["layers"][3]["first"].is_null());

  const Outcome itself = kpu_tool(kGolden + "--reference k210");
  CHECK_THAT(itself.text, contains_text("0 of 1069056 outputs differ"));
  const Outcome twice = kpu_tool(kGolden + "--reference tflite-micro --layers 1");
  CHECK_THAT(twice.text, contains_text("9651 of 196608 outputs differ, by at most 1: tie 9585, "
                                       "whole bias 2, double rounding 32, norm cut off 32"));

  for (const std::string wrong : {"nothing", "onnxruntime-avx2"}) {
    const Outcome refused = kpu_tool(kGolden + "--reference " + wrong);
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.text, contains_text("rounding=" + wrong + ": expected"));
  }
  CHECK(kpu_tool(kGolden + kScene + " --reference exact").exit_code == 2);
}

TEST_CASE("an output without a meaning and with many channels needs no picture") {
  const std::string detector = KPU_SOURCE_DIR "/examples/detector/";
  const std::string run =
      "run " + detector + "detector.kmodel " + detector + "scenes/scene_0004.png --engine golden ";
  CHECK(kpu_tool(run).exit_code == 0);
  const TempFolder folder;
  CHECK(kpu_tool(run + "--report " + folder / "r.html").exit_code == 0);
  CHECK(kpu_tool(run + "--annotate " + folder / "a.png").exit_code == 2);
}
