// SPDX-License-Identifier: Apache-2.0
#include "sim/text/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace kpu::sim {

std::string progress_line(const std::string& title, std::uint64_t done, std::uint64_t total,
                          const std::string& step, std::uint64_t cycles, double seconds) {
  constexpr int kBar = 24;
  const double share =
      total == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const int filled = static_cast<int>(share * kBar);
  std::string line = fmt::format("{} [{:#<{}}{:.<{}}] {:3.0f} %  {}", title, "", filled, "",
                                 kBar - filled, 100 * share, step);
  if (cycles > 0 && seconds > 0) {
    line += fmt::format("  {:.0f} kcycles/s", static_cast<double>(cycles) / seconds / 1e3);
  }
  if (share > 0.01) line += fmt::format("  {:.0f} s left", seconds * (1 - share) / share);
  return line;
}

Progress::Progress(std::string title, std::uint64_t total)
    : title_(std::move(title)),
      total_(total),
      enabled_(isatty(STDERR_FILENO) != 0),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(std::uint64_t done, const std::string& step, std::uint64_t cycles) {
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  fmt::print(stderr, "\r{}\x1b[K", progress_line(title_, done, total_, step, cycles, seconds));
  std::fflush(stderr);
}

}  // namespace kpu::sim
