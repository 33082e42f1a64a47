// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/layers_apart.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "common/error.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/layer_args.h"
#include "sim/model/configuration.h"
#include "sim/model/schedule.h"

namespace kpu::sim {
namespace {

/// Indices of `units`, those with the most work first.
std::vector<std::size_t> largest_first(std::span<const JobUnit> units) {
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return units[a].work > units[b].work; });
  return order;
}

UnitResult simulate(std::span<const CapturedJob> jobs, RtlOptions options) {
  options.direct_ram = true;
  const std::unique_ptr<RtlKpu> rtl = make_rtl_backend(options);
  rtl->set_eight_bit_mode(jobs.front().eight_bit);
  UnitResult result;
  for (const CapturedJob& captured : jobs) {
    const golden::KpuJob job = captured.job();
    golden::upload_image(*rtl, golden::decode(job.words).input_layout(), captured.input);
    result.jobs.push_back(std::move(rtl->run_layers({&job, 1}, {}).front()));
  }
  result.traffic = rtl->traffic();
  return result;
}

class ReplayBackend final : public RtlKpu {
 public:
  ReplayBackend(std::span<const CapturedJob> jobs, std::vector<UnitResult> results) {
    for (const CapturedJob& job : jobs) places_.emplace_back(job.layer, job.batch);
    for (UnitResult& unit : results) {
      std::move(unit.jobs.begin(), unit.jobs.end(), std::back_inserter(results_));
      for (const auto& [master, traffic] : unit.traffic) {
        traffic_[master].read_bytes += traffic.read_bytes;
        traffic_[master].written_bytes += traffic.written_bytes;
      }
    }
  }

  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes) override {
    std::copy(bytes.begin(), bytes.end(), part(address, bytes.size()).begin());
  }
  void read_ram(std::size_t address, std::span<std::uint8_t> bytes) override {
    const auto from = part(address, bytes.size());
    std::copy(from.begin(), from.end(), bytes.begin());
  }
  void set_eight_bit_mode(bool) override {}

  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override {
    std::vector<golden::KpuJobResult> results;
    for (std::size_t i = 0; i < jobs.size(); ++i, ++next_) {
      if (next_ >= results_.size() || places_[next_] != std::pair(jobs[i].layer, jobs[i].batch)) {
        throw Error(fmt::format(
            "KPU layer {}: the golden model did not run it: expected a run from end to end",
            jobs[i].layer));
      }
      results.push_back(std::move(results_[next_]));
      golden::pack_image(ram_.bytes(), golden::decode(jobs[i].words).output_layout(),
                         results.back().output);
      if (observer) observer(i, results.back());
    }
    return results;
  }

  std::map<std::string, driver::Traffic> traffic() const override { return traffic_; }
  Configuration configuration() const override { return built_configuration(); }
  std::size_t ram_lines() const override { return kAiRamLines; }

 private:
  std::span<std::uint8_t> part(std::size_t address, std::size_t size) {
    if (address > kAiRamBytes || size > kAiRamBytes - address) {
      throw Error(fmt::format("AI RAM access of {} bytes at {:#x}: expected an end within {:#x}",
                              size, address, kAiRamBytes));
    }
    return ram_.bytes().subspan(address, size);
  }

  std::vector<std::pair<std::size_t, std::size_t>> places_;  ///< layer and batch of each job
  std::vector<golden::KpuJobResult> results_;
  std::map<std::string, driver::Traffic> traffic_;
  golden::AiRam ram_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<JobUnit> units_of(std::span<const CapturedJob> jobs) {
  std::vector<JobUnit> units;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const golden::LayerArgs args = golden::decode(jobs[i].words);
    const bool needs_the_last = !args.load_para || !args.load_coor;
    if (units.empty() || !needs_the_last) units.push_back({i, 0, 0});
    ++units.back().count;
    units.back().work += array_bound(args, jobs[i].eight_bit, built_configuration());
  }
  return units;
}

std::vector<std::size_t> share_of(std::span<const JobUnit> units, std::size_t share,
                                  std::size_t shares) {
  std::vector<std::uint64_t> load(shares, 0);
  std::vector<std::size_t> mine;
  for (const std::size_t unit : largest_first(units)) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += units[unit].work;
    if (static_cast<std::size_t>(least - load.begin()) == share) mine.push_back(unit);
  }
  std::sort(mine.begin(), mine.end());
  return mine;
}

std::vector<UnitResult> simulate_units(std::span<const CapturedJob> jobs,
                                       std::span<const JobUnit> units,
                                       std::span<const std::size_t> wanted,
                                       const RtlOptions& options, std::size_t threads,
                                       const std::function<void(std::size_t)>& on_unit) {
  std::vector<JobUnit> chosen;
  for (const std::size_t unit : wanted) chosen.push_back(units[unit]);
  const std::vector<std::size_t> order = largest_first(chosen);
  RtlOptions alone = options;
  alone.on_cycles = {};
  std::vector<UnitResult> results(chosen.size());
  std::vector<std::exception_ptr> errors(chosen.size());
  std::atomic<std::size_t> next = 0;
  std::mutex reporting;
  const auto work = [&] {
    for (std::size_t i = next++; i < order.size(); i = next++) {
      const std::size_t at = order[i];
      try {
        results[at] = simulate(jobs.subspan(chosen[at].first, chosen[at].count), alone);
      } catch (...) {
        errors[at] = std::current_exception();
      }
      const std::lock_guard lock(reporting);
      if (on_unit) on_unit(wanted[at]);
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t i = 1; i < std::min(threads, order.size()); ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  return results;
}

std::unique_ptr<RtlKpu> make_replay_backend(std::span<const CapturedJob> jobs,
                                            std::vector<UnitResult> results) {
  return std::make_unique<ReplayBackend>(jobs, std::move(results));
}

}  // namespace kpu::sim
