// SPDX-License-Identifier: Apache-2.0
//
// kpu_chip: the layers that others measured on the chip, on this RTL with a memory as fast as the
// chip's, beside the measured times (docs/k210.md).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <random>
#include <string>
#include <vector>

#include "bench/chip_layers.h"
#include "bench/cycle_file.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kpu/kpu_backend.h"
#include "sim/engine/engine_run.h"
#include "sim/engine/rtl_backend.h"
#include "sim/text/layer_text.h"
#include "sim/text/text_table.h"

namespace {

namespace bench = kpu::bench;
namespace golden = kpu::golden;
namespace sim = kpu::sim;

using Bytes = std::vector<std::uint8_t>;

Bytes random_bytes(std::size_t size) {
  std::mt19937 random(2);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

kpu::tb::MemoryTiming chip_memory(double clock_hz) {
  kpu::tb::MemoryTiming memory;
  memory.bandwidth_percent = bench::chip_bandwidth_percent(clock_hz);
  return memory;
}

/// Cycles of the face detector's layers, its results compared with the golden model's.
std::vector<std::uint64_t> run_face_detector() {
  const auto points = sim::measured_face_detector();
  const auto model = golden::load_model(bench::chip_face_detector());
  sim::RunRequest request;
  request.memory = chip_memory(points.front().clock_hz);
  const golden::LayerShape& first = points.front().shape;
  const Bytes input = random_bytes(std::size_t{first.in_channels} * first.height * first.width);
  std::vector<std::uint64_t> cycles;
  for (const sim::LayerReport& layer : sim::run_engines(*model, {input}, request).layers) {
    cycles.push_back(layer.cycles().value_or(0));
  }
  return cycles;
}

/// Cycles of a layer whose output stays in AI RAM.
std::uint64_t run_layer(const sim::MeasuredPoint& point) {
  const auto model = golden::load_model(bench::chip_layer(point));
  const golden::KpuLayerInfo& layer = *model->info().layers.front().kpu;
  sim::RtlOptions options;
  options.memory = chip_memory(point.clock_hz);
  options.direct_ram = true;
  const auto rtl = sim::make_rtl_backend(options);
  rtl->set_eight_bit_mode(point.eight_bit);
  golden::upload_image(*rtl, layer.args.input_layout(),
                       random_bytes(layer.args.input_layout().planar_bytes()));
  golden::KpuJob job;
  job.words = layer.words;
  job.tables = layer.tables;
  return rtl->run_layers({&job, 1}, {}).front().counters.at("cycles");
}

void add_row(sim::TextTable& table, const sim::MeasuredPoint& point, std::uint64_t cycles) {
  const double ms = static_cast<double>(cycles) / point.clock_hz * 1e3;
  table.add_row({point.name, fmt::format("{:.3f}", point.measured_ms),
                 sim::grouped(static_cast<std::uint64_t>(point.measured_cycles())),
                 sim::grouped(cycles), fmt::format("{:.3f}", ms),
                 fmt::format("{:+.1f} %", 100 * (ms / point.measured_ms - 1))});
}

/// Runs all layers, prints them beside the chip. Returns the exit code: 1 where a count is not the
/// kept one.
int run(const std::string& path, bool check, bool update) {
  using Align = sim::TextTable::Align;
  sim::TextTable table({{"layer", Align::kLeft},
                        {"chip, ms"},
                        {"chip, cycles"},
                        {"RTL, cycles"},
                        {"RTL, ms"},
                        {"error"}});
  bench::CycleTable now;
  now["face detector"] = run_face_detector();
  sim::MeasuredPoint sum{.name = "sum", .shape = {}};
  std::uint64_t cycles = 0;
  for (std::size_t i = 0; const sim::MeasuredPoint& point : sim::measured_face_detector()) {
    const std::uint64_t layer = now["face detector"].at(i++);
    add_row(table, point, layer);
    sum.measured_ms += point.measured_ms;
    cycles += layer;
  }
  add_row(table, sum, cycles);
  for (const sim::MeasuredPoint& point : sim::measured_sweep()) {
    if (!bench::fits_ai_ram(point)) continue;
    now["sweep " + point.name] = {run_layer(point)};
    add_row(table, point, now["sweep " + point.name].front());
  }
  fmt::print("{}", table.str());
  const bool same = now == bench::read_cycles(path);
  if (update) bench::write_cycles(path, now);
  if (!check || same) return 0;
  fmt::print("other counts than {} has\n", path);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string path;
  bool check = false;
  bool update = false;
  CLI::App app("The layers that were measured on the chip, on the RTL.", "kpu_chip");
  app.add_option("--kept", path, "File with the kept cycle counts")->required();
  app.add_flag("--check", check, "Fail if a count is not the kept one");
  app.add_flag("--update", update, "Write the counts to the file");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(path, check, update);
  } catch (const std::exception& error) {
    fmt::print(stderr, "kpu_chip: {}\n", error.what());
    return 2;
  }
}
