// SPDX-License-Identifier: Apache-2.0
#include "board/devices/kpu_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

#include "board/devices/layer_job.h"
#include "common/bits.h"
#include "common/error.h"
#include "common/fnv1a.h"
#include "driver/k210_map.h"
#include "driver/kpu_registers.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/layer_args.h"

namespace kpu::board {
namespace {

using namespace driver;

constexpr std::size_t kQueueLayers = 16;
/// Multiplications a cycle of a 3x3 layer and of a 1x1 layer, which uses the middle tap alone.
constexpr std::uint64_t kMacs3x3 = 64 * 9;
constexpr std::uint64_t kMacs1x1 = 64;
constexpr std::uint64_t kLayerOverhead = 400;  // cycles

/// The register config: the chip's shape. Its words of the output stream are this model's own,
/// without a limit.
constexpr std::uint64_t kShape = std::uint64_t{64} | std::uint64_t{kAiRamLines} << 8 |
                                 std::uint64_t{2048} << 24 | std::uint64_t{64} << 40 |
                                 std::uint64_t{kQueueLayers} << 48 | std::uint64_t{255} << 56;

std::uint64_t estimate_cycles(const golden::LayerArgs& args) {
  return args.macs() / (args.kernel() == 3 ? kMacs3x3 : kMacs1x1) + kLayerOverhead;
}

}  // namespace

std::optional<std::uint64_t> KpuModel::read(std::uint32_t offset, unsigned) {
  const unsigned shift = (offset & 4) * 8;
  std::uint64_t value = 0;
  switch (offset & ~7u) {
    case kRegLayerArgumentFifo:
    case kRegInterruptClear:
      break;
    case kRegInterruptStatus:
      value = raw_ & ~mask_;
      break;
    case kRegInterruptRaw:
      value = raw_;
      break;
    case kRegInterruptMask:
      value = mask_;
      break;
    case kRegFifoThreshold:
      value = threshold_;
      break;
    case kRegFifoDataOut:
      if (output_.empty()) {
        status_ |= kStatusOutEmptyRead;
      } else {
        value = output_.front();
        take_word();
      }
      break;
    case kRegFifoCtrl:
      value = fifo_control_;
      break;
    case kRegEightBitMode:
      value = eight_bit_mode_;
      break;
    case kRegId:
      value = kIdValue << 32 | 1 << 16;
      break;
    case kRegConfig:
      value = kShape;
      break;
    case kRegStatus:
      value = status_;
      break;
    case kRegLayersDone:
      value = layers_;
      break;
    case kRegFifoLevels:
      value = queue_.size() | std::min<std::uint64_t>(output_.size(), 255) << 8;
      break;
    default:
      // Performance counters read as zero, as on a machine without them.
      if (offset < kRegPerf || offset >= kRegPerf + 8 * kPerfCounters) return std::nullopt;
  }
  return value >> shift;
}

bool KpuModel::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  // Of a register that is written in part the rest counts as zero; control registers take no write
  // of their upper half alone.
  if (bytes == 4 && offset % 8 == 4) {
    if (offset - 4 == kRegLayerArgumentFifo) {
      push_word(value << 32);
      return true;
    }
    return offset - 4 <= kRegEightBitMode || offset - 4 == kRegStatus;
  }
  switch (offset) {
    case kRegLayerArgumentFifo:
      push_word(value);
      return true;
    case kRegInterruptMask:
      mask_ = value & kIntAll;
      break;
    case kRegInterruptClear:
      raw_ &= ~value;
      break;
    case kRegFifoThreshold:
      threshold_ = value & 0xFF;
      break;
    case kRegEightBitMode:
      eight_bit_mode_ = value & 1;
      break;
    case kRegStatus:
      status_ &= ~value;
      break;
    case kRegFifoCtrl:
      fifo_control_ = value & kFifoCtrlRun;
      if ((value & 1) == 0) {
        output_.clear();
      }
      if ((value & 4) == 0) {
        queue_.clear();
        collected_ = 0;
      }
      if ((value & kFifoCtrlRun) == 0) {
        ++generation_;
        running_ = false;
      }
      start_next();
      break;
    case kRegInterruptStatus:
    case kRegInterruptRaw:
    case kRegFifoDataOut:
      break;
    default:
      return false;
  }
  update_interrupt();
  return true;
}

void KpuModel::push_word(std::uint64_t word) {
  if (collected_ == 0) {
    collecting_.pushed_by = pc_ ? pc_() : 0;
  }
  collecting_.words[collected_++] = word;
  if (collected_ < kLayerWords) {
    return;
  }
  collected_ = 0;
  if (queue_.size() >= kQueueLayers) {
    status_ |= kStatusLayerOverflow;
    return;
  }
  queue_.push_back(collecting_);
  if (queue_.size() >= bits(threshold_, 0, 4)) {
    raise(kIntAlmostFull);
  }
  start_next();
}

void KpuModel::start_next() {
  if (running_ || queue_.empty() || fifo_control_ != kFifoCtrlRun) {
    return;
  }
  const Pending layer = queue_.front();
  queue_.pop_front();
  running_ = true;
  if (queue_.size() <= bits(threshold_, 4, 4)) {
    raise(kIntAlmostEmpty);
  }

  const golden::LayerArgs args = golden::decode(layer.words);
  auto report = std::make_shared<LayerReport>();
  report->index = layers_++;
  report->words = layer.words;
  report->pushed_by = layer.pushed_by;
  report->start = events_.now();
  auto result = std::make_shared<golden::KpuJobResult>();
  std::vector<std::uint64_t> stream;
  std::uint64_t kpu_cycles = kLayerOverhead;
  interrupt_at_end_ = args.int_en;
  try {
    *result = run_layer(backend_, ram_, layer.words, eight_bit_mode_ != 0, report->index);
    report->checksum = fnv1a64(result->output);
    kpu_cycles = estimate_cycles(args);
    if (result->range.conv_count != 0) {
      status_ |= kStatusConvOverflow;
    }
    if (result->range.norm_count != 0) {
      status_ |= kStatusNormOverflow;
    }
    stream = golden::output_stream(
        args,
        {.planar = result->output, .channel_sums = result->channel_sums, .range = result->range});
  } catch (const HardwareFault& fault) {
    throw HardwareFault(fmt::format("{} (pushed by pc {:#x})", fault.what(), layer.pushed_by));
  } catch (const Error& error) {
    report->problem = error.what();
    status_ |= report->problem.find("outside RAM") != std::string::npos ? kStatusBusError
                                                                        : kStatusUnsupported;
    stream.clear();
  }
  report->cycles = kpu_cycles;
  const double ratio = ratio_ ? ratio_() : 1.0;
  events_.schedule(static_cast<std::uint64_t>(static_cast<double>(kpu_cycles) * ratio),
                   [this, report, result, stream = std::move(stream), generation = generation_] {
                     if (generation == generation_) {
                       finish(*report, *result, stream);
                     }
                   });
}

void KpuModel::finish(const LayerReport& report, const golden::KpuJobResult& result,
                      std::vector<std::uint64_t> stream) {
  if (report.problem.empty()) {
    // Through a copy of AI RAM, because padding keeps what it had.
    const golden::ImageLayout layout = golden::decode(report.words).output_layout();
    const auto ai_ram = ram_.bytes().subspan(Ram::kAiRam, kAiRamBytes);
    std::vector<std::uint8_t> image(ai_ram.begin(), ai_ram.end());
    golden::pack_image(image, layout, result.output);
    const std::size_t first = std::size_t{layout.base_line} * kLineBytes;
    const std::size_t end = layout.end_line() * kLineBytes;
    ram_.write(Ram::kAiRam + first, std::span(image).subspan(first, end - first));
  }
  if (observer_) {
    observer_(report);
  }
  output_.insert(output_.end(), stream.begin(), stream.end());
  if (output_.empty()) {
    end_layer();
  } else if (on_output_) {
    on_output_();
  }
}

void KpuModel::end_layer() {
  running_ = false;
  if (interrupt_at_end_) {
    raise(kIntCalcDone);
  }
  start_next();
}

void KpuModel::take_word() {
  output_.pop_front();
  if (output_.empty() && running_) {
    end_layer();
  }
}

std::optional<std::uint64_t> KpuModel::dma_read(std::uint64_t moved) {
  if (!output_.empty()) {
    const std::uint64_t word = output_.front();
    take_word();
    return word;
  }
  // A runtime asks for a word more than there are; reading the empty FIFO gives zero.
  return moved > 0 && !running_ && queue_.empty() ? std::optional<std::uint64_t>(0) : std::nullopt;
}

void KpuModel::raise(std::uint64_t interrupts) {
  raw_ |= interrupts;
  update_interrupt();
}

void KpuModel::update_interrupt() { plic_.set_level(kIrqKpuSource, (raw_ & ~mask_) != 0); }

}  // namespace kpu::board
