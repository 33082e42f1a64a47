// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "board/cpu/ram.h"
#include "board/devices/camera.h"
#include "board/devices/device.h"
#include "board/devices/event_queue.h"
#include "board/devices/plic.h"

namespace kpu::board {

/// The camera port: frames at a steady rate, written to memory where software enables it, and the
/// two-wire bus to the camera's registers (SCCB).
class Dvp final : public Device {
 public:
  /// `cpu_hz` gives the frequency of simulated time.
  Dvp(Ram& ram, Plic& plic, EventQueue& events, std::function<std::uint64_t()> cpu_hz)
      : ram_(ram), plic_(plic), events_(events), cpu_hz_(std::move(cpu_hz)) {}

  /// Cameras on the SCCB bus, by address; they must outlive the port.
  void attach(CameraSensor& sensor) { sensors_.push_back(&sensor); }
  void set_source(PictureSource source) { source_ = std::move(source); }
  /// Starts the stream of frames.
  void start() { begin_frame(); }

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

  /// Frames written to memory.
  std::uint64_t frames() const { return frames_; }

 private:
  void begin_frame();
  void end_frame();
  void capture();
  void transfer();
  void write_status(std::uint32_t value);
  void update_interrupt();
  CameraSensor* sensor(unsigned address) const;
  std::uint64_t microseconds(std::uint64_t count) const;

  Ram& ram_;
  Plic& plic_;
  EventQueue& events_;
  std::function<std::uint64_t()> cpu_hz_;
  std::vector<CameraSensor*> sensors_;
  PictureSource source_;
  Storage storage_{0x2C};
  std::uint32_t status_ = 0;
  std::uint16_t sccb_register_ = 0;
  std::uint64_t frames_ = 0;
};

}  // namespace kpu::board
