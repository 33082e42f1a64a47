// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "Vkpu_param_bench.h"
#include "tests/rtl/param/param_model.h"

namespace kpu::test {

/// How memory and consumer behave, and what goes wrong.
struct ParamConditions {
  std::uint32_t latency = 20;        ///< cycles from an address to its first beat
  std::uint32_t memory_stall = 0;    ///< percent of cycles without address or data
  std::uint32_t consumer_stall = 0;  ///< percent of cycles in which no row is read
  std::int64_t error_beat = -1;      ///< beat of the job that gets an error response
  std::int64_t clear_cycle = -1;     ///< cycle of the job in which clear_i is high
  std::int64_t reset_cycle = -1;     ///< cycle of the job in which a reset begins
  std::int64_t act_clear_cycle = -1;  ///< the same, of the activation table's leaving
  std::uint64_t start_cycle = 0;      ///< cycle of the job in which its layer starts, at the latest its end
};

/// How a job ended; a reset counts as a clear.
struct ParamResult {
  enum class End { kDone, kError, kCleared };
  End end = End::kDone;
  std::uint64_t cycles = 0;       ///< from acceptance to the end
  std::uint64_t data_cycles = 0;  ///< from the first to the last accepted beat
  std::uint64_t beats = 0;
  std::uint64_t weights_cycles = 0;  ///< from acceptance to the last row that counted
  std::uint64_t tables_cycles = 0;   ///< .. to lines of the layer being let in; 0: never
};

/// kpu_param between a memory model and a consumer that compares all it reads with the model.
/// Every deviation throws std::runtime_error with the cycle.
class ParamBench {
 public:
  explicit ParamBench(std::uint32_t seed);
  ~ParamBench();

  /// Runs `job` to its end. Rows it leaves in the ring are read by later jobs or by finish(). After
  /// an error nothing more of the job is looked at, and the unit is cleared or not, as told.
  ParamResult run(const ParamJob& job, const ParamConditions& conditions, bool clear_after_error);
  /// Lets the consumer read and compare all rows that count.
  void finish();

 private:
  struct Burst {
    std::uint32_t addr = 0;
    std::uint32_t beats = 0;
    std::uint64_t ready_cycle = 0;
  };
  struct ChannelCheck {
    std::uint32_t channel = 0;
    bool half = false;
    std::int64_t k = 0;
    std::uint64_t bn = 0;
    std::uint32_t job = 0;
  };
  struct RowCheck {
    ExpectedRow row;
    std::vector<ChannelCheck> channels;  ///< whose K is there once the row counts
  };

  void require(bool good, const std::string& what) const;
  bool percent(std::uint32_t chance) { return random_() % 100 < chance; }
  std::uint8_t byte_at(std::uint32_t addr) const { return memory_[addr % memory_.size()]; }

  void tick();
  void sample_axi();   // before the clock edge
  void drive_axi();    // after it
  void check_reads();  // data of the reads of the cycle before
  void count_rows();
  void drive_reads();
  void forget();  // what the unit drops with a clear or a reset
  void clear();
  void reset();
  void set_job(const ParamJob& job);
  void expect_rows(const ParamJob& job);
  bool tables_there() const;
  void take_act();  // as a layer that starts with the table, and may be given up meanwhile
  void check_act(std::uint32_t segment) const;
  std::uint32_t source_of_beat(const ParamJob& job, std::int64_t beat) const;

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vkpu_param_bench> top_;
  std::mt19937 random_;
  std::vector<std::uint8_t> memory_;
  ParamConditions conditions_;
  std::uint64_t cycle_ = 0;

  // Memory
  std::uint32_t burst_beats_ = 16;
  std::deque<Burst> bursts_;
  std::optional<std::uint32_t> waiting_addr_;
  bool beat_taken_ = false;
  std::int64_t beats_ = 0;
  std::uint64_t first_beat_ = 0;
  std::uint64_t last_beat_ = 0;

  // Consumer
  std::deque<RowCheck> uncounted_;
  std::deque<ExpectedRow> rows_to_read_;
  std::deque<ChannelCheck> channels_to_read_;
  std::optional<ExpectedRow> last_row_;  ///< at the read port now
  std::optional<ChannelCheck> last_channel_;
  bool row_read_ = false;
  std::uint32_t rows_counted_ = 0;  ///< as w_wr_cnt_o
  std::uint64_t last_row_cycle_ = 0;
  std::uint32_t job_ = 0;  ///< number of the job at work
  bool started_ = false;   ///< .. whose layer has started
  ExpectedParams expected_;         ///< of the job at work
};

}  // namespace kpu::test
