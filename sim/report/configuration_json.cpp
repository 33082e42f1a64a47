// SPDX-License-Identifier: Apache-2.0
#include "sim/report/configuration_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>

namespace kpu::sim {

nlohmann::ordered_json configuration_json(const Configuration& configuration) {
  using Json = nlohmann::ordered_json;
  Json parameters = Json::object();
  for (const ConfigurationParameter& parameter : configuration_parameters()) {
    const std::uint32_t value = configuration.*parameter.member;
    parameters[parameter.name] = value == kUnknownParameter ? Json(nullptr) : Json(value);
  }
  return {{"name", configuration.name.empty() ? Json(nullptr) : Json(configuration.name)},
          {"parameters", parameters}};
}

}  // namespace kpu::sim
