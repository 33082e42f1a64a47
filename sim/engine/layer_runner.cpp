// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/layer_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/error.h"
#include "golden/kmodel/kpu_queue.h"
#include "golden/kpu/ai_ram.h"
#include "sim/engine/counters.h"
#include "sim/engine/input_data.h"

namespace kpu::sim {
namespace {

/// Tables, weights and output streams lie in SRAM at multiples of this.
constexpr std::size_t kSramAlignment = 128;

/// The performance counters in the order of docs/registers.md, as names of the report. The traffic
/// counters count words; the report wants bytes of what was fetched.
constexpr std::array<const char*, 12> kCounterNames{
    "cycles",      "array_busy", "wait_weights", "wait_reads",  "wait_writeback", "wait_post",
    "wait_stream", "startup",    "drain",        "fetch_beats", "lines_read",     "lines_written"};

Counters name_counters(const driver::LayerResult& result) {
  Counters counters;
  if (!result.counted) return counters;
  for (std::size_t i = 0; i < kCounterNames.size(); ++i) {
    counters[kCounterNames[i]] = result.counters[i];
  }
  return counters;
}

std::size_t aligned(std::size_t bytes) {
  return (bytes + kSramAlignment - 1) / kSramAlignment * kSramAlignment;
}

/// Room for a job's output stream, whole words.
std::size_t stream_bytes(const golden::LayerArgs& args, bool to_main_memory) {
  if (!to_main_memory && !args.full_add) return 0;
  return std::max(args.output_layout().planar_bytes() + 8, std::size_t{8} * args.out_channels);
}

}  // namespace

std::size_t memory_bytes(const golden::LayerTables& tables, const golden::LayerArgs& args,
                         bool to_main_memory) {
  return aligned(tables.weights.size()) + aligned(tables.batch_norm.size()) +
         aligned(tables.act.size()) + aligned(stream_bytes(args, to_main_memory));
}

RamUse ram_use(const golden::ModelInfo& info) {
  constexpr std::size_t kMiddle = kAiRamLines / 2;
  RamUse use{0, 0};
  const auto add = [&](const golden::ImageLayout& layout, std::uint32_t batches) {
    const std::size_t end =
        layout.end_line() + std::size_t{golden::batch_lines(layout)} * (batches - 1);
    if (layout.base_line < kMiddle)
      use.low_lines = std::max(use.low_lines, end);
    else
      use.high_lines = std::max(use.high_lines, kAiRamLines - layout.base_line);
  };
  for (const golden::LayerInfo& layer : info.layers) {
    if (!layer.kpu) continue;
    add(layer.kpu->args.input_layout(), layer.kpu->batches);
    add(layer.kpu->args.output_layout(), layer.kpu->batches);
  }
  return use.low_lines + use.high_lines > kAiRamLines ? RamUse{} : use;
}

LayerRunner::LayerRunner(driver::KpuSystem& system, const driver::DriverOptions& options,
                         ImagePath path, const RamUse& use)
    : system_(system), driver_(system, options), path_(path), use_(use) {
  const std::size_t needed = (use.low_lines + use.high_lines) * kLineBytes;
  if (needed > system.ai_ram_size()) {
    throw Error(fmt::format("the network's images take {} bytes of AI RAM: expected at most {}",
                            needed, system.ai_ram_size()));
  }
  use_.low_lines = system.ai_ram_size() / kLineBytes - use.high_lines;
}

std::size_t LayerRunner::map(std::size_t address, std::size_t size) const {
  const std::size_t low_end = use_.low_lines * kLineBytes;
  const std::size_t high_start = kAiRamBytes - use_.high_lines * kLineBytes;
  const bool low = address <= low_end && size <= low_end - address;
  const bool high =
      address >= high_start && address <= kAiRamBytes && size <= kAiRamBytes - address;
  if (!low && !high) {
    throw Error(fmt::format("AI RAM access of {} bytes at {:#x}: expected an end within {:#x}",
                            size, address, low_end));
  }
  return address % system_.ai_ram_size();
}

std::uint32_t LayerRunner::map_line(std::uint32_t line) const {
  return static_cast<std::uint32_t>(line % (system_.ai_ram_size() / kLineBytes));
}

void LayerRunner::write_ram(std::size_t address, std::span<const std::uint8_t> bytes) {
  const auto target = static_cast<std::uint32_t>(driver::kAiRamBase + map(address, bytes.size()));
  if (path_ == ImagePath::kDma && address % kLineBytes == 0 && bytes.size() % kLineBytes == 0) {
    system_.load_memory(driver::kSramBase, bytes);
    driver_.copy(target, driver::kSramBase, static_cast<std::uint32_t>(bytes.size()));
  } else {
    system_.cpu().write_bytes(target, bytes);
  }
}

void LayerRunner::read_ram(std::size_t address, std::span<std::uint8_t> bytes) {
  system_.cpu().read_bytes(
      static_cast<std::uint32_t>(driver::kAiRamBase + map(address, bytes.size())), bytes);
}

std::vector<LayerRunner::Placed> LayerRunner::place_tables(std::span<const golden::KpuJob> jobs) {
  std::vector<Placed> placed;
  std::size_t used = 0;
  for (const golden::KpuJob& job : jobs) {
    const golden::LayerArgs args = golden::decode(job.words);
    const std::size_t needed = memory_bytes(job.tables, args, job.to_main_memory);
    if (used + needed > system_.memory_size()) {
      if (!placed.empty()) break;
      throw Error(fmt::format("KPU layer {}: tables and stream of {} bytes: expected at most {}",
                              job.layer, needed, system_.memory_size()));
    }
    const auto reserve = [&](std::size_t size) {
      return static_cast<std::uint32_t>(driver::kSramBase +
                                        std::exchange(used, used + aligned(size)));
    };
    const auto put = [&](std::span<const std::uint8_t> table) {
      const std::uint32_t address = reserve(table.size());
      system_.load_memory(address, table);
      return address;
    };
    placed.push_back({put(job.tables.weights), put(job.tables.batch_norm), put(job.tables.act),
                      reserve(stream_bytes(args, job.to_main_memory))});
  }
  return placed;
}

void LayerRunner::run_some(std::span<const golden::KpuJob> jobs,
                           const golden::JobObserver& observer,
                           std::vector<golden::KpuJobResult>& results) {
  const std::size_t first = results.size();
  const std::vector<Placed> placed = place_tables(jobs);
  while (!system_.layer_traffic().empty()) {
    // Of layers that ended without a result.
  }
  std::vector<driver::QueuedLayer> layers;
  std::vector<golden::ImageLayout> layouts;
  std::vector<golden::LayerArgs> all_args;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    golden::LayerArgs args = golden::decode(jobs[i].words);
    args.src_line = map_line(args.src_line);
    args.dst_line = map_line(args.dst_line);
    args.weights_addr = placed[i].weights;
    args.bn_addr = placed[i].batch_norm;
    args.act_addr = placed[i].act;
    args.send_data_out = jobs[i].to_main_memory;
    layers.push_back({golden::encode(args), placed[i].stream});
    layouts.push_back(args.output_layout());
    all_args.push_back(args);
  }
  results.resize(first + layers.size());
  // A layer's input stands in AI RAM when the one before has ended, and no longer than it runs itself.
  std::vector<std::map<std::string, std::uint64_t>> input_counts(layers.size());
  input_counts.front() = peek_input(all_args.front());

  driver::LayerObserver layer_observer;
  layer_observer.on_output = [&](std::size_t i) {
    if (!jobs[i].to_main_memory) results[first + i].output = peek_image(layouts[i]);
    if (i + 1 < all_args.size()) input_counts[i + 1] = peek_input(all_args[i + 1]);
  };
  layer_observer.on_result = [&](std::size_t i, const driver::LayerResult& layer) {
    golden::KpuJobResult& result = results[first + i];
    if (jobs[i].to_main_memory) {
      const auto size = std::min(layer.stream.size(), layouts[i].planar_bytes());
      result.output.assign(layer.stream.begin(),
                           layer.stream.begin() + static_cast<std::ptrdiff_t>(size));
    }
    result.counters = name_counters(layer);
    // In a simulation these have the layer's cycles, too, for a layer without counters of the hardware.
    result.counters.merge(system_.layer_traffic());
    result.counters.merge(input_counts[i]);
    result.range.conv_count = layer.conv_overflow ? 1 : 0;
    result.range.norm_count = layer.norm_overflow ? 1 : 0;
    if (observer) observer(first + i, result);
  };
  driver_.run_layers(layers, layer_observer);
}

std::map<std::string, std::uint64_t> LayerRunner::peek_input(const golden::LayerArgs& args) const {
  const golden::ImageLayout layout = args.input_layout();
  if (!system_.counts_layers() || layout.end_line() * kLineBytes > system_.ai_ram_size()) return {};
  return count_input(peek_image(layout), args);
}

std::vector<std::uint8_t> LayerRunner::peek_image(const golden::ImageLayout& layout) const {
  golden::AiRam copy;
  const std::size_t start = layout.address(0, 0, 0);
  const std::size_t end = std::min(layout.end_line() * kLineBytes, copy.bytes().size());
  system_.peek_ai_ram(start, copy.bytes().subspan(start, end - start));
  return golden::unpack_image(copy.bytes(), layout);
}

}  // namespace kpu::sim
