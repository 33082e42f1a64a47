// SPDX-License-Identifier: Apache-2.0
//
// Plots: the positions that values come to, and that a report without cycles is refused.
#include "golden/kpu/layer_args.h"

#include <string>
#include "sim/model/configuration.h"
#include "sim/report/plots.h"
#include "sim/text/svg.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
using kpu::test::contains_text;

namespace {

RunReport one_layer() {
  RunReport report;
  report.model_path = "a<b";
  report.configuration = kpu::sim::load_configuration("lanes64");
  LayerReport layer;
  layer.args.kernel_type = 1;
  layer.macs = 57'600;
  layer.bytes = 100;
  layer.k210_cycles = 1000;
  layer.lane_bound = 100;
  layer.counters["cycles"] = 200;
  report.layers.push_back(layer);
  return report;
}

}  // namespace

TEST_CASE("logarithmic axis") {
  const LogAxis axis{1, 1000, 100, 400};
  CHECK(axis.at(1) == Approx(100));
  CHECK(axis.at(10) == Approx(200));
  CHECK(axis.at(1000) == Approx(400));
  CHECK(axis.at(0) == Approx(100));
}

TEST_CASE("roofline shows each layer and both roofs") {
  const std::string svg = roofline_svg(one_layer());
  CHECK_THAT(svg, contains_text("288.0 MACs a cycle, 576 MACs a byte") &&
                      contains_text("array: 576") && contains_text("1x1: 512") &&
                      contains_text("a&lt;b"));
}

TEST_CASE("layer plot has chip, RTL and bound") {
  const std::string svg = layer_plot_svg(one_layer());
  CHECK_THAT(svg, contains_text("K210, fit") && contains_text("this RTL, 64 lanes") &&
                      contains_text("lane bound"));
  CHECK(svg.find("measured") == std::string::npos);
}

TEST_CASE("a run without cycles has no plot") {
  RunReport report = one_layer();
  report.layers[0].counters.clear();
  CHECK_THROWS_WITH(roofline_svg(report), contains_text("--engine"));
}
