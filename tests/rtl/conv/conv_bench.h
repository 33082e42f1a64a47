// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "Vkpu_conv_bench.h"
#include "golden/kpu/layer_args.h"
#include "tests/rtl/support/unit_clock.h"

namespace kpu::test {

/// Percent of cycles in which each neighbour does not play along.
struct ConvStalls {
  std::uint32_t read = 0;     ///< AI RAM grants no read
  std::uint32_t stolen = 0;   ///< somebody else reads: the line's word is away for a cycle
  std::uint32_t weights = 0;  ///< no row of weights comes
  std::uint32_t lines = 0;    ///< no line of sums is taken
};

/// The convolution between AI RAM, weight ring and a consumer that compares every sum with sums formed
/// from the layer's definition. Every deviation throws std::runtime_error with the cycle.
class ConvBench {
 public:
  explicit ConvBench(std::uint32_t seed);

  /// Runs a layer with random pixels and weights; `rows` conv rows are image rows 0, `step`, 2 `step` ..
  /// With `clear_after` >= 0 it is given up in that cycle, and nothing of it is compared any more.
  void run(const golden::LayerArgs& args, bool eight_bit, const ConvStalls& stalls, std::int64_t clear_after = -1);

 private:
  void require(bool good, const std::string& what) const;
  bool percent(std::uint32_t chance) { return random_() % 100 < chance; }
  void decode(const golden::LayerArgs& args, bool eight_bit);
  void make_rows(const golden::LayerArgs& args, bool eight_bit);
  void drive(const ConvStalls& stalls);
  void sample(const golden::LayerArgs& args);
  void check_line(const golden::LayerArgs& args);
  std::uint32_t pixel(const golden::LayerArgs& args, std::uint32_t channel, std::int64_t row, std::int64_t column) const;

  UnitClock<Vkpu_conv_bench> clock_;
  Vkpu_conv_bench& top_ = clock_.top();
  std::mt19937 random_;
  std::vector<std::uint8_t> ram_;       ///< AI RAM
  std::vector<std::uint8_t> image_;     ///< the input, channel by channel
  std::vector<std::uint32_t> weights_;  ///< output channel, input channel, tap
  using Row = std::vector<std::uint8_t>;
  std::vector<Row> rows_;  ///< of the weight ring, of the whole layer
  std::size_t rows_given_ = 0;
  std::uint32_t read_word_ = 0;
  bool read_pending_ = false;
  bool away_ = false;
  std::uint32_t step_ = 1;
  std::uint32_t conv_rows_ = 1;
  std::uint32_t segments_ = 1;
  std::vector<bool> seen_;  ///< output channel, conv row, segment
  bool last_seen_ = false;
};

}  // namespace kpu::test
