// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sim/energy/layer_energy.h"

namespace kpu::sim {

/// Events by name.
nlohmann::ordered_json events_json(const EventCounts& counts);

/// A table by layer, the sum, and what it is of: microjoules.
std::string energy_text(const NetworkEnergy& energy);

/// The same, with what it is of.
nlohmann::ordered_json energy_json(const NetworkEnergy& energy);

}  // namespace kpu::sim
