// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "golden/ai_ram.h"
#include "golden/error.h"
#include "sim/counters.h"
#include "sim/wave_save.h"
#include "tb/kpu_driver.h"
#include "tb/kpu_harness.h"

namespace kpu::sim {
namespace {

/// Tables, weights, output streams and images on their way to AI RAM lie in SRAM at multiples of
/// this.
constexpr std::size_t kSramAlignment = 128;

/// The performance counters in the order of docs/registers.md, as names of the report. The traffic
/// counters count words; the report wants bytes of what was fetched.
constexpr std::array<const char*, 12> kCounterNames{
    "cycles",    "array_busy",  "wait_weights", "wait_reads", "wait_writeback", "wait_post",
    "wait_stream", "startup",   "drain",        "fetch_beats", "lines_read",    "lines_written"};

Counters name_counters(const tb::LayerResult& result) {
  Counters counters;
  for (std::size_t i = 0; i < kCounterNames.size(); ++i) {
    counters[kCounterNames[i]] = result.counters[i];
  }
  return counters;
}

class RtlBackend : public RtlKpu {
 public:
  explicit RtlBackend(RtlOptions options)
      : options_(std::move(options)),
        harness_({options_.memory, options_.seed}),
        driver_(harness_, driver_options(options_)) {}

  /// Whole lines, as images come, go by DMA; the processor writes the rest.
  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes) override {
    require_in_ram(address, bytes.size());
    const auto target = static_cast<std::uint32_t>(tb::kAiRamBase + address);
    if (options_.use_dma && address % golden::kLineBytes == 0 &&
        bytes.size() % golden::kLineBytes == 0) {
      harness_.load_memory(tb::kSramBase, bytes);
      driver_.copy(target, tb::kSramBase, static_cast<std::uint32_t>(bytes.size()));
    } else {
      harness_.cpu().write_bytes(target, bytes);
    }
  }

  void read_ram(std::size_t address, std::span<std::uint8_t> bytes) override {
    require_in_ram(address, bytes.size());
    harness_.cpu().read_bytes(static_cast<std::uint32_t>(tb::kAiRamBase + address), bytes);
  }

  std::map<std::string, tb::Traffic> traffic() const override {
    return {{"cpu", harness_.traffic(tb::kFromCpu)},
            {"dmac", harness_.traffic(tb::kFromDmac)},
            {"kpu", harness_.traffic(tb::kFromKpu)}};
  }

  void set_eight_bit_mode(bool eight_bit) override { driver_.set_eight_bit_mode(eight_bit); }

  /// Queues as many layers as there is memory for their tables. A layer whose waves are recorded
  /// runs by itself.
  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override {
    std::vector<golden::KpuJobResult> results;
    while (results.size() < jobs.size()) {
      const auto rest = jobs.subspan(results.size());
      if (is_recorded(rest.front())) {
        record(rest.first(1), observer, results);
        continue;
      }
      const auto stop = std::find_if(rest.begin(), rest.end(),
                                     [this](const golden::KpuJob& job) { return is_recorded(job); });
      const auto count = static_cast<std::size_t>(stop - rest.begin());
      run_group(rest.first(place_tables(rest.first(count))), observer, results);
    }
    return results;
  }

 private:
  /// Addresses of a job's tables, and of its output stream if it has one.
  struct Placed {
    std::uint32_t weights;
    std::uint32_t batch_norm;
    std::uint32_t act;
    std::uint32_t stream;
  };

  static tb::DriverOptions driver_options(const RtlOptions& options) {
    tb::DriverOptions driver;
    driver.on_progress = options.on_cycles;
    driver.use_dma = options.use_dma;
    return driver;
  }

  void require_in_ram(std::size_t address, std::size_t size) const {
    if (address > harness_.ai_ram_bytes() || size > harness_.ai_ram_bytes() - address) {
      throw Error(fmt::format("AI RAM access of {} bytes at {:#x}: expected an end within {:#x}",
                              size, address, harness_.ai_ram_bytes()));
    }
  }

  /// Room for a job's output stream, whole words.
  static std::size_t stream_bytes(const golden::KpuJob& job) {
    const golden::LayerArgs args = golden::decode(job.words);
    const bool streams = job.to_main_memory || args.full_add;
    const std::size_t bytes = args.output_layout().planar_bytes();
    return streams ? std::max(bytes + 8, std::size_t{8} * args.out_channels) : 0;
  }

  bool is_recorded(const golden::KpuJob& job) const {
    return !options_.wave_path.empty() && job.layer == options_.wave_layer && job.batch == 0;
  }

  /// Copies the tables of as many jobs as fit to memory and remembers where; at least one.
  std::size_t place_tables(std::span<const golden::KpuJob> jobs) {
    placed_.clear();
    std::size_t used = 0;
    for (const golden::KpuJob& job : jobs) {
      const auto reserve = [&](std::size_t size) {
        const std::size_t at = used;
        used = (used + size + kSramAlignment - 1) / kSramAlignment * kSramAlignment;
        return static_cast<std::uint32_t>(tb::kSramBase + at);
      };
      const auto put = [&](std::span<const std::uint8_t> table) {
        const std::uint32_t address = reserve(table.size());
        if (used <= tb::kSramBytes) harness_.load_memory(address, table);
        return address;
      };
      const Placed placed{put(job.tables.weights), put(job.tables.batch_norm), put(job.tables.act),
                          reserve(stream_bytes(job))};
      if (used > tb::kSramBytes) break;
      placed_.push_back(placed);
    }
    if (placed_.empty()) {
      throw Error(fmt::format("KPU layer {}: tables of {} bytes: expected at most {}",
                              jobs.front().layer, used, tb::kSramBytes));
    }
    return placed_.size();
  }

  /// Runs jobs whose tables are in place.
  void run_group(std::span<const golden::KpuJob> jobs, const golden::JobObserver& observer,
                 std::vector<golden::KpuJobResult>& results) {
    const std::size_t first = results.size();
    std::vector<tb::QueuedLayer> layers;
    std::vector<golden::ImageLayout> layouts;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      golden::LayerArgs args = golden::decode(jobs[i].words);
      args.weights_addr = placed_[i].weights;
      args.bn_addr = placed_[i].batch_norm;
      args.act_addr = placed_[i].act;
      args.send_data_out = jobs[i].to_main_memory;
      layers.push_back({golden::encode(args), placed_[i].stream});
      layouts.push_back(args.output_layout());
    }
    results.resize(first + jobs.size());

    tb::LayerObserver layer_observer;
    layer_observer.on_output = [&](std::size_t i) {
      if (!jobs[i].to_main_memory) results[first + i].output = peek_image(layouts[i]);
    };
    layer_observer.on_result = [&](std::size_t i, const tb::LayerResult& layer) {
      golden::KpuJobResult& result = results[first + i];
      if (jobs[i].to_main_memory) {
        const auto size = std::min(layer.stream.size(), layouts[i].planar_bytes());
        result.output.assign(layer.stream.begin(),
                             layer.stream.begin() + static_cast<std::ptrdiff_t>(size));
      }
      result.counters = name_counters(layer);
      result.range.conv_count = layer.conv_overflow ? 1 : 0;
      result.range.norm_count = layer.norm_overflow ? 1 : 0;
      if (observer) observer(first + i, result);
    };
    driver_.run_layers(layers, layer_observer);
  }

  /// Runs one job with its waves in a file.
  void record(std::span<const golden::KpuJob> job, const golden::JobObserver& observer,
              std::vector<golden::KpuJobResult>& results) {
    place_tables(job);
    harness_.start_trace(options_.wave_path);
    run_group(job, observer, results);
    harness_.stop_trace();
    save_wave_view(options_.wave_path);
  }

  std::vector<std::uint8_t> peek_image(const golden::ImageLayout& layout) const {
    golden::AiRam copy;
    const std::size_t start = layout.address(0, 0, 0);
    const std::size_t end = std::min(layout.end_line() * golden::kLineBytes, copy.bytes().size());
    harness_.peek_ai_ram(start, copy.bytes().subspan(start, end - start));
    return golden::unpack_image(copy.bytes(), layout);
  }

  RtlOptions options_;
  tb::KpuHarness harness_;
  tb::KpuDriver driver_;
  std::vector<Placed> placed_;
};

}  // namespace

std::uint32_t rtl_lanes() { return static_cast<std::uint32_t>(tb::KpuHarness::lanes()); }

std::unique_ptr<RtlKpu> make_rtl_backend(const RtlOptions& options) {
  return std::make_unique<RtlBackend>(options);
}

}  // namespace kpu::sim
