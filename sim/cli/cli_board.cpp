// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "board/cli/cli_board.h"
#include "common/error.h"
#include "golden/fast/fast_backend.h"
#include "golden/kpu/kpu_backend.h"
#include "sim/cli/cli.h"
#include "sim/engine/rtl_backend.h"

namespace kpu::sim {
namespace {

std::unique_ptr<golden::KpuBackend> make_golden() {
  return std::make_unique<golden::fast::FastBackend>();
}

std::unique_ptr<golden::KpuBackend> make_rtl() { return make_rtl_backend({}); }

/// The RTL with the golden model beside it: a layer whose outputs differ throws HardwareFault.
class ComparedBackend final : public golden::KpuBackend {
 public:
  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes) override {
    rtl_->write_ram(address, bytes);
    golden_->write_ram(address, bytes);
  }
  void read_ram(std::size_t address, std::span<std::uint8_t> bytes) override {
    rtl_->read_ram(address, bytes);
  }
  void set_eight_bit_mode(bool eight_bit) override {
    rtl_->set_eight_bit_mode(eight_bit);
    golden_->set_eight_bit_mode(eight_bit);
  }
  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override {
    std::vector<golden::KpuJobResult> results = rtl_->run_layers(jobs, observer);
    const std::vector<golden::KpuJobResult> expected = golden_->run_layers(jobs, nullptr);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto& got = results[i].output;
      const auto& want = expected[i].output;
      if (got == want) continue;
      const auto at = std::mismatch(got.begin(), got.end(), want.begin(), want.end());
      throw HardwareFault(fmt::format("layer {}: output differs from the golden model at byte {}",
                                      jobs[i].layer, at.first - got.begin()));
    }
    return results;
  }

 private:
  std::unique_ptr<golden::KpuBackend> rtl_ = make_rtl();
  std::unique_ptr<golden::KpuBackend> golden_ = make_golden();
};

}  // namespace

void add_board_command(CLI::App& app, int& exit_code) {
  board::add_board_command(app, exit_code,
                           {{"rtl", make_rtl},
                            {"golden", make_golden},
                            {"both", [] { return std::make_unique<ComparedBackend>(); }}});
}

}  // namespace kpu::sim
