// SPDX-License-Identifier: Apache-2.0
#include "sim/activity/bit_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "common/error.h"
#include "sim/wave/fst_file.h"

namespace kpu::sim {
namespace {

constexpr std::size_t kWord = 64;

/// "mem[3]" of "mem[3] [7:0]".
std::string without_range(const std::string& name) { return name.substr(0, name.find(' ')); }

/// Sets cycles first .. last-1 of a bit.
void set_cycles(std::vector<std::uint64_t>& words, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t cycle = first; cycle < last;) {
    const std::uint64_t word = cycle / kWord;
    const std::uint64_t end = std::min(last, (word + 1) * kWord);
    const std::uint64_t count = end - cycle;
    const std::uint64_t ones = count == kWord ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    words[word] |= ones << (cycle % kWord);
    cycle = end;
  }
}

/// A signal while the file is read.
struct BitFollower {
  std::size_t signal = 0;            ///< index in BitValues::signals
  std::string value;                 ///< most significant bit first; empty before the first
  std::vector<std::uint64_t> since;  ///< of each character: the cycle in which it became what it is
};

class Reader {
 public:
  Reader(const std::string& wave, std::string below) : file_(wave), below_(std::move(below) + ".") {
    read_paths();
    if (!clock_) throw Error(fmt::format("{}: has no signal {}clk_i", wave, below_));
    const auto find_rises = [&](std::uint32_t number, std::uint64_t time, std::string_view value) {
      if (number == *clock_ && value == "1" && time > file_.start_time()) rises_.push_back(time);
    };
    if (!file_.read_changes(find_rises)) throw Error(fmt::format("{}: holds no values", wave));
    result_.cycles = rises_.size();
  }

  BitValues read() {
    for (SignalValues& signal : result_.signals) {
      for (auto& bit : signal.bits) bit.resize((result_.cycles + kWord - 1) / kWord);
    }
    file_.read_changes([&](std::uint32_t number, std::uint64_t time, std::string_view value) {
      const auto found = followers_.find(number);
      if (found != followers_.end()) change(found->second, cycle_of(time), value);
    });
    for (auto& [number, follower] : followers_) change(follower, result_.cycles, {});
    return std::move(result_);
  }

 private:
  void read_paths() {
    std::vector<std::string> scopes;
    for (const FstEntry& entry : file_.hierarchy()) {
      if (entry.kind == FstEntry::Kind::kScope) {
        scopes.push_back((scopes.empty() ? "" : scopes.back()) + without_range(entry.name) + ".");
      } else if (entry.kind == FstEntry::Kind::kUpscope) {
        scopes.pop_back();
      } else if (!scopes.empty() && scopes.back().starts_with(below_) && entry.bits > 0) {
        add(entry, scopes.back().substr(below_.size()) + without_range(entry.name));
      }
    }
  }

  void add(const FstEntry& entry, const std::string& path) {
    if (path == "clk_i") clock_ = entry.signal;
    const auto [at, is_new] = followers_.try_emplace(entry.signal, BitFollower{result_.signals.size(), {}, {}});
    if (is_new) {
      result_.signals.push_back({path, std::vector<std::vector<std::uint64_t>>(entry.bits), {}});
    } else {
      result_.signals[at->second.signal].aliases.push_back(path);
    }
  }

  /// The first cycle that ends behind `time`.
  std::uint64_t cycle_of(std::uint64_t time) const {
    return static_cast<std::uint64_t>(std::upper_bound(rises_.begin(), rises_.end(), time) - rises_.begin());
  }

  /// From `cycle` on the signal has `value`; an empty one is the end.
  void change(BitFollower& follower, std::uint64_t cycle, std::string_view value) {
    SignalValues& signal = result_.signals[follower.signal];
    const std::size_t bits = signal.bits.size();
    follower.since.resize(bits, cycle);
    for (std::size_t i = 0; i < follower.value.size(); ++i) {
      if (!value.empty() && value[i] == follower.value[i]) continue;
      if (follower.value[i] == '1') set_cycles(signal.bits[bits - 1 - i], follower.since[i], cycle);
      follower.since[i] = cycle;
    }
    follower.value = value;
  }

  FstFile file_;
  std::string below_;
  std::optional<std::uint32_t> clock_;
  std::vector<std::uint64_t> rises_;  ///< times at which a cycle ends
  std::unordered_map<std::uint32_t, BitFollower> followers_;
  BitValues result_;
};

void append_value(std::string& text, const std::vector<std::uint64_t>& words, std::uint64_t cycles) {
  std::uint64_t ones = 0;
  for (const std::uint64_t word : words) ones += static_cast<std::uint64_t>(std::popcount(word));
  if (ones == cycles && cycles > 0) {
    text += " ~";
    return;
  }
  auto most = words.rbegin();
  while (most != words.rend() && *most == 0) ++most;
  if (most == words.rend()) {
    text += " 0";
    return;
  }
  text += fmt::format(" {:x}", *most);
  for (++most; most != words.rend(); ++most) text += fmt::format("{:016x}", *most);
}

}  // namespace

BitValues bit_values(const std::string& wave, const std::string& below) { return Reader(wave, below).read(); }

std::string bit_values_text(const BitValues& values) {
  std::string text = fmt::format("cycles {}\n", values.cycles);
  for (const SignalValues& signal : values.signals) {
    text += fmt::format("{} {}", signal.path, signal.bits.size());
    for (const auto& bit : signal.bits) append_value(text, bit, values.cycles);
    text += '\n';
    for (const std::string& alias : signal.aliases) text += alias + " =\n";
  }
  return text;
}

}  // namespace kpu::sim
