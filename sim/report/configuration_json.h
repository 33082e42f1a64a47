// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/model/configuration.h"

namespace kpu::sim {

/// {"name": .., "parameters": {"Lanes": .., ..}} for reports. null: nobody named it, or a board
/// does not tell the parameter.
nlohmann::ordered_json configuration_json(const Configuration& configuration);

}  // namespace kpu::sim
