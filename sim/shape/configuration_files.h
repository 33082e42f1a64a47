// SPDX-License-Identifier: Apache-2.0
//
// The repository's configurations as they were when this program was built.
#pragma once

#include <span>

namespace kpu::sim {

/// A file of configs/.
struct ConfigurationFile {
  const char* name;  ///< of the file, without its ending
  const char* text;  ///< JSON
};

/// All files of configs/, by name.
std::span<const ConfigurationFile> configuration_files();

/// configs/schema/configuration.json.
const char* configuration_schema();

/// The configuration that this program's RTL has, with all its parameters: name, description,
/// parameters.
const char* built_configuration_text();

/// Whether the simulated RTL of this program checks its assertions (KPU_RTL_ASSERT).
bool built_with_assertions();

}  // namespace kpu::sim
