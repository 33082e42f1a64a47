// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "golden/kpu/arith.h"
#include "golden/kpu/layer_args.h"

namespace kpu::golden {

/// A KPU layer to write, with everything it needs.
struct WriterLayer {
  LayerArgs args;                      ///< AI RAM addresses as they shall be in the file
  std::vector<std::uint16_t> weights;  ///< order [oc][ic][ky][kx], depthwise [c][ky][kx]
  std::vector<BatchNorm> batch_norm;   ///< one per output channel
  ActTable act{};
};

/// Makes kmodel v3 files: a chain of KPU layers, and what may follow it on the CPU.
///
/// Each add_ call throws Error if the layer is not valid or does not fit the one before.
class KmodelWriter {
 public:
  /// Weights of 8 or 16 bits, for all layers.
  explicit KmodelWriter(bool eight_bit) : eight_bit_(eight_bit) {}

  /// Adds a KPU layer behind the others.
  void add_kpu(const WriterLayer& layer);

  /// real = q * scale + bias.
  struct Dequantize {
    float scale = 1;
    float bias = 0;
  };

  /// Ends the network with real = q * scale + bias as floats; without it the output is uint8.
  void add_dequantize(float scale, float bias);

  /// The same with a scale and a bias for each channel of the last KPU layer; the file then has the
  /// image flattened to channels x pixels.
  void add_channelwise_dequantize(const std::vector<Dequantize>& channels);

  /// Adds a softmax over all values; only behind add_dequantize().
  void add_softmax();

  /// The file's bytes. The last KPU layer's output goes to main memory. Throws Error if there is
  /// no KPU layer.
  std::vector<std::uint8_t> finish() const;

 private:
  bool eight_bit_;
  std::vector<WriterLayer> kpu_;
  std::vector<Dequantize> dequantize_;  ///< none, one, or one for each channel
  bool channelwise_ = false;
  bool softmax_ = false;
};

}  // namespace kpu::golden
