// SPDX-License-Identifier: Apache-2.0
//
// How the KPU's layers compare with another engine's, as text and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sim/engine/run_report.h"

namespace kpu::sim {

/// A table with a row for each layer, and their sum in a line.
std::string rule_text(const RuleReport& report);

/// {"rule", "layers": [{"outputs", "differing", "largest", "causes", "first"}]}.
nlohmann::ordered_json rule_json(const RuleReport& report);

}  // namespace kpu::sim
