// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

namespace kpu::board {

/// The far end of a serial line: takes what the firmware prints, and has what is typed.
class Console {
 public:
  /// Called with each character that a port sends; `port` is "UARTHS", "UART1" ...
  using Sink = std::function<void(const std::string& port, char character)>;

  void set_sink(Sink sink) { sink_ = std::move(sink); }
  void print(const std::string& port, char character) {
    if (sink_) {
      sink_(port, character);
    }
  }

  /// Adds to what is typed. Every port would take it; the one that reads first does.
  void type(const std::string& text) { typed_.insert(typed_.end(), text.begin(), text.end()); }
  bool has_input() const { return !typed_.empty(); }
  /// The next character typed, or 0.
  std::uint8_t take() {
    if (typed_.empty()) {
      return 0;
    }
    const char next = typed_.front();
    typed_.pop_front();
    return static_cast<std::uint8_t>(next);
  }

 private:
  Sink sink_;
  std::deque<char> typed_;
};

}  // namespace kpu::board
