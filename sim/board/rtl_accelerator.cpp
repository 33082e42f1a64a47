// SPDX-License-Identifier: Apache-2.0
#include "sim/board/rtl_accelerator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/error.h"
#include "driver/dmac_registers.h"
#include "driver/k210_map.h"
#include "driver/kpu_registers.h"
#include "sim/board/layer_watch.h"
#include "sim/board/outside_bus.h"
#include "sim/engine/wave_recording.h"
#include "tb/kpu_harness.h"

namespace kpu::sim {
namespace {

using board::BoardPorts;

/// Clock of KPU and DMA controller: PLL1 as all known firmware sets it.
constexpr double kRtlHz = 400e6;
/// Cycles of the processor between two looks at the RTL while it is busy.
constexpr std::uint64_t kStep = 64;
constexpr unsigned kStepsBetweenLooks = 4;
constexpr std::uint32_t kSelectBase = driver::kDmaSelect0 - 0x64;
/// Of unit_state: states of layer control and of the next layer, output stream, decoded layer,
/// parameter fetch.
constexpr std::uint64_t kUnitsBusy =
    0x1F | std::uint64_t{1} << 32 | std::uint64_t{1} << 33 | std::uint64_t{1} << 36;

class RtlAccelerator final : public board::Accelerator {
 public:
  RtlAccelerator(const BoardPorts& ports, const RtlBoardOptions& options)
      : ports_(ports),
        bus_(ports_),
        harness_({.memory = memory_timing(), .outside = &bus_}),
        ai_ram_(harness_),
        watch_(harness_, ports_, options.expected),
        wave_(options.wave),
        compares_(options.expected != nullptr) {
    ports_.ram.set_ai_ram(ai_ram_);
    bus_.on_taken([this] { offer_items(); });
    watch_.on_start([this](std::size_t layer) {
      if (!wave_.path.empty() && layer == wave_.layer) recording_.emplace(harness_, wave_);
    });
  }

  board::Device& kpu() override { return kpu_; }
  board::Device& dmac() override { return dmac_; }
  void set_layer_observer(LayerObserver observer) override {
    watch_.set_observer(std::move(observer));
  }

  void select_request(std::uint32_t offset, std::uint32_t value) override {
    access([&] { harness_.cpu().write(kSelectBase + offset, value, 4); });
    offer_items();
    wake();
  }

  void device_has_data() override {
    offer_items();
    wake();
  }

  void catch_up() override {
    if (!awake_ || ports_.events.now() <= last_) return;
    owed_ += static_cast<double>(ports_.events.now() - last_) * rtl_cycles_per_cycle();
    last_ = ports_.events.now();
    while (owed_ >= 1) {
      harness_.tick();
      owed_ -= 1;
    }
    update_interrupts();
  }

  void finish() override {
    if (!wave_.path.empty() && !recording_ && !recorded_) {
      throw Error(fmt::format("--wave-layer {}: no such layer ran", wave_.layer));
    }
    end_recording();
  }

 private:
  /// A window of registers.
  class Registers final : public board::Device {
   public:
    Registers(RtlAccelerator& owner, std::uint32_t base) : owner_(owner), base_(base) {}
    std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override {
      return owner_.load(base_ + offset, bytes);
    }
    bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override {
      owner_.store(base_ + offset, bytes, value);
      return true;
    }

   private:
    RtlAccelerator& owner_;
    std::uint32_t base_;
  };

  /// Of SRAM and of the devices' registers. Drivers move single items, whose transfers would wait
  /// for each of them with the 20 cycles of the measurements.
  static tb::MemoryTiming memory_timing() { return {.read_latency = 2, .write_latency = 1}; }

  double rtl_cycles_per_cycle() const { return kRtlHz / static_cast<double>(ports_.cpu_hz()); }

  /// Uses the processor's port. The cycles are the RTL's, whether it was awake or not, and the
  /// processor waits for them.
  template <class Use>
  void access(Use use) {
    const std::uint64_t before = harness_.cycles();
    use();
    const auto cycles = static_cast<double>(harness_.cycles() - before);
    owed_ = (awake_ ? owed_ : 0.0) - cycles;
    ports_.stall(static_cast<std::uint64_t>(std::ceil(cycles / rtl_cycles_per_cycle())));
  }

  std::uint64_t load(std::uint32_t address, unsigned bytes) {
    std::uint64_t value = 0;
    access([&] { value = harness_.cpu().read(address, bytes); });
    // Room in the stream's FIFO lets the layer go on.
    if (address == driver::kKpuBase + driver::kRegFifoDataOut) wake();
    update_interrupts();
    return value;
  }

  void store(std::uint32_t address, unsigned bytes, std::uint64_t value) {
    const std::uint32_t offset = address - driver::kKpuBase;
    if (offset == driver::kRegLayerArgumentFifo && watch_.waiting()) see_layers();
    access([&] {
      if (offset < 0x1000) {
        watch_.store(offset & ~7u, bytes == 4 && offset % 8 == 4 ? value << 32 : value);
        kpu_busy_ = kpu_busy_ || (offset & ~7u) == driver::kRegLayerArgumentFifo ||
                    (offset & ~7u) == driver::kRegFifoCtrl;
      } else if (address == driver::kDmacBase + driver::kDmacChEn) {
        channels_ |= value >> 8 & value & 0x3F;
        dma_busy_ = true;
      }
      harness_.cpu().write(address, value, bytes);
    });
    wake();
    update_interrupts();
  }

  /// Clocks run from now on, if there is something to do.
  void wake() {
    if (!kpu_busy_ && !dma_busy_) return;
    still_ = {};
    if (!awake_) {
      awake_ = true;
      last_ = ports_.events.now();
      owed_ = std::min(owed_, 0.0);
    }
    schedule();
  }

  void schedule() {
    if (scheduled_) return;
    scheduled_ = true;
    ports_.events.schedule(kStep, [this] { step(); });
  }

  void step() {
    scheduled_ = false;
    if (!awake_) return;
    catch_up();
    // While layers compute and nothing else happens, a look now and then will do.
    if (dma_busy_ || compares_ || ++steps_ >= kStepsBetweenLooks || interrupts_ != levels_seen_) {
      look([this] { see_state(); });
      steps_ = 0;
      levels_seen_ = interrupts_;
    }
    update_interrupts();
    if (recording_ && recording_->full()) end_recording();
    awake_ = awake_ && (kpu_busy_ || dma_busy_);
    if (awake_) schedule();
  }

  /// Uses the processor's port for what no processor asked for.
  template <class Use>
  void look(Use use) {
    const std::uint64_t before = harness_.cycles();
    use();
    owed_ -= static_cast<double>(harness_.cycles() - before);
  }

  std::uint64_t peek(std::uint32_t address) { return harness_.cpu().read(address); }

  void see_layers() {
    look([this] {
      watch_.finished(static_cast<std::uint32_t>(peek(driver::kKpuBase + driver::kRegLayersDone)));
    });
  }

  /// Whether KPU and DMA controller have something to do that does not wait for the board.
  void see_state() {
    if (kpu_busy_) {
      const std::uint64_t units = peek(driver::kKpuBase + driver::kRegUnitState);
      const std::uint64_t levels = peek(driver::kKpuBase + driver::kRegFifoLevels);
      if (watch_.waiting()) see_layers();
      kpu_busy_ = (units & kUnitsBusy) != 0 || (levels & 0xFF) != 0 || watch_.waiting();
    }
    if (dma_busy_) see_channels();
  }

  void see_channels() {
    const std::uint64_t enabled = peek(driver::kDmacBase + driver::kDmacChEn) & 0x3F;
    const std::uint64_t ended = channels_ & ~enabled;
    channels_ = enabled;
    dma_busy_ = enabled != 0;
    Progress progress{.beats = bus_.beats(), .completed = {}};
    for (unsigned c = 0; c < driver::kDmacChannels; ++c) {
      if ((enabled >> c & 1) != 0)
        progress.completed[c] = peek(channel(c) + driver::kDmacStatus) + 1;
    }
    // Channels that do not move while the KPU rests wait for a device.
    if (!kpu_busy_ && still_ == progress) awake_ = false;
    still_ = progress;
    for (unsigned c = 0; c < driver::kDmacChannels; ++c) {
      if ((ended >> c & 1) == 0) continue;
      // A device may take the end of a block as the end of what was sent.
      board::DmaEndpoint* const device = ports_.endpoint(peek(channel(c) + driver::kDmacDar));
      if (device != nullptr) device->dma_written();
    }
  }

  static std::uint32_t channel(unsigned c) { return driver::kDmacBase + driver::dmac_channel(c); }

  void offer_items() {
    for (unsigned c = 0; c < driver::kDmacChannels; ++c) {
      const board::DmaEndpoint* const device = ports_.requester(harness_.dma_select(c));
      const std::size_t held = device != nullptr ? device->dma_held() : 0;
      harness_.set_dma_items(c, static_cast<std::uint8_t>(std::min<std::size_t>(held, 255)));
    }
  }

  void update_interrupts() {
    if (interrupts_ == harness_.interrupts()) return;
    interrupts_ = harness_.interrupts();
    ports_.plic.set_level(board::kIrqKpuSource, (interrupts_ & driver::kIrqKpu) != 0);
    for (unsigned c = 0; c < driver::kDmacChannels; ++c) {
      ports_.plic.set_level(board::kIrqDmac0 + c, (interrupts_ & driver::irq_dma(c)) != 0);
    }
  }

  void end_recording() {
    if (!recording_) return;
    recording_->end();
    recording_.reset();
    recorded_ = true;
  }

  struct Progress {
    std::uint64_t beats = 0;
    std::array<std::uint64_t, driver::kDmacChannels> completed{};
    bool operator==(const Progress&) const = default;
  };

  BoardPorts ports_;
  OutsideBus bus_;
  tb::KpuHarness harness_;
  HarnessAiRam ai_ram_;
  LayerWatch watch_;
  WaveRequest wave_;
  std::optional<WaveRecording> recording_;
  bool recorded_ = false;
  Registers kpu_{*this, driver::kKpuBase};
  Registers dmac_{*this, driver::kDmacBase};

  bool compares_;
  std::uint32_t interrupts_ = 0;   ///< as the PLIC has been told
  std::uint32_t levels_seen_ = 0;  ///< .. when the RTL was looked at last
  unsigned steps_ = 0;             ///< since then
  bool awake_ = false;             ///< the clock runs
  bool scheduled_ = false;         ///< step() will be called
  bool kpu_busy_ = false;
  bool dma_busy_ = false;       ///< channels are on
  std::uint64_t channels_ = 0;  ///< those that were on when looked at last
  Progress still_;
  std::uint64_t last_ = 0;  ///< time of the board up to which the RTL was clocked
  double owed_ = 0;         ///< cycles of the RTL that it is behind; negative: ahead
};

}  // namespace

board::MakeAccelerator rtl_accelerator(const RtlBoardOptions& options) {
  return [options](const BoardPorts& ports) {
    return std::make_unique<RtlAccelerator>(ports, options);
  };
}

}  // namespace kpu::sim
