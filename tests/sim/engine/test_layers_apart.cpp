// SPDX-License-Identifier: Apache-2.0
//
// Layers simulated side by side: the same report whatever the number of threads, the outputs of the
// run from end to end, shares that other machines simulate, and differences that are seen.
#include "sim/engine/layers_apart.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "golden/kpu/layer_args.h"
#include "sim/cli/model_input.h"
#include "sim/engine/captured_job.h"
#include "sim/engine/engine_run.h"
#include "sim/engine/run_report.h"
#include "sim/report/report_json.h"
#include "sim/vision/network_input.h"
#include "tests/sim/cli/kpu_tool.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
namespace golden = kpu::golden;
using kpu::test::contains_text;
using kpu::test::kModel;
using kpu::test::kpu_tool;
using kpu::test::kScene;
using kpu::test::TempFolder;

namespace {

std::string without_times(RunReport report) {
  report.wall_seconds.clear();
  return report_json(report).dump(1);
}

/// The example network and a picture for it.
struct Example {
  std::unique_ptr<golden::Model> model = golden::load_model(kpu::read_file(kModel));
  std::vector<std::vector<std::uint8_t>> inputs{
      load_input(kScene, input_spec(model->info().inputs.front()), {}).bytes};

  RunReport run(std::optional<std::size_t> jobs) const {
    RunRequest request;
    request.jobs = jobs;
    return run_engines(*model, inputs, request);
  }

  std::vector<CapturedJob> jobs() const {
    golden::GoldenBackend backend;
    RecordingBackend recording(backend);
    golden::run_network(*model, inputs, recording);
    return recording.take();
  }
};

/// Jobs of layers of this many output channels; `again` says which use the weights before them.
std::vector<CapturedJob> sample_jobs(const std::vector<std::uint32_t>& channels,
                                     const std::set<std::size_t>& again) {
  std::vector<CapturedJob> jobs;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    golden::LayerArgs args = golden::make_layer_args(
        {.in_channels = 8, .out_channels = channels[i], .height = 8, .width = 8, .kernel = 3},
        true);
    args.load_coor = !again.contains(i);
    CapturedJob job;
    job.layer = i;
    job.words = golden::encode(args);
    jobs.push_back(std::move(job));
  }
  return jobs;
}

}  // namespace

TEST_CASE("layers apart: a report does not depend on the number of threads") {
  const Example example;
  const RunReport one = example.run(1);
  const std::string expected = without_times(one);
  for (const std::size_t threads : {2, 5, 16}) {
    CHECK(without_times(example.run(threads)) == expected);
  }
  CHECK(one.verdict == Verdict::kMatch);
  const RunReport chain = example.run({});
  REQUIRE(one.outputs.size() == chain.outputs.size());
  CHECK(one.outputs.front().bytes == chain.outputs.front().bytes);
  REQUIRE(one.layers.size() == chain.layers.size());
  for (std::size_t i = 0; i < one.layers.size(); ++i) {
    CHECK(one.layers[i].output == chain.layers[i].output);
    // Behind another layer, parameters are there already.
    CHECK(one.layers[i].cycles().value() >= chain.layers[i].cycles().value());
  }
}

TEST_CASE("layers apart: a wrong byte of a layer is found where it is") {
  const Example example;
  const std::vector<CapturedJob> jobs = example.jobs();
  const std::vector<JobUnit> units = units_of(jobs);
  std::vector<UnitResult> results = simulate_units(jobs, units, share_of(units, 0, 1), {}, 2, {});
  REQUIRE(results.size() == 5);
  for (std::size_t i = 0; i < results.size(); ++i) {
    CHECK(results[i].jobs.front().output == jobs[i].output);
  }
  results[3].jobs.front().output[100] ^= 1;
  const auto replay = make_replay_backend(jobs, std::move(results));
  const golden::RunResult run = golden::run_network(*example.model, example.inputs, *replay);
  CHECK(run.kpu_layers[2].output == jobs[2].output);
  CHECK(run.kpu_layers[3].output != jobs[3].output);
  CHECK(run.kpu_layers[4].output == jobs[4].output);
  // A second run has no results left.
  CHECK_THROWS_AS(golden::run_network(*example.model, example.inputs, *replay), kpu::Error);
}

TEST_CASE("layers apart: a layer that uses the weights of the one before stays with it") {
  const std::vector<CapturedJob> jobs = sample_jobs({8, 64, 8, 16, 8, 32}, {2, 3});
  const std::vector<JobUnit> units = units_of(jobs);
  REQUIRE(units.size() == 4);
  CHECK(units[1].first == 1);
  CHECK(units[1].count == 3);
  CHECK(units[2].first == 4);
  CHECK(units[2].count == 1);
  CHECK(units[3].work > units[2].work);
}

TEST_CASE("layers apart: shares take every unit once, and about the same work") {
  const std::vector<CapturedJob> jobs = sample_jobs({64, 8, 8, 32, 16, 8, 24, 64, 8}, {});
  const std::vector<JobUnit> units = units_of(jobs);
  for (const std::size_t shares : {1, 2, 3, 20}) {
    std::multiset<std::size_t> taken;
    std::uint64_t least = ~std::uint64_t{0};
    std::uint64_t most = 0;
    for (std::size_t share = 0; share < shares; ++share) {
      std::uint64_t work = 0;
      for (const std::size_t unit : share_of(units, share, shares)) {
        taken.insert(unit);
        work += units[unit].work;
      }
      least = std::min(least, work);
      most = std::max(most, work);
    }
    CHECK(taken.size() == units.size());
    CHECK(std::set(taken.begin(), taken.end()).size() == units.size());
    if (shares <= 3) CHECK(most - least <= units[0].work);
  }
}

TEST_CASE("layers apart: shares of several machines make the report of one") {
  const TempFolder folder;
  const std::string run = "run " + kModel + " " + kScene + " ";
  const auto part = [&](int k) { return folder / ("p" + std::to_string(k) + ".json"); };
  for (int k = 1; k <= 3; ++k) {
    const auto outcome =
        kpu_tool(run + "--shard " + std::to_string(k) + "/3 --shard-file " + part(k));
    CAPTURE(outcome.text);
    REQUIRE(outcome.exit_code == 0);
    CHECK_THAT(outcome.text, contains_text("0 differ from the golden model"));
  }
  const std::string all = part(3) + " " + part(1) + " " + part(2);
  REQUIRE(kpu_tool(run + "--json " + folder / "m.json" + " --merge " + all).exit_code == 0);
  REQUIRE(kpu_tool(run + "--json " + folder / "j.json" + " --jobs 2").exit_code == 0);
  const auto json = [](const std::string& path) {
    const auto bytes = kpu::read_file(path);
    auto parsed = nlohmann::ordered_json::parse(bytes.begin(), bytes.end());
    parsed.erase("wall_seconds");
    return parsed.dump();
  };
  CHECK(json(folder / "m.json") == json(folder / "j.json"));

  const auto refused = [&](const std::string& arguments) {
    const auto outcome = kpu_tool(run + arguments);
    CHECK(outcome.exit_code == 2);
    return outcome.text;
  };
  CHECK_THAT(refused("--merge " + part(1) + " " + part(2)),
             contains_text("2 of 3 shares: expected all"));
  CHECK_THAT(refused("--merge " + part(1) + " " + part(1)),
             contains_text("share 1 is there twice"));
  CHECK_THAT(refused("--mem-latency 30 --merge " + all), contains_text("another run"));
  kpu::write_file(folder / "bad.json", "{");
  CHECK_THAT(refused("--merge " + folder / "bad.json"), contains_text("bad.json: no file of"));
  // A wrong output comes back as a mismatch.
  const auto bytes = kpu::read_file(part(1));
  auto spoiled = nlohmann::ordered_json::parse(bytes.begin(), bytes.end());
  auto& job = spoiled["units"][0]["jobs"][0];
  const auto unit = spoiled["units"][0]["unit"].get<std::size_t>();
  job["output"] = std::string(2 * Example().jobs().at(unit).output.size(), '0');
  kpu::write_file(part(1), spoiled.dump());
  CHECK(kpu_tool(run + "--merge " + all).exit_code == 3);
  job["output"] = "00";
  kpu::write_file(part(1), spoiled.dump());
  CHECK_THAT(refused("--merge " + all), contains_text("output of 1 bytes, expected"));
}

TEST_CASE("layers apart: options that do not go together") {
  const std::string run = "run " + kModel + " " + kScene + " ";
  for (const std::string wrong :
       {"--jobs 2 --engine golden", "--jobs 2 --no-dma", "--jobs 2 --wave /nowhere.fst",
        "--shard 1/2", "--shard-file x.json", "--shard 3/2 --shard-file x.json",
        "--shard 0/2 --shard-file x.json", "--shard 1/2/3 --shard-file x.json",
        "--shard a --shard-file x.json"}) {
    CAPTURE(wrong);
    CHECK(kpu_tool(run + wrong).exit_code == 2);
  }
}
