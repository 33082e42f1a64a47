// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "common/kpu_shape.h"
#include "driver/dmac_driver.h"
#include "driver/kpu_registers.h"
#include "driver/kpu_system.h"

namespace kpu::driver {

/// A layer for the queue. `stream_address` is where in SRAM its output stream goes by DMA: room for
/// whole words, a multiple of 8; ignored for a layer without send_data_out.
struct QueuedLayer {
  LayerWords words{};
  std::uint32_t stream_address = 0;
};

/// What a finished layer left in the registers and on the output stream.
struct LayerResult {
  /// Performance counters in the order of docs/registers.md; [0] is the layer's cycles. 0 if not `counted`.
  std::array<std::uint64_t, kPerfCounters> counters{};
  bool counted = false;  ///< the counters are of this layer: no later one had ended when they were read
  bool conv_overflow = false;  ///< a convolution did not fit 36 bits
  bool norm_overflow = false;  ///< a normalised value did not fit 36 bits
  /// Output stream of a layer with send_data_out: whole words, so up to 7 zero bytes too many.
  std::vector<std::uint8_t> stream;
};

struct DriverOptions {
  /// Layers in the FIFO at a time, at most what the FIFO holds; 1 never lets two layers overlap.
  unsigned queue_depth = 12;
  /// Output streams go to SRAM by DMA; else the processor reads fifo_data_out.
  bool use_dma = true;
  /// KpuSystem::time() without any sign of life after which a layer counts as hung.
  std::uint64_t watchdog = 200'000;
  /// Called about every 16,384 cycles while layers run; may be empty.
  std::function<void(std::uint64_t time)> on_progress;
};

/// What run_layers() tells while it runs; each may be empty.
struct LayerObserver {
  /// A layer's output is complete. Only a few cycles of a simulation have passed since, so that
  /// peek_ai_ram() sees it before the next layer has written anything; with a queue depth of 1 the
  /// next layer has not been pushed.
  std::function<void(std::size_t index)> on_output;
  /// The same layer's counters and stream, some cycles later.
  std::function<void(std::size_t index, const LayerResult& result)> on_result;
};

/// Drives the KPU as software does: registers, layer FIFO, interrupts, DMA. The words must point to
/// tables in SRAM.
class KpuDriver {
 public:
  explicit KpuDriver(KpuSystem& system, DriverOptions options = {});

  /// Flushes all FIFOs, clears interrupts and status. Unmasks calc_done.
  void initialize();
  void set_eight_bit_mode(bool eight_bit);

  /// Runs the layers in order (int_en is set in each) and returns their results. Throws Error, with
  /// the layer's index, for a layer that the hardware refuses or a bus error, HardwareFault for a hang
  /// or a failed assertion; the KPU is flushed and usable afterwards, except after a failed assertion.
  std::vector<LayerResult> run_layers(std::span<const QueuedLayer> layers,
                                      const LayerObserver& observer = {});

  /// Copies bytes between SRAM and AI RAM, or anywhere else, by DMA in 64-bit items; addresses and
  /// size are multiples of 8. Throws Error for a bus error, HardwareFault if the transfer does not go on
  /// for as long as the watchdog waits.
  void copy(std::uint32_t dst, std::uint32_t src, std::uint32_t bytes);

 private:
  std::uint64_t read(RegisterOffset offset) { return system_.cpu().read(kKpuBase + offset); }
  void write(RegisterOffset offset, std::uint64_t value) {
    system_.cpu().write(kKpuBase + offset, value);
  }
  void wait_for_copy(std::uint32_t items);
  void push(const QueuedLayer& layer);
  /// Lets time pass until the interrupt is up or, without DMA, fifo_data_out has words.
  void wait_for_event(std::size_t layer);
  /// Words in fifo_data_out that the processor has to read; 0 where DMA takes them.
  std::size_t stream_words();
  void read_stream(std::size_t words, LayerResult& result);
  /// Reads the counters of the layer that was the `ended`th to end, if it still is the last one.
  void read_counters(std::uint64_t ended, LayerResult& result);
  void finish_layer(std::size_t index, const QueuedLayer& layer, LayerResult& result);

  KpuSystem& system_;
  DmacDriver dmac_;
  unsigned copy_channel_;
  unsigned stream_channel_;
  DriverOptions options_;
  bool streaming_ = false;  ///< a layer with a stream is in the queue
};

}  // namespace kpu::driver
