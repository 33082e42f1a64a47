// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/files.h"
#include "common/temp_files.h"
#include "sim/engine/rtl_backend.h"
#include "tb/kpu_harness.h"

namespace kpu::sim {

/// Records waves from its construction to end(); the files appear when end() has returned.
class WaveRecording {
 public:
  /// Throws Error if the file cannot be written. `harness` must outlive this.
  WaveRecording(tb::KpuHarness& harness, const WaveRequest& request);

  /// Whether all cycles that were asked for have been recorded.
  bool full() const;
  /// Stops, and writes the GTKWave save file. Throws Error if no cycle was recorded.
  void end();

 private:
  tb::KpuHarness& harness_;
  WaveRequest request_;
  OutputFile file_;
  TempFile hierarchy_;  ///< the simulator's library keeps it there while it records
  std::uint64_t start_;
};

}  // namespace kpu::sim
