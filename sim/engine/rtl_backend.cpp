// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/rtl_backend.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "common/error.h"
#include "sim/engine/layer_runner.h"
#include "sim/engine/wave_recording.h"
#include "tb/kpu_harness.h"

namespace kpu::sim {
namespace {

class RtlBackend final : public RtlKpu {
 public:
  explicit RtlBackend(RtlOptions options)
      : options_(std::move(options)),
        harness_({options_.memory, options_.seed}),
        runner_(
            harness_, driver_options(options_),
            options_.use_dma ? LayerRunner::ImagePath::kDma : LayerRunner::ImagePath::kProcessor,
            RamUse{}) {}

  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes) override {
    if (options_.direct_ram) {
      harness_.load_ai_ram(address, bytes);
    } else {
      runner_.write_ram(address, bytes);
    }
  }

  void read_ram(std::size_t address, std::span<std::uint8_t> bytes) override {
    runner_.read_ram(address, bytes);
  }

  std::map<std::string, driver::Traffic> traffic() const override {
    return {{"cpu", harness_.traffic(driver::kFromCpu)},
            {"dmac", harness_.traffic(driver::kFromDmac)},
            {"kpu", harness_.traffic(driver::kFromKpu)}};
  }

  Configuration configuration() const override { return built_configuration(); }
  std::size_t ram_lines() const override { return runner_.low_lines(); }

  void set_eight_bit_mode(bool eight_bit) override { runner_.set_eight_bit_mode(eight_bit); }

  /// A layer whose waves are recorded runs by itself.
  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override {
    std::vector<golden::KpuJobResult> results;
    while (results.size() < jobs.size()) {
      const auto rest = jobs.subspan(results.size());
      if (is_recorded(rest.front())) {
        record(rest.first(1), observer, results);
        continue;
      }
      const auto stop = std::find_if(
          rest.begin(), rest.end(), [this](const golden::KpuJob& job) { return is_recorded(job); });
      const auto count = static_cast<std::size_t>(stop - rest.begin());
      runner_.run_some(rest.first(count), observer, results);
    }
    return results;
  }

 private:
  static driver::DriverOptions driver_options(const RtlOptions& options) {
    driver::DriverOptions driver;
    driver.on_progress = options.on_cycles;
    driver.use_dma = options.use_dma;
    return driver;
  }

  bool is_recorded(const golden::KpuJob& job) const {
    return !options_.wave.path.empty() && job.layer == options_.wave.layer && job.batch == 0;
  }

  /// Runs one job with its waves in a file, also if it ends with an error.
  void record(std::span<const golden::KpuJob> job, const golden::JobObserver& observer,
              std::vector<golden::KpuJobResult>& results) {
    WaveRecording recording(harness_, options_.wave);
    try {
      runner_.run_some(job, observer, results);
    } catch (const Error&) {
      recording.end();
      throw;
    }
    recording.end();
  }

  RtlOptions options_;
  tb::KpuHarness harness_;
  LayerRunner runner_;
};

}  // namespace

std::unique_ptr<RtlKpu> make_rtl_backend(const RtlOptions& options) {
  return std::make_unique<RtlBackend>(options);
}

}  // namespace kpu::sim
