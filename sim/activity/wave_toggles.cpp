// SPDX-License-Identifier: Apache-2.0
#include "sim/activity/wave_toggles.h"

#include <fmt/format.h>
#include <gtkwave/fstapi.h>

#include <memory>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "common/error.h"

namespace kpu::sim {
namespace {

/// What is known of a signal while the file is read.
struct Follower {
  std::size_t signal = 0;   ///< index in WaveToggles::signals
  std::string value;        ///< most significant bit first; empty before the first
  std::uint64_t since = 0;  ///< time of it
};

/// The library's callbacks get a pointer to this.
struct Counting {
  WaveToggles* result = nullptr;
  std::unordered_map<fstHandle, Follower> followers;

  /// Takes the time up to `time` into account.
  void pass(Follower& follower, std::uint64_t time) {
    SignalToggles& signal = result->signals[follower.signal];
    const std::size_t bits = signal.high_time.size();
    for (std::size_t i = 0; i < follower.value.size(); ++i) {
      if (follower.value[i] == '1') signal.high_time[bits - 1 - i] += time - follower.since;
    }
    follower.since = time;
  }

  void change(std::uint64_t time, fstHandle handle, const unsigned char* text) {
    const auto found = followers.find(handle);
    if (found == followers.end()) return;
    Follower& follower = found->second;
    SignalToggles& signal = result->signals[follower.signal];
    const std::size_t bits = signal.toggles.size();
    const std::string_view value(reinterpret_cast<const char*>(text), bits);
    if (follower.value.empty()) {
      follower.since = time;
    } else {
      pass(follower, time);
      for (std::size_t i = 0; i < bits; ++i) {
        signal.toggles[bits - 1 - i] += value[i] != follower.value[i] ? 1 : 0;
      }
    }
    follower.value = value;
  }
};

/// Name of a variable without " [7:0]".
std::string plain_name(const char* name) {
  const std::string_view text(name);
  return std::string(text.substr(0, text.find_first_of(" [")));
}

/// Scopes and signals of the file.
void read_hierarchy(void* file, Counting& counting) {
  std::vector<std::string> scope;
  while (const fstHier* entry = fstReaderIterateHier(file)) {
    if (entry->htyp == FST_HT_SCOPE) {
      scope.emplace_back(entry->u.scope.name);
    } else if (entry->htyp == FST_HT_UPSCOPE) {
      scope.pop_back();
    } else if (entry->htyp == FST_HT_VAR && entry->u.var.is_alias == 0) {
      const std::size_t bits = entry->u.var.length;
      counting.followers.emplace(entry->u.var.handle,
                                 Follower{counting.result->signals.size(), {}, 0});
      counting.result->signals.push_back(
          {scope, plain_name(entry->u.var.name), std::vector<std::uint64_t>(bits),
           std::vector<std::uint64_t>(bits)});
    }
  }
}

}  // namespace

std::uint64_t SignalToggles::total() const {
  return std::accumulate(toggles.begin(), toggles.end(), std::uint64_t{0});
}

WaveToggles count_toggles(const std::string& path) {
  const std::unique_ptr<void, decltype(&fstReaderClose)> file(fstReaderOpen(path.c_str()),
                                                              &fstReaderClose);
  if (!file) throw Error(fmt::format("{}: cannot be read as FST", path));
  WaveToggles result;
  Counting counting{&result, {}};
  read_hierarchy(file.get(), counting);

  fstReaderSetFacProcessMaskAll(file.get());
  const auto on_change = [](void* user, std::uint64_t time, fstHandle handle,
                            const unsigned char* value) {
    static_cast<Counting*>(user)->change(time, handle, value);
  };
  if (fstReaderIterBlocks(file.get(), on_change, &counting, nullptr) == 0) {
    throw Error(fmt::format("{}: holds no values", path));
  }
  const std::uint64_t end = fstReaderGetEndTime(file.get());
  result.duration = end - fstReaderGetStartTime(file.get());
  for (auto& [handle, follower] : counting.followers) counting.pass(follower, end);
  return result;
}

}  // namespace kpu::sim
