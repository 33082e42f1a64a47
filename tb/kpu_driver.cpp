// SPDX-License-Identifier: Apache-2.0
#include "tb/kpu_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golden/error.h"
#include "tb/unit_state.h"

namespace kpu::tb {
namespace {

constexpr std::uint64_t kIntEnable = 1;           // word 0
/// Words that a layer with send_data_out puts into fifo_data_out, by its word 11.
std::uint64_t stream_words(const LayerWords& words) {
  return (words[11] & 1) != 0 ? ((words[11] >> 32) + 8) / 8 : 0;
}

constexpr std::uint64_t kSignOfLifeCycles = 512;  // between two looks at the unit state
constexpr std::uint64_t kProgressCycles = 16'384;

const char* bus_error_source(std::uint64_t status) {
  constexpr std::array kSources{"an unknown table", "the batch-norm table", "the activation table",
                                "weights"};
  return kSources[status >> 16 & 3];
}

}  // namespace

KpuDriver::KpuDriver(KpuHarness& harness, DriverOptions options)
    : harness_(harness), registers_(harness.registers()), options_(std::move(options)) {
  const std::uint64_t id = registers_.read(kRegId) >> 32;
  if (id != kIdValue) {
    throw Error(fmt::format("register 0x100 reads {:#x}: expected {:#x}", id, kIdValue));
  }
  const std::uint64_t room = registers_.read(kRegConfig) >> 48 & 0xFF;
  if (options_.queue_depth < 1 || options_.queue_depth > room) {
    throw Error(fmt::format("queue depth {}: expected 1..{}", options_.queue_depth, room));
  }
  initialize();
}

void KpuDriver::initialize() {
  registers_.write(kRegFifoCtrl, 0);
  registers_.write(kRegFifoCtrl, kFifoCtrlRun);
  registers_.write(kRegInterruptMask, kIntAll & ~kIntCalcDone);
  registers_.write(kRegInterruptClear, kIntAll);
  registers_.write(kRegStatus, kStatusAll);
}

void KpuDriver::set_eight_bit_mode(bool eight_bit) {
  registers_.write(kRegEightBitMode, eight_bit ? 1 : 0);
}

void KpuDriver::push(const LayerWords& words) {
  registers_.write(kRegLayerArgumentFifo, words[0] | kIntEnable);
  for (unsigned i = 1; i < kLayerWords; ++i) registers_.write(kRegLayerArgumentFifo, words[i]);
}

void KpuDriver::wait_for_event(std::size_t layer) {
  std::uint64_t last_state = ~std::uint64_t{0};
  std::uint64_t last_beats = harness_.memory_beats();
  std::uint64_t last_sign = harness_.cycles();
  while (true) {
    for (std::uint64_t i = 0; i < kSignOfLifeCycles; ++i) {
      if (harness_.interrupt() || harness_.stream_words() > 0) return;
      harness_.tick();
    }
    const std::uint64_t state = registers_.read(kRegUnitState);
    const std::uint64_t now = harness_.cycles();
    if (state != last_state || harness_.memory_beats() != last_beats) last_sign = now;
    last_state = state;
    last_beats = harness_.memory_beats();
    if (now - last_sign > options_.watchdog_cycles) {
      throw Error(fmt::format("KPU layer {} hangs since cycle {}: {}", layer, last_sign,
                              describe_unit_state(state)));
    }
    if (options_.on_progress && now % kProgressCycles < kSignOfLifeCycles) {
      options_.on_progress(now);
    }
  }
}

void KpuDriver::drain_stream(const LayerWords& layer, LayerResult& result) {
  // What is beyond the layer's own words is the next layer's, which may already run.
  const std::uint64_t left = stream_words(layer) - result.stream.size() / 8;
  std::vector<std::uint64_t> words(std::min<std::uint64_t>(left, harness_.stream_words()));
  registers_.read_burst(kRegFifoDataOut, 0, words);
  for (const std::uint64_t word : words) {
    for (unsigned b = 0; b < 8; ++b) {
      result.stream.push_back(static_cast<std::uint8_t>(word >> (8 * b)));
    }
  }
}

void KpuDriver::finish_layer(std::size_t layer, const LayerWords& words, LayerResult& result) {
  registers_.read_burst(kRegPerf, 8, result.counters);
  drain_stream(words, result);
  const std::uint64_t status = registers_.read(kRegStatus);
  if (status != 0) registers_.write(kRegStatus, kStatusAll);
  result.conv_overflow = (status & kStatusConvOverflow) != 0;
  result.norm_overflow = (status & kStatusNormOverflow) != 0;
  if ((status & kStatusUnsupported) != 0) {
    throw Error(fmt::format("KPU layer {}: the hardware does not support its arguments, reason {}",
                            layer, status >> 8 & 0xFF));
  }
  if ((status & kStatusBusError) != 0) {
    throw Error(fmt::format("KPU layer {}: bus error while fetching {}", layer,
                            bus_error_source(status)));
  }
  if ((status & (kStatusLayerOverflow | kStatusOutEmptyRead)) != 0) {
    throw Error(fmt::format("KPU layer {}: status {:#x}: a layer or stream word was lost", layer,
                            status));
  }
}

std::vector<LayerResult> KpuDriver::run_layers(std::span<const LayerWords> layers,
                                               const LayerObserver& observer) {
  std::vector<LayerResult> results(layers.size());
  const std::uint64_t done_before = layers_done();
  std::size_t pushed = 0;
  std::size_t done = 0;
  try {
    while (done < layers.size()) {
      while (pushed < layers.size() && pushed - done < options_.queue_depth) push(layers[pushed++]);
      wait_for_event(done);
      if (!harness_.interrupt()) {
        drain_stream(layers[done], results[done]);
        continue;
      }
      // Two short layers can end before one interrupt is served; the register counts them.
      registers_.write(kRegInterruptClear, kIntCalcDone);
      const std::uint64_t end = layers_done() - done_before;
      if (observer.on_output) {
        for (std::size_t i = done; i < end; ++i) observer.on_output(i);
      }
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

}  // namespace kpu::tb
