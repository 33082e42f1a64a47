// SPDX-License-Identifier: Apache-2.0
//
// A block of output channels at some vectors of positions, for targets whose vectors have a size
// that the compiler knows. No include guard: kernels.cpp includes this inside its namespace, once
// for each.

// As many sums as registers allow: 8 x 3 of 32 registers, 4 x 3 of 16.
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
constexpr std::size_t kBlock = 8;
#else
constexpr std::size_t kBlock = 4;
#endif
constexpr std::size_t kVectors = 3;

/// The sums of one block of output channels, to the activation's outputs.
template <ActMode kMode>
HWY_INLINE void FinishBlock(const ConvTask& task, std::size_t block, std::size_t begin,
                            const V32 (&sums)[kBlock][kVectors]) {
  const D32 d;
  const std::size_t first = block * kBlock;
  const std::size_t channels = std::min(kBlock, task.out_channels - first);
  for (std::size_t c = 0; c < channels; ++c) {
    const ChannelTerms& terms = task.channels[first + c];
    const Finish<kMode> finish(terms, task.activation);
    std::uint8_t* out = task.act + (first + c) * task.act_stride + begin;
    const V32 constant = hn::Set(d, terms.constant);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t first_position = begin + v * hn::Lanes(d);
      const std::size_t valid =
          task.positions > first_position ? task.positions - first_position : 0;
      finish.Store(hn::Add(sums[c][v], constant), out + v * hn::Lanes(d),
                   std::min(valid, hn::Lanes(d)));
    }
  }
}

/// One block of output channels at kVectors vectors of positions.
template <std::size_t kGroup>
HWY_INLINE void ConvolveBlock(const ConvTask& task, std::size_t block, std::size_t begin) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  V32 sums[kBlock][kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) {
    const V32 term = hn::LoadU(d, task.position_terms + begin + v * lanes);
    for (std::size_t c = 0; c < kBlock; ++c) {
      sums[c][v] = term;
    }
  }
  const std::int32_t* weights = task.weights + block * task.groups * task.taps * kBlock;
  for (std::size_t group = 0; group < task.groups; ++group) {
    const std::uint32_t* plane = task.pixels + group * task.plane + begin;
    for (std::size_t tap = 0; tap < task.taps; ++tap, weights += kBlock) {
      const auto* at = reinterpret_cast<const std::int32_t*>(plane + task.tap_offsets[tap]);
      V32 pixels[kVectors];
      for (std::size_t v = 0; v < kVectors; ++v) {
        pixels[v] = hn::LoadU(d, at + v * lanes);
      }
      for (std::size_t c = 0; c < kBlock; ++c) {
        const V32 weight = hn::Set(d, weights[c]);
        for (std::size_t v = 0; v < kVectors; ++v) {
          sums[c][v] = AddProducts<kGroup>(sums[c][v], pixels[v], weight);
        }
      }
    }
  }
  switch (task.activation.mode) {
    case ActMode::kLine:
      return FinishBlock<ActMode::kLine>(task, block, begin, sums);
    case ActMode::kPackedTable:
      return FinishBlock<ActMode::kPackedTable>(task, block, begin, sums);
    case ActMode::kTable:
      return FinishBlock<ActMode::kTable>(task, block, begin, sums);
    case ActMode::kSteps:
      return FinishBlock<ActMode::kSteps>(task, block, begin, sums);
  }
}
