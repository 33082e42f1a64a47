// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <utility>

namespace kpu::board {

/// Simulated time in cycles of the processor, and what is to happen at which of them.
class EventQueue {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t now() const { return now_; }
  void set_now(std::uint64_t now) { now_ = now; }

  /// Calls `event` `delay` cycles from now, after those that were scheduled for that time before.
  void schedule(std::uint64_t delay, std::function<void()> event) {
    events_.emplace(now_ + delay, std::move(event));
  }

  /// Time of the next event, or kNever.
  std::uint64_t next() const { return events_.empty() ? kNever : events_.begin()->first; }

  /// Calls what is due.
  void run_due() {
    while (!events_.empty() && events_.begin()->first <= now_) {
      const std::function<void()> event = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      event();
    }
  }

 private:
  std::uint64_t now_ = 0;
  std::multimap<std::uint64_t, std::function<void()>> events_;
};

}  // namespace kpu::board
