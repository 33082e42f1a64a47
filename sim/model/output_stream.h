// SPDX-License-Identifier: Apache-2.0
//
// How long a layer's output takes to main memory (docs/cycle-model.md).
#pragma once

#include <algorithm>

#include "golden/kpu/layer_args.h"
#include "sim/model/cycle_model.h"
#include "sim/model/model_units.h"

namespace kpu::sim {

/// Cycles from the last line of an output that leaves to its last word, where nothing holds it up.
inline constexpr double kStreamEnd = 9;
/// Cycles in which as many words leave the output FIFO as it holds, for the DMA controller asks for each.
inline constexpr double kOutTurn = 6;
/// Words that the DMA controller holds where memory is slow.
inline constexpr double kDmaWords = 56;

/// The output that leaves for main memory while later tiles compute: eight bytes of a row a cycle (with overlap from 16 lanes on:
/// eight bytes, and at most a row), or a word when memory or the output FIFO takes it, or after its gap.
class OutputStream {
 public:
  /// `packed`: of a layer of packed lines.
  OutputStream(const golden::LayerArgs& args, const CycleModel& model, bool packed)
      : shares_port_(model.rtl.ai_ports == 1),
        packed_(packed),
        aged_read_(aged_read(model.rtl.pack_rows != 0)),
        reads_(double{1} * args.out_height * streamed_words(args.out_width, model.rtl.lanes) * (1 + model.rtl.ai_gap)),
        gap_(model.rtl.stream_gap) {
    const double words = double{1} * args.out_height * args.out_width / kWordBytes;
    const double word = std::max(model.rtl.stream_gap + 1.0, kOutTurn / model.rtl.out_fifo);
    const double memory_word = memory_word_cycles(model);
    const bool joined = model.rtl.overlap == 1 && model.rtl.lanes >= 16;
    const double takes = double{1} * args.out_height * (joined ? 1 : ceil_div(args.out_width, 8));
    own_ = std::max({takes, words * word, reads_});
    channel_ = std::max(own_, words * memory_word);
    if (channel_ > own_) on_the_way_ = kDmaWords * memory_word;
  }

  /// A tile of `channels` output channels took `cycles`, of which the array was at it for `compute`, read `reads` words and kept
  /// the read port busy for `busy`: the cycles that it took longer because of the words that the stream read meanwhile.
  double beside(double channels, double cycles, double compute, double reads, double busy) {
    const double starved = shares_port_ ? std::max(channel_, reads_ * aged_read_) : channel_;
    const double spare = cycles - busy;
    const double turns = shares_port_ ? std::max(0.0, cycles - reads) * channel_ / reads_ : spare;
    const double gone = std::min(left_, std::min(spare, std::max(turns, spare * channel_ / starved)) + busy * channel_ / starved);
    last_ = channels * own_;
    left_ += channels * channel_ - gone;
    if (!shares_port_) return 0;
    const double words = gone / channel_ * reads_;
    // Other blocks of packed lines have turns to spare, but they do not come when those that have none need them.
    const double taken = packed_ ? std::min(words, busy / aged_read_) : 0;
    return std::max(taken, reads + words - compute);
  }

  /// Cycles after the last product.
  double after() const { return std::max(last_, left_ - on_the_way_) - gap_ + kStreamEnd; }

 private:
  bool shares_port_;       ///< of AI RAM, with the line fetch
  bool packed_;
  double aged_read_;       ///< cycles from a read to the next where line fetch leaves no turn
  double reads_;           ///< cycles of that port, of a channel
  double gap_;             ///< cycles after a word, which the last one has not
  double own_;             ///< cycles of a channel where memory takes every word
  double channel_;         ///< cycles of a channel
  double on_the_way_ = 0;  ///< cycles of the words that wait for memory, and not in the output FIFO
  double last_ = 0;        ///< cycles of the last tile's channels, as own_
  double left_ = 0;        ///< cycles of channels that are complete and have not left
};

}  // namespace kpu::sim
