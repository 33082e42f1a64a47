// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tb/kpu_harness.h"
#include "tb/kpu_registers.h"

namespace kpu::tb {

using LayerWords = std::array<std::uint64_t, kLayerWords>;

/// What a finished layer left in the registers and on the output stream.
struct LayerResult {
  /// Performance counters in the order of docs/registers.md; [0] is the layer's cycles.
  std::array<std::uint64_t, kPerfCounters> counters{};
  bool conv_overflow = false;  ///< a convolution did not fit 36 bits
  bool norm_overflow = false;  ///< a normalised value did not fit 36 bits
  /// Output stream of a layer with send_data_out: whole words, so up to 7 zero bytes too many.
  std::vector<std::uint8_t> stream;
};

struct DriverOptions {
  /// Layers in the FIFO at a time, 1 to what the FIFO holds; 1 never lets two layers overlap.
  unsigned queue_depth = 12;
  /// Cycles without any sign of life after which a layer counts as hung.
  std::uint64_t watchdog_cycles = 200'000;
  /// Called about every 16,384 cycles while layers run; may be empty.
  std::function<void(std::uint64_t cycles)> on_progress;
};

/// What run_layers() tells while it runs; each may be empty.
struct LayerObserver {
  /// A layer's output is complete. Only a few cycles have passed since, so that peek_ai_ram() sees
  /// it before the next layer has written anything.
  std::function<void(std::size_t index)> on_output;
  /// The same layer's counters and stream, some cycles later.
  std::function<void(std::size_t index, const LayerResult& result)> on_result;
};

/// Drives the KPU as software does: registers, layer FIFO, interrupt. The words must point to
/// tables in the harness's memory.
class KpuDriver {
 public:
  explicit KpuDriver(KpuHarness& harness, DriverOptions options = {});

  /// Flushes all FIFOs, clears interrupts and status. Unmasks calc_done.
  void initialize();
  void set_eight_bit_mode(bool eight_bit);

  /// Runs the layers in order (int_en is set in each) and returns their results. Throws Error, with
  /// the layer's index, for a layer that the hardware refuses, a bus error, a failed assertion or a
  /// hang; the KPU is flushed and usable afterwards, except after a failed assertion.
  std::vector<LayerResult> run_layers(std::span<const LayerWords> layers,
                                      const LayerObserver& observer = {});

  /// Layers pushed and finished so far, as registers count them.
  std::uint64_t layers_done() { return registers_.read(kRegLayersDone); }

 private:
  void push(const LayerWords& words);
  /// Lets time pass until the interrupt is up or fifo_data_out has words.
  void wait_for_event(std::size_t layer);
  void drain_stream(const LayerWords& layer, LayerResult& result);
  void finish_layer(std::size_t layer, const LayerWords& words, LayerResult& result);

  KpuHarness& harness_;
  AxiLiteMaster& registers_;
  DriverOptions options_;
};

}  // namespace kpu::tb
