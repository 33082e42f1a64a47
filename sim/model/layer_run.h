// SPDX-License-Identifier: Apache-2.0
//
// How long a layer takes in the array and post-processing (docs/cycle-model.md).
#pragma once

#include <algorithm>
#include <cstdint>

#include "golden/kpu/layer_args.h"
#include "sim/model/configuration.h"
#include "sim/model/model_units.h"
#include "sim/model/schedule.h"

namespace kpu::sim {

/// Lines of sums that wait between the array and post-processing.
inline constexpr double kSumLines = 16;
/// .. and lines of pixels between post-processing and write-back.
inline constexpr double kPixelLines = 32;
/// Cycles from the issue of an array cycle to its line's place being free again
/// (docs/architecture.md, "Latencies").
inline constexpr double kSumDelay = 10;
/// Cycles from an array cycle to the next one that needs its sums.
inline constexpr std::uint32_t kSumDistance = 3;
/// Share of a pass from which on its reads leave fewer turns than age gives (aged_read).
constexpr double busy_port(bool packed_rows) { return packed_rows ? 0.8 : 0.95; }
/// Windows of packed lines that are ready or in work while the array works on another: taps' slots and kpu_conv's LineDepth.
inline constexpr double kPackedAhead = 3;
/// Cycles from a read to its line in its slot.
inline constexpr double kPackedLatency = 5;

/// Array cycles of a window with `tile` output channels. A further part of a weight comes at least three cycles after the
/// part before it of the same channel, whose sums have to be written.
inline std::uint32_t window_cycles(const Schedule& schedule, std::uint32_t tile) {
  return tile + (schedule.passes - 1) * std::max(tile, kSumDistance);
}

/// Cycles by which a pass of `rows` windows is too short for its sums, which the next pass needs again. `gap`: in which the array
/// rests anyway.
inline double sum_wait(const Schedule& schedule, std::uint32_t tile, std::uint32_t rows, double gap) {
  const bool last_part_last = rows == 1 && schedule.passes > 1;
  const std::uint32_t apart = last_part_last ? tile : tile * rows * schedule.passes;
  return std::max(0.0, kSumDistance - gap - apart);
}

/// Lines of AI RAM that a block of `rows` rows of a 3x3 layer reads for one channel group.
inline std::uint32_t block_reads(const Schedule& schedule, std::uint32_t rows) {
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
      : args_(args), schedule_(schedule), rtl_(rtl) {
    for (std::uint32_t line = 0; line < schedule.packed_lines; ++line) most_steps_ = std::max(most_steps_, line_steps(line));
  }

  /// Cycles of `count` tiles of `channels` output channels each (depthwise: of as many channel
  /// groups).
  double tiles(std::uint32_t count, std::uint32_t channels) {
    const double before = now_;
    repeat(count, [&] { tile(channels); });
    return now_ - before;
  }

  /// Post-processing takes no line for `cycles`.
  void hold(double cycles) { backlog_ = std::max(backlog_, cycles); }

  /// Cycles until the last lines are taken.
  double finish() {
    const double beyond = std::max(0.0, backlog_ - waiting_lines());
    post_ += beyond;
    return beyond;
  }

  /// Cycles of the last line in pooling, behind its first pixel.
  double last_line() const {
    const std::uint32_t word = schedule_.segments > 1 ? rtl_.lanes : schedule_.last_pixels;
    const std::uint32_t pixels = schedule_.picks() ? word / 2 : word;
    return serial_pool() ? pool_pixels(pixels) * (args_.slides() ? 2 : 1) - 1 : 0;
  }

  double post() const { return post_; }
  double reads() const { return reads_; }
  double busy() const { return busy_; }

 private:
  /// `count` times the same. As soon as a step leaves the backlog that it found, so do all that
  /// follow: they take the same time, and are not walked through.
  template <class Step>
  void repeat(std::uint32_t count, Step step) {
    for (; count > 0; --count) {
      const LayerRun before = *this;
      step();
      if (backlog_ != before.backlog_ || newest_ != before.newest_ || line_ != before.line_ || ahead_ != before.ahead_) continue;
      now_ += (now_ - before.now_) * (count - 1);
      post_ += (post_ - before.post_) * (count - 1);
      reads_ += (reads_ - before.reads_) * (count - 1);
      busy_ += (busy_ - before.busy_) * (count - 1);
      return;
    }
  }

  void tile(std::uint32_t channels) {
    const std::uint32_t most = block_rows(schedule_, channels, args_.depthwise, rtl_);
    if (schedule_.packed_lines > 0) {
      for (std::uint32_t line = 0; line < schedule_.packed_lines; line += most) {
        const std::uint32_t lines = std::min(most, schedule_.packed_lines - line);
        line_words_ = double{1} * (words_before(line + lines) - words_before(line)) / lines;
        line_steps_ = 0;
        for (std::uint32_t i = line; i < line + lines; ++i) line_steps_ += line_steps(i) / lines;
        block(channels, lines, true);
      }
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
    const double gap = rest(pass_gap(channels), channels);
    const double window = window_cycles(schedule_, channels);
    const double work = window * rows + gap;
    const double pass = work + sum_wait(schedule_, channels, rows, gap);
    const double words = reads_;
    const double busy = busy_;
    double early = 0;  // until the last pass, which gives lines
    double last = 0;
    const double turn = port_cycles();
    if (args_.kernel() == 3) {
      const double lines = block_reads(schedule_, rows);
      // The block of a depthwise layer is the whole height: rows of padding are not read.
      const double reads = args_.depthwise ? std::min<double>(lines, args_.in_height) : lines;
      // One of the two lines that depthwise windows start with is not hidden.
      const bool bare = args_.depthwise && schedule_.row_step == 1 && rtl_.drain_pass == 0;
      last = std::max(bare ? work + 1 : work, reads * turn);
      if (!args_.depthwise) early = passes(schedule_.groups - 1, pass, reads);
      read(last, reads);
    } else if (args_.depthwise) {
      last = std::max(work, rows * turn);
      read(last, rows);
    } else {
      const std::uint32_t lines = rtl_.point_channels;
      const std::uint32_t left = schedule_.groups - lines * (schedule_.windows - 1);
      if (schedule_.packed_lines > 0) {
        early = packed_passes(schedule_.windows - 1, pass, window, lines, rows);
        last = packed_passes(1, work, window, left, rows);
      } else {
        early = passes(schedule_.windows - 1, point_pass(pass, window, lines * turn, rows, gap), lines * rows);
        last = point_pass(work, window, left * turn, rows, gap);
        read(last, left * rows);
      }
    }
    last += bank_wait(early + last, reads_ - words, channels * rows);
    if (rtl_.drain_pass != 0) {
      early += last;
      last = double{1} * channels * rows + rest(rtl_.pass_gap, channels);
    }
    const double line = line_cycles(last_segment);
    if (schedule_.passes == 1 || rtl_.drain_pass != 0) {
      const double post = post_;
      give(early, last, channels * rows, line);
      // While post-processing is waited for, lines of the next block are not read.
      if (post_ > post && reads_ - words < aged_read(rtl_.pack_rows != 0)) busy_ = busy;
      return;
    }
    // Lines come with the last part of the weights, row by row.
    give(early, 0, 0, line);
    repeat(rows, [&] { give(last / rows - channels, channels, channels, line); });
  }

  /// Cycles of `count` passes of `cycles`, or as many as they read words.
  double passes(std::uint32_t count, double cycles, double reads) {
    const double pass = std::max(cycles, reads * port_cycles());
    read(pass * count, reads * count);
    return pass * count;
  }

  /// Cycles of a pass of a 1x1 layer with `reads` words a window: `pass`, or more where a window waits for its words. The next
  /// two windows' are there after the gap, no more.
  static double point_pass(double pass, double window, double reads, std::uint32_t rows, double gap) {
    if (reads <= window) return pass;
    const double ahead = std::min(2u, rows) * (reads - window);
    return std::max({pass, rows * reads, gap + rows * reads - ahead});
  }

  /// Cycles of `count` passes of `cycles` over `rows` packed lines of `groups` channel groups. What their words take longer
  /// than the array is hidden as far as lines were made ahead.
  double packed_passes(std::uint32_t count, double cycles, double window, std::uint32_t groups, std::uint32_t rows) {
    const double late = (groups * line_steps_ * rows * port_cycles() - cycles) * count;
    const double most = std::max(0.0, kPackedAhead * window - most_steps_ * groups * port_cycles() - kPackedLatency);
    const double wait = std::max(0.0, late - ahead_);
    const double spare = ahead_;
    ahead_ = std::clamp(ahead_ - late, 0.0, most);
    const double all = cycles * count + wait;
    const double words = groups * line_words_ * rows * count;
    reads_ += words;
    if (words * port_cycles() >= busy_port(true) * all) busy_ += std::max(0.0, all - aged_read(true) * spare);
    return all;
  }

  /// Steps of the line fetch for a channel group of packed line `line`: a word each, and one where none begins.
  double line_steps(std::uint32_t line) const { return std::max(1u, words_before(line + 1) - words_before(line)); }

  /// `words` of AI RAM are read in `cycles`.
  void read(double cycles, double words) {
    reads_ += words;
    if (words * port_cycles() >= busy_port(rtl_.pack_rows != 0) * cycles) busy_ += cycles;
  }

  /// Cycles that an access keeps a port of AI RAM.
  double port_cycles() const { return 1.0 + rtl_.ai_gap; }

  /// Lines that wait for what is slow: post-processing, or write-back and the rows of packed lines behind it.
  double waiting_lines() const {
    const bool behind = rtl_.post_lanes == rtl_.lanes && (rtl_.ai_gap > 0 || schedule_.packed_lines > 0);
    return behind ? kSumLines + kPixelLines : kSumLines;
  }

  /// Words that are written for a line of sums: a pool gives one for several.
  double line_writes() const { return double{1} * args_.out_height / schedule_.rows; }

  /// Cycles by which a block of `cycles` is too short for its reads and for those writes of its `lines` lines of sums that meet
  /// one of them in its bank. Writes wait for a turn, so that it is the block that counts, not the pass in which they come.
  double bank_wait(double cycles, double reads, double lines) const {
    if (rtl_.ai_banks == 0) return 0;
    return std::max(0.0, reads + lines * line_writes() / rtl_.ai_banks - cycles);
  }


  /// `early` cycles without a line of sums, then `last` cycles with `lines` of them, each of which keeps post-processing busy
  /// for `line` cycles.
  void give(double early, double last, double lines, double line) {
    now_ += early;
    // A line that post-processing has nothing before still needs its way.
    backlog_ = std::max(kSumDelay, backlog_ - early);
    if (line != line_) {
      older_ = (newest_ * line_ + (waiting_lines() - newest_) * older_) / waiting_lines();
      newest_ = 0;
      line_ = line;
    }
    newest_ = std::min(waiting_lines(), newest_ + lines);
    const double most = newest_ * line_ + (waiting_lines() - newest_) * older_;
    const double stall = std::max(0.0, backlog_ + lines * line - last - most);
    now_ += last + stall;
    post_ += stall;
    backlog_ = std::max(0.0, backlog_ + lines * line - last - stall);
  }

  /// Words of image rows that begin before packed line `line`.
  std::uint32_t words_before(std::uint32_t line) const {
    if (schedule_.picks()) return std::min(2 * line, schedule_.rows * schedule_.segments);
    const std::uint32_t part = rtl_.lanes / schedule_.word_channels;
    const std::uint32_t pixels = std::min(line * part, schedule_.rows * args_.in_width);
    return pixels / args_.in_width * schedule_.segments + ceil_div(pixels % args_.in_width, part);
  }

  /// Cycles of a rest before a pass that are not there anyway: a pass's last parts of weights wait for those before.
  double rest(double gap, std::uint32_t channels) const {
    const double held = schedule_.passes > 1 && channels < kSumDistance ? kSumDistance - channels : 0;
    return std::max(0.0, gap - held);
  }

  /// Cycles in which the array rests before a pass with products.
  double pass_gap(std::uint32_t channels) const {
    if (rtl_.kernel_port == 0) return rtl_.pass_gap;
    const std::uint32_t weights = args_.kernel() == 3 ? 9 : rtl_.point_channels;
    const std::uint32_t bytes = weights * schedule_.word_channels * schedule_.weight_bytes * channels;
    return rtl_.pass_gap + ceil_div(bytes, rtl_.kernel_port);
  }

  /// Pooling takes a pixel a cycle (docs/architecture.md, "A pixel a cycle").
  bool serial_pool() const { return rtl_.post_lanes == 1 && rtl_.lanes <= 16; }

  /// Pixels that it takes of a line with so many.
  double pool_pixels(std::uint32_t pixels) const {
    if (schedule_.picks()) return pixels;
    const std::uint32_t multiple = args_.stride() == 4 ? 8 : args_.stride() == 2 || args_.slides() ? 4 : 1;
    return ceil_div(pixels, multiple) * multiple;
  }

  /// Cycles for which a line keeps it busy, where that is more than one; in the mean: the last row of a slide comes twice.
  double pool_cycles(std::uint32_t pixels) const {
    if (!serial_pool()) return 1;
    return pool_pixels(pixels) * (args_.slides() ? 1 + 1.0 / schedule_.rows : 1);
  }

  /// Cycles for which a line of sums keeps post-processing, pooling or write-back busy.
  double line_cycles(bool last_segment) const {
    if (schedule_.packed_lines > 0) {
      const std::uint32_t part = rtl_.lanes / schedule_.word_channels;
      if (schedule_.picks()) {
        const double pooling = serial_pool() ? 2.0 * args_.out_width / schedule_.segments : line_words_;
        return std::max<double>(ceil_div(part, rtl_.post_lanes), pooling);
      }
      const std::uint32_t whole_words = (schedule_.segments - 1) * rtl_.lanes;
      const double row = whole_words + pool_cycles(schedule_.last_pixels);
      const double pooling = serial_pool() ? row * part / args_.in_width : line_words_;
      return std::max<double>(ceil_div(part, rtl_.post_lanes), serial_pool() ? pooling : pooling * port_cycles());
    }
    const bool all_lanes = args_.depthwise && schedule_.word_channels > 1;
    const std::uint32_t pixels = last_segment && !all_lanes ? schedule_.last_pixels : rtl_.lanes;
    const double steps = std::max<double>(ceil_div(pixels, rtl_.post_lanes), pool_cycles(pixels));
    // A word of several channels that is not written as it is takes a write for each of them.
    const bool whole = args_.in_line_channels == args_.out_line_channels && args_.stride() == 1;
    const double words = all_lanes && !whole ? schedule_.word_channels : 1;
    return std::max(steps, words * line_writes() * port_cycles());
  }

  const golden::LayerArgs& args_;
  const Schedule& schedule_;
  const Configuration& rtl_;
  double now_ = 0;
  double backlog_ = 0;  ///< cycles of post-processing
  // The lines that can wait: the newest, with the cycles of each, and those before.
  double newest_ = 0;
  double line_ = 0;
  double older_ = 0;
  double post_ = 0;     ///< cycles that the array waited for it
  double reads_ = 0;    ///< words of AI RAM
  // Of packed lines, mean of a block: words that begin in a line, steps that it takes.
  double line_words_ = 1;
  double line_steps_ = 1;
  double most_steps_ = 1;  ///< of any line of the layer
  double ahead_ = 0;       ///< cycles by which packed lines are made ahead
  double busy_ = 0;     ///< cycles in which the read port has no turn to give
};

}  // namespace kpu::sim
