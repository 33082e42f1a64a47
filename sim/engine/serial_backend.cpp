// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/serial_backend.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "common/error.h"
#include "driver/kpu_registers.h"
#include "driver/serial/serial_system.h"
#include "sim/engine/layer_runner.h"

namespace kpu::sim {
namespace {

/// Microseconds without a change of state after which a layer counts as hung: many exchanges on a
/// slow line.
constexpr std::uint64_t kWatchdog = 20'000'000;

class SerialBackend final : public RtlKpu {
 public:
  SerialBackend(const SerialOptions& options, const golden::ModelInfo& info)
      : system_(options.port, options.baud),
        runner_((require_memory(info, system_), system_), driver_options(),
                LayerRunner::ImagePath::kProcessor, ram_use(info)) {}

  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes) override {
    runner_.write_ram(address, bytes);
  }

  void read_ram(std::size_t address, std::span<std::uint8_t> bytes) override {
    runner_.read_ram(address, bytes);
  }

  void set_eight_bit_mode(bool eight_bit) override { runner_.set_eight_bit_mode(eight_bit); }

  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override {
    std::vector<golden::KpuJobResult> results;
    while (results.size() < jobs.size()) {
      runner_.run_some(jobs.subspan(results.size()), observer, results);
    }
    return results;
  }

  std::map<std::string, driver::Traffic> traffic() const override { return {}; }
  Configuration configuration() const override {
    const std::uint64_t shape = system_.shape();
    const std::uint64_t left_out = system_.left_out();
    Configuration board = unknown_configuration();
    const auto part = [&](driver::RegisterField field) {
      return static_cast<std::uint32_t>(field.of(shape));
    };
    const auto lanes = [&](driver::RegisterField field) { return part(field) == 0 ? 256 : part(field); };
    board.lanes = lanes(driver::kConfigLanes);
    board.ai_lines = part(driver::kConfigAiLines);
    board.weight_rows = part(driver::kConfigWeightRows);
    board.post_lanes = lanes(driver::kConfigPostLanes);
    board.layer_fifo = part(driver::kConfigLayerFifo);
    board.out_fifo = part(driver::kConfigOutFifo);
    board.pool = (left_out & driver::kLeftOutPool) == 0 ? 1 : 0;
    board.stream_out = (left_out & driver::kLeftOutStreamOut) == 0 ? 1 : 0;
    board.weights16 = (left_out & driver::kLeftOutWeights16) == 0 ? 1 : 0;
    board.perf = (left_out & driver::kLeftOutPerf) == 0 ? 1 : 0;
    return board;
  }
  std::size_t ram_lines() const override { return runner_.low_lines(); }

 private:
  /// One layer at a time: the next one must not write before this one's output has been read.
  static driver::DriverOptions driver_options() {
    driver::DriverOptions driver;
    driver.queue_depth = 1;
    driver.watchdog = kWatchdog;
    return driver;
  }

  static void require_memory(const golden::ModelInfo& info, const driver::KpuSystem& system) {
    std::size_t index = 0;
    for (const golden::LayerInfo& layer : info.layers) {
      if (!layer.kpu) continue;
      const std::size_t needed =
          memory_bytes(layer.kpu->tables, layer.kpu->args, layer.kpu->to_main_memory);
      if (needed > system.memory_size()) {
        throw Error(
            fmt::format("KPU layer {}: tables and stream of {} bytes: the board's SRAM has {}",
                        index, needed, system.memory_size()));
      }
      ++index;
    }
  }

  driver::SerialSystem system_;
  LayerRunner runner_;
};

}  // namespace

std::unique_ptr<RtlKpu> make_serial_backend(const SerialOptions& options,
                                            const golden::ModelInfo& info) {
  return std::make_unique<SerialBackend>(options, info);
}

}  // namespace kpu::sim
