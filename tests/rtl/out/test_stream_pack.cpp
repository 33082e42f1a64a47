// SPDX-License-Identifier: Apache-2.0
//
// kpu_stream_pack against a list of bytes: runs of every length at every quarter where they fit, mixed and of one length, with
// and without waits on both sides, up to a last run or given up in any cycle. The cycles of runs of one length are counted, for
// they are what `Overlap` is for.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "Vkpu_stream_pack.h"
#include "tests/rtl/support/unit_clock.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kSeed = 11;
constexpr std::uint32_t kLanes = KPU_TEST_LANES;
constexpr std::uint32_t kPatience = 1'000'000;

/// Bytes of a word that leave: the quarter where they begin, and how many.
struct Run {
  std::uint32_t quarter = 0;
  std::uint32_t bytes = 1;

  static std::uint32_t most(std::uint32_t quarter) { return kLanes - quarter * (kLanes / 4); }
};

class StreamPackBench {
 public:
  StreamPackBench() {
    idle();
    clock_.reset();
  }

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  std::vector<Run> any_runs() {
    std::vector<Run> runs(1 + below(40));
    const bool narrow = below(3) == 0;
    for (Run& run : runs) {
      run.quarter = below(4);
      run.bytes = 1 + below(narrow ? kLanes / 4 : Run::most(run.quarter));
    }
    return runs;
  }

  /// Sends the runs, the last of them as the image's last, and compares the words. Either side waits in `stalls` percent of the
  /// cycles. In cycle `stop` everything is given up, if that comes. Returns the cycles.
  std::uint32_t stream(const std::vector<Run>& runs, std::uint32_t stalls, std::uint32_t stop = kPatience) {
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint64_t> words;
    std::optional<std::pair<std::uint64_t, bool>> offered;  // a word that was not taken in the cycle before
    std::size_t sent = 0;
    bool waits = false;  // nor was the run
    for (std::uint32_t cycle = 0; cycle < kPatience; ++cycle) {
      if (cycle == stop) {
        top_.clear_i = 1;
        clock_.tick();
        idle();
        require_silence();
        return cycle;
      }
      if (!waits) {
        top_.in_valid_i = sent < runs.size() && below(100) >= stalls;
        if (top_.in_valid_i) drive(runs[sent], sent + 1 == runs.size());
      }
      top_.out_ready_i = below(100) >= stalls;
      clock_.settle();
      const std::pair<std::uint64_t, bool> out{top_.out_data_o, top_.out_last_o != 0};
      if (offered) require(top_.out_valid_o && out == *offered, "a word changes before it is taken");
      offered.reset();
      if (top_.out_valid_o && !top_.out_ready_i) offered = out;
      if (top_.out_valid_o && top_.out_ready_i) words.push_back(out.first);
      const bool end = top_.out_valid_o && top_.out_ready_i && out.second;
      waits = top_.in_valid_i && !top_.in_ready_o;
      if (top_.in_valid_i && top_.in_ready_o) {
        const auto first = word_.begin() + runs[sent].quarter * (kLanes / 4);
        bytes.insert(bytes.end(), first, first + runs[sent].bytes);
        ++sent;
      }
      clock_.edge();
      if (end) {
        require(sent == runs.size(), "the last word before the last run");
        require(words == packed(bytes), "the words differ");
        idle();
        require_silence();
        return cycle + 1;
      }
    }
    throw std::runtime_error("the words do not come");
  }

 private:
  void require(bool good, const std::string& what) const {
    if (!good) throw std::runtime_error("cycle " + std::to_string(clock_.cycles()) + ": " + what);
  }

  void require_silence() {
    clock_.settle();
    require(!top_.out_valid_o, "a word behind the last");
  }

  void idle() {
    top_.clear_i = 0;
    top_.in_valid_i = 0;
    top_.out_ready_i = 1;
  }

  void drive(const Run& run, bool last) {
    for (auto& byte : word_) byte = static_cast<std::uint8_t>(random_());
    for (std::uint32_t i = 0; i < kLanes / 4; ++i) {
      top_.in_word_i[i] = word_[4 * i] | word_[4 * i + 1] << 8 | word_[4 * i + 2] << 16 | std::uint32_t{word_[4 * i + 3]} << 24;
    }
    top_.in_quarter_i = run.quarter;
    top_.in_bytes_m1_i = run.bytes - 1;
    top_.in_last_i = last;
  }

  static std::vector<std::uint64_t> packed(const std::vector<std::uint8_t>& bytes) {
    std::vector<std::uint64_t> words((bytes.size() + 7) / 8);
    for (std::size_t i = 0; i < bytes.size(); ++i) words[i / 8] |= std::uint64_t{bytes[i]} << (8 * (i % 8));
    return words;
  }

  UnitClock<Vkpu_stream_pack> clock_;
  Vkpu_stream_pack& top_ = clock_.top();
  std::mt19937 random_{kSeed};
  std::vector<std::uint8_t> word_ = std::vector<std::uint8_t>(kLanes);
};

TEST_CASE("runs of any length, one after the other", "[stream_pack]") {
  CAPTURE(kSeed);
  StreamPackBench bench;
  for (int i = 0; i < 3000; ++i) {
    CAPTURE(i);
    const std::uint32_t stalls[] = {0, 30, 80};
    REQUIRE_NOTHROW(bench.stream(bench.any_runs(), stalls[bench.below(3)]));
  }
}

TEST_CASE("a clear in any cycle leaves nothing behind", "[stream_pack]") {
  CAPTURE(kSeed);
  StreamPackBench bench;
  for (int i = 0; i < 2000; ++i) {
    CAPTURE(i);
    REQUIRE_NOTHROW(bench.stream(bench.any_runs(), 30, i % 2 == 0 ? bench.below(60) : kPatience));
  }
}

TEST_CASE("cycles of runs of one length", "[stream_pack]") {
  StreamPackBench bench;
  for (std::uint32_t quarter = 0; quarter < 4; ++quarter) {
    for (std::uint32_t bytes = 1; bytes <= Run::most(quarter); ++bytes) {
      CAPTURE(quarter, bytes);
      constexpr std::uint32_t kRuns = 48;
      std::uint32_t cycles = 0;
      REQUIRE_NOTHROW(cycles = bench.stream(std::vector<Run>(kRuns, Run{quarter, bytes}), 0));
      // Then the last word leaves; bytes that are held when the last run has been taken may be one more.
      const std::uint32_t takes = KPU_TEST_OVERLAP != 0 ? std::max(kRuns, kRuns * bytes / 8) : kRuns * ((bytes + 7) / 8);
      CHECK(cycles >= takes + 1);
      CHECK(cycles <= takes + 2);
    }
  }
}

}  // namespace
}  // namespace kpu::test
