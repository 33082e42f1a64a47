// SPDX-License-Identifier: Apache-2.0
#include "common/temp_files.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace kpu {
namespace {

constexpr std::size_t kSlots = 32;
constexpr std::size_t kPathBytes = 4096;
constexpr int kExitDiskFull = 2;

/// A path that a signal handler can read. `state` goes free, filling, ready.
struct Slot {
  enum : int { kFree, kFilling, kReady };
  std::atomic<int> state = kFree;
  std::array<char, kPathBytes> path;
};

/// A handler has no other way to its data.
std::array<Slot, kSlots> slots;

std::size_t take_slot(const std::string& path) {
  if (path.size() >= kPathBytes) return 0;
  for (std::size_t i = 0; i < kSlots; ++i) {
    int expected = Slot::kFree;
    if (!slots[i].state.compare_exchange_strong(expected, Slot::kFilling)) continue;
    std::memcpy(slots[i].path.data(), path.c_str(), path.size() + 1);
    slots[i].state = Slot::kReady;
    return i + 1;
  }
  return 0;
}

/// Only calls that are allowed in a handler.
void remove_all() {
  for (Slot& slot : slots) {
    if (slot.state == Slot::kReady) unlink(slot.path.data());
  }
}

void on_end(int signal) {
  remove_all();
  std::signal(signal, SIG_DFL);
  raise(signal);
}

void on_bus_error(int) {
  constexpr std::string_view kText =
      "kpu: a file mapped into memory cannot grow, expected room on the disk (also for temporary "
      "files)\n";
  remove_all();
  [[maybe_unused]] const auto ignored = write(STDERR_FILENO, kText.data(), kText.size());
  _exit(kExitDiskFull);
}

}  // namespace

TempFile::TempFile(const std::string& path) : path_(path), slot_(take_slot(path)) {}

TempFile::~TempFile() { remove(); }

TempFile::TempFile(TempFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), slot_(std::exchange(other.slot_, 0)) {}

TempFile& TempFile::operator=(TempFile&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::exchange(other.path_, {});
    slot_ = std::exchange(other.slot_, 0);
  }
  return *this;
}

void TempFile::release() {
  if (slot_ != 0) slots[slot_ - 1].state = Slot::kFree;
  slot_ = 0;
  path_.clear();
}

void TempFile::remove() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
  release();
}

void remove_temp_files_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // A signal that is ignored from outside (nohup) stays so.
    if (std::signal(signal, on_end) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
  std::signal(SIGBUS, on_bus_error);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace kpu
