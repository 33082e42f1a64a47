// SPDX-License-Identifier: Apache-2.0
#include "sim/board/layer_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "board/devices/layer_job.h"
#include "common/error.h"
#include "common/fnv1a.h"
#include "driver/k210_map.h"
#include "driver/kpu_registers.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/layer_args.h"

namespace kpu::sim {
namespace {

std::uint64_t read_register(tb::KpuHarness& harness, std::uint32_t offset) {
  return harness.cpu().read(driver::kKpuBase + offset);
}

}  // namespace

void LayerWatch::store(std::uint32_t offset, std::uint64_t value) {
  switch (offset) {
    case driver::kRegLayerArgumentFifo:
      push(value);
      break;
    case driver::kRegEightBitMode:
      eight_bit_ = (value & 1) != 0;
      break;
    case driver::kRegFifoCtrl:
      // A flush: what is given up is not reported.
      if ((value & driver::kFifoCtrlRun & ~std::uint64_t{1}) !=
          (driver::kFifoCtrlRun & ~std::uint64_t{1})) {
        queue_.clear();
        collected_ = 0;
      }
      break;
    default:
      break;
  }
}

void LayerWatch::push(std::uint64_t word) {
  if (collected_ == 0) {
    collecting_.pushed_by = ports_.pc();
    const std::uint64_t room = read_register(harness_, driver::kRegConfig) >> 48 & 0xFF;
    dropped_ =
        queue_.size() >= room && (read_register(harness_, driver::kRegFifoLevels) & 0xFF) >= room;
  }
  collecting_.words[collected_++] = word;
  if (collected_ < kLayerWords) return;
  collected_ = 0;
  if (dropped_) return;
  queue_.push_back(collecting_);
  if (queue_.size() == 1) {
    done_ = static_cast<std::uint32_t>(read_register(harness_, driver::kRegLayersDone));
    start_front();
  }
}

void LayerWatch::start_front() {
  start_ = ports_.events.now();
  refusal_.clear();
  wanted_.clear();
  if (on_start_) on_start_(next_index_);
  const Layer& layer = queue_.front();
  try {
    if (expected_) {
      wanted_ =
          board::run_layer(*expected_, ports_.ram, layer.words, eight_bit_, next_index_).output;
    } else {
      golden::require_valid(golden::decode(layer.words), eight_bit_, "layer");
    }
  } catch (const HardwareFault&) {
    throw;
  } catch (const Error& error) {
    refusal_ = error.what();
  }
}

void LayerWatch::finished(std::uint32_t layers_done) {
  while (done_ != layers_done && !queue_.empty()) {
    ++done_;
    end_front();
    queue_.pop_front();
    if (!queue_.empty()) start_front();
  }
}

std::vector<std::uint8_t> LayerWatch::output(const Layer& layer) const {
  const golden::ImageLayout layout = golden::decode(layer.words).output_layout();
  std::vector<std::uint8_t> ai_ram(layout.end_line() * kLineBytes);
  const std::size_t first = std::size_t{layout.base_line} * kLineBytes;
  harness_.peek_ai_ram(first, std::span(ai_ram).subspan(first));
  return golden::unpack_image(ai_ram, layout);
}

void LayerWatch::end_front() {
  const Layer& layer = queue_.front();
  board::LayerReport report;
  report.index = next_index_++;
  report.words = layer.words;
  report.pushed_by = layer.pushed_by;
  report.start = start_;
  report.cycles = read_register(harness_, driver::kRegPerf);
  report.problem = refusal_;
  if (refusal_.empty()) {
    const std::vector<std::uint8_t> got = output(layer);
    if (expected_) compare(layer, got);
    report.checksum = fnv1a64(got);
  }
  if (observer_) observer_(report);
}

void LayerWatch::compare(const Layer& layer, const std::vector<std::uint8_t>& got) const {
  if (got == wanted_) return;
  const golden::ImageLayout layout = golden::decode(layer.words).output_layout();
  const auto at = std::mismatch(got.begin(), got.end(), wanted_.begin(), wanted_.end());
  const auto pixel = static_cast<std::size_t>(at.first - got.begin());
  const std::size_t plane = std::size_t{layout.height} * layout.width;
  throw HardwareFault(fmt::format(
      "layer {}, pushed by pc {:#x}: output differs from the golden model at channel {}, row {}, "
      "column {}: RTL {}, golden {}",
      next_index_ - 1, layer.pushed_by, pixel / plane, pixel % plane / layout.width,
      pixel % layout.width, got.at(pixel), wanted_.at(pixel)));
}

}  // namespace kpu::sim
