// SPDX-License-Identifier: Apache-2.0
//
// Configurations as the tool reads them: every file of configs/ resolves to what the build's reader
// (scripts/configs.py) makes of it, the RTL inside this program has the shape it says, and what is
// refused is refused with one line that names file, parameter and what was expected.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "common/error.h"
#include "common/files.h"
#include "sim/model/configuration.h"
#include "sim/model/cycle_model.h"
#include "sim/shape/configuration_files.h"
#include "tb/kpu_harness.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
using kpu::test::TempFolder;

namespace {

/// What load_configuration() says of a file with this text.
std::string refusal(const std::string& text) {
  const TempFolder folder;
  kpu::write_file(folder / "mine.json", text.data(), text.size());
  try {
    load_configuration(folder / "mine.json");
  } catch (const kpu::Error& error) {
    const std::string what = error.what();
    return what.substr(what.find("mine.json: ") + 11);
  }
  return "";
}

}  // namespace

TEST_CASE("the tool reads configurations as the build does") {
  REQUIRE(configuration_files().size() > 5);
  for (const ConfigurationFile& file : configuration_files()) {
    INFO(file.name);
    const TempFolder folder;
    const std::string command = std::string(KPU_SOURCE_DIR "/scripts/configs.py json ") +
                                file.name + " > " + (folder / "config.json");
    REQUIRE(std::system(command.c_str()) == 0);
    const auto bytes = kpu::read_file(folder / "config.json");
    const auto expected = nlohmann::json::parse(bytes.begin(), bytes.end());
    const Configuration configuration = load_configuration(file.name);
    CHECK(expected["name"].get<std::string>() == configuration.name);
    CHECK(expected["parameters"].size() == configuration_parameters().size());
    for (const ConfigurationParameter& parameter : configuration_parameters()) {
      INFO(parameter.name);
      CHECK(expected["parameters"][parameter.name] == configuration.*parameter.member);
    }
  }
}

TEST_CASE("the RTL in this program has the shape that its configuration says") {
  CHECK(built_configuration().lanes == kpu::tb::KpuHarness::lanes());
  CHECK(built_configuration().ai_lines * kpu::kLineBytes == kpu::tb::KpuHarness::ai_ram_bytes());
}

TEST_CASE("what is wrong with a configuration is said in one line") {
  const std::string names =
      std::string("expected one of ") + configuration_files().front().name + ", ";
  CHECK(refusal("{") == "expected a JSON file");
  CHECK(refusal("[]") == "expected an object");
  CHECK(refusal(R"({"description": "x", "parameters": {"Lanes": 48}})") ==
        "Lanes = 48: expected one of 8, 16, 32, 64, 128, 256");
  CHECK(refusal(R"({"description": "x", "parameters": {"Lanes": "64"}})") ==
        "Lanes = \"64\": expected one of 8, 16, 32, 64, 128, 256");
  CHECK(refusal(R"({"description": "x", "parameters": {"LayerFifo": 1}})") ==
        "LayerFifo = 1: expected 2 to 255");
  CHECK(refusal(R"({"description": "x", "parameters": {"Lane": 16}})")
            .starts_with("parameter Lane: expected one of Lanes, PostLanes, "));
  CHECK(refusal(R"({"description": "x", "parameters": {"Lanes": 16}})") ==
        "parameter PostLanes: missing, expected a value or a base that has one");
  CHECK(refusal(R"({"base": "lanes64", "parameters": {"Lanes": 16}})") ==
        "member description: missing");
  CHECK(refusal(R"({"description": "x", "base": "lanes64", "parameters": {"Lanes": 16}})") ==
        "PostLanes = 64: expected at most Lanes = 16");
  CHECK(refusal(R"({"description": "x", "base": "packed64", "parameters": {"Lanes": 128}})")
            .starts_with("Lanes = 128: not with PackRows = 1, which goes with 16 to 64 lanes"));
  CHECK(refusal(R"({"description": "x", "base": "nobody", "parameters": {}})")
            .starts_with("base nobody: " + names));
  CHECK(refusal(R"({"description": "x", "parameters": 5})") ==
        "member parameters: expected type object");
  CHECK_THROWS_WITH(load_configuration("lanes128"),
                    Catch::Matchers::StartsWith("configuration lanes128: " + names));
}

TEST_CASE("every parameter of the cycle model can be set by name") {
  CycleModel model;
  for (const ConfigurationParameter& parameter : configuration_parameters()) {
    CHECK_NOTHROW(set_model_parameter(model, "--set", parameter.name,
                                      load_configuration("lanes16").*parameter.member));
  }
  set_model_parameter(model, "--set", "ReadLatency", 100);
  set_model_parameter(model, "--set", "Bandwidth", 50);
  CHECK(model.rtl.lanes == 16);
  CHECK((model.read_latency == 100 && model.bandwidth_percent == 50));
  CHECK_THROWS_WITH(set_model_parameter(model, "--set", "Bandwidth", 0),
                    "--set: Bandwidth = 0: expected 1 to 100");
  CHECK_THROWS_AS(set_model_parameter(model, "--set", "Lane", 16), kpu::Error);
}
