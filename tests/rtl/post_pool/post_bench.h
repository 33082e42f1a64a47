// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "Vkpu_post_bench.h"
#include "tests/rtl/post_pool/post_model.h"

namespace kpu::test {

/// Percent of cycles in which each neighbour does not play along.
struct PostStalls {
  std::uint32_t lines = 0;   ///< no line of sums
  std::uint32_t write = 0;   ///< AI RAM takes no write
  std::uint32_t read = 0;    ///< AI RAM grants no read
  std::uint32_t stream = 0;  ///< nobody takes the stream
};

struct PostRun {
  std::uint64_t cycles = 0;  ///< from the first line to the end of the layer
  std::uint64_t lines = 0;
  bool stopped = false;
};

/// In which cycle of a layer everything is given up, and how.
struct PostStop {
  std::int64_t cycle = -1;  ///< none if negative
  bool reset = false;       ///< by a reset; else by clear_i
};

/// The chain from lines of sums to AI RAM and output stream, with a memory that is checked completely
/// after every layer. Every deviation throws std::runtime_error with the cycle.
class PostBench {
 public:
  explicit PostBench(std::uint32_t seed);
  ~PostBench();

  /// Cycles a whole line takes in post-processing.
  std::uint32_t steps() const;

  /// Runs a layer and compares AI RAM, stream and overflow reports with the reference. Of a layer that
  /// is stopped nothing is compared.
  PostRun run(const PostLayer& layer, const PostStalls& stalls, const PostStop& stop = {});

 private:
  /// A line of sums in the order the array gives them.
  struct Line {
    std::uint32_t oc = 0;
    std::uint32_t m = 0;
    std::uint32_t row = 0;
    std::uint32_t seg = 0;
    bool row_last = false;
    bool tile_last = false;
    bool layer_last = false;
  };

  void require(bool good, const std::string& what) const;
  bool percent(std::uint32_t chance) { return random_() % 100 < chance; }

  void set_layer(const PostLayer& layer);
  void set_act(const golden::ActTable& act);
  std::vector<Line> lines_of(const PostLayer& layer) const;
  void drive_line(const PostLayer& layer, const Line& line);
  void drive_params(const PostLayer& layer, std::uint32_t row, std::uint32_t single);
  void tick(const PostLayer& layer, const PostStalls& stalls);
  void write_word();
  void compare(const PostLayer& layer);
  void reset();
  void check_quiet();  // nothing leaves the chain in this cycle

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vkpu_post_bench> dut_;
  std::mt19937 random_;
  std::uint64_t cycle_ = 0;

  std::vector<std::uint8_t> ram_;       ///< what the chain has written
  std::vector<std::uint8_t> expected_;  ///< what it should be
  std::vector<std::uint64_t> stream_;
  bool line_taken_ = false;  ///< in the last cycle
  bool layer_done_ = false;
  bool stream_done_ = false;
  bool stream_last_ = false;
  bool conv_overflow_ = false;
  bool norm_overflow_ = false;
};

}  // namespace kpu::test
