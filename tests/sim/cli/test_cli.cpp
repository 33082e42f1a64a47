// SPDX-License-Identifier: Apache-2.0
//
// The tool as a user meets it: exit codes, messages, files it writes. Golden engine only, so that
// these stay quick; the engines themselves are compared elsewhere.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "sim/vision/image_io.h"
#include "tests/golden/kmodel/sample_files.h"
#include "tests/sim/cli/kpu_tool.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using kpu::test::contains_text;
using kpu::test::kModel;
using kpu::test::kpu_tool;
using kpu::test::kScene;
using kpu::test::Outcome;
using kpu::test::TempFolder;

TEST_CASE("help and usage") {
  const Outcome help = kpu_tool("--help");
  CHECK(help.exit_code == 0);
  CHECK_THAT(help.text,
             contains_text("run") && contains_text("info") && contains_text("Exit codes"));
  const Outcome run_help = kpu_tool("run --help");
  CHECK(run_help.exit_code == 0);
  for (const char* option :
       {"--engine",       "--post",     "--anchors", "--labels",  "--threshold",
        "--nms",          "--annotate", "--json",    "--dump",    "--wave",
        "--wave-layer",   "--layers",   "--resize",  "--clock",   "--profile",
        "--v5-functions", "--part",     "--golden",  "--threads", "--csv"}) {
    CHECK_THAT(run_help.text, contains_text(option));
  }
  for (const char* bad : {"", "walk", "run", "run x y --engine=fpga", "run x y --threshold 2",
                          "run x y --layers 0", "run x y --clock -1", "run x y --wave-layer 1",
                          "run x y --golden slow", "run x y --threads 0"}) {
    CAPTURE(bad);
    CHECK(kpu_tool(bad).exit_code == 2);
  }
}

TEST_CASE("a KPU that hangs is no bad input: one line, exit 1") {
  const Outcome outcome =
      kpu_tool("run " + kModel + " " + kScene + " --engine rtl --no-dma --mem-latency 1000000");
  CHECK(outcome.exit_code == 1);
  CHECK(std::count(outcome.text.begin(), outcome.text.end(), '\n') == 1);
  CHECK_THAT(outcome.text, contains_text("hardware fault: KPU layer 0 hangs"));
}

TEST_CASE("bad input is one line, exit 2, and nothing is written") {
  const TempFolder folder;
  const std::string files = " --json " + folder / "r.json" + " --annotate " + folder / "a.png" +
                            " --dump " + folder / "d";
  const auto refused = [&](const std::string& model, const std::string& input) {
    const Outcome outcome = kpu_tool("run " + model + " " + input + " --engine golden" + files);
    CHECK(outcome.exit_code == 2);
    CHECK(std::count(outcome.text.begin(), outcome.text.end(), '\n') == 1);
    for (const char* name : {"r.json", "a.png", "d"}) {
      CHECK_FALSE(std::filesystem::exists(folder / name));
    }
    return outcome.text;
  };
  CHECK_THAT(refused(folder / "none.kmodel", kScene), contains_text("none.kmodel"));
  CHECK_THAT(refused(kScene, kScene), contains_text("kpu: "));
  CHECK_THAT(refused(kModel, folder / "none.png"), contains_text("none.png"));
  kpu::sim::save_png(folder / "small.png", kpu::sim::Image(10, 20, 3));
  CHECK_THAT(refused(kModel, folder / "small.png"),
             contains_text("10x20") && contains_text("256x192"));
  CHECK_THAT(refused(kModel, kModel), contains_text("147456 bytes"));
  CHECK_THAT(refused(kModel, kScene + " --post yolo2 --anchors 1,2"), contains_text("yolo2"));
  CHECK_THAT(refused(kModel, kScene + " --anchors nonsense"), contains_text("nonsense"));
  CHECK_THAT(refused(kModel, kScene + " --profile fpga"), contains_text("'fpga'"));
  CHECK_THAT(refused(kModel, kScene + " --part net"), contains_text("expected a kfpkg"));
  CHECK_THAT(refused(kModel, kScene + " --v5-functions 1.0.0"), contains_text("expected v5"));
  CHECK_THAT(refused(kModel, kScene + " " + kScene), contains_text("expected a single input"));
}

TEST_CASE("golden run writes its report, pictures and arrays") {
  const TempFolder folder;
  const Outcome outcome =
      kpu_tool("run " + kModel + " " + kScene + " --engine golden --json " + folder / "r.json" +
               " --annotate " + folder / "a.png" + " --dump " + folder / "d");
  CAPTURE(outcome.text);
  REQUIRE(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("verdict: not compared"));
  CHECK(outcome.text.find('\r') == std::string::npos);  // no progress bar off the terminal

  const auto bytes = kpu::read_file(folder / "r.json");
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end());
  REQUIRE(json["kpu_layers"].size() == 5);
  const auto& layer = json["kpu_layers"][3];
  CHECK(layer["index"] == 3);
  CHECK(layer["in"] == "8x192x256");
  CHECK(layer["out"] == "4x96x128");
  CHECK(layer["kernel"] == 1);
  CHECK(layer["depthwise"] == false);
  CHECK(layer["pool"] == 1);
  CHECK(layer["macs"] == 8 * 4 * 192 * 256);
  CHECK(layer["cycles"].is_null());
  CHECK(layer["match"].is_null());
  CHECK(layer["fnv1a64"].get<std::string>().size() == 16);
  CHECK(json["kpu_layers"][2]["depthwise"] == true);
  REQUIRE(json["outputs"].size() == 1);
  CHECK(json["outputs"][0]["bytes"] == 3 * 96 * 128);
  CHECK(json["outputs"][0]["fnv1a64"] == "b8dfd9869d1eae6f");
  CHECK(json["outputs"][0]["sum"].is_number());
  CHECK(json["cycles_total"].is_null());
  CHECK(json["verdict"] == "not compared");
  CHECK(json["settings"]["format"] == "v3");
  CHECK(json["settings"]["profile"] == "default");
  CHECK(json["settings"]["golden"] == "fast");
  CHECK(json["settings"]["threads"] == 1);
  CHECK(json["wall_seconds"].contains("golden"));

  CHECK(kpu::sim::load_image(folder / "a.png", 3).width > 512);
  CHECK(std::filesystem::file_size(folder / "d/layer_04.npy") == 128 + 3 * 96 * 128);
  CHECK(kpu::sim::load_image(folder / "d/layer_04.png", 3).height > 96);
}

TEST_CASE("both engines agree, and one layer's waves are recorded") {
  const TempFolder folder;
  const Outcome outcome = kpu_tool("run " + kModel + " " + kScene + " --json " + folder / "r.json" +
                                   " --wave " + folder / "w.fst" + " --wave-layer 4");
  CAPTURE(outcome.text);
  REQUIRE(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("verdict: match") && contains_text("frames/s") &&
                               contains_text("TOPS") && contains_text("cycles by state"));
  const auto bytes = kpu::read_file(folder / "r.json");
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end());
  CHECK(json["verdict"] == "match");
  CHECK(json["wall_seconds"].contains("rtl"));
  std::uint64_t sum = 0;
  for (const auto& layer : json["kpu_layers"]) {
    CHECK(layer["match"] == true);
    CHECK(layer["limiter"].is_string());
    sum += layer["cycles"].get<std::uint64_t>();
  }
  CHECK(json["cycles_total"] == sum);

  CHECK(std::filesystem::file_size(folder / "w.fst") > 10000);
  const auto view = kpu::read_file(folder / "w.gtkw");
  const std::string text(view.begin(), view.end());
  CHECK_THAT(text, contains_text("u_layer_ctrl.state_q") && contains_text("u_core.u_conv"));
}

TEST_CASE("a wave layer that does not exist is refused") {
  const TempFolder folder;
  const Outcome outcome =
      kpu_tool("run " + kModel + " " + kScene + " --wave " + folder / "w.fst" + " --wave-layer 5");
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.text, contains_text("--wave-layer 5") && contains_text("0..4"));
}

TEST_CASE("waves of a board are refused before its port is opened") {
  const TempFolder folder;
  const Outcome outcome = kpu_tool("run " + kModel + " " + kScene + " --engine serial --port " +
                                   folder / "port" + " --wave " + folder / "w.fst");
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.text,
             contains_text("--wave " + folder / "w.fst") &&
                 contains_text("a board has no waves, expected --engine rtl or both"));
  CHECK_FALSE(std::filesystem::exists(folder / "w.fst"));
}

TEST_CASE("several inputs: table, CSV and exit code") {
  const TempFolder folder;
  const std::string list = folder / "list.txt";
  const std::string lines = kScene + "\nnone.png\n";
  kpu::write_file(list, lines.data(), lines.size());
  const std::string golden = "run " + kModel + " --engine golden ";
  const Outcome good = kpu_tool(golden + kScene + " " + kScene);
  CHECK(good.exit_code == 0);
  CHECK_THAT(good.text, contains_text("2 inputs: 2 not compared"));
  const Outcome bad = kpu_tool(golden + "@" + list + " --csv " + folder / "o.csv");
  CHECK(bad.exit_code == 2);
  CHECK_THAT(bad.text, contains_text("1 failed, 1 not compared") && contains_text("none.png"));
  const auto bytes = kpu::read_file(folder / "o.csv");
  const std::string csv(bytes.begin(), bytes.end());
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 3);
  CHECK_THAT(csv, contains_text(kScene + ",not compared,b8dfd9869d1eae6f"));
  CHECK(kpu_tool(golden + kScene + " --csv /none/o.csv").exit_code == 2);
}

TEST_CASE("only the first layers") {
  const TempFolder folder;
  const Outcome outcome = kpu_tool("run " + kModel + " " + kScene +
                                   " --engine golden --layers 2 --json " + folder / "r.json");
  REQUIRE(outcome.exit_code == 0);
  const auto bytes = kpu::read_file(folder / "r.json");
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end());
  CHECK(json["kpu_layers"].size() == 2);
  CHECK(json["outputs"].empty());
}

TEST_CASE("a picture of another size runs with --resize, and the report says how") {
  const TempFolder folder;
  kpu::sim::save_png(folder / "small.png", kpu::sim::Image(10, 20, 3));
  const std::string run = "run " + kModel + " " + folder / "small.png" + " --engine golden ";
  const Outcome outcome =
      kpu_tool(run + "--resize letterbox --fill 9 --bgr --json " + folder / "r.json");
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("small.png: picture 10x20, letterbox (border 9), BGR; "
                                         "bytes as they are"));
  const auto bytes = kpu::read_file(folder / "r.json");
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end());
  const auto& made = json["input_preparation"][0];
  CHECK(made["resize"] == "letterbox");
  CHECK(made["planes"] == "BGR");
  CHECK(made["fill"] == 9);
  CHECK(made["width"] == 10);
  CHECK(made["place"]["height"] == 1);
  CHECK_THAT(kpu_tool(run + "--resize").text, contains_text("--resize"));
  CHECK_THAT(kpu_tool(run + "--resize zoom").text, contains_text("stretch, crop, letterbox"));
  CHECK_THAT(kpu_tool(run + "--resize crop --mean 0.5").text, contains_text("input is uint8"));
  CHECK_THAT(kpu_tool(run + "--resize crop --std 0").text, contains_text("--std 0"));
  CHECK_THAT(kpu_tool(run + "--resize crop --mean 1,x").text, contains_text("--mean '1,x'"));
  CHECK_THAT(kpu_tool(run + kScene + " --resize crop").text, contains_text("2 not compared"));
}

TEST_CASE("info lists layers and memory") {
  const Outcome outcome = kpu_tool("info " + kModel);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("kmodel v3") && contains_text("3x192x256") &&
                               contains_text("max 2x2/2") && contains_text("AI RAM") &&
                               contains_text("main memory"));
  CHECK(kpu_tool("info " + kScene).exit_code == 2);
  CHECK(kpu_tool("info " + kModel + " --part x").exit_code == 2);
  CHECK(kpu_tool("estimate " + kModel).exit_code == 0);
}

TEST_CASE("estimate sweeps parameters, with a line or an entry for each combination") {
  const TempFolder folder;
  const std::string sweep = "estimate " + kModel + " --set Lanes=16,64 --set PostLanes=8..32";
  const Outcome outcome =
      kpu_tool(sweep + " --csv " + folder / "s.csv" + " --json " + folder / "s.json");
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("5 of 5 points") && contains_text("1 combinations"));
  const auto csv = kpu::read_file(folder / "s.csv");
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 6);
  CHECK(std::string(csv.begin(), csv.end()).starts_with("Lanes,PostLanes,cycles,array,"));
  const auto json = nlohmann::json::parse(kpu::read_file(folder / "s.json"));
  REQUIRE(json["points"].size() == 5);
  CHECK(json["points"][4]["set"]["PostLanes"] == 32);
  CHECK(json["combinations_left_out"] == 1);

  const Outcome alone = kpu_tool("estimate " + kModel + " --csv " + folder / "t.csv");
  CHECK(alone.exit_code == 2);
  CHECK_THAT(alone.text, contains_text("--csv: expected several values"));
  CHECK_FALSE(std::filesystem::exists(folder / "t.csv"));
  CHECK_THAT(kpu_tool("estimate " + kModel + " --set Lanes=16 --set Lanes=32").text,
             contains_text("--set Lanes=32: Lanes is set twice"));
}

TEST_CASE("info lists a package's parts and shows its network") {
  const TempFolder folder;
  const auto save = [&](const std::string& name, const std::vector<std::uint8_t>& bytes) {
    kpu::write_file(folder / name, bytes.data(), bytes.size());
    return folder / name;
  };
  const std::string package = save("net.kfpkg", kpu::test::kfpkg_file());
  const Outcome outcome = kpu_tool("info " + package);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("firmware.bin") && contains_text("0x300000") &&
                               contains_text("kmodel v3"));
  CHECK(kpu_tool("estimate " + package + " --part net.kmodel").exit_code == 0);
  const Outcome firmware = kpu_tool("info " + package + " --part firmware.bin");
  CHECK(firmware.exit_code == 2);
  CHECK_THAT(firmware.text, contains_text("net.kfpkg: kmodel: starts with"));

  const std::string list =
      R"({"files": [{"address": 0, "bin": "a"}, {"address": 4096, "bin": "b"}]})";
  const std::string two =
      save("two.kfpkg", kpu::test::make_zip({{"flash-list.json", kpu::test::text_bytes(list)},
                                             {"a", kpu::test::kpu_file()},
                                             {"b", kpu::test::v5_file()}}));
  const Outcome both = kpu_tool("info " + two);
  CHECK(both.exit_code == 0);
  CHECK_THAT(both.text, contains_text("2 kmodels in this package"));
  CHECK_THAT(kpu_tool("info " + two + " --part b").text,
             contains_text("numbered as in 1.0.0-rc1") && contains_text("kpu_upload") &&
                 contains_text("slice"));
  CHECK_THAT(kpu_tool("info " + two + " --part b --v5-functions 1.9.0").text,
             contains_text("this network cannot run: not implemented: random_normal") &&
                 contains_text("kpu_download") && contains_text("main memory: "));
  CHECK_THAT(kpu_tool("info " + two + " --part c").text, contains_text("expected one of: a"));
}
