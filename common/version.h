// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kpu {

/// This project's version, "1.0.0".
const char* version();

}  // namespace kpu
