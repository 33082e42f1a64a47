// SPDX-License-Identifier: Apache-2.0
#include "driver/kpu_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/error.h"
#include "driver/k210_map.h"
#include "driver/kpu_registers.h"
#include "driver/refusal.h"
#include "driver/unit_state.h"

namespace kpu::driver {
namespace {

constexpr std::uint64_t kIntEnable = 1;           // word 0
constexpr std::uint64_t kSendDataOut = 1;         // word 11
constexpr std::uint64_t kFullAdd = 4;             // word 0
constexpr std::uint64_t kSignOfLifeCycles = 512;  // between two looks at the unit state
constexpr std::uint64_t kProgressCycles = 16'384;

// The channels that the vendor's runtime uses, too; a system with fewer has the last one for both.
constexpr unsigned kCopyChannel = 5;
constexpr unsigned kStreamChannel = 4;
constexpr std::uint32_t kCopyItems = 1 << 22;  // longest block

const char* bus_error_source(std::uint64_t status) {
  constexpr std::array kSources{"an unknown table", "the batch-norm table", "the activation table",
                                "weights"};
  return kSources[status >> 16 & 3];
}

bool streams(const LayerWords& words) { return (words[11] & kSendDataOut) != 0; }

/// Words of a layer's output stream: one per output channel with full_add, else dma_total_byte
/// bytes, counted as the vendor's driver does.
std::uint32_t stream_length(const LayerWords& words) {
  if ((words[0] & kFullAdd) != 0) return static_cast<std::uint32_t>((words[2] >> 32 & 0x3FF) + 1);
  return static_cast<std::uint32_t>(((words[11] >> 32) + 8) / 8);
}

}  // namespace

KpuDriver::KpuDriver(KpuSystem& system, DriverOptions options)
    : system_(system),
      dmac_(system.cpu(), system.dma_channels()),
      copy_channel_(std::min(kCopyChannel, system.dma_channels() - 1)),
      stream_channel_(std::min(kStreamChannel, system.dma_channels() - 1)),
      options_(std::move(options)) {
  const std::uint64_t id = read(kRegId) >> 32;
  if (id != kIdValue) {
    throw Error(fmt::format("register 0x100 reads {:#x}: expected {:#x}", id, kIdValue));
  }
  const std::uint64_t room = read(kRegConfig) >> 48 & 0xFF;
  if (options_.queue_depth < 1) throw Error("queue depth 0: expected at least 1");
  options_.queue_depth = static_cast<unsigned>(std::min<std::uint64_t>(options_.queue_depth, room));
  initialize();
}

void KpuDriver::initialize() {
  write(kRegFifoCtrl, 0);
  write(kRegFifoCtrl, kFifoCtrlRun);
  write(kRegInterruptMask, kIntAll & ~kIntCalcDone);
  write(kRegInterruptClear, kIntAll);
  write(kRegStatus, kStatusAll);
  streaming_ = false;
  dmac_.initialize();
  dmac_.select(stream_channel_, kDmaRequestKpu);
}

void KpuDriver::set_eight_bit_mode(bool eight_bit) { write(kRegEightBitMode, eight_bit ? 1 : 0); }

void KpuDriver::copy(std::uint32_t dst, std::uint32_t src, std::uint32_t bytes) {
  for (std::uint32_t done = 0; done < bytes;) {
    const std::uint32_t items = std::min((bytes - done) / 8, kCopyItems);
    dmac_.start(copy_channel_, {.src = src + done,
                                .dst = dst + done,
                                .items = items,
                                .control = {.src_burst = 3, .dst_burst = 3}});
    wait_for_copy(items);
    dmac_.wait(copy_channel_);
    done += 8 * items;
  }
}

void KpuDriver::wait_for_copy(std::uint32_t items) {
  std::uint64_t moved = 0;
  std::uint64_t last_sign = system_.time();
  while ((system_.interrupts() & irq_dma(copy_channel_)) == 0) {
    system_.pause();
    if (system_.time() - last_sign <= options_.watchdog) continue;
    // Only then, so that copies that go well have the bus to themselves.
    const std::uint64_t now_moved = dmac_.completed(copy_channel_);
    if (now_moved == moved) {
      dmac_.abort(copy_channel_);
      throw HardwareFault(fmt::format("DMA channel {} hangs after {} of {} items", copy_channel_,
                                      moved, items));
    }
    moved = now_moved;
    last_sign = system_.time();
  }
}

void KpuDriver::push(const QueuedLayer& layer) {
  if (streams(layer.words)) {
    streaming_ = true;
    if (options_.use_dma) {
      dmac_.start(stream_channel_, {.src = kKpuBase + kRegFifoDataOut,
                                    .dst = layer.stream_address,
                                    .items = stream_length(layer.words),
                                    .control = {.src_fixed = true, .src_burst = 2, .dst_burst = 2},
                                    .cfg = dmac_from_peripheral(stream_channel_)});
    }
  }
  LayerWords words = layer.words;
  words[0] |= kIntEnable;
  system_.cpu().write_each(kKpuBase + kRegLayerArgumentFifo, 0, words);
}

std::size_t KpuDriver::stream_words() {
  return streaming_ && !options_.use_dma ? read(kRegFifoLevels) >> 8 & 0xFF : 0;
}

void KpuDriver::wait_for_event(std::size_t layer) {
  std::uint64_t last_state = ~std::uint64_t{0};
  // Parameters that come, and an output stream that leaves however slowly, are signs of life.
  const auto moved = [&] {
    return system_.traffic(kFromKpu).read_bytes + system_.traffic(kFromDmac).written_bytes;
  };
  std::uint64_t last_bytes = moved();
  std::uint64_t last_sign = system_.time();
  while (true) {
    for (std::uint64_t i = 0; i < kSignOfLifeCycles; ++i) {
      if ((system_.interrupts() & kIrqKpu) != 0 || stream_words() > 0) return;
      system_.pause();
    }
    const std::uint64_t state = read(kRegUnitState);
    const std::uint64_t bytes = moved();
    const std::uint64_t now = system_.time();
    if (state != last_state || bytes != last_bytes) last_sign = now;
    last_state = state;
    last_bytes = bytes;
    if (now - last_sign > options_.watchdog) {
      throw HardwareFault(fmt::format("KPU layer {} hangs, last sign of life at {}: {}", layer, last_sign,
                              describe_unit_state(state)));
    }
    if (options_.on_progress && now % kProgressCycles < kSignOfLifeCycles) {
      options_.on_progress(now);
    }
  }
}

void KpuDriver::read_stream(std::size_t words, LayerResult& result) {
  std::vector<std::uint64_t> values(words);
  system_.cpu().read_each(kKpuBase + kRegFifoDataOut, 0, values);
  for (const std::uint64_t value : values) {
    for (unsigned b = 0; b < 8; ++b) {
      result.stream.push_back(static_cast<std::uint8_t>(value >> (8 * b)));
    }
  }
}

void KpuDriver::read_counters(std::uint64_t ended, LayerResult& result) {
  system_.cpu().read_each(kKpuBase + kRegPerf, 8, result.counters);
  // The end of a later layer replaces them and raises the interrupt, which was cleared before, in the same cycle.
  result.counted = (system_.interrupts() & kIrqKpu) == 0 || read(kRegLayersDone) == ended;
  if (!result.counted) result.counters.fill(0);
}

void KpuDriver::finish_layer(std::size_t index, const QueuedLayer& layer, LayerResult& result) {
  const std::uint64_t status = read(kRegStatus);
  if (status != 0) write(kRegStatus, kStatusAll);
  result.conv_overflow = (status & kStatusConvOverflow) != 0;
  result.norm_overflow = (status & kStatusNormOverflow) != 0;
  if ((status & kStatusUnsupported) != 0) {
    throw Error(fmt::format("KPU layer {}: refused: {}", index,
                            describe_refusal(kStatusReason.of(status), layer.words)));
  }
  if ((status & kStatusBusError) != 0) {
    throw Error(
        fmt::format("KPU layer {}: bus error while fetching {}", index, bus_error_source(status)));
  }
  if ((status & (kStatusLayerOverflow | kStatusOutEmptyRead)) != 0) {
    throw HardwareFault(
        fmt::format("KPU layer {}: status {:#x}: a layer or stream word was lost", index, status));
  }
  if (!streams(layer.words)) return;
  if (options_.use_dma) {
    dmac_.wait(stream_channel_);
    result.stream.resize(std::size_t{8} * stream_length(layer.words));
    system_.peek_memory(layer.stream_address, result.stream);
  } else {
    while (const std::size_t words = stream_words()) read_stream(words, result);
  }
  streaming_ = false;
}

std::vector<LayerResult> KpuDriver::run_layers(std::span<const QueuedLayer> layers,
                                               const LayerObserver& observer) {
  std::vector<LayerResult> results(layers.size());
  const std::uint64_t done_before = read(kRegLayersDone);
  std::size_t pushed = 0;
  std::size_t done = 0;
  // One stream at a time: the next one's layer waits until this one's is taken.
  const auto next_fits = [&] {
    return pushed < layers.size() && pushed - done < options_.queue_depth &&
           !(streaming_ && streams(layers[pushed].words));
  };
  try {
    while (done < layers.size()) {
      while (next_fits()) push(layers[pushed++]);
      wait_for_event(done);
      if ((system_.interrupts() & kIrqKpu) == 0) {
        read_stream(stream_words(), results[done]);
        continue;
      }
      // Two short layers can end before one interrupt is served; the register counts them.
      write(kRegInterruptClear, kIntCalcDone);
      const std::uint64_t end = read(kRegLayersDone) - done_before;
      if (observer.on_output) {
        for (std::size_t i = done; i < end; ++i) observer.on_output(i);
      }
      if (end > done) read_counters(done_before + end, results[end - 1]);
      for (; done < end; ++done) {
        finish_layer(done, layers[done], results[done]);
        if (observer.on_result) observer.on_result(done, results[done]);
      }
    }
  } catch (const Error&) {
    initialize();
    throw;
  }
  return results;
}

}  // namespace kpu::driver
