// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/param/param_bench.h"

#include <stdexcept>

#include "tb/coverage.h"

namespace kpu::test {

namespace {

constexpr std::uint32_t kRows = KPU_RING_ROWS;  // of the ring in kpu_param_bench
constexpr bool kOverlap = KPU_OVERLAP != 0;
constexpr std::uint32_t kCountMod = 2 * kRows;
constexpr std::uint64_t kMaxSilence = 5000;  // cycles without a beat after which a job hangs

/// `width` bits, at most 64, of a port wider than 64 bits.
template <class Wide>
std::uint64_t bits(const Wide& value, std::uint32_t low, std::uint32_t width) {
  std::uint64_t result = 0;
  for (std::uint32_t i = 0; i < width; ++i) {
    const std::uint64_t bit = value[(low + i) / 32] >> ((low + i) % 32) & 1;
    result |= bit << i;
  }
  return result;
}

constexpr std::uint64_t mask(std::uint32_t width) { return (std::uint64_t{1} << width) - 1; }

}  // namespace

ParamBench::ParamBench(std::uint32_t seed)
    : context_(std::make_unique<VerilatedContext>()), random_(seed), memory_(1 << 20) {
  context_->fatalOnError(false);
  context_->randReset(2);  // registers without reset start with anything; so do the inputs
  context_->randSeed(static_cast<int>(seed));
  top_ = std::make_unique<Vkpu_param_bench>(context_.get());
  for (auto& byte : memory_) byte = static_cast<std::uint8_t>(random_());
  top_->clear_i = 0;
  top_->job_valid_i = 0;
  top_->start_i = 0;
  top_->act_want_i = 0;
  top_->w_rd_cnt_i = 0;
  top_->w_rd_en_i = 0;
  top_->par_rd_en_i = 0;
  reset();
}

ParamBench::~ParamBench() {
  top_->final();
  tb::save_coverage(*context_);
}

void ParamBench::require(bool good, const std::string& what) const {
  if (!good) throw std::runtime_error("cycle " + std::to_string(cycle_) + ": " + what);
}

void ParamBench::tick() {
  top_->clk_i = 0;
  top_->eval();
  sample_axi();
  top_->clk_i = 1;
  top_->eval();
  require(!context_->gotError(), "assertion failed");
  ++cycle_;
  drive_axi();
  check_reads();
  count_rows();
  drive_reads();
}

void ParamBench::sample_axi() {
  if (!top_->rst_ni) return;
  require(!waiting_addr_ || (top_->m_axi_arvalid_o && top_->m_axi_araddr_o == *waiting_addr_),
          "read address taken back");
  waiting_addr_.reset();
  if (top_->m_axi_arvalid_o) {
    const std::uint32_t addr = top_->m_axi_araddr_o;
    const std::uint32_t beats = top_->m_axi_arlen_o + 1u;
    require(addr % 8 == 0 && beats <= burst_beats_, "burst too long or not aligned");
    require(addr / 4096 == (addr + 8 * beats - 1) / 4096, "burst crosses 4 KiB");
    require(top_->m_axi_arsize_o == 3 && top_->m_axi_arburst_o == 1, "burst of a wrong type");
    if (top_->m_axi_arready_i) {
      bursts_.push_back({addr, beats, cycle_ + conditions_.latency});
      require(bursts_.size() <= 4, "too many bursts outstanding");
    } else {
      waiting_addr_ = addr;
    }
  }
  beat_taken_ = top_->m_axi_rvalid_i && top_->m_axi_rready_o;
}

void ParamBench::drive_axi() {
  if (beat_taken_) {
    if (beats_++ == 0) first_beat_ = cycle_;
    last_beat_ = cycle_;
    bursts_.front().addr += 8;
    if (--bursts_.front().beats == 0) bursts_.pop_front();
  }
  top_->m_axi_arready_i = !percent(conditions_.memory_stall);
  if (top_->m_axi_rvalid_i && !beat_taken_) return;  // valid data stays
  top_->m_axi_rvalid_i = !bursts_.empty() && bursts_.front().ready_cycle <= cycle_ &&
                         !percent(conditions_.memory_stall);
  if (!top_->m_axi_rvalid_i) return;
  const Burst& burst = bursts_.front();
  top_->m_axi_rdata_i = 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    top_->m_axi_rdata_i |= std::uint64_t{byte_at(burst.addr + i)} << (8 * i);
  }
  top_->m_axi_rlast_i = burst.beats == 1;
  top_->m_axi_rresp_i = beats_ == conditions_.error_beat ? 2 + (random_() & 1) : 0;
}

void ParamBench::check_reads() {
  if (last_row_) {
    for (std::uint32_t i = 0; i < 36; ++i) {
      const std::int16_t byte = last_row_->bytes[i];
      require(byte < 0 || bits(top_->w_rd_data_o, 8 * i, 8) == static_cast<std::uint64_t>(byte),
              "wrong byte " + std::to_string(i) + " of a row");
    }
  }
  if (last_channel_) {
    const std::uint32_t bank = last_channel_->channel % 4;
    const std::string name = " of channel " + std::to_string(last_channel_->channel);
    require(bits(top_->par_bn_o, 64 * bank, 64) == last_channel_->bn, "wrong batch norm" + name);
    require(bits(top_->par_k_o, 64 * bank, 64) == static_cast<std::uint64_t>(last_channel_->k),
            "wrong K" + name);
  }
  if (row_read_) top_->w_rd_cnt_i = (top_->w_rd_cnt_i + 1) % kCountMod;
}

void ParamBench::count_rows() {
  while (rows_counted_ != top_->w_wr_cnt_o) {
    require(!uncounted_.empty(), "more rows than expected");
    const RowCheck& check = uncounted_.front();
    rows_to_read_.push_back(check.row);
    channels_to_read_.insert(channels_to_read_.end(), check.channels.begin(), check.channels.end());
    uncounted_.pop_front();
    rows_counted_ = (rows_counted_ + 1) % kCountMod;
    last_row_cycle_ = cycle_;
  }
}

void ParamBench::drive_reads() {
  row_read_ = !rows_to_read_.empty() && !percent(conditions_.consumer_stall);
  top_->w_rd_en_i = row_read_;
  // Without an enable the address is of no matter: the data of the last read stays.
  const std::uint32_t next_row = top_->w_rd_cnt_i;
  top_->w_rd_row_i = (row_read_ ? next_row : random_()) % kRows;
  if (row_read_) {
    last_row_ = rows_to_read_.front();
    rows_to_read_.pop_front();
  }
  top_->par_rd_en_i =
      !channels_to_read_.empty() && (channels_to_read_.front().job != job_ || tables_there());
  if (top_->par_rd_en_i) {
    last_channel_ = channels_to_read_.front();
    channels_to_read_.pop_front();
    top_->par_rd_row_i = (last_channel_->half ? 256 : 0) + last_channel_->channel / 4;
  } else {
    top_->par_rd_row_i = random_() % 512;
  }
}

/// A row of the job at work that counts says that its tables are complete or, with Overlap = 1, the layer waits for that.
bool ParamBench::tables_there() const { return !kOverlap || (started_ && top_->tables_ready_o); }

void ParamBench::forget() {
  uncounted_.clear();
  rows_to_read_.clear();
  channels_to_read_.clear();
  last_row_.reset();
  last_channel_.reset();
  top_->w_rd_en_i = 0;
  top_->par_rd_en_i = 0;
  row_read_ = false;
  rows_counted_ = 0;
  top_->w_rd_cnt_i = 0;
}

void ParamBench::clear() {
  top_->clear_i = 1;
  forget();
  tick();
  top_->clear_i = 0;
  top_->eval();
  require(!top_->act_entry_valid_o && top_->tables_ready_o, "a table leaves after a clear");
}

void ParamBench::reset() {
  top_->rst_ni = 0;
  forget();
  bursts_.clear();
  waiting_addr_.reset();
  beat_taken_ = false;
  top_->m_axi_rvalid_i = 0;
  tick();
  tick();
  top_->rst_ni = 1;
  top_->eval();
  require(!top_->act_entry_valid_o && top_->tables_ready_o, "a table leaves after a reset");
  require(!top_->m_axi_arvalid_o && !top_->job_done_o && !top_->job_err_o, "busy after a reset");
  require(top_->job_ready_o && top_->w_wr_cnt_o == 0, "not ready after a reset");
  tick();
  require(!top_->act_entry_valid_o, "an entry leaves after a reset");
}

void ParamBench::set_job(const ParamJob& job) {
  top_->depthwise_i = job.depthwise;
  top_->kernel3_i = job.kernel3;
  top_->load_act_i = job.load_act;
  top_->eight_bit_i = job.eight_bit;
  top_->par_half_i = job.half;
  top_->ic_m1_i = job.in_channels - 1;
  top_->oc_m1_i = job.out_channels - 1;
  top_->grp_l2_i = job.grp_l2;
  top_->shr_w_i = job.shr_w;
  top_->arg_w_i = job.arg_w & mask(24);
  top_->arg_add_n_i = job.arg_add_n & mask(50);
  top_->act_addr_i = job.act_addr;
  top_->bn_addr_i = job.bn_addr;
  top_->w_addr_i = job.w_addr;
  top_->load_bytes_i = job.load_bytes;
  top_->load_oc_m1_i = job.load_channels - 1;
  top_->tile_oc_m1_i = job.tile_channels - 1;
  top_->oc_bytes_i = job.channel_bytes();
  top_->burst_m1_i = job.burst_beats - 1;
}

void ParamBench::expect_rows(const ParamJob& job) {
  std::uint32_t channel = 0;
  for (const ExpectedRow& row : expected_.rows) {
    RowCheck check{row, {}};
    for (; channel < row.channels_done; ++channel) {
      check.channels.push_back({channel, job.half, expected_.k[channel], expected_.bn[channel], job_});
    }
    uncounted_.push_back(check);
  }
}

void ParamBench::take_act() {
  constexpr int kReadyCycle = 15;  // 18 reads, of which lines may overtake the last three
  top_->start_i = 1;
  top_->act_want_i = 1;
  tick();
  top_->start_i = 0;
  top_->act_want_i = 0;
  std::uint32_t segment = 16;
  for (int cycle = 0; cycle < 24; ++cycle) {
    if (cycle == conditions_.act_clear_cycle) {
      clear();
      return;
    }
    top_->clk_i = 0;
    top_->eval();
    require(top_->tables_ready_o == (cycle >= kReadyCycle), "activation table ready too early or late");
    if (top_->act_entry_valid_o) check_act(--segment);
    tick();
  }
  require(segment == 0, "activation table incomplete");
}

void ParamBench::check_act(std::uint32_t i) const {
  const bool good = top_->act_idx_o == i && top_->act_key_o == (expected_.key[i] & mask(36)) &&
                    top_->act_start_o == (expected_.start[i] & mask(36)) &&
                    top_->act_mul_o == static_cast<std::uint16_t>(expected_.mul[i]) &&
                    top_->act_shift_o == expected_.shift[i] && top_->act_bias_o == expected_.bias[i];
  require(good, "wrong activation segment " + std::to_string(i));
}

std::uint32_t ParamBench::source_of_beat(const ParamJob& job, std::int64_t beat) const {
  const auto beats = [](std::uint32_t addr, std::uint32_t bytes) {
    return (addr % 8 + bytes + 7) / 8;
  };
  const std::uint32_t act = job.load_act ? beats(job.act_addr, 144) : 0;
  const std::uint32_t bn = beats(job.bn_addr, 8 * job.out_channels);
  const std::uint32_t channels = kOverlap ? job.first_channels() : 0;
  const std::uint32_t first = channels > 0 ? beats(job.w_addr, channels * job.channel_bytes()) : 0;
  if (beat < first) return 3;
  return beat < first + act ? 2 : beat < first + act + bn ? 1 : 3;
}

ParamResult ParamBench::run(const ParamJob& job, const ParamConditions& conditions,
                            bool clear_after_error) {
  expected_ = expected_params(job, [this](std::uint32_t addr) { return byte_at(addr); });
  set_job(job);
  top_->job_valid_i = 1;
  bool accepted = false;
  for (std::uint64_t wait = 0; !accepted; ++wait) {
    require(wait < kMaxSilence, "job not accepted");
    top_->clk_i = 0;
    top_->eval();
    accepted = top_->job_ready_o;
    if (accepted) {
      conditions_ = conditions;
      require(bursts_.empty(), "job accepted with bursts outstanding");
      burst_beats_ = job.burst_beats;
      beats_ = 0;
      last_beat_ = cycle_;
      ++job_;
      started_ = false;
      expect_rows(job);
    }
    tick();
  }
  top_->job_valid_i = 0;

  ParamResult result;
  const std::uint64_t start = cycle_;
  for (;;) {
    if (static_cast<std::int64_t>(cycle_ - start) == conditions.clear_cycle) {
      clear();
      conditions_.error_beat = -1;
      result.end = ParamResult::End::kCleared;
      break;
    }
    if (static_cast<std::int64_t>(cycle_ - start) == conditions.reset_cycle) {
      reset();
      conditions_.error_beat = -1;
      result.end = ParamResult::End::kCleared;
      break;
    }
    require(cycle_ - last_beat_ < kMaxSilence, "job hangs");
    top_->start_i = cycle_ - start == conditions.start_cycle;
    top_->clk_i = 0;
    top_->eval();
    const bool done = top_->job_done_o;
    const bool error = top_->job_err_o;
    if (error) {
      require(beats_ > conditions.error_beat && conditions.error_beat >= 0, "error without cause");
      require(top_->job_err_src_o == source_of_beat(job, conditions.error_beat), "error source");
    }
    tick();
    // Tables are those of the layer from the cycle after its start on.
    if (tables_there() && result.tables_cycles == 0) result.tables_cycles = cycle_ - start;
    if (top_->start_i) started_ = true;
    top_->start_i = 0;
    if (done) require(conditions.error_beat < 0 || beats_ <= conditions.error_beat, "lost error");
    if (done) break;
    if (error) {
      result.end = ParamResult::End::kError;
      uncounted_.clear();  // the job's other rows never count
      // .. and its tables may never come
      while (!tables_there() && !channels_to_read_.empty() && channels_to_read_.back().job == job_) channels_to_read_.pop_back();
      if (clear_after_error) clear();
      break;
    }
  }
  result.cycles = cycle_ - start;
  result.weights_cycles = last_row_cycle_ - start;
  result.beats = static_cast<std::uint64_t>(beats_);
  result.data_cycles = last_beat_ - first_beat_ + 1;
  if (result.end == ParamResult::End::kDone) {
    require(uncounted_.empty(), "done before all rows count");
    require(!started_ || cycle_ - start < conditions.start_cycle + 3 || tables_there(), "done before the tables are there");
    if (kOverlap && !started_) {
      top_->start_i = 1;
      tick();
      top_->start_i = 0;
      started_ = true;
    }
    if (job.load_act) take_act();
  }
  return result;
}

void ParamBench::finish() {
  conditions_.consumer_stall = 0;
  for (std::uint64_t wait = 0; !rows_to_read_.empty() || !channels_to_read_.empty(); ++wait) {
    require(wait < kMaxSilence, "rows left over");
    tick();
  }
  tick();
}

}  // namespace kpu::test
