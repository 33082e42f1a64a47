// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <chrono>

namespace kpu::bench {

/// Time that this thread had the processor: other work on the machine does not count.
struct ThreadClock {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<ThreadClock, duration>;

  static time_point now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }

  /// Milliseconds since then.
  static double since(time_point start) {
    return std::chrono::duration<double, std::milli>(now() - start).count();
  }
};

}  // namespace kpu::bench
