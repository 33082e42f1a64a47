// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/vision/image.h"

namespace kpu::examples {

/// The example picture, drawn by code: edges of every direction, curves, gradients, text, and
/// neighbouring colours of equal brightness. Size: that of the edge network's input.
sim::Image make_scene();

}  // namespace kpu::examples
