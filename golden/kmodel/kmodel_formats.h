// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"

namespace kpu::golden {

/// The loaders behind load_model(), one per format. Each takes the whole file and throws Error for
/// anything in it that is damaged or cannot run.
std::unique_ptr<Model> load_kmodel_v1(std::vector<std::uint8_t> file);
std::unique_ptr<Model> load_kmodel_v3(std::vector<std::uint8_t> file, const std::string& variant);
std::unique_ptr<Model> load_kmodel_v4(std::vector<std::uint8_t> file);
std::unique_ptr<Model> load_kmodel_v5(std::vector<std::uint8_t> file, const std::string& numbering);

}  // namespace kpu::golden
