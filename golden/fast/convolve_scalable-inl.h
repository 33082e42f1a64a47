// SPDX-License-Identifier: Apache-2.0
//
// What convolve-inl.h does, for targets whose vectors get their size from the machine (SVE). Such
// vectors cannot be elements of an array, so each sum has a name, and there are fewer of them. No
// include guard: kernels.cpp includes this inside its namespace, once for each target.

constexpr std::size_t kBlock = 4;
constexpr std::size_t kVectors = 1;

template <ActMode kMode>
HWY_INLINE void FinishChannel(const ConvTask& task, std::size_t channel, std::size_t begin,
                              V32 sum) {
  const D32 d;
  const ChannelTerms& terms = task.channels[channel];
  const Finish<kMode> finish(terms, task.activation);
  finish.Store(hn::Add(sum, hn::Set(d, terms.constant)),
               task.act + channel * task.act_stride + begin,
               std::min(task.positions - begin, hn::Lanes(d)));
}

/// The sums of one channel, to the activation's outputs, if there is such a channel.
HWY_INLINE void FinishSums(const ConvTask& task, std::size_t channel, std::size_t begin, V32 sum) {
  if (channel >= task.out_channels) return;
  switch (task.activation.mode) {
    case ActMode::kLine:
      return FinishChannel<ActMode::kLine>(task, channel, begin, sum);
    case ActMode::kPackedTable:
      return FinishChannel<ActMode::kPackedTable>(task, channel, begin, sum);
    case ActMode::kTable:
      return FinishChannel<ActMode::kTable>(task, channel, begin, sum);
    case ActMode::kSteps:
      return FinishChannel<ActMode::kSteps>(task, channel, begin, sum);
  }
}

/// One block of output channels at one vector of positions.
template <std::size_t kGroup>
HWY_INLINE void ConvolveBlock(const ConvTask& task, std::size_t block, std::size_t begin) {
  const D32 d;
  const V32 term = hn::LoadU(d, task.position_terms + begin);
  V32 sum0 = term, sum1 = term, sum2 = term, sum3 = term;
  const std::int32_t* weights = task.weights + block * task.groups * task.taps * kBlock;
  for (std::size_t group = 0; group < task.groups; ++group) {
    const std::uint32_t* plane = task.pixels + group * task.plane + begin;
    for (std::size_t tap = 0; tap < task.taps; ++tap, weights += kBlock) {
      const auto* at = reinterpret_cast<const std::int32_t*>(plane + task.tap_offsets[tap]);
      const V32 pixels = hn::LoadU(d, at);
      sum0 = AddProducts<kGroup>(sum0, pixels, hn::Set(d, weights[0]));
      sum1 = AddProducts<kGroup>(sum1, pixels, hn::Set(d, weights[1]));
      sum2 = AddProducts<kGroup>(sum2, pixels, hn::Set(d, weights[2]));
      sum3 = AddProducts<kGroup>(sum3, pixels, hn::Set(d, weights[3]));
    }
  }
  const std::size_t first = block * kBlock;
  FinishSums(task, first, begin, sum0);
  FinishSums(task, first + 1, begin, sum1);
  FinishSums(task, first + 2, begin, sum2);
  FinishSums(task, first + 3, begin, sum3);
}
