// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "golden/fast/act_lut.h"
#include "golden/fast/act_steps.h"
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
  std::vector<ChannelTerms> channels;    ///< one an output channel
  std::vector<std::size_t> tap_offsets;  ///< in a plane with its border
  ConvShape shape{};
  std::size_t groups = 0;  ///< input groups, the last one filled up with zeros
  /// Packed as ConvTask has them; of a depthwise layer, plain: [channel][tap].
  std::vector<std::int32_t> weights;
  /// What was taken off each weight to make it signed.
  std::uint32_t weight_offset = 0;

  /// Border around the image that the kernel needs, in pixels.
  std::size_t border() const { return args.kernel() == 3 ? 1 : 0; }
  std::size_t plane_width() const { return args.in_width + 2 * border(); }
  std::size_t plane_height() const { return args.in_height + 2 * border(); }
  /// From the first output position to one past the last.
  std::size_t positions() const { return (args.in_height - 1) * plane_width() + args.in_width; }
};

/// A plan for a valid layer; nothing if the fast path cannot prove that it gives the reference's
/// bits: conv might not fit 32 bits, or the layer has a mode that only the reference has (full_add,
/// no activation).
std::optional<LayerPlan> make_plan(const LayerArgs& args, const LayerTables& tables, bool eight_bit,
                                   const ArithOptions& options);

}  // namespace kpu::golden::fast
