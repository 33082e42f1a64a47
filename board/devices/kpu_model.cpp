// SPDX-License-Identifier: Apache-2.0
#include "board/devices/kpu_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

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
constexpr std::size_t kAiRamOffset = kSramBytes;
/// Multiplications a cycle of a 3x3 layer and of a 1x1 layer, which uses the middle tap alone.
constexpr std::uint64_t kMacs3x3 = 64 * 9;
constexpr std::uint64_t kMacs1x1 = 64;
constexpr std::uint64_t kLayerOverhead = 400;  // cycles

std::uint64_t estimate_cycles(const golden::LayerArgs& args) {
  return args.macs() / (args.kernel() == 3 ? kMacs3x3 : kMacs1x1) + kLayerOverhead;
}

std::span<const std::uint8_t> in_ram(const Ram& ram, std::uint32_t address, std::size_t count,
                                     const char* what) {
  const std::size_t at = count == 0 ? Ram::kNowhere : Ram::offset(address, count);
  if (at == Ram::kNowhere) {
    throw Error(std::string(what) + " outside RAM");
  }
  return ram.bytes().subspan(at, count);
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
      return std::nullopt;
  }
  return value >> shift;
}

bool KpuModel::write(std::uint32_t offset, unsigned, std::uint64_t value) {
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

golden::LayerTables KpuModel::tables(const golden::LayerArgs& args) const {
  golden::LayerTables tables;
  if (args.load_coor) {
    tables.weights =
        in_ram(ram_, args.weights_addr, args.weight_bytes(eight_bit_mode_ != 0), "weights");
  }
  if (args.load_para) {
    tables.batch_norm = in_ram(ram_, args.bn_addr, args.bn_bytes(), "batch-norm table");
  }
  if (args.load_act) {
    tables.act = in_ram(ram_, args.act_addr, golden::kActTableBytes, "activation table");
  }
  return tables;
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
    golden::require_valid(args, eight_bit_mode_ != 0, "layer");
    const golden::ImageLayout input = args.input_layout();
    const std::size_t first = std::size_t{input.base_line} * kLineBytes;
    const std::size_t end = input.end_line() * kLineBytes;
    backend_.write_ram(first, ram_.bytes().subspan(kAiRamOffset + first, end - first));
    backend_.set_eight_bit_mode(eight_bit_mode_ != 0);
    const golden::KpuJob job{.layer = report->index,
                             .batch = 0,
                             .words = layer.words,
                             .tables = tables(args),
                             .to_main_memory = args.send_data_out};
    *result = backend_.run_layers(std::span(&job, 1), nullptr).at(0);
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
  report->cycles =
      static_cast<std::uint64_t>(static_cast<double>(kpu_cycles) * (ratio_ ? ratio_() : 1.0));
  events_.schedule(report->cycles,
                   [this, report, result, stream = std::move(stream), generation = generation_] {
                     if (generation == generation_) {
                       finish(*report, *result, stream);
                     }
                   });
}

void KpuModel::finish(const LayerReport& report, const golden::KpuJobResult& result,
                      std::vector<std::uint64_t> stream) {
  if (report.problem.empty()) {
    // Through a copy of the output's lines, whose padding keeps what it had.
    const golden::ImageLayout layout = golden::decode(report.words).output_layout();
    const auto ai_ram = ram_.bytes().subspan(kAiRamOffset, kAiRamBytes);
    std::vector<std::uint8_t> image(ai_ram.begin(), ai_ram.end());
    golden::pack_image(image, layout, result.output);
    const std::size_t first = std::size_t{layout.base_line} * kLineBytes;
    const std::size_t end = layout.end_line() * kLineBytes;
    ram_.write(kAiRamOffset + first, std::span(image).subspan(first, end - first));
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
