// SPDX-License-Identifier: Apache-2.0
//
// What products-inl.h does, for targets whose vectors get their size from the machine (SVE). Such
// vectors cannot be elements of an array, so each sum has a name. No include guard: convolve-inl.h
// includes this.

/// Puts conv of the block's channels at the positions of a pass into `tile`, or what is there
/// already if that is more.
template <std::size_t kGroup, std::size_t kCount>
HWY_INLINE void ConvSums(const Block& block, std::size_t pass, std::size_t first,
                         const std::int32_t* weights, Tile& tile) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t taps = block.task.taps;
  const std::size_t plane = block.task.plane;
  const std::size_t* const offsets = block.task.offsets + pass * taps;
  const V32 start = hn::Load(d, block.terms + pass * lanes);
  V32 sum0 = start, sum1 = start, sum2 = start, sum3 = start, sum4 = start, sum5 = start;
  const std::uint32_t* pixels = block.pixels;
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
