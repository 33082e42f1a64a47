// SPDX-License-Identifier: Apache-2.0
//
// Speed of the golden model's fast path on one thread: milliseconds and GMAC/s of each kind of
// layer, for made-up layers of typical sizes and for networks named on the command line.
#include <fmt/format.h>
#include <time.h>

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

#include "common/files.h"
#include "golden/fast/fast_backend.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/kmodel_writer.h"
#include "golden/kmodel/network.h"

namespace {

using namespace kpu::golden;

/// Time that this thread had the processor: other work on the machine does not count.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<Clock, duration>;

  static time_point now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};

constexpr int kFrames = 30;

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

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
    kinds[kind_of(args)].frame_ms += milliseconds(Clock::now() - start);
    return output;
  }
};

void print_row(const std::string& name, double ms, std::uint64_t macs) {
  fmt::print("{:<28} {:>9.3f} ms", name, ms);
  if (macs > 0) {
    fmt::print(" {:>8.1f} GMAC/s", static_cast<double>(macs) / ms / 1e6);
  }
  fmt::print("\n");
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
    const double frame_ms = milliseconds(Clock::now() - start);
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
  print_row(name, best_ms, macs);
  for (const auto& [kind, figures] : backend.kinds) {
    print_row("  " + kind, figures.best_ms, figures.macs);
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

}  // namespace

int main(int argc, char** argv) {
  try {
    fmt::print("golden model, fast path, target {}, CPU time of 1 thread, best of {} frames\n",
               fast::target_name(), kFrames);
    measure_layers();
    for (int i = 1; i < argc; ++i) {
      measure(argv[i], *load_model(kpu::read_file(argv[i])));
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}
