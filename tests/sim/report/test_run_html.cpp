// SPDX-License-Identifier: Apache-2.0
//
// The page of a run: it holds everything it shows, and nothing in a name can leave its place. Where
// a browser is installed, the page is opened and what its script made is looked at.
#include "sim/report/run_html.h"

#include <cstddef>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "common/files.h"
#include "sim/model/configuration.h"
#include "tests/sim/cli/kpu_tool.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
using kpu::test::contains_text;
using kpu::test::kpu_tool;
using kpu::test::TempFolder;

namespace {

RunReport report_of_one_layer() {
  RunReport report;
  report.model_path = "a</script><b>\xff.kmodel";
  report.input_paths = {"picture.png"};
  report.configuration = load_configuration("lanes64");
  LayerReport layer;
  layer.args.kernel_type = 1;
  layer.args.out_channels = 2;
  layer.args.out_width = 3;
  layer.args.out_height = 1;
  layer.output = {1, 2, 3, 7, 7, 7};
  layer.macs = 57'600;
  layer.bytes = 100;
  layer.counters["cycles"] = 200;
  report.layers.push_back(layer);
  return report;
}

/// What stands between the marks of the page's data.
nlohmann::json data_of(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(begin) + begin.size();
  REQUIRE(from > begin.size());
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

}  // namespace

TEST_CASE("the page holds report, pictures and the ranges of each channel") {
  const std::string page = run_html(report_of_one_layer(), Image(4, 4, 3));
  const nlohmann::json data = data_of(page);
  CHECK(data["report"]["kpu_layers"].size() == 1);
  CHECK(data["states"].size() == 8);
  CHECK(data["picture"].get<std::string>().starts_with("data:image/png;base64,iVBORw0KGgo"));
  CHECK(data["maps"][0]["ranges"] == nlohmann::json({{1, 3}, {7, 7}}));
  CHECK_THAT(data["roofline"].get<std::string>(), contains_text("<svg"));
  CHECK(data["report"]["model"].get<std::string>().starts_with("a</script><b>"));
  // Nothing is fetched from anywhere.
  for (const char* const link : {"src=\"http", "href=", "@import", "url("}) {
    CHECK(page.find(link) == std::string::npos);
  }
}

TEST_CASE("a run without RTL or picture has a page without their parts") {
  RunReport report = report_of_one_layer();
  report.layers[0].counters.clear();
  report.configuration.reset();
  const nlohmann::json data = data_of(run_html(report, std::nullopt));
  CHECK_FALSE(data.contains("roofline"));
  CHECK_FALSE(data.contains("picture"));
}

TEST_CASE("kpu run --report writes the page, and a browser shows it") {
  const TempFolder folder;
  const std::string page = folder / "run.html";
  const auto outcome = kpu_tool("run " + kpu::test::kModel + " " + kpu::test::kScene +
                                " --engine golden --report " + page);
  REQUIRE(outcome.exit_code == 0);
  const auto bytes = kpu::read_file(page);
  CHECK(data_of(std::string(bytes.begin(), bytes.end()))["maps"].size() == 5);
  if (std::system("command -v chromium > /dev/null 2>&1") != 0) {
    WARN("the page was not opened: chromium is not installed");
    return;
  }
  const auto shown = kpu::test::shell(
      "chromium --headless --no-sandbox --disable-gpu --dump-dom file://" + page + " 2> /dev/null");
  CHECK_THAT(shown.text, contains_text("output of layer 4") && contains_text("not compared") &&
                             contains_text("KPU layers, 0 on the CPU"));
}
