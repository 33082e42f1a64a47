// SPDX-License-Identifier: Apache-2.0
//
// Energy by events: exact sums with costs made by hand, files that are not what they should be, and the tool, with the table in it
// and with one that is of every shape. What the costs are worth is in tests/synth/test_energy.py.
#include "sim/energy/layer_energy.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "sim/engine/input_data.h"
#include "tests/sim/cli/kpu_tool.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"
#include "tests/support/small_network.h"

using kpu::sim::EnergyEvent;
using kpu::sim::EnergyTable;
using kpu::sim::EventCounts;
using kpu::sim::kEnergyEvents;
using kpu::test::contains_text;
using kpu::test::kModel;
using kpu::test::kpu_tool;
using kpu::test::Outcome;
using kpu::test::TempFolder;

namespace {

using Json = nlohmann::json;
using Counters = std::map<std::string, std::uint64_t>;

/// A file whose table is of every shape: event i costs 2^i pJ in cells and 1 in memories.
Json file_of_powers() {
  Json events = Json::object();
  for (std::size_t i = 0; i < kEnergyEvents.size(); ++i) {
    events[kEnergyEvents[i]] = {{"cells_pj", 1u << i}, {"memories_pj", 1}};
  }
  return {{"schema", 1},
          {"tables",
           {{{"configuration", "any"}, {"parameters", Json::object()}, {"node", "1 um"}, {"library", "made"}, {"rtl", "0"}, {"leakage_nw", 2e3},
             {"clock_pj", 100}, {"typical_ones", 2}, {"typical_live", 1}, {"worst_error", 1.5}, {"events", events}}}}};
}

std::vector<EnergyTable> read(const Json& json) { return kpu::sim::read_energy_tables(json.dump(), "own.json"); }

double at(const EventCounts& counts, EnergyEvent event) { return counts[static_cast<std::size_t>(event)]; }

Counters counters() {
  return {{"cycles", 1000},          {"array_cycles", 400},   {"drain_cycles", 50},   {"lanes_valid", 6000}, {"post_lines", 20},
          {"ram_reads_lines", 30},   {"ram_reads_stream", 4}, {"parameter_beats", 5}, {"lines_written", 7},  {"input_bits", 800},
          {"input_ones", 100},        {"windows", 50},      {"windows_live", 20}};
}

Json read_json(const std::string& path) {
  const std::vector<std::uint8_t> bytes = kpu::read_file(path);
  return Json::parse(bytes.begin(), bytes.end());
}

}  // namespace

TEST_CASE("events are what the counters say") {
  kpu::golden::LayerArgs args;
  EventCounts counts = kpu::sim::count_events(counters(), args, {5, 0.5});
  CHECK(at(counts, EnergyEvent::kCycle) == 1000);
  CHECK(at(counts, EnergyEvent::kArrayCycle) == 450);
  CHECK(at(counts, EnergyEvent::kLane) == 6000);
  CHECK(at(counts, EnergyEvent::kPixelOne) == 6000);  // an eighth of the bits is one: one of a pixel's eight
  CHECK(at(counts, EnergyEvent::kWordRead) == 30);
  CHECK(at(counts, EnergyEvent::kWordWritten) == 7);
  CHECK(at(counts, EnergyEvent::kWordStreamed) == 4);
  CHECK(at(counts, EnergyEvent::kSumLine) == 20);
  CHECK(at(counts, EnergyEvent::kLiveLine) == 8);
  CHECK(at(counts, EnergyEvent::kLivePixel) == 120);  // two fifths of 15 lanes of each of 20 lines
  CHECK(at(counts, EnergyEvent::kParameterBeat) == 5);

  args.depthwise = true;
  args.pool_type = kpu::golden::kPoolMax2;
  Counters less = counters();
  for (const char* name : {"lines_written", "input_bits", "input_ones", "windows"}) less.erase(name);
  REQUIRE(kpu::sim::has_events(less));
  counts = kpu::sim::count_events(less, args, {5, 0.5});
  CHECK(at(counts, EnergyEvent::kPixelOne) == 30000);
  CHECK(at(counts, EnergyEvent::kWordWritten) == 10);  // half of the rows
  CHECK(at(counts, EnergyEvent::kLiveLine) == 0);
  CHECK(at(counts, EnergyEvent::kLivePixel) == 150);
  less.erase("lanes_valid");
  CHECK_FALSE(kpu::sim::has_events(less));
}

TEST_CASE("what an input is like") {
  kpu::golden::LayerArgs args;
  args.in_channels = 2;
  args.in_height = 3;
  args.in_width = 4;
  std::vector<std::uint8_t> input(24, 0);
  input[0] = 0x81;      // top left of channel 0
  input[12 + 11] = 1;   // bottom right of channel 1
  const auto counts = [&] { return kpu::sim::count_input(input, args); };
  CHECK(counts() == Counters{{"input_bits", 192}, {"input_ones", 3}, {"windows", 12}, {"windows_live", 2}});
  args.kernel_type = 1;
  CHECK(counts().at("windows_live") == 8);
  args.depthwise = true;
  CHECK(counts().at("windows_live") == 8);
  CHECK(counts().at("windows") == 24);
  input[5] = 1;
  CHECK(counts().at("windows_live") == 13);  // all around it, of channel 0: nine of twelve
}

TEST_CASE("energy is events times costs") {
  const EnergyTable table = read(file_of_powers()).front();
  EventCounts counts{};
  double cells = 0;
  double memories = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = static_cast<double>(i + 1);
    cells += static_cast<double>((i + 1) << i);
    memories += static_cast<double>(i + 1);
  }
  const kpu::sim::LayerEnergy energy = kpu::sim::layer_energy(table, counts, 1e6);
  CHECK(energy.clock == 100);
  CHECK(energy.switching == cells);
  CHECK(energy.memories == memories);
  CHECK(energy.leakage == Approx(2));  // 2 uW for a microsecond
  CHECK(energy.total() == Approx(102 + cells + memories));

  kpu::sim::NetworkEnergy network{table, 1e6, true, {}, {}};
  network.add(counts);
  network.add(counts);
  CHECK(network.sum().switching == 2 * cells);
  CHECK(network.layers.size() == 2);
}

TEST_CASE("a file that is something else is refused in a line") {
  const auto refused = [](const Json& json, const std::string& text) {
    CHECK_THROWS_WITH(read(json), contains_text("own.json: " + text) && contains_text("expected a file in the form of bench/energy.json"));
  };
  CHECK_THROWS_WITH(kpu::sim::read_energy_tables("{", "own.json"), contains_text("own.json: is no JSON"));
  refused(Json::array(), "schema is not there");
  Json json = file_of_powers();
  json["schema"] = 2;
  refused(json, "schema is not 1");
  json = file_of_powers();
  json["tables"] = Json::array();
  refused(json, "tables has none");
  for (const char* name : {"configuration", "parameters", "node", "library", "rtl", "leakage_nw", "clock_pj", "typical_ones", "typical_live", "worst_error", "events"}) {
    json = file_of_powers();
    json["tables"][0].erase(name);
    refused(json, std::string("tables[0].") + name + " is not there");
    json["tables"][0][name] = nullptr;
    refused(json, std::string("tables[0].") + name);
  }
  json = file_of_powers();
  json["tables"][0]["events"]["cycle"]["cells_pj"] = -1;
  refused(json, "tables[0].events.cycle.cells_pj is no number from 0 on");
  json = file_of_powers();
  json["tables"][0]["events"]["other"] = json["tables"][0]["events"]["cycle"];
  refused(json, "tables[0].events has not the events");
  json = file_of_powers();
  json["tables"][0]["parameters"]["Lanes"] = "16";
  refused(json, "tables[0].parameters.Lanes");
}

TEST_CASE("a table is of one shape") {
  Json json = file_of_powers();
  json["tables"][0]["parameters"]["Lanes"] = 16;
  const std::vector<EnergyTable> tables = read(json);
  CHECK(kpu::sim::energy_table_of(tables, kpu::sim::load_configuration("lanes16")).configuration == "any");
  CHECK_THROWS_WITH(kpu::sim::energy_table_of(tables, kpu::sim::load_configuration("lanes32")),
                    contains_text("the energy of lanes32 was not measured: expected any"));
  const std::vector<EnergyTable> kept = kpu::sim::load_energy_tables({});
  REQUIRE_FALSE(kept.empty());
  CHECK(kpu::sim::energy_table_of(kept, kpu::sim::load_configuration("ring512")).node == "0.18 um");
}

TEST_CASE("estimate gives energy of a shape that was measured") {
  const TempFolder folder;
  const std::string ring = "estimate " + kModel + " --config ring512 --energy --json " + folder / "e.json";
  const Outcome outcome = kpu_tool(ring);
  REQUIRE(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("energy at 0.18 um") && contains_text("by an assumption") && contains_text("the data is not known"));
  const Json energy = read_json(folder / "e.json")["energy"];
  CHECK(energy["configuration"] == "ring512");
  double sum = 0;
  for (const Json& layer : energy["kpu_layers"]) sum += layer["total_uj"].get<double>();
  CHECK(sum > 0);
  CHECK(energy["total"]["total_uj"].get<double>() == Approx(sum));

  const auto refused = [](const std::string& options, const std::string& text) {
    const Outcome refusal = kpu_tool("estimate " + kModel + " " + options);
    CHECK(refusal.exit_code == 2);
    CHECK_THAT(refusal.text, contains_text(text));
  };
  refused("--config lanes32 --energy", "lanes32 was not measured: expected ring512");
  refused("--energy-table x.json", "expected --energy, too");
  refused("--energy --energy-table " + folder / "none.json", "cannot be opened");
  refused("--energy --energy-table " + kModel, "is no JSON");
}

TEST_CASE("of many shapes those have energy that were measured") {
  const TempFolder folder;
  const std::string estimate = "estimate " + kModel + " --config ring512 --energy";
  const Outcome outcome = kpu_tool(estimate + " --set PostLanes=8,16 --csv " + folder / "s.csv --json " + folder / "s.json");
  REQUIRE(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("memories uJ") && contains_text("energy: 1 points are of a shape that was measured"));
  REQUIRE(kpu_tool(estimate + " --json " + folder / "e.json").exit_code == 0);
  const Json one = read_json(folder / "e.json")["energy"]["total"];
  const Json points = read_json(folder / "s.json")["points"];
  CHECK_FALSE(points[0].contains("energy"));
  for (const char* name : {"cells_uj", "memories_uj"}) CHECK(points[1]["energy"][name].get<double>() == Approx(one[name].get<double>()));
  const std::vector<std::uint8_t> bytes = kpu::read_file(folder / "s.csv");
  CHECK_THAT(std::string(bytes.begin(), bytes.end()),
             contains_text(",refused_layers,cells_uj,memories_uj\n8,") && contains_text(",0,,\n16,"));
}

TEST_CASE("run gives the energy of what it counts") {
  const TempFolder folder;
  const auto model = kpu::test::small_network();
  const auto input = kpu::test::small_input();
  kpu::write_file(folder / "small.kmodel", model.data(), model.size());
  kpu::write_file(folder / "small.bin", input.data(), input.size());
  const std::string text = file_of_powers().dump();
  kpu::write_file(folder / "own.json", text);
  const std::string files = folder / "small.kmodel" + " " + folder / "small.bin";
  const std::string table = " --energy --energy-table " + folder / "own.json";
  const Outcome outcome = kpu_tool("run " + files + table + " --json " + folder / "r.json --report " + folder / "r.html");
  REQUIRE(outcome.exit_code == 0);
  CHECK_THAT(outcome.text, contains_text("energy at 1 um (made), configuration any"));
  const Json report = read_json(folder / "r.json");
  CHECK(report["kpu_layers"][0]["counters"]["input_bits"] == 8 * input.size());
  for (std::size_t i = 0; i < report["kpu_layers"].size(); ++i) {
    double expected = 100 * report["kpu_layers"][i]["counters"]["cycles"].get<double>();
    for (std::size_t event = 0; event < kEnergyEvents.size(); ++event) {
      expected += (1u << event) * report["kpu_layers"][i]["energy_events"][kEnergyEvents[event]].get<double>();
    }
    CHECK(report["energy"]["kpu_layers"][i]["cells_uj"].get<double>() == Approx(expected / 1e6));
  }

  // The same without a simulation, but for the data, cycles and words of AI RAM that are read.
  REQUIRE(kpu_tool("estimate " + folder / "small.kmodel" + table + " --json " + folder / "e.json").exit_code == 0);
  const Json estimate = read_json(folder / "e.json");
  for (std::size_t i = 0; i < report["kpu_layers"].size(); ++i) {
    for (const char* event : {"array_cycle", "lane", "sum_line", "word_written", "word_streamed", "parameter_beat"}) {
      INFO(i << " " << event);
      CHECK(estimate["energy"]["kpu_layers"][i]["events"][event].get<double>() ==
            Approx(report["kpu_layers"][i]["energy_events"][event].get<double>()).margin(2));
    }
  }
  REQUIRE(kpu_tool("run " + files + table + " --csv " + folder / "r.csv").exit_code == 0);
  const std::vector<std::uint8_t> csv = kpu::read_file(folder / "r.csv");
  CHECK_THAT(std::string(csv.begin(), csv.end()), contains_text(",note,energy_uj\n"));
  CHECK(kpu_tool("run " + files + table + " --engine golden").exit_code == 2);
}
