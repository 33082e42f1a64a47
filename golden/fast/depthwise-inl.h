// SPDX-License-Identifier: Apache-2.0
//
// One channel of a depthwise layer. No include guard: kernels.cpp includes this inside its namespace, once for each
// target.

/// Any weights: a position in each lane of 32 bits.
template <ActMode kMode>
void ConvolveLanes(const DepthwiseTask& task) {
  const D32 d;
  const hn::Rebind<std::uint8_t, D32> d8;
  const std::size_t lanes = hn::Lanes(d);
  const Finish<kMode> finish(task.channel, task.activation);
  const V32 constant = hn::Set(d, task.channel.constant);
  const V32 arg_x = hn::Set(d, task.arg_x);
  for (std::size_t position = 0; position < task.positions; position += lanes) {
    V32 products = constant;
    V32 pixels = hn::Zero(d);
    for (std::size_t tap = 0; tap < task.taps; ++tap) {
      const V32 pixel =
          hn::PromoteTo(d, hn::LoadU(d8, task.pixels + position + task.tap_offsets[tap]));
      pixels = hn::Add(pixels, pixel);
      products = hn::Add(products, hn::Mul(pixel, hn::Set(d, task.weights[tap])));
    }
    const V32 term = Scale(pixels, arg_x, task.shr_x);
    finish.Store(hn::Add(products, term), task.act + position,
                 std::min(lanes, task.positions - position));
  }
}

// Where pairs of 16-bit numbers are multiplied and added in one instruction.
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
/// Weights of a byte: two taps a product, and a position in each lane of 16 bits until the products. Those of a
/// vector's positions are in two vectors then, in the order that interleaving inside blocks of 128 bits gives and
/// ReorderDemote2To takes back.
template <ActMode kMode, std::size_t kTaps>
void ConvolvePairs(const DepthwiseTask& task) {
  const D32 d;
  const D16 d16;
  const hn::RebindToUnsigned<D16> du16;
  const hn::Rebind<std::uint8_t, D16> d8;
  constexpr std::size_t kPairs = (kTaps + 1) / 2;
  const std::size_t lanes = hn::Lanes(d16);
  const Finish<kMode> finish(task.channel, task.activation);
  const V32 constant = hn::Set(d, task.channel.constant);
  const V32 arg_x = hn::Set(d, task.arg_x);
  V32 weights[kPairs];
  for (std::size_t pair = 0; pair < kPairs; ++pair) {
    const std::int32_t second = 2 * pair + 1 < kTaps ? task.weights[2 * pair + 1] : 0;
    weights[pair] = hn::Set(d, task.weights[2 * pair] | second << 16);
  }
  for (std::size_t position = 0; position < task.positions; position += lanes) {
    const std::uint8_t* const at = task.pixels + position;
    V32 lower = constant, upper = constant;
    auto pixels = hn::Zero(du16);
    for (std::size_t pair = 0; pair < kPairs; ++pair) {
      const auto first = hn::PromoteTo(du16, hn::LoadU(d8, at + task.tap_offsets[2 * pair]));
      auto second = hn::Zero(du16);
      if (2 * pair + 1 < kTaps) {
        second = hn::PromoteTo(du16, hn::LoadU(d8, at + task.tap_offsets[2 * pair + 1]));
      }
      pixels = hn::Add(pixels, hn::Add(first, second));
      lower = AddPairProducts(lower, hn::BitCast(d, hn::InterleaveLower(du16, first, second)),
                              weights[pair]);
      upper = AddPairProducts(upper, hn::BitCast(d, hn::InterleaveUpper(du16, first, second)),
                              weights[pair]);
    }
    const auto none = hn::Zero(du16);
    const V32 lower_pixels = hn::BitCast(d, hn::InterleaveLower(du16, pixels, none));
    const V32 upper_pixels = hn::BitCast(d, hn::InterleaveUpper(du16, pixels, none));
    const V32 lower_out =
        finish.Outputs(hn::Add(lower, Scale(lower_pixels, arg_x, task.shr_x)), lanes / 2);
    const V32 upper_out =
        finish.Outputs(hn::Add(upper, Scale(upper_pixels, arg_x, task.shr_x)), lanes / 2);
    hn::StoreU(hn::DemoteTo(d8, hn::ReorderDemote2To(d16, lower_out, upper_out)), d8,
               task.act + position);
  }
}
#endif

template <ActMode kMode>
void ConvolveChannel(const DepthwiseTask& task) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
  // The list of changes has to know which of its lanes matter.
  if constexpr (kMode != ActMode::kSteps) {
    if (task.byte_weights && task.taps == 9) return ConvolvePairs<kMode, 9>(task);
    if (task.byte_weights && task.taps == 1) return ConvolvePairs<kMode, 1>(task);
  }
#endif
  ConvolveLanes<kMode>(task);
}
