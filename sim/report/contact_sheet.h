// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sim/vision/image.h"

namespace kpu::sim {

/// Every channel of a planar image (channels x height x width) as a grey tile with its number
/// below, under a title. Grey values are the values themselves; small channels are magnified.
Image contact_sheet(std::span<const std::uint8_t> planar, int channels, int height, int width,
                    const std::string& title);

}  // namespace kpu::sim
