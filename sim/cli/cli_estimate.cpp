// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "common/version.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "sim/cli/cli.h"
#include "sim/cli/cli_energy.h"
#include "sim/cli/cli_model.h"
#include "sim/cli/cli_sweep.h"
#include "sim/cli/option_checks.h"
#include "sim/model/cost_model.h"
#include "sim/model/cpu_cost.h"
#include "sim/model/cycle_model.h"
#include "sim/model/k210_measured.h"
#include "sim/model/layer_traffic.h"
#include "sim/model/refusal.h"
#include "sim/model/sweep.h"
#include "sim/report/configuration_json.h"
#include "sim/report/cpu_cost_text.h"
#include "sim/report/energy_report.h"
#include "sim/text/layer_text.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

using Align = TextTable::Align;

struct EstimateArguments {
  ModelArguments model;
  std::string config;             ///< name or file; empty: as built
  std::vector<std::string> sets;  ///< NAME=VALUES
  std::string json;               ///< file to write; empty: none
  std::string csv;                ///< of a sweep: the same
  bool fit = false;
  EnergyArguments energy;
  double clock_mhz = 400;
};

/// A KPU layer with what it takes here and on the chip.
struct EstimatedLayer {
  golden::KpuLayerInfo info;
  CycleEstimate ours;
  double chip = 0;  ///< cycles, all batches
  std::string refusal;  ///< why the machine does not run it; empty: it does
};

std::string whole(double value) { return grouped(static_cast<std::uint64_t>(value + 0.5)); }

/// The parameters of --set, in their order. Throws Error naming the option that is wrong.
std::vector<SweepAxis> axes_of(const EstimateArguments& arguments) {
  std::vector<SweepAxis> axes;
  for (const std::string& set : arguments.sets) {
    axes.push_back(parse_axis("--set " + set, set));
    for (std::size_t i = 0; i + 1 < axes.size(); ++i) {
      if (axes[i].name != axes.back().name) continue;
      throw Error(fmt::format("--set {}: {} is set twice: expected all its values in one option",
                              set, axes[i].name));
    }
  }
  return axes;
}

/// The machine that the options describe, with the axes that have one value. Throws Error naming
/// the option that is wrong.
CycleModel machine(const EstimateArguments& arguments, const std::vector<SweepAxis>& axes) {
  CycleModel model;
  if (!arguments.config.empty()) model.rtl = load_configuration(arguments.config);
  const char* separator = " with ";
  for (const SweepAxis& axis : axes) {
    if (axis.values.size() > 1) continue;
    set_model_parameter(model, "--set", axis.name, axis.values.front());
    model.rtl.name += fmt::format("{}{}={}", separator, axis.name, axis.values.front());
    separator = ", ";
  }
  return model;
}

std::vector<EstimatedLayer> estimate(const EstimateArguments& arguments, const CycleModel& model,
                                     const golden::ModelInfo& network) {
  const bool eight_bit = network.eight_bit;
  const std::vector<golden::KpuLayerInfo> infos = network.kpu_layers();
  const std::vector<CycleEstimate> ours = estimate_cycles(infos, eight_bit, model);
  std::vector<EstimatedLayer> layers;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const double chip =
        k210_cycles(infos[i].args, eight_bit, arguments.clock_mhz * 1e6) * infos[i].batches;
    layers.push_back({infos[i], ours[i], chip, refusal(infos[i], eight_bit, model.rtl)});
  }
  return layers;
}

/// Sums over all layers: our cycles, the chip's.
std::pair<double, double> totals(const std::vector<EstimatedLayer>& layers) {
  std::pair<double, double> sum;
  for (const EstimatedLayer& layer : layers) {
    sum.first += layer.ours.total();
    sum.second += layer.chip;
  }
  return sum;
}

void print_estimate(const EstimateArguments& arguments, const CycleModel& model,
                    const std::vector<EstimatedLayer>& layers, const CpuCost& cpu) {
  if (layers.empty()) {
    fmt::print("no layer runs on the KPU\n{}", cpu_cost_text(cpu, 0));
    return;
  }
  TextTable table({{"#"},
                   {"in", Align::kLeft},
                   {"out", Align::kLeft},
                   {"kernel", Align::kLeft},
                   {"dw", Align::kLeft},
                   {"array"},
                   {"+ reads"},
                   {"+ post"},
                   {"+ weights"},
                   {"+ stream"},
                   {"+ fixed"},
                   {"= cycles"},
                   {"K210 cycles"},
                   {"x faster"}});
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const golden::LayerArgs& args = layers[i].info.args;
    const CycleEstimate& ours = layers[i].ours;
    table.add_row({fmt::format("{}", i), input_shape(args), output_shape(args), kernel_name(args),
                   args.depthwise ? "dw" : "", whole(ours.array), whole(ours.reads),
                   whole(ours.post), whole(ours.weights), whole(ours.stream), whole(ours.fixed),
                   whole(ours.total()), whole(layers[i].chip),
                   fmt::format("{:.1f}", layers[i].chip / ours.total())});
  }
  fmt::print("{}\n", table.str());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!layers[i].refusal.empty()) fmt::print("KPU layer {} does not run: {}\n", i, layers[i].refusal);
  }
  const double clock_hz = arguments.clock_mhz * 1e6;
  const auto [ours, chip] = totals(layers);
  fmt::print(
      "RTL {} with {} lanes: {} cycles, {:.2f} ms at {:g} MHz; the KPU of a K210 (public fit): {} "
      "cycles, {:.2f} ms\n",
      model.rtl.name, model.rtl.lanes, whole(ours), ours / clock_hz * 1e3, arguments.clock_mhz,
      whole(chip), chip / clock_hz * 1e3);
  fmt::print("{}", cpu_cost_text(cpu, chip / clock_hz));
}

nlohmann::ordered_json traffic_json(const LayerTraffic& traffic) {
  return {{"array_cycles", traffic.array_cycles},
          {"drain_cycles", traffic.drain_cycles},
          {"ring_reads", traffic.ring_reads},
          {"sums_started", traffic.sums_started},
          {"sums_added", traffic.sums_added},
          {"lanes_valid", traffic.lanes_valid},
          {"post_lines", traffic.post_lines},
          {"ram_reads_stream", traffic.ram_reads_stream},
          {"parameter_bytes", traffic.parameter_bytes}};
}

void save_estimate(const EstimateArguments& arguments, const CycleModel& model,
                   const std::vector<EstimatedLayer>& layers, const CpuCost& cpu, bool eight_bit,
                   const std::optional<NetworkEnergy>& energy) {
  using Json = nlohmann::ordered_json;
  Json json = {
      {"model", arguments.model.path},
      {"tool", fmt::format("kpu {}", version())},
      {"configuration", configuration_json(model.rtl)},
      {"memory", {{"ReadLatency", model.read_latency}, {"Bandwidth", model.bandwidth_percent}}},
      {"clock_mhz", arguments.clock_mhz},
      {"kpu_layers", Json::array()}};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const CycleEstimate& ours = layers[i].ours;
    const golden::KpuLayerInfo& info = layers[i].info;
    json["kpu_layers"].push_back({{"index", i},
                                  {"in", input_shape(info.args)},
                                  {"out", output_shape(info.args)},
                                  {"kernel", info.args.kernel()},
                                  {"depthwise", info.args.depthwise},
                                  {"macs", info.args.macs() * info.batches},
                                  {"parameter_bytes",
                                   parameter_bytes(info.args, eight_bit) * info.batches},
                                  {"array", ours.array},
                                  {"reads", ours.reads},
                                  {"post", ours.post},
                                  {"weights", ours.weights},
                                  {"stream", ours.stream},
                                  {"fixed", ours.fixed},
                                  {"cycles", ours.total()},
                                  {"k210_cycles", layers[i].chip},
                                  {"refused", !layers[i].refusal.empty()},
                                  {"traffic", traffic_json(layer_traffic(info.args, eight_bit, info.to_main_memory,
                                                                         info.batches, model.rtl))}});
  }
  if (energy) json["energy"] = energy_json(*energy);
  const auto [ours, chip] = totals(layers);
  json["cycles_total"] = ours;
  json["k210_cycles_total"] = chip;
  json["cpu_layers"] = cpu.layers;
  json["k210_cpu_milliseconds_about"] = cpu.seconds * 1e3;
  json["k210_cpu_layers_not_counted"] = cpu.not_counted;
  const std::string text = json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  write_file(arguments.json, text.data(), text.size());
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
  command->add_option("--config", arguments->config,
                      "Configuration: a name of configs/, or a file that ends with .json (default: "
                      "the one this program was built with)");
  command->add_option("--set", arguments->sets,
                      "NAME=VALUE: a parameter of the configuration, or ReadLatency (cycles) or "
                      "Bandwidth (percent) of the memory; may be repeated. NAME=VALUE,VALUE.. or "
                      "NAME=FIRST..LAST: every one of them, in all combinations");
  command->add_option("--json", arguments->json, "Write the estimate as JSON");
  command->add_option("--csv", arguments->csv,
                      "With several values: write a line for each combination");
  add_energy_options(*command, arguments->energy);
  command->add_flag("--fit", arguments->fit, "Also show the chip's fit against measured layers");
  command->add_option("--clock", arguments->clock_mhz, "Clock in MHz for times (default 400)")
      ->check(clock_number());
  command->callback([arguments, &exit_code] {
    std::vector<SweepAxis> axes = axes_of(*arguments);
    const CycleModel model = machine(*arguments, axes);
    std::erase_if(axes, [](const SweepAxis& axis) { return axis.values.size() == 1; });
    if (axes.empty()) check_configuration(model.rtl, "--set");
    if (axes.empty() && !arguments->csv.empty()) {
      throw Error("--csv: expected several values of a parameter, as in --set Lanes=16,32,64");
    }
    const auto network = load(arguments->model);
    golden::require_complete(network->info());
    if (!axes.empty()) {
      run_sweep(network->info(), model, axes,
                {arguments->model.path, arguments->clock_mhz, arguments->csv, arguments->json, energy_tables(arguments->energy)});
      exit_code = kExitMatch;
      return;
    }
    const std::vector<EstimatedLayer> layers = estimate(*arguments, model, network->info());
    const CpuCost cpu = k210_cpu_cost(network->info());
    std::optional<NetworkEnergy> energy;
    if (const auto table = energy_table(arguments->energy, model.rtl)) {
      const std::vector<golden::KpuLayerInfo> infos = network->info().kpu_layers();
      const bool eight_bit = network->info().eight_bit;
      energy = energy_of_estimate(infos, estimate_cycles(infos, eight_bit, model), eight_bit, model.rtl, *table, arguments->clock_mhz * 1e6);
    }
    if (!arguments->json.empty()) {
      save_estimate(*arguments, model, layers, cpu, network->info().eight_bit, energy);
    }
    print_estimate(*arguments, model, layers, cpu);
    if (energy) fmt::print("\n{}", energy_text(*energy));
    if (arguments->fit) {
      fmt::print("\n");
      print_points("3x3, 128->128, 300 MHz", measured_sweep());
      print_points("face detector, layer", measured_face_detector());
    }
    exit_code = kExitMatch;
  });
}

}  // namespace kpu::sim
