// SPDX-License-Identifier: Apache-2.0
//
// The convolutions of a network on oneDNN, to compare the golden model's fast path with; built where oneDNN is found.
#pragma once

#include <string>
#include <vector>

#include "golden/kpu/layer_args.h"

namespace kpu::bench {

/// What a layer's convolution took on oneDNN.
struct OnednnLayer {
  std::string implementation;  ///< oneDNN's name for it
  double milliseconds = 0;     ///< best of the runs, of the calling thread
};

/// The newest instructions that oneDNN may use, those of Highway's target "AVX2", "AVX3" or "AVX3_DL", or "" for all of
/// the machine. Before anything else of oneDNN. Throws Error for any other name.
void limit_onednn(const std::string& isa);

/// Each layer's convolution over all of its pixels, without its pooling: uint8 pixels, int8 weights, bias, ReLU, uint8
/// outputs, weights and pixels in the layouts that oneDNN chooses, laid out before the time is taken; pairs of products
/// may saturate where the machine has no byte products. The best of `runs` each. On as many threads as OpenMP gives
/// (OMP_NUM_THREADS=1).
std::vector<OnednnLayer> run_onednn(const std::vector<golden::LayerArgs>& layers, int runs);

}  // namespace kpu::bench
