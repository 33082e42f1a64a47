// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/wave_recording.h"

#include <fmt/format.h>

#include <string>

#include "common/error.h"
#include "sim/engine/wave_save.h"

namespace kpu::sim {

WaveRecording::WaveRecording(tb::KpuHarness& harness, const WaveRequest& request)
    : harness_(harness),
      request_(request),
      file_(request.path),
      hierarchy_(file_.draft() + ".hier"),
      start_(harness.cycles()) {
  harness_.start_trace(file_.draft(), request_.from, request_.cycles);
}

bool WaveRecording::full() const {
  return harness_.cycles() - start_ >= request_.from &&
         harness_.cycles() - start_ - request_.from >= request_.cycles;
}

void WaveRecording::end() {
  harness_.stop_trace();
  if (const std::uint64_t cycles = harness_.cycles() - start_; request_.from >= cycles) {
    throw Error(fmt::format("--wave-from {}: the layer ended after {} cycles, expected less",
                            request_.from, cycles));
  }
  // A wave file that cannot be read is what a full disk leaves: it does not appear.
  const std::string view = wave_view(file_.draft(), request_.path);
  file_.commit();
  write_file(wave_view_path(request_.path), view);
}

}  // namespace kpu::sim
