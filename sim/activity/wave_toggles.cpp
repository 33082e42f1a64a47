// SPDX-License-Identifier: Apache-2.0
#include "sim/activity/wave_toggles.h"

#include <fmt/format.h>

#include <cstddef>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "common/error.h"
#include "sim/wave/fst_file.h"

namespace kpu::sim {
namespace {

/// What is known of a signal while the file is read.
struct Follower {
  std::size_t signal = 0;   ///< index in WaveToggles::signals
  std::string value;        ///< most significant bit first; empty before the first
  std::uint64_t since = 0;  ///< time of it
};

/// The signals while the file is read, and what they did so far.
struct Counting {
  WaveToggles* result = nullptr;
  std::unordered_map<std::uint32_t, Follower> followers;  ///< by the file's number of the signal

  /// Takes the time up to `time` into account.
  void pass(Follower& follower, std::uint64_t time) {
    SignalToggles& signal = result->signals[follower.signal];
    const std::size_t bits = signal.high_time.size();
    for (std::size_t i = 0; i < follower.value.size(); ++i) {
      if (follower.value[i] == '1') signal.high_time[bits - 1 - i] += time - follower.since;
    }
    follower.since = time;
  }

  void change(std::uint32_t number, std::uint64_t time, std::string_view value) {
    Follower& follower = followers.at(number);
    SignalToggles& signal = result->signals[follower.signal];
    const std::size_t bits = signal.toggles.size();
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
std::string plain_name(const std::string& name) { return name.substr(0, name.find_first_of(" [")); }

/// Scopes and signals of the file.
void read_hierarchy(const FstFile& file, Counting& counting) {
  std::vector<std::string> scope;
  for (const FstEntry& entry : file.hierarchy()) {
    if (entry.kind == FstEntry::Kind::kScope) {
      scope.push_back(entry.name);
    } else if (entry.kind == FstEntry::Kind::kUpscope) {
      scope.pop_back();
    } else if (!entry.alias && entry.bits > 0) {
      counting.followers.emplace(entry.signal, Follower{counting.result->signals.size(), {}, 0});
      counting.result->signals.push_back({scope, plain_name(entry.name),
                                          std::vector<std::uint64_t>(entry.bits),
                                          std::vector<std::uint64_t>(entry.bits)});
    }
  }
}

}  // namespace

std::uint64_t SignalToggles::total() const {
  return std::accumulate(toggles.begin(), toggles.end(), std::uint64_t{0});
}

WaveToggles count_toggles(const std::string& path) {
  const FstFile file(path);
  WaveToggles result;
  Counting counting{&result, {}};
  read_hierarchy(file, counting);
  const auto on_change = [&](std::uint32_t number, std::uint64_t time, std::string_view value) {
    counting.change(number, time, value);
  };
  if (!file.read_changes(on_change)) throw Error(fmt::format("{}: holds no values", path));
  result.duration = file.end_time() - file.start_time();
  for (auto& [number, follower] : counting.followers) counting.pass(follower, file.end_time());
  return result;
}

}  // namespace kpu::sim
