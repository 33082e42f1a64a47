// SPDX-License-Identifier: Apache-2.0
//
// One channel of a depthwise layer. No include guard: kernels.cpp includes this inside its
// namespace, once for each target.

/// Any weights: a position in each lane of 32 bits.
template <ActMode kMode>
void ConvolveLanes(const DepthwiseTask& task) {
  const D32 d;
  const hn::Rebind<std::uint16_t, D32> d16;
  const std::size_t lanes = hn::Lanes(d);
  const Finish<kMode> finish(task.channel, task.activation);
  const V32 constant = hn::Set(d, task.channel.constant);
  const V32 arg_x = hn::Set(d, task.arg_x);
  for (std::size_t position = 0; position < task.positions; position += lanes) {
    V32 products = constant;
    V32 pixels = hn::Zero(d);
    for (std::size_t tap = 0; tap < task.taps; ++tap) {
      const V32 pixel =
          hn::PromoteTo(d, hn::LoadU(d16, task.pixels + position + task.tap_offsets[tap]));
      pixels = hn::Add(pixels, pixel);
      products = hn::Add(products, hn::Mul(pixel, hn::Set(d, task.weights[tap])));
    }
    const V32 conv = hn::Add(products, Scale(pixels, arg_x, task.shr_x));
    const std::size_t valid = std::min(lanes, task.positions - position);
    StoreBytes(finish.Outputs(conv, valid), task.act + position, lanes);
  }
}

#if KPU_NARROW_FOUR
/// 3x3 by pairs of 16-bit pixels, each of which is the right one for even positions with one pair
/// of weights and for odd ones with another.
template <ActMode kMode>
void ConvolvePairs(const DepthwiseTask& task) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const Finish<kMode> finish(task.channel, task.activation);
  const V32 constant = hn::Set(d, task.channel.constant);
  const std::size_t width = task.tap_offsets[3];
  V32 weights[3][4];
  for (std::size_t row = 0; row < 3; ++row) {
    const std::int32_t* const w = task.weights + 3 * row;
    const auto pair = [&](std::int32_t low, std::int32_t high) HWY_ATTR {
      return hn::Set(
          d, static_cast<std::int32_t>((low & 0xFFFF) | static_cast<std::uint32_t>(high) << 16));
    };
    weights[row][0] = pair(w[0], w[1]);
    weights[row][1] = pair(w[2], 0);
    weights[row][2] = pair(0, w[0]);
    weights[row][3] = pair(w[1], w[2]);
  }
  for (std::size_t position = 0; position < task.positions; position += 4 * lanes) {
    V32 outputs[2][2];
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint16_t* at = task.pixels + position + half * 2 * lanes;
      V32 even = constant, odd = constant;
      for (std::size_t row = 0; row < 3; ++row, at += width) {
        V32 first = hn::LoadU(d, reinterpret_cast<const std::int32_t*>(at));
        V32 second = hn::LoadU(d, reinterpret_cast<const std::int32_t*>(at + 2));
#if HWY_TARGET <= HWY_AVX3
        asm("" : "+v"(first.raw), "+v"(second.raw));  // loaded once: most loads cross cache lines
#endif
        even =
            AddPairProducts(AddPairProducts(even, first, weights[row][0]), second, weights[row][1]);
        odd =
            AddPairProducts(AddPairProducts(odd, first, weights[row][2]), second, weights[row][3]);
      }
      outputs[half][0] = finish.Outputs(even, lanes);
      outputs[half][1] = finish.Outputs(odd, lanes);
    }
    const V8 bytes = NarrowInTurn(outputs[0][0], outputs[0][1], outputs[1][0], outputs[1][1]);
    hn::StoreU(bytes, D8(), task.act + position);
  }
}
#endif

template <ActMode kMode>
void ConvolveChannel(const DepthwiseTask& task) {
#if KPU_NARROW_FOUR
  // The list of changes has to know which of its lanes matter.
  if constexpr (kMode != ActMode::kSteps) {
    if (task.pairs && task.taps == 9) return ConvolvePairs<kMode>(task);
  }
#endif
  ConvolveLanes<kMode>(task);
}

void ConvolveDepthwise(const DepthwiseTask& task) {
  switch (task.activation.mode) {
    case ActMode::kRelu:
      return ConvolveChannel<ActMode::kRelu>(task);
    case ActMode::kLine:
      return ConvolveChannel<ActMode::kLine>(task);
    case ActMode::kPackedTable:
      return ConvolveChannel<ActMode::kPackedTable>(task);
    case ActMode::kTable:
      return ConvolveChannel<ActMode::kTable>(task);
    case ActMode::kSteps:
      return ConvolveChannel<ActMode::kSteps>(task);
  }
}
