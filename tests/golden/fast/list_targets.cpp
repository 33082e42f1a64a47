// SPDX-License-Identifier: Apache-2.0
//
// Prints the names of the fast path's targets that this machine can run.
#include <hwy/targets.h>

#include <cstdint>
#include <cstdio>

#include "golden/fast/kernels.h"

int main() {
  for (const std::int64_t target : kpu::golden::fast::targets()) {
    std::printf("%s ", hwy::TargetName(target));
  }
  std::printf("\n");
  return 0;
}
