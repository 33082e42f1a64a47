// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "golden/kpu/kpu_backend.h"
#include "golden/kpu/layer_args.h"

namespace kpu::test {

/// A job on its way to a backend, open to faults.
struct SpoiledJob {
  golden::LayerArgs args;
  std::vector<std::uint8_t> weights;
  std::vector<std::uint8_t> batch_norm;
  std::vector<std::uint8_t> act;
  bool to_main_memory = false;
};

/// A backend with faults: jobs pass through a hand that spoils them before they run, and their
/// outputs through another.
class SpoiledBackend : public golden::KpuBackend {
 public:
  using SpoilJob = std::function<void(SpoiledJob& job)>;
  using SpoilOutput = std::function<void(const SpoiledJob& job, std::vector<std::uint8_t>& output)>;

  SpoiledBackend(std::unique_ptr<golden::KpuBackend> backend, SpoilJob spoil_job,
                 SpoilOutput spoil_output = {})
      : backend_(std::move(backend)),
        spoil_job_(std::move(spoil_job)),
        spoil_output_(std::move(spoil_output)) {}

  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes) override {
    backend_->write_ram(address, bytes);
  }
  void read_ram(std::size_t address, std::span<std::uint8_t> bytes) override {
    backend_->read_ram(address, bytes);
  }
  void set_eight_bit_mode(bool eight_bit) override { backend_->set_eight_bit_mode(eight_bit); }

  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override {
    std::vector<SpoiledJob> hands;
    std::vector<golden::KpuJob> spoiled(jobs.begin(), jobs.end());
    for (const golden::KpuJob& job : jobs) {
      const auto copy = [](std::span<const std::uint8_t> table) {
        return std::vector<std::uint8_t>(table.begin(), table.end());
      };
      hands.push_back({golden::decode(job.words), copy(job.tables.weights),
                       copy(job.tables.batch_norm), copy(job.tables.act), job.to_main_memory});
      if (spoil_job_) spoil_job_(hands.back());
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      spoiled[i].words = golden::encode(hands[i].args);
      spoiled[i].tables = {hands[i].weights, hands[i].batch_norm, hands[i].act};
    }
    auto results = backend_->run_layers(spoiled, observer);
    for (std::size_t i = 0; spoil_output_ && i < results.size(); ++i) {
      spoil_output_(hands[i], results[i].output);
    }
    return results;
  }

 private:
  std::unique_ptr<golden::KpuBackend> backend_;
  SpoilJob spoil_job_;
  SpoilOutput spoil_output_;
};

}  // namespace kpu::test
