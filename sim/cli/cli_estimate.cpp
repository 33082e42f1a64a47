// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "sim/cli/cli.h"
#include "sim/cli/cli_model.h"
#include "sim/cli/option_checks.h"
#include "sim/engine/rtl_backend.h"
#include "sim/model/cost_model.h"
#include "sim/model/cycle_model.h"
#include "sim/model/k210_measured.h"
#include "sim/text/layer_text.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

using Align = TextTable::Align;

struct EstimateArguments {
  ModelArguments model;
  bool fit = false;
  double clock_mhz = 400;
};

std::string whole(double value) { return grouped(static_cast<std::uint64_t>(value + 0.5)); }

void print_estimate(const EstimateArguments& arguments) {
  const auto model = load(arguments.model);
  golden::require_complete(model->info());
  const bool eight_bit = model->info().eight_bit;
  std::vector<golden::KpuLayerInfo> layers;
  for (const golden::LayerInfo& layer : model->info().layers) {
    if (layer.kpu) layers.push_back(*layer.kpu);
  }
  MachineShape shape;
  shape.lanes = rtl_lanes();
  const auto estimates = estimate_cycles(layers, eight_bit, shape);
  const double clock_hz = arguments.clock_mhz * 1e6;

  TextTable table({{"#"},
                   {"in", Align::kLeft},
                   {"out", Align::kLeft},
                   {"kernel", Align::kLeft},
                   {"dw", Align::kLeft},
                   {"array"},
                   {"+ reads"},
                   {"+ weights"},
                   {"+ stream"},
                   {"+ fixed"},
                   {"= cycles"},
                   {"K210 cycles"},
                   {"x faster"}});
  double ours = 0;
  double chip = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const golden::LayerArgs& args = layers[i].args;
    const CycleEstimate& estimate = estimates[i];
    const double k210 = k210_cycles(args, eight_bit, clock_hz) * layers[i].batches;
    table.add_row({fmt::format("{}", i), input_shape(args), output_shape(args), kernel_name(args),
                   args.depthwise ? "dw" : "", whole(estimate.array), whole(estimate.reads),
                   whole(estimate.weights), whole(estimate.stream), whole(estimate.fixed),
                   whole(estimate.total()), whole(k210),
                   fmt::format("{:.1f}", k210 / estimate.total())});
    ours += estimate.total();
    chip += k210;
  }
  fmt::print("{}\n", table.str());
  fmt::print(
      "RTL with {} lanes: {} cycles, {:.2f} ms at {:g} MHz; a K210 (public fit): {} cycles, "
      "{:.2f} ms\n",
      shape.lanes, whole(ours), ours / clock_hz * 1e3, arguments.clock_mhz, whole(chip),
      chip / clock_hz * 1e3);
}

void print_points(const char* title, const std::vector<MeasuredPoint>& points) {
  TextTable table({{title, Align::kLeft}, {"measured ms"}, {"fit ms"}, {"error %"}});
  MeasuredPoint sum{"sum", 0, 0};
  const auto add = [&](const MeasuredPoint& point) {
    table.add_row({point.name, fmt::format("{:.3f}", point.measured_ms),
                   fmt::format("{:.3f}", point.fitted_ms),
                   fmt::format("{:+.1f}", point.error_percent())});
  };
  for (const MeasuredPoint& point : points) {
    add(point);
    sum.measured_ms += point.measured_ms;
    sum.fitted_ms += point.fitted_ms;
  }
  add(sum);
  fmt::print("{}\n", table.str());
}

}  // namespace

void add_estimate_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<EstimateArguments>();
  CLI::App* command = app.add_subcommand(
      "estimate", "Cycles of a network on this RTL and on a K210, not simulated");
  add_model_options(*command, arguments->model);
  command->add_flag("--fit", arguments->fit, "Also show the chip's fit against measured layers");
  command->add_option("--clock", arguments->clock_mhz, "Clock in MHz for times (default 400)")
      ->check(clock_number());
  command->callback([arguments, &exit_code] {
    print_estimate(*arguments);
    if (arguments->fit) {
      fmt::print("\n");
      print_points("3x3, 128->128, 300 MHz", measured_sweep());
      print_points("face detector, layer", measured_face_detector());
    }
    exit_code = kExitMatch;
  });
}

}  // namespace kpu::sim
