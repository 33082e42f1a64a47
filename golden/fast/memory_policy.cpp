// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/memory_policy.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace kpu::golden::fast {

void keep_freed_memory() {
#ifdef __GLIBC__
  // The values that glibc itself would come to if it saw 32 MiB given back.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

}  // namespace kpu::golden::fast
