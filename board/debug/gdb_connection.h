// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace kpu::board {

/// A debugger's connection: packets of GDB's remote serial protocol ("$text#checksum") on a socket.
/// Lost connections read as if the debugger had left.
class GdbConnection {
 public:
  /// Listens: `where` is a TCP port of this machine's loopback interface, or the path of a Unix
  /// socket, which is made anew. Throws Error if that is not possible.
  explicit GdbConnection(const std::string& where);
  ~GdbConnection();
  GdbConnection(const GdbConnection&) = delete;
  GdbConnection& operator=(const GdbConnection&) = delete;

  /// Waits for a debugger.
  void accept();
  bool connected() const { return peer_ >= 0; }
  void close();

  /// Waits for the next packet; nothing when the debugger has left. Ctrl-C is the packet "\x03".
  std::optional<std::string> receive();
  /// Whether something has come that receive() would look at.
  bool has_input() const;
  void send(const std::string& text);
  /// From now on packets are not acknowledged.
  void stop_acknowledging() { acknowledges_ = false; }

 private:
  /// The next byte, or -1 when the debugger has left.
  int get();

  int listener_ = -1;
  int peer_ = -1;
  std::string path_;  ///< of the Unix socket
  std::string buffer_;
  bool acknowledges_ = true;
};

}  // namespace kpu::board
