// SPDX-License-Identifier: Apache-2.0
//
// Speed of the golden model's fast path on one thread: milliseconds and GMAC/s of each kind of
// layer, for made-up layers of typical sizes and for networks named on the command line; in the same
// run, the same convolutions on oneDNN, where that was found.
#include <fmt/format.h>
#include <hwy/targets.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "bench/thread_clock.h"
#include "common/error.h"
#include "common/files.h"
#include "golden/fast/fast_backend.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/kmodel_writer.h"
#include "golden/kmodel/network.h"

#ifdef KPU_ONEDNN
#include "bench/onednn_speed.h"
#endif

namespace {

using namespace kpu::golden;

using Clock = kpu::bench::ThreadClock;

constexpr int kFrames = 30;

std::string kind_of(const LayerArgs& args) {
  return fmt::format("{0}x{0}{1}", args.kernel(), args.depthwise ? " depthwise" : "");
}

/// Time and work of one kind of layer, the time of the best frame.
struct Kind {
  double best_ms = std::numeric_limits<double>::infinity();
  double frame_ms = 0;
  std::uint64_t macs = 0;
};

/// The fast path with a watch on every layer.
class TimedBackend : public fast::FastBackend {
 public:
  std::map<std::string, Kind> kinds;

 protected:
  KpuLayerOutput run_layer(const LayerArgs& args, const LayerTables& tables) override {
    const Clock::time_point start = Clock::now();
    KpuLayerOutput output = FastBackend::run_layer(args, tables);
    kinds[kind_of(args)].frame_ms += Clock::since(start);
    return output;
  }
};

/// `peer_ms`: what oneDNN took, 0 if it did not run.
void print_row(const std::string& name, double ms, std::uint64_t macs, double peer_ms) {
  fmt::print("{:<28} {:>9.3f} ms", name, ms);
  if (macs > 0) {
    fmt::print(" {:>8.1f} GMAC/s", static_cast<double>(macs) / ms / 1e6);
  }
  if (peer_ms > 0) {
    fmt::print("   oneDNN {:>7.3f} ms {:>8.1f} GMAC/s, {:.2f} times its time", peer_ms,
               static_cast<double>(macs) / peer_ms / 1e6, ms / peer_ms);
  }
  fmt::print("\n");
}

/// What oneDNN takes for the convolutions of a network, by kind of layer and ("") in all.
std::map<std::string, double> peer_times(const Model& model) {
  std::map<std::string, double> times;
#ifdef KPU_ONEDNN
  std::vector<LayerArgs> layers;
  for (const LayerInfo& layer : model.info().layers) {
    if (layer.kpu) layers.insert(layers.end(), layer.kpu->batches, layer.kpu->args);
  }
  const std::vector<kpu::bench::OnednnLayer> results = kpu::bench::run_onednn(layers, kFrames);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    times[kind_of(layers[i])] += results[i].milliseconds;
    times[""] += results[i].milliseconds;
  }
#else
  static_cast<void>(model);
#endif
  return times;
}

void measure(const std::string& name, const Model& model) {
  constexpr const char* kRest = "CPU layers and transfers";
  TimedBackend backend;
  std::vector<std::vector<std::uint8_t>> inputs;
  for (const TensorInfo& input : model.info().inputs) {
    inputs.emplace_back(input.bytes, std::uint8_t{100});
  }
  std::uint64_t macs = 0;
  for (const LayerInfo& layer : model.info().layers) {
    if (layer.kpu) {
      backend.kinds[kind_of(layer.kpu->args)].macs += layer.kpu->args.macs() * layer.kpu->batches;
      macs += layer.kpu->args.macs() * layer.kpu->batches;
    }
  }
  double best_ms = std::numeric_limits<double>::infinity();
  for (int frame = 0; frame < kFrames; ++frame) {
    const Clock::time_point start = Clock::now();
    run_network(model, inputs, backend);
    const double frame_ms = Clock::since(start);
    double rest_ms = frame_ms;
    for (const auto& [kind, figures] : backend.kinds) {
      rest_ms -= figures.frame_ms;
    }
    backend.kinds[kRest].frame_ms = rest_ms;
    best_ms = std::min(best_ms, frame_ms);
    for (auto& [kind, figures] : backend.kinds) {
      figures.best_ms = std::min(figures.best_ms, figures.frame_ms);
      figures.frame_ms = 0;
    }
  }
  std::map<std::string, double> peer = peer_times(model);
  print_row(name, best_ms, macs, peer[""]);
  for (const auto& [kind, figures] : backend.kinds) {
    print_row("  " + kind, figures.best_ms, figures.macs, peer[kind]);
  }
}

/// A network of one layer with weights and an activation that are typical in range.
std::vector<std::uint8_t> one_layer(const LayerShape& shape) {
  WriterLayer layer;
  layer.args = make_layer_args(shape, true);
  for (std::size_t i = 0; i < layer.args.channel_weights() * layer.args.out_channels; ++i) {
    layer.weights.push_back(static_cast<std::uint16_t>(i * 37 % 256));
  }
  layer.args.conv.arg_x = -128;
  layer.batch_norm.assign(layer.args.out_channels, {.mul = 20000, .add = 3000, .shift = 15});
  layer.act.fill({.x_start = 0, .y_mul = 1024, .shift = 20, .bias = 0});
  layer.act.front() = {.x_start = -(std::int64_t{1} << 35), .y_mul = 0, .shift = 0, .bias = 0};
  KmodelWriter writer(true);
  writer.add_kpu(layer);
  return writer.finish();
}

void measure_layers() {
  struct Case {
    const char* name;
    LayerShape shape;
  };
  const std::uint32_t out = 16000;
  const std::array cases = {
      Case{"3 to 16, 320x240, max 2x2",
           {.in_channels = 3,
            .out_channels = 16,
            .height = 240,
            .width = 320,
            .kernel = 3,
            .pool_type = kPoolMax2,
            .dst_line = out}},
      Case{"128 to 128, 40x30",
           {.in_channels = 128,
            .out_channels = 128,
            .height = 30,
            .width = 40,
            .kernel = 3,
            .dst_line = out}},
      Case{"256 to 256, 20x15",
           {.in_channels = 256, .out_channels = 256, .height = 15, .width = 20, .dst_line = out}},
      Case{"64 channels, 80x60",
           {.in_channels = 64,
            .out_channels = 64,
            .height = 60,
            .width = 80,
            .kernel = 3,
            .depthwise = true,
            .dst_line = out}},
  };
  for (const Case& c : cases) {
    measure(c.name, *load_model(one_layer(c.shape)));
  }
}

/// Uses the named target of Highway's ("AVX2", "SSE4", ..); "" is the best one.
void choose_target(const std::string& name) {
  if (name.empty()) return;
  std::string known;
  for (const std::int64_t target : fast::targets()) {
    if (name == hwy::TargetName(target)) return hwy::SetSupportedTargetsForTest(target);
    known += fmt::format(" {}", hwy::TargetName(target));
  }
  throw kpu::Error(fmt::format("--target {}: expected one of{}", name, known));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<std::string> files(argv + 1, argv + argc);
    std::string target;
    if (files.size() >= 2 && files[0] == "--target") {
      target = files[1];
      files.erase(files.begin(), files.begin() + 2);
    }
    choose_target(target);
#ifdef KPU_ONEDNN
    kpu::bench::limit_onednn(target);
#endif
    fmt::print("golden model, fast path, target {}, CPU time of 1 thread, best of {} frames\n",
               fast::target_name(), kFrames);
    measure_layers();
    for (const std::string& file : files) {
      measure(file, *load_model(kpu::read_file(file)));
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "kpu_golden_speed: {}\n", error.what());
    return 2;
  }
  return 0;
}
