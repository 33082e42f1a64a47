// SPDX-License-Identifier: Apache-2.0
#include "sim/model/cycle_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "common/error.h"
#include "golden/kpu/arith.h"
#include "sim/model/schedule.h"

namespace kpu::sim {
namespace {

/// From the first fetch of a layer to its first product, and from the last product to the last
/// byte.
constexpr double kFillAndDrain = 40;
/// Lines of sums that wait between the array and post-processing.
constexpr double kSumLines = 16;
/// Cycles from the issue of an array cycle to its line's place being free again
/// (docs/architecture.md, "Latencies").
constexpr double kSumDelay = 10;
/// Cycles from an array cycle to the next one that needs its sums.
constexpr std::uint32_t kSumDistance = 3;
constexpr double kBusBytes = 8;
constexpr double kLongestBurst = 16;

constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

/// Array cycles of a window with `tile` output channels. The high bytes of 16-bit weights come at
/// least three cycles after the low bytes of the same channel, whose sums have to be written.
std::uint32_t window_cycles(const Schedule& schedule, std::uint32_t tile) {
  const bool waits = schedule.passes == 2 && tile < kSumDistance;
  return tile * schedule.passes + (waits ? kSumDistance - tile : 0);
}

/// Lines of AI RAM that a block of `rows` rows of a 3x3 layer reads for one channel group.
std::uint32_t block_reads(const Schedule& schedule, std::uint32_t rows) {
  switch (schedule.row_step) {
    case 1:
      return rows + 2;
    case 2:
      return 2 * rows + 1;
    default:
      return 3 * rows;
  }
}

/// A layer on its way through array and post-processing. Both walk through blocks of rows; the
/// lines of sums that post-processing has not taken yet are its backlog.
class LayerRun {
 public:
  LayerRun(const golden::LayerArgs& args, const Schedule& schedule, const Configuration& rtl)
      : args_(args), schedule_(schedule), rtl_(rtl) {}

  /// Cycles of `count` tiles of `channels` output channels each (depthwise: of as many channel
  /// groups).
  double tiles(std::uint32_t count, std::uint32_t channels) {
    const double before = now_;
    repeat(count, [&] { tile(channels); });
    return now_ - before;
  }

  /// Lets the last lines be taken.
  void finish() {
    const double beyond = std::max(0.0, backlog_ - kSumLines);
    now_ += beyond;
    post_ += beyond;
  }

  double post() const { return post_; }

 private:
  /// `count` times the same. As soon as a step leaves the backlog that it found, so do all that
  /// follow: they take the same time, and are not walked through.
  template <class Step>
  void repeat(std::uint32_t count, Step step) {
    for (; count > 0; --count) {
      const double now = now_;
      const double post = post_;
      const double backlog = backlog_;
      step();
      if (backlog_ != backlog) continue;
      now_ += (now_ - now) * (count - 1);
      post_ += (post_ - post) * (count - 1);
      return;
    }
  }

  void tile(std::uint32_t channels) {
    const std::uint32_t most = block_rows(schedule_, channels, args_.depthwise, rtl_);
    if (schedule_.packed_lines > 0) {
      repeat(schedule_.packed_lines / most, [&] { block(channels, most, true); });
      const std::uint32_t left = schedule_.packed_lines % most;
      if (left > 0) block(channels, left, true);
      return;
    }
    const std::uint32_t rest = schedule_.rows % most;
    for (std::uint32_t segment = schedule_.segments; segment-- > 0;) {
      const bool last_segment = segment + 1 == schedule_.segments;
      repeat(schedule_.rows / most, [&] { block(channels, most, last_segment); });
      if (rest > 0) block(channels, rest, last_segment);
    }
  }

  void block(std::uint32_t channels, std::uint32_t rows, bool last_segment) {
    const double window = window_cycles(schedule_, channels);
    const double gap = pass_gap(channels);
    double early = 0;  // until the last pass, which gives lines
    double last = 0;
    if (args_.kernel() == 3) {
      // One of the two lines that depthwise windows start with is not hidden.
      const bool bare = args_.depthwise && schedule_.row_step == 1 && rtl_.drain_pass == 0;
      last = bare ? window * rows + 1 + gap
                  : std::max<double>(window * rows + gap, block_reads(schedule_, rows));
      early = args_.depthwise ? 0 : last * (schedule_.groups - 1);
    } else if (args_.depthwise) {
      last = window * rows + gap;
    } else {
      const std::uint32_t lines = rtl_.point_channels;
      const double reads = words_of_line();
      early = (std::max<double>(window, lines * reads) * rows + gap) * (schedule_.windows - 1);
      const std::uint32_t left = schedule_.groups - lines * (schedule_.windows - 1);
      last = std::max<double>(window, left * reads) * rows + gap;
    }
    if (rtl_.drain_pass != 0) {
      early += last;
      last = double{1} * channels * rows + rtl_.pass_gap;
    }
    const double work = channels * rows * line_cycles(last_segment);
    now_ += early;
    // A line that post-processing has nothing before still needs its way.
    backlog_ = std::max(kSumDelay, backlog_ - early);
    const double stall =
        std::max(0.0, backlog_ + work - last - kSumLines * line_cycles(last_segment));
    now_ += last + stall;
    post_ += stall;
    backlog_ = std::max(0.0, backlog_ + work - last - stall);
  }

  /// Words of image rows that a line is made of, on average: those of its neighbours are read ahead.
  double words_of_line() const {
    if (schedule_.packed_lines == 0) return 1;
    return double{1} * schedule_.rows * schedule_.segments / schedule_.packed_lines;
  }

  /// Cycles in which the array rests before a pass with products.
  double pass_gap(std::uint32_t channels) const {
    if (rtl_.kernel_port == 0) return rtl_.pass_gap;
    const std::uint32_t weights = args_.kernel() == 3 ? 9 : rtl_.point_channels;
    const std::uint32_t bytes = weights * schedule_.word_channels * schedule_.weight_bytes * channels;
    return rtl_.pass_gap + ceil_div(bytes, rtl_.kernel_port);
  }

  /// Cycles for which a line of sums keeps post-processing, or write-back, busy.
  double line_cycles(bool last_segment) const {
    if (schedule_.packed_lines > 0) {
      return std::max<double>(ceil_div(rtl_.lanes / schedule_.word_channels, rtl_.post_lanes),
                              words_of_line());
    }
    const bool all_lanes = args_.depthwise && schedule_.word_channels > 1;
    const std::uint32_t pixels = last_segment && !all_lanes ? schedule_.last_pixels : rtl_.lanes;
    const double steps = ceil_div(pixels, rtl_.post_lanes);
    // A word of several channels that is not written as it is takes a write for each of them.
    const bool whole = args_.in_line_channels == args_.out_line_channels && args_.stride() == 1;
    if (!all_lanes || whole) return steps;
    const double writes = double{1} * schedule_.word_channels * args_.out_height / schedule_.rows;
    return std::max(steps, writes);
  }

  const golden::LayerArgs& args_;
  const Schedule& schedule_;
  const Configuration& rtl_;
  double now_ = 0;
  double backlog_ = 0;  ///< cycles of post-processing
  double post_ = 0;     ///< cycles that the array waited for it
};

/// The parameter fetch: what is on the way to the weight ring, and when there is room for it.
class Fetch {
 public:
  explicit Fetch(const CycleModel& model) : model_(model) {
    const double bursts =
        model.rtl.max_outstanding * kLongestBurst / (model.read_latency + kLongestBurst);
    rate_ = kBusBytes * std::min(model.bandwidth_percent / 100.0, bursts);
  }

  /// The tables of a layer are asked for, at `now` at the earliest.
  void tables(const golden::LayerArgs& args, double now) {
    const double bytes =
        (args.load_act ? golden::kActTableBytes : 0) + static_cast<double>(args.bn_bytes());
    free_ = std::max(free_, now) + model_.read_latency + bytes / rate_;
  }

  /// A tile's weights of `rows` rows of the ring, `bytes` bytes in `takes` pieces: the time at
  /// which they are there.
  double tile(double rows, double bytes, double takes) {
    const double cycles = std::max(bytes / rate_, takes);
    wanted_ += rows;
    double ready = free_ + cycles;
    while (oldest_ < released_.size() && wanted_ - room_ > model_.rtl.weight_rows) {
      const Release& release = released_[oldest_++];
      room_ += release.rows;
      ready = std::max(ready, release.time + cycles * std::min(1.0, release.rows / rows));
    }
    free_ = ready;
    return ready;
  }

  /// A tile gives its rows back.
  void release(double rows, double time) { released_.push_back({rows, time}); }

 private:
  struct Release {
    double rows;
    double time;
  };

  const CycleModel& model_;
  double rate_;        ///< bytes a cycle
  double free_ = 0;    ///< when the bus is free
  double wanted_ = 0;  ///< rows that were put into the ring so far
  double room_ = 0;    ///< rows that were given back, of those that were waited for
  std::size_t oldest_ = 0;
  std::vector<Release> released_;
};

/// Pieces in which the weights of an output channel leave the byte stream, one a cycle.
double weight_takes(const golden::LayerArgs& args, const Schedule& schedule,
                    const Configuration& rtl) {
  if (args.depthwise) return schedule.weight_bytes;
  const std::uint32_t takes =
      args.kernel() == 3 ? args.in_channels : ceil_div(args.in_channels, rtl.point_channels);
  return double{1} * takes * schedule.weight_bytes;
}

/// Output that leaves after the last product: what of it does not fit beside the computation, at
/// least the channels of the last tile; eight bytes of a row a cycle, or a word and its gap.
double stream_cycles(const golden::LayerArgs& args, const std::vector<std::uint32_t>& sizes,
                     double compute, std::uint32_t gap) {
  const double words = double{1} * args.out_height * args.out_width / kBusBytes;
  const double channel =
      std::max(double{1} * args.out_height * ceil_div(args.out_width, 8), words * (gap + 1));
  const double last = channel * (args.depthwise ? 1 : sizes.back());
  const double beside = compute * (1 - 1.0 / static_cast<double>(sizes.size()));
  return std::max(last, channel * args.out_channels - beside);
}

}  // namespace

void set_model_parameter(CycleModel& model, const std::string& where, const std::string& name,
                         std::uint64_t value) {
  const auto within = [&](std::uint64_t most) {
    if (value >= 1 && value <= most) return static_cast<std::uint32_t>(value);
    throw Error(fmt::format("{}: {} = {}: expected 1 to {}", where, name, value, most));
  };
  if (name == "ReadLatency") {
    model.read_latency = within(10000);
  } else if (name == "Bandwidth") {
    model.bandwidth_percent = within(100);
  } else {
    set_parameter(model.rtl, where, name, value);
  }
}

std::vector<CycleEstimate> estimate_cycles(std::span<const golden::KpuLayerInfo> layers,
                                           bool eight_bit, const CycleModel& model) {
  std::vector<CycleEstimate> estimates;
  Fetch fetch(model);
  double now = 0;             // the array is free
  double started_before = 0;  // the layer before began: this one's parameters may be asked for
  for (const golden::KpuLayerInfo& layer : layers) {
    const golden::LayerArgs& args = layer.args;
    const Schedule schedule = make_schedule(args, eight_bit, model.rtl);
    const std::vector<std::uint32_t> sizes = tiles(args, schedule);
    CycleEstimate sum;
    for (std::uint32_t batch = 0; batch < layer.batches; ++batch) {
      CycleEstimate estimate;
      const double begin = now + model.rtl.start_cycles;
      fetch.tables(args, model.rtl.start_cycles == 0 ? started_before : begin);
      started_before = now;
      const double channel_bytes = static_cast<double>(args.channel_weights()) * schedule.weight_bytes;
      LayerRun run(args, schedule, model.rtl);
      double time = begin;
      const auto wait_until = [&](double ready) {
        estimate.weights += std::max(0.0, ready - time);
        time = std::max(time, ready);
      };
      if (args.depthwise) {
        wait_until(fetch.tile(schedule.ring_rows, channel_bytes * args.out_channels,
                              weight_takes(args, schedule, model.rtl) * args.out_channels));
        time += run.tiles(schedule.groups, 1);
        fetch.release(schedule.ring_rows, time);
      } else {
        for (const std::uint32_t size : sizes) {
          const double rows = double{1} * size * schedule.ring_rows;
          wait_until(fetch.tile(rows, channel_bytes * size, weight_takes(args, schedule, model.rtl) * size));
          time += run.tiles(1, size);
          fetch.release(rows, time);
        }
      }
      run.finish();
      const double compute = time - begin - estimate.weights;
      estimate.array = static_cast<double>(array_cycles(args, schedule));
      estimate.post = run.post();
      estimate.reads = std::max(0.0, compute - estimate.array - estimate.post);
      if (layer.to_main_memory) estimate.stream = stream_cycles(args, sizes, compute, model.rtl.stream_gap);
      estimate.fixed = kFillAndDrain + model.rtl.start_cycles;
      now += estimate.total();
      sum.array += estimate.array;
      sum.reads += estimate.reads;
      sum.post += estimate.post;
      sum.weights += estimate.weights;
      sum.stream += estimate.stream;
      sum.fixed += estimate.fixed;
    }
    estimates.push_back(sum);
  }
  return estimates;
}

}  // namespace kpu::sim
