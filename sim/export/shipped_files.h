// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace kpu::sim {

/// A file of sim/export/files, which the tool carries along and writes beside the images.
struct ShippedFile {
  const char* name;
  const char* text;
};

std::span<const ShippedFile> shipped_files();

}  // namespace kpu::sim
