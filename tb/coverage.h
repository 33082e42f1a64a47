// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <verilated.h>
#if VM_COVERAGE
#include <unistd.h>
#include <verilated_cov.h>

#include <atomic>
#include <cstdlib>
#include <string>
#endif

namespace kpu::tb {

/// Writes what the design of `context` has covered to a file of its own in the folder KPU_COVERAGE_DIR
/// (scripts/coverage.sh adds them up). Nothing where the RTL was built without coverage. To be called
/// when the design has been finished.
inline void save_coverage([[maybe_unused]] VerilatedContext& context) {
#if VM_COVERAGE
  const char* folder = std::getenv("KPU_COVERAGE_DIR");
  if (folder == nullptr) return;
  static std::atomic<unsigned> count = 0;
  const std::string path = std::string(folder) + "/" + std::to_string(getpid()) + "-" +
                           std::to_string(count++) + ".dat";
  context.coveragep()->forcePerInstance(true);
  context.coveragep()->write(path.c_str());
#endif
}

}  // namespace kpu::tb
