// SPDX-License-Identifier: Apache-2.0
#include "board/machine/repl.h"

#include <string_view>

namespace kpu::board {
namespace {

constexpr std::string_view kPrompt = "\n>>> ";
constexpr std::string_view kPastePrompt = "\n=== ";
constexpr char kPasteBegin = 5;  // Ctrl-E
constexpr char kPasteEnd = 4;    // Ctrl-D

}  // namespace

void Repl::printed(char character) {
  tail_ += character;
  if (tail_.size() > kPrompt.size()) {
    tail_.erase(0, tail_.size() - kPrompt.size());
  }
  switch (state_) {
    case State::Booting:
      if (tail_ == kPrompt) {
        state_ = State::Pasting;
        type_(std::string(1, kPasteBegin));
      }
      break;
    case State::Pasting:
      if (tail_ == kPastePrompt) {
        state_ = State::Running;
        type_(script_ + kPasteEnd);
      }
      break;
    case State::Running:
      if (tail_ == kPrompt) {
        state_ = State::Done;
        done_();
      }
      break;
    case State::Done:
      break;
  }
}

}  // namespace kpu::board
