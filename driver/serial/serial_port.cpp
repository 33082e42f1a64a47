// SPDX-License-Identifier: Apache-2.0
#include "driver/serial/serial_port.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/error.h"

namespace kpu::driver {
namespace {

constexpr std::array<std::pair<unsigned, speed_t>, 12> kSpeeds{{{9600, B9600},
                                                                {57600, B57600},
                                                                {115200, B115200},
                                                                {230400, B230400},
                                                                {460800, B460800},
                                                                {500000, B500000},
                                                                {921600, B921600},
                                                                {1000000, B1000000},
                                                                {1500000, B1500000},
                                                                {2000000, B2000000},
                                                                {2500000, B2500000},
                                                                {3000000, B3000000}}};
constexpr std::chrono::milliseconds kWritePatience{5000};

speed_t speed_of(unsigned baud) {
  std::string known;
  for (const auto& [value, code] : kSpeeds) {
    if (value == baud) return code;
    known += fmt::format(" {}", value);
  }
  throw Error(fmt::format("serial line at {} bit/s: expected one of{}", baud, known));
}

}  // namespace

SerialPort::SerialPort(const std::string& device, unsigned baud) : device_(device) {
  const speed_t speed = speed_of(baud);
  file_ = ::open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (file_ < 0) {
    throw Error(fmt::format("{}: cannot be opened: {}", device, std::strerror(errno)));
  }
  termios settings{};
  const auto fail = [&](const char* what) {
    const Error error(fmt::format("{}: {}: {}", device, what, std::strerror(errno)));
    ::close(file_);
    throw error;
  };
  if (tcgetattr(file_, &settings) != 0) fail("expected a serial line");
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS);
  cfsetispeed(&settings, speed);
  cfsetospeed(&settings, speed);
  if (tcsetattr(file_, TCSANOW, &settings) != 0) fail("cannot be set up");
  tcflush(file_, TCIOFLUSH);
}

SerialPort::~SerialPort() { ::close(file_); }

bool SerialPort::wait(short events, std::chrono::milliseconds patience) const {
  pollfd entry{file_, events, 0};
  return ::poll(&entry, 1, static_cast<int>(patience.count())) > 0 && (entry.revents & events) != 0;
}

void SerialPort::write(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_, bytes.data(), bytes.size());
    if (n > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    } else if (n == 0 || errno != EAGAIN || !wait(POLLOUT, kWritePatience)) {
      throw Error(fmt::format("{}: cannot be written: {}", device_, std::strerror(errno)));
    }
  }
}

void SerialPort::read(std::span<std::uint8_t> bytes, std::chrono::milliseconds patience) {
  const std::size_t wanted = bytes.size();
  while (!bytes.empty()) {
    if (!wait(POLLIN, patience)) {
      throw Error(fmt::format("{}: {} of {} bytes of an answer came, then nothing for {} ms",
                              device_, wanted - bytes.size(), wanted, patience.count()));
    }
    const ssize_t n = ::read(file_, bytes.data(), bytes.size());
    if (n > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    } else if (n == 0 || errno != EAGAIN) {
      throw Error(fmt::format("{}: the line is gone: {}", device_, std::strerror(errno)));
    }
  }
}

}  // namespace kpu::driver
