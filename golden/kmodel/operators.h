// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"

namespace kpu::golden {

/// Names of what files of this version may have run on the CPU, sorted, each once; what only moves
/// images to and from AI RAM is not among them.
std::vector<std::string> cpu_operators(Format format);

}  // namespace kpu::golden
