// SPDX-License-Identifier: Apache-2.0
//
// The layers that others measured on the chip (sim/model/k210_measured.h), to be run on the RTL.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/model/k210_measured.h"

namespace kpu::bench {

/// The face detector as a kmodel: its 23 layers with random weights, the last one's output to main
/// memory.
std::vector<std::uint8_t> chip_face_detector();

/// Whether AI RAM holds the input and the output of a layer of the sweep.
bool fits_ai_ram(const sim::MeasuredPoint& point);

/// A layer by itself as a kmodel; fits_ai_ram() must hold.
std::vector<std::uint8_t> chip_layer(const sim::MeasuredPoint& point);

/// Share of cycles in which a memory of 8 bytes a cycle gives data, in percent, so that parameters
/// come as fast as the chip's at this clock.
std::uint32_t chip_bandwidth_percent(double clock_hz);

}  // namespace kpu::bench
