// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "golden/fast/act_lut.h"
#include "golden/fast/act_steps.h"
#include "golden/fast/grid.h"
#include "golden/fast/kernels.h"
#include "golden/kpu/arith.h"
#include "golden/kpu/kpu_layer.h"
#include "golden/kpu/layer_args.h"

namespace kpu::golden::fast {

/// Everything about a layer that does not depend on its input, ready for the kernels.
struct LayerPlan {
  LayerArgs args;
  ActLut lut;
  ActSteps steps;  ///< of kSteps
  ActMode mode = ActMode::kTable;
  std::vector<ChannelTerms> channels;  ///< one an output channel, and one more if they are odd
  Grid grid;
  ConvShape shape{};
  /// As ConvTask has them; of a depthwise layer, of each tap.
  std::vector<std::size_t> offsets;
  std::size_t groups = 0;  ///< input groups, the last one filled up with zeros
  unsigned phases = 1;     ///< a bit for each phase plane that is read
  /// Packed as ConvTask has them; of a depthwise layer, plain: [channel][tap].
  std::vector<std::int32_t> weights;
  /// What was taken off each weight: the one that takes the pixel term off, too, if weights allow
  /// it.
  std::int32_t weight_offset = 0;
  bool pixel_terms = false;  ///< there is a pixel term left; of a depthwise layer, its arg_x holds
  bool pairs = false;        ///< of a depthwise layer: no pixel term, and weights fit 16 bits

  std::size_t taps() const { return std::size_t{args.kernel()} * args.kernel(); }
};

/// A plan for a valid layer; nothing if the fast path cannot prove that it gives the reference's
/// bits: conv might not fit 32 bits, or the layer has a mode that only the reference has (full_add,
/// no activation).
std::optional<LayerPlan> make_plan(const LayerArgs& args, const LayerTables& tables, bool eight_bit,
                                   const ArithOptions& options);

}  // namespace kpu::golden::fast
