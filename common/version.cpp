// SPDX-License-Identifier: Apache-2.0
#include "common/version.h"

namespace kpu {

const char* version() { return KPU_VERSION; }

}  // namespace kpu
