// SPDX-License-Identifier: Apache-2.0
#include "board/debug/gdb_connection.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <system_error>

#include "common/error.h"

namespace kpu::board {
namespace {

constexpr std::size_t kMaxPacket = 1 << 20;

[[noreturn]] void fail(const std::string& where) {
  throw Error(fmt::format("--gdb {}: {}", where, std::strerror(errno)));
}

std::optional<std::uint16_t> port_of(const std::string& where) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(where.data(), where.data() + where.size(), port);
  return error == std::errc() && end == where.data() + where.size() && port != 0
             ? std::optional(port)
             : std::nullopt;
}

std::uint8_t checksum(const std::string& text) {
  std::uint8_t sum = 0;
  for (const char c : text) {
    sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(c));
  }
  return sum;
}

}  // namespace

GdbConnection::GdbConnection(const std::string& where) {
  if (const std::optional<std::uint16_t> port = port_of(where)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(*port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      fail(where);
    }
  } else {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (where.empty() || where.size() >= sizeof address.sun_path) {
      throw Error(
          fmt::format("--gdb {}: expected a port, 1 to 65535, or a path of at most {} bytes", where,
                      sizeof address.sun_path - 1));
    }
    where.copy(address.sun_path, where.size());
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      fail(where);
    }
    path_ = where;
  }
  if (listen(listener_, 1) != 0) {
    fail(where);
  }
}

GdbConnection::~GdbConnection() {
  close();
  if (listener_ >= 0) {
    ::close(listener_);
  }
  if (!path_.empty()) {
    unlink(path_.c_str());
  }
}

void GdbConnection::accept() {
  close();
  do {
    peer_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  } while (peer_ < 0 && errno == EINTR);
  const int on = 1;
  setsockopt(peer_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  acknowledges_ = true;
}

void GdbConnection::close() {
  if (peer_ >= 0) {
    ::close(peer_);
  }
  peer_ = -1;
  buffer_.clear();
}

bool GdbConnection::has_input() const {
  pollfd input{.fd = peer_, .events = POLLIN, .revents = 0};
  return !buffer_.empty() || (peer_ >= 0 && poll(&input, 1, 0) > 0);
}

int GdbConnection::get() {
  if (buffer_.empty() && peer_ >= 0) {
    char bytes[4096];
    ssize_t count = 0;
    do {
      count = read(peer_, bytes, sizeof bytes);
    } while (count < 0 && errno == EINTR);
    if (count <= 0) {
      close();
      return -1;
    }
    buffer_.assign(bytes, static_cast<std::size_t>(count));
  }
  if (buffer_.empty()) {
    return -1;
  }
  const int byte = static_cast<unsigned char>(buffer_.front());
  buffer_.erase(0, 1);
  return byte;
}

std::optional<std::string> GdbConnection::receive() {
  while (true) {
    int byte = get();
    while (byte != '$' && byte != 3 && byte >= 0) {
      byte = get();  // acknowledgements
    }
    if (byte < 0) {
      return std::nullopt;
    }
    if (byte == 3) {
      return "\x03";
    }
    std::string text;
    for (byte = get(); byte != '#' && byte >= 0 && text.size() < kMaxPacket; byte = get()) {
      text += static_cast<char>(byte);
    }
    const int high = get();
    const int low = get();
    if (byte != '#' || low < 0) {
      close();
      return std::nullopt;
    }
    const std::string sent{static_cast<char>(high), static_cast<char>(low)};
    const bool good = sent == fmt::format("{:02x}", checksum(text));
    if (acknowledges_) {
      const char answer = good ? '+' : '-';
      ::send(peer_, &answer, 1, MSG_NOSIGNAL);
    }
    if (good) {
      return text;
    }
  }
}

void GdbConnection::send(const std::string& text) {
  const std::string packet = fmt::format("${}#{:02x}", text, checksum(text));
  std::size_t sent = 0;
  while (sent < packet.size() && peer_ >= 0) {
    const ssize_t count = ::send(peer_, packet.data() + sent, packet.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      close();
      return;
    }
    sent += static_cast<std::size_t>(count);
  }
}

}  // namespace kpu::board
