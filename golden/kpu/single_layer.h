// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/kpu/arith.h"
#include "golden/kpu/kpu_backend.h"
#include "golden/kpu/layer_args.h"

namespace kpu::golden {

/// A KPU layer by itself, with its tables as numbers.
struct SingleLayer {
  LayerArgs args;  ///< loads packed, as make_layer_args() leaves them
  bool eight_bit = true;
  std::vector<std::uint16_t> weights;  ///< order [oc][ic][ky][kx], depthwise [c][ky][kx]
  std::vector<BatchNorm> batch_norm;   ///< one per output channel
  ActTable act{};
};

/// Throws Error, naming the field, unless the layer can run and its tables have their sizes.
void require_valid(const SingleLayer& layer);

/// Runs the layer on the planar image `input`, in_channels x in_height x in_width; the result's
/// output is planar, out_channels x out_height x out_width. Throws Error as require_valid(), and
/// for an input of another size.
KpuJobResult run_single_layer(KpuBackend& backend, const SingleLayer& layer,
                              std::span<const std::uint8_t> input);

}  // namespace kpu::golden
