// SPDX-License-Identifier: Apache-2.0
#include "compiler/emit/layer_form.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <variant>

#include "common/error.h"

namespace kpu::compiler {
namespace {

/// Half of the weight memory: the other half is filled while this one is used.
constexpr std::size_t kHalfWeightMemory = 36 * 1024;
constexpr std::uint32_t kMostLoads = 64;

}  // namespace

const Conv* kpu_layer(const Node& node) {
  const auto* conv = std::get_if<Conv>(&node.op);
  return conv != nullptr && conv->on_kpu ? conv : nullptr;
}

bool keeps_codes(const Quantised& network, const Node& node) {
  const auto* elementwise = std::get_if<Elementwise>(&node.op);
  return elementwise != nullptr && elementwise->codes && elementwise->function.is_identity() &&
         network.codes[node.inputs[0]] == network.codes[node.output];
}

golden::LayerShape layer_shape(const Conv& conv, const Dims& in, const Dims& out) {
  return {.in_channels = static_cast<std::uint32_t>(in[1]),
          .out_channels = static_cast<std::uint32_t>(out[1]),
          .height = static_cast<std::uint32_t>(in[2]),
          .width = static_cast<std::uint32_t>(in[3]),
          .kernel = static_cast<std::uint32_t>(conv.window.kernel[0]),
          .depthwise = conv.groups > 1,
          .pool_type = pool_number(conv.pool)};
}

golden::LayerArgs layer_args(const golden::LayerShape& shape, const KpuTables& tables) {
  golden::LayerArgs args = golden::make_layer_args(shape, tables.eight_bit);
  if (args.loads > kMostLoads) {
    args.load_channels = (args.out_channels + kMostLoads - 1) / kMostLoads;
    args.loads = (args.out_channels + args.load_channels - 1) / args.load_channels;
    args.load_bytes = static_cast<std::uint32_t>(args.channel_weights() * args.load_channels *
                                                 (tables.eight_bit ? 1 : 2));
    if (args.load_bytes > kHalfWeightMemory) {
      throw Error(fmt::format("{} bytes of weights a load, expected at most {}", args.load_bytes,
                              kHalfWeightMemory));
    }
  }
  args.conv = tables.conv;
  args.pad_value = tables.pad_value;
  return args;
}

}  // namespace kpu::compiler
