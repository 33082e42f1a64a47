// SPDX-License-Identifier: Apache-2.0
//
// When tables and weights are there (docs/cycle-model.md).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "golden/kpu/arith.h"
#include "golden/kpu/layer_args.h"
#include "sim/model/cycle_model.h"
#include "sim/model/model_units.h"

namespace kpu::sim {

inline constexpr double kLongestBurst = 16;
/// Cycles from a layer's start to the address of its first burst, where nothing was fetched before.
inline constexpr double kFetchStart = 9;
/// .. that it takes more where weights come first: their bytes are multiplied.
inline constexpr double kFirstStart = 2;
/// Cycles that a narrow bus's converter adds to an address.
inline constexpr double kNarrowAddress = 1;
/// Cycles from a burst's last beat to the address of the next one that waits for it.
inline constexpr double kBurstDelay = 5;

/// The parameter fetch: what is on the way to the weight ring, and when there is room for it. A layer's tables and weights are
/// one run of bursts: the first ones are asked for at once, each further one when one of them has come. With Overlap = 1 some
/// of the weights come before the tables.
class ParameterFetch {
 public:
  explicit ParameterFetch(const CycleModel& model)
      : model_(model),
        beat_(memory_word_cycles(model)),
        latency_(model.read_latency + (model.rtl.bus_bytes < kWordBytes ? kNarrowAddress : 0)),
        turn_(std::max(0.0, latency_ + kBurstDelay + first_beat(model) + kLongestBurst * beat_ * (1.0 - model.rtl.max_outstanding))) {}

  /// A layer's tables are asked for, behind the first `first` bytes of its weights, at `now` at the earliest.
  void tables(const golden::LayerArgs& args, double first, double now) {
    start_ = std::max(free_, now) + kFetchStart + (first > 0 ? kFirstStart : 0) + latency_;
    bytes_ = 0;
    first_ = first;
    table_bursts_ = (args.load_act ? bursts(golden::kActTableBytes) : 0) + bursts(static_cast<double>(args.bn_bytes()));
    table_beats_ = ((args.load_act ? golden::kActTableBytes : 0) + static_cast<double>(args.bn_bytes())) / kWordBytes;
    free_ = arrival();
  }

  /// When the tables are there, as far as that is known from the tiles before.
  double tables_there() const { return end(bursts(first_) + table_bursts_, first_ / kWordBytes + table_beats_); }

  /// A tile's weights of `rows` rows of the ring, `bytes` bytes in `takes` pieces: the time at
  /// which they are there.
  double tile(double rows, double bytes, double takes) {
    const double cycles = std::max(bytes / kWordBytes * beat_, takes);
    bytes_ += bytes;
    wanted_ += rows;
    double ready = std::max(arrival(), free_ + takes);
    while (oldest_ < released_.size() && wanted_ - room_ > model_.rtl.weight_rows) {
      const Release& release = released_[oldest_++];
      room_ += release.rows;
      ready = std::max(ready, release.time + cycles * std::min(1.0, release.rows / rows));
    }
    start_ += ready - arrival();
    // Tables behind them have the bus next.
    free_ = bytes_ >= first_ ? std::max(ready, tables_there()) : ready;
    return ready;
  }

  /// A tile gives its rows back.
  void release(double rows, double time) { released_.push_back({rows, time}); }

 private:
  struct Release {
    double rows;
    double time;
  };

  static double bursts(double bytes) { return std::ceil(bytes / (kWordBytes * kLongestBurst)); }

  /// What a burst's first beat of memory takes less than others: it has had its turn while it was waited for, but its words
  /// take a cycle each.
  static double first_beat(const CycleModel& model) {
    const double words = std::max(1.0, model.rtl.bus_bytes / kWordBytes);
    return words - std::max(words, 100.0 / model.bandwidth_percent);
  }

  /// When the last beat of what was asked for so far is there.
  double arrival() const {
    const double rest = std::max(0.0, bytes_ - first_);
    const bool tables = first_ == 0 || rest > 0;
    return end(bursts(bytes_ - rest) + bursts(rest) + (tables ? table_bursts_ : 0), bytes_ / kWordBytes + (tables ? table_beats_ : 0));
  }

  /// When the last one of so many beats is there.
  double end(double bursts, double beats) const {
    return start_ + beats * beat_ + std::floor(std::max(0.0, bursts - 1) / model_.rtl.max_outstanding) * turn_;
  }

  const CycleModel& model_;
  double beat_;                ///< cycles of eight bytes
  double latency_;             ///< from an address to its first data
  double turn_;                ///< cycles in which no beat comes, each time that all bursts outstanding have come
  double start_ = 0;           ///< of the layer's first beat
  double table_beats_ = 0;     ///< of the layer's tables
  double table_bursts_ = 0;
  double first_ = 0;           ///< bytes of its weights before its tables
  double bytes_ = 0;           ///< of its weights so far
  double free_ = 0;            ///< when the bus is free
  double wanted_ = 0;          ///< rows that were put into the ring so far
  double room_ = 0;            ///< rows that were given back, of those that were waited for
  std::size_t oldest_ = 0;
  std::vector<Release> released_;
};

}  // namespace kpu::sim
