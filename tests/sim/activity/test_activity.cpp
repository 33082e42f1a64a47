// SPDX-License-Identifier: Apache-2.0
//
// Switching activity: sums by unit and the SAIF text on signals made by hand, whose figures are
// known; reading of a wave file on one written here with the simulator's own writer, and on a
// layer's waves.
#include "common/files.h"
#include "sim/activity/activity.h"
#include "sim/activity/bit_values.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/error.h"
#include "golden/kmodel/kmodel.h"
#include "sim/activity/wave_toggles.h"
#include "sim/vision/image_io.h"
#include "tests/sim/temp_folder.h"
#include "tests/sim/wave/fst_builder.h"
#include "tests/support/catch2.h"
#include "tests/support/small_network.h"

using kpu::sim::SignalToggles;
using kpu::sim::WaveToggles;
using kpu::test::contains_text;
using kpu::test::TempFolder;

namespace {

const WaveToggles kWaves{20,
                         {{{"kpu_soc"}, "clk_i", {20}, {10}},
                          {{"kpu_soc", "u_kpu", "u_core", "u_conv", "u_mac"}, "a", {3, 1}, {8, 20}},
                          {{"kpu_soc", "u_kpu", "u_core", "u_conv"}, "b", {4}, {0}},
                          {{"kpu_soc", "u_kpu", "u_core"}, "c", {0}, {0}},
                          {{"kpu_soc", "u_kpu", "u_regs"}, "d", {2}, {5}},
                          {{"kpu_soc", "u_dmac", "gen_channel(0)"}, "e", {0, 0}, {0, 0}}}};

}  // namespace

TEST_CASE("toggles are added up by unit, without clocks") {
  const kpu::sim::Activity activity = kpu::sim::by_unit(kWaves);
  CHECK(activity.cycles == 10);
  CHECK(activity.toggles() == 10);
  REQUIRE(activity.units.size() == 4);
  CHECK(activity.units[0].unit == "u_core.u_conv");
  CHECK(activity.units[0].bits == 3);
  CHECK(activity.units[0].toggles == 8);
  CHECK(activity.units[0].share == Approx(0.8));
  CHECK(activity.units[0].toggles_per_bit == Approx(8.0 / 3 / 10));
  CHECK(activity.units[1].unit == "u_kpu.u_regs");
  CHECK(activity.units[2].unit == "u_core");
  CHECK(activity.units[3].unit == "u_dmac");
  const auto json = nlohmann::json::parse(kpu::sim::activity_json(activity, "t"));
  CHECK(json["units"][0]["toggles"] == 8);
  CHECK_THAT(json["meaning"].get<std::string>(), contains_text("relative"));
  CHECK_THAT(kpu::sim::activity_svg(activity, "t"), contains_text("80.0 %"));
}

TEST_CASE("SAIF has each bit in its instance") {
  const std::string text = kpu::sim::saif(kWaves);
  CHECK_THAT(text, contains_text("(DURATION 20)"));
  CHECK_THAT(text, contains_text("(INSTANCE u_mac\n"));
  CHECK_THAT(text, contains_text("(a\\[0\\] (T0 12) (T1 8) (TX 0) (TC 3))"));
  CHECK_THAT(text, contains_text("(d (T0 15) (T1 5) (TX 0) (TC 2))"));
  CHECK(std::count(text.begin(), text.end(), '(') == std::count(text.begin(), text.end(), ')'));
}

TEST_CASE("a wave file is counted bit by bit") {
  const TempFolder folder;
  kpu::test::FstBuilder builder;
  builder.scope("top").signal("w [1:0]", 2).alias("same [1:0]", 2, 1).upscope();
  builder.change(0, 0, "00").change(0, 4, "01").change(0, 6, "10").change(0, 10, "10");
  const std::vector<std::uint8_t> file = builder.file();
  kpu::write_file(folder / "w.fst", file.data(), file.size());

  const WaveToggles waves = kpu::sim::count_toggles(folder / "w.fst");
  CHECK(waves.duration == 10);
  REQUIRE(waves.signals.size() == 1);
  CHECK(waves.signals[0].name == "w");
  CHECK(waves.signals[0].scope == std::vector<std::string>{"top"});
  CHECK(waves.signals[0].toggles == std::vector<std::uint64_t>{2, 1});
  CHECK(waves.signals[0].high_time == std::vector<std::uint64_t>{2, 4});
  CHECK_THROWS_AS(kpu::sim::count_toggles(folder / "none.fst"), kpu::Error);
}

TEST_CASE("the values of every bit in every cycle, as registers take them") {
  const TempFolder folder;
  kpu::test::FstBuilder builder;
  builder.scope("top").signal("other", 1).scope("u_kpu").signal("clk_i", 1).signal("w [1:0]", 2).signal("one", 1);
  builder.scope("u_a").alias("w_i [1:0]", 2, 3).signal("mem[1] [0:0]", 1).upscope().upscope().upscope();
  // Numbers of signals count from 0: other, clk_i, w, one, mem[1]. The clock rises at 1, 3, 5: three cycles.
  builder.change(0, 0, "0");
  builder.change(1, 0, "0").change(1, 1, "1").change(1, 2, "0").change(1, 3, "1").change(1, 4, "0").change(1, 5, "1");
  builder.change(2, 0, "00").change(2, 1, "01").change(2, 2, "11").change(2, 3, "10").change(2, 5, "01");
  builder.change(3, 0, "1");
  builder.change(4, 0, "0").change(4, 3, "1");
  const std::vector<std::uint8_t> file = builder.file();
  kpu::write_file(folder / "w.fst", file.data(), file.size());

  const kpu::sim::BitValues values = kpu::sim::bit_values(folder / "w.fst", "top.u_kpu");
  CHECK(values.cycles == 3);
  // What stands when the clock rises: w is 00, then 11, then 10.
  CHECK(kpu::sim::bit_values_text(values) ==
        "cycles 3\nclk_i 1 0\nw 2 2 6\nu_a.w_i =\none 1 ~\nu_a.mem[1] 1 4\n");
  CHECK_THROWS_WITH(kpu::sim::bit_values(folder / "w.fst", "top.u_x"), contains_text("has no signal top.u_x.clk_i"));
}

TEST_CASE("the tool measures a layer") {
  const TempFolder folder;
  const auto model = kpu::test::small_network();
  const auto input = kpu::test::small_input();
  kpu::write_file(folder / "small.kmodel", model.data(), model.size());
  kpu::write_file(folder / "small.bin", input.data(), input.size());
  const std::string run = KPU_BINARY_DIR "/kpu activity " + folder / "small.kmodel" + " " +
                          folder / "small.bin" + " --layer ";
  const auto exit_code = [&](const std::string& options) {
    const int status = std::system((run + options + " > " + folder / "log" + " 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  CHECK(exit_code("2") == 2);
  REQUIRE(exit_code("0 --json " + folder / "a.json" + " --saif " + folder / "a.saif" + " --values " + folder / "a.txt") == 0);
  const auto bytes = kpu::read_file(folder / "a.json");
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end());
  CHECK(json["cycles"].get<std::uint64_t>() > 100);
  CHECK(json["toggles"].get<std::uint64_t>() > 10'000);
  CHECK(json["layer"]["cycles"].get<std::uint64_t>() <= json["cycles"].get<std::uint64_t>());
  CHECK(json["layer"]["counters"]["array_cycles"].get<std::uint64_t>() > 0);
  bool has_convolution = false;
  for (const auto& unit : json["units"]) has_convolution |= unit["unit"] == "u_core.u_conv";
  CHECK(has_convolution);
  CHECK_FALSE(kpu::read_file(folder / "a.saif").empty());
  const auto values = kpu::read_file(folder / "a.txt");
  const std::string text(values.begin(), values.end());
  CHECK(text.starts_with("cycles "));
  CHECK(text.find("\nu_core.running 1 ") != std::string::npos);
  CHECK(text.find("\nu_core.u_conv.") != std::string::npos);
}
