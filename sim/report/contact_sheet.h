// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sim/vision/image.h"

namespace kpu::sim {

/// A channel as a grey picture, stretched from black at its least value to white at its most.
struct ChannelTile {
  Image picture;
  int least = 0;
  int most = 0;
};

/// Channel `channel` of a planar image (channels x height x width).
ChannelTile channel_tile(std::span<const std::uint8_t> planar, int channel, int height, int width);

/// Every channel of a planar image (channels x height x width) as a grey tile with its number
/// and its least and most value below, under a title. Each tile is stretched from black at its
/// least value to white at its most; small channels are magnified.
Image contact_sheet(std::span<const std::uint8_t> planar, int channels, int height, int width,
                    const std::string& title);

}  // namespace kpu::sim
