// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>

namespace kpu::board {

/// Types a script at a MicroPython prompt, in its paste mode, and notices when it has run.
class Repl {
 public:
  /// `type` types text on the serial line, `done` is called when the prompt comes back.
  Repl(std::string script, std::function<void(const std::string&)> type, std::function<void()> done)
      : script_(std::move(script)), type_(std::move(type)), done_(std::move(done)) {}

  /// A character that the firmware has printed.
  void printed(char character);

 private:
  enum class State : unsigned char { Booting, Pasting, Running, Done };

  std::string script_;
  std::function<void(const std::string&)> type_;
  std::function<void()> done_;
  std::string tail_;  ///< the last characters printed
  State state_ = State::Booting;
};

}  // namespace kpu::board
