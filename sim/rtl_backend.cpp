// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_backend.h"

#include "golden/error.h"

namespace kpu::sim {

std::uint32_t rtl_lanes() { return 64; }

std::unique_ptr<golden::KpuBackend> make_rtl_backend(const RtlOptions&) {
  throw Error("--engine: this build has no RTL; expected --engine golden");
}

}  // namespace kpu::sim
