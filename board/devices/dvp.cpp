// SPDX-License-Identifier: Apache-2.0
#include "board/devices/dvp.h"

#include <array>
#include <cstddef>
#include <span>

#include "common/bits.h"

namespace kpu::board {
namespace {

enum : std::uint32_t {
  kConfig = 0x00,
  kRedAddress = 0x04,
  kSccbConfig = 0x14,
  kSccbControl = 0x18,
  kStatus = 0x20,
  kDisplayAddress = 0x28,
};

/// Bits of kStatus; each has its write enable one bit higher.
enum Status : std::uint32_t {
  kFrameStart = 1u << 0,
  kFrameFinish = 1u << 8,
  kEnable = 1u << 16,
  kSccbStart = 1u << 24,
};

enum Config : std::uint32_t {
  kStartInterrupt = 1u << 0,
  kFinishInterrupt = 1u << 1,
  kAiOutput = 1u << 2,
  kDisplayOutput = 1u << 3,
  kAutomatic = 1u << 4,
  kBurstOfFour = 1u << 8,
};

/// From the start of a frame to its end, and from there to the next start: some 30 a second.
constexpr std::uint64_t kFrameMicroseconds = 1'000;
constexpr std::uint64_t kBlankMicroseconds = 32'000;

}  // namespace

std::uint64_t Dvp::microseconds(std::uint64_t count) const {
  return count * cpu_hz_() / 1'000'000 + 1;
}

CameraSensor* Dvp::sensor(unsigned address) const {
  for (CameraSensor* const sensor : sensors_) {
    if (sensor->address() == address) {
      return sensor;
    }
  }
  return nullptr;
}

void Dvp::begin_frame() {
  status_ |= kFrameStart;
  update_interrupt();
  events_.schedule(microseconds(kFrameMicroseconds), [this] { end_frame(); });
}

void Dvp::end_frame() {
  if ((status_ & kEnable) != 0 || (storage_.get(kConfig) & kAutomatic) != 0) {
    capture();
    status_ = (status_ & ~kEnable) | kFrameFinish;
    update_interrupt();
  }
  events_.schedule(microseconds(kBlankMicroseconds), [this] { begin_frame(); });
}

void Dvp::capture() {
  const std::uint32_t config = storage_.get(kConfig);
  const auto height = static_cast<unsigned>(bits(config, 20, 10));
  const auto width =
      static_cast<unsigned>(bits(config, 12, 8) * 8 * ((config & kBurstOfFour) != 0 ? 4 : 1));
  if (width == 0 || height == 0 || !source_) {
    return;
  }
  const Picture& picture = source_();
  ++frames_;
  const std::size_t pixels = std::size_t{width} * height;
  std::array<std::vector<std::uint8_t>, 3> planes;
  for (std::vector<std::uint8_t>& plane : planes) {
    plane.resize(pixels);
  }
  std::vector<std::uint16_t> display(pixels);  // an even number, as widths are multiples of 8
  for (unsigned y = 0; y < height; ++y) {
    for (unsigned x = 0; x < width; ++x) {
      const std::size_t from = (std::size_t{y} * picture.height / height * picture.width +
                                std::size_t{x} * picture.width / width) *
                               3;
      const std::size_t to = std::size_t{y} * width + x;
      const std::uint8_t* const rgb = &picture.rgb[from];
      for (unsigned c = 0; c < 3; ++c) {
        planes[c][to] = rgb[c];
      }
      // Pairs of pixels are words with the first pixel in the upper half.
      display[to ^ 1] =
          static_cast<std::uint16_t>((rgb[0] >> 3) << 11 | (rgb[1] >> 2) << 5 | rgb[2] >> 3);
    }
  }
  const auto put = [this](std::uint32_t address, std::span<const std::uint8_t> bytes) {
    if (const std::size_t at = Ram::offset(address, bytes.size()); at != Ram::kNowhere) {
      ram_.write(at, bytes);
    }
  };
  if ((config & kAiOutput) != 0) {
    for (unsigned c = 0; c < 3; ++c) {
      put(storage_.get(kRedAddress + 4 * c), planes[c]);
    }
  }
  if ((config & kDisplayOutput) != 0) {
    put(storage_.get(kDisplayAddress),
        std::span(reinterpret_cast<const std::uint8_t*>(display.data()), 2 * pixels));
  }
}

void Dvp::transfer() {
  const std::uint32_t control = storage_.get(kSccbControl);
  const unsigned bytes = static_cast<unsigned>(bits(storage_.get(kSccbConfig), 0, 2)) + 1;
  CameraSensor* const chip = sensor(static_cast<unsigned>(bits(control, 1, 7)));
  const auto byte = [control](unsigned i) { return static_cast<std::uint8_t>(control >> (8 * i)); };
  if ((control & 1) == 0) {  // read
    const std::uint8_t value = chip != nullptr ? chip->read(sccb_register_) : 0xFF;
    storage_.set(kSccbConfig,
                 (storage_.get(kSccbConfig) & 0x00FF'FFFF) | std::uint32_t{value} << 24);
    return;
  }
  const bool wide = chip != nullptr && chip->wide();
  sccb_register_ = wide ? static_cast<std::uint16_t>(byte(1) << 8 | byte(2)) : byte(1);
  const unsigned address_bytes = wide ? 3 : 2;  // with the device's own
  if (chip != nullptr && bytes > address_bytes) {
    chip->write(sccb_register_, byte(address_bytes));
  }
}

void Dvp::write_status(std::uint32_t value) {
  const auto enabled = [value](std::uint32_t bit) { return (value & bit << 1) != 0; };
  for (const std::uint32_t bit : {kFrameStart, kFrameFinish}) {
    if (enabled(bit) && (value & bit) != 0) {
      status_ &= ~bit;
    }
  }
  if (enabled(kEnable)) {
    status_ = (status_ & ~kEnable) | (value & kEnable);
  }
  if (enabled(kSccbStart) && (value & kSccbStart) != 0) {
    transfer();
  }
}

std::optional<std::uint64_t> Dvp::read(std::uint32_t offset, unsigned bytes) {
  return offset == kStatus ? std::optional<std::uint64_t>(status_) : storage_.read(offset, bytes);
}

bool Dvp::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  bool known = true;
  if (offset == kStatus) {
    write_status(static_cast<std::uint32_t>(value));
  } else {
    known = storage_.write(offset, bytes, value);
  }
  update_interrupt();
  return known;
}

void Dvp::update_interrupt() {
  const std::uint32_t config = storage_.get(kConfig);
  plic_.set_level(kIrqDvp, ((status_ & kFrameStart) != 0 && (config & kStartInterrupt) != 0) ||
                               ((status_ & kFrameFinish) != 0 && (config & kFinishInterrupt) != 0));
}

}  // namespace kpu::board
