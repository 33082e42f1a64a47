// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace kpu::board {

/// The far end of the serial lines: takes what the firmware prints, and has what is typed. That
/// goes to the port which printed last; before anything was printed, to the one that looks first.
class Console {
 public:
  /// Called with each character that a port sends; `port` is "UARTHS", "UART1" ...
  using Sink = std::function<void(const std::string& port, char character)>;

  void set_sink(Sink sink) { sink_ = std::move(sink); }
  /// Called when has_input() of a port may have changed.
  void on_input(std::function<void()> call) { on_input_.push_back(std::move(call)); }

  void print(const std::string& port, char character) {
    if (sink_) {
      sink_(port, character);
    }
    if (port != last_) {
      last_ = port;
      tell();
    }
  }

  void type(const std::string& text) {
    typed_.insert(typed_.end(), text.begin(), text.end());
    tell();
  }
  bool has_input(const std::string& port) const {
    return !typed_.empty() && (last_.empty() || last_ == port);
  }
  /// The next character typed for a port, or 0.
  std::uint8_t take(const std::string& port) {
    if (!has_input(port)) {
      return 0;
    }
    const char next = typed_.front();
    typed_.pop_front();
    tell();
    return static_cast<std::uint8_t>(next);
  }

 private:
  void tell() {
    for (const std::function<void()>& call : on_input_) {
      call();
    }
  }

  Sink sink_;
  std::vector<std::function<void()>> on_input_;
  std::deque<char> typed_;
  std::string last_;  ///< port that printed last
};

}  // namespace kpu::board
