// SPDX-License-Identifier: Apache-2.0
//
// What products-inl.h does, for targets whose vectors get their size from the machine (SVE). Such
// vectors cannot be elements of an array, so each sum has a name. No include guard: convolve-inl.h
// includes this.

/// What the sums of pixels add to every channel at the positions of a pass.
template <std::size_t kGroup>
HWY_INLINE void PixelTerms(const ConvTask& task, const Pass& pass, std::int32_t* terms) {
  const D32 d;
  const V32 ones = hn::Set(d, kGroup == 4 ? 0x01010101 : 0x00010001);
  V32 sum = hn::Zero(d);
  const std::uint32_t* pixels = pass.pixels;
  for (std::size_t group = task.groups; group > 0; --group, pixels += task.plane) {
    for (std::size_t tap = 0; tap < task.taps; ++tap) {
      const auto* at = reinterpret_cast<const std::int32_t*>(pixels + pass.offsets[tap]);
      sum = AddProducts<kGroup>(sum, hn::LoadU(d, at), ones);
    }
  }
  hn::Store(PixelTerm(task, sum), d, terms);
}

/// Puts conv of the block's channels at the positions of a pass into `tile`, or what is there
/// already if that is more.
template <std::size_t kGroup, std::size_t kCount>
HWY_INLINE void ConvSums(const Block& block, std::size_t vector, std::size_t pass,
                         std::size_t first, const std::int32_t* weights, Tile& tile) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t taps = block.task.taps;
  const std::size_t plane = block.task.plane;
  const Pass from(block, vector, pass);
  const std::size_t* const offsets = from.offsets;
  const V32 start = hn::Load(d, from.terms);
  V32 sum0 = start, sum1 = start, sum2 = start, sum3 = start, sum4 = start, sum5 = start;
  const std::uint32_t* pixels = from.pixels;
  for (std::size_t group = block.task.groups; group > 0; --group, pixels += plane) {
    for (std::size_t tap = 0; tap < taps; ++tap, weights += kCount) {
      const V32 packed = hn::LoadU(d, reinterpret_cast<const std::int32_t*>(pixels + offsets[tap]));
      sum0 = AddProducts<kGroup>(sum0, packed, hn::Set(d, weights[0]));
      sum1 = AddProducts<kGroup>(sum1, packed, hn::Set(d, weights[1]));
      if constexpr (kCount > 2) {
        sum2 = AddProducts<kGroup>(sum2, packed, hn::Set(d, weights[2]));
        sum3 = AddProducts<kGroup>(sum3, packed, hn::Set(d, weights[3]));
      }
      if constexpr (kCount > 4) {
        sum4 = AddProducts<kGroup>(sum4, packed, hn::Set(d, weights[4]));
        sum5 = AddProducts<kGroup>(sum5, packed, hn::Set(d, weights[5]));
      }
    }
  }
  const auto put = [&](std::size_t c, V32 sum) HWY_ATTR {
    V32 conv = hn::Add(sum, hn::Set(d, block.task.channels[first + c].constant));
    if (pass > 0) conv = hn::Max(conv, hn::Load(d, tile + c * lanes));
    hn::Store(conv, d, tile + c * lanes);
  };
  put(0, sum0);
  put(1, sum1);
  if constexpr (kCount > 2) {
    put(2, sum2);
    put(3, sum3);
  }
  if constexpr (kCount > 4) {
    put(4, sum4);
    put(5, sum5);
  }
}
