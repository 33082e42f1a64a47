// SPDX-License-Identifier: Apache-2.0
//
// The products of a block of output channels, summed in registers, for targets whose vectors have a
// size that the compiler knows. No include guard: convolve-inl.h includes this.

/// Puts conv of the block's channels at the vectors of a pass into `tile`; with max_pool the
/// greatest of the vectors, or what is there from the pass before if that is more. No loop over
/// `sums` may be left when this is compiled, nor may anything else see it: then all of it is in
/// registers.
template <std::size_t kGroup, std::size_t kCount>
HWY_INLINE void ConvSums(const Block& block, std::size_t pass, std::size_t first,
                         const std::int32_t* weights, Tile& tile) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t taps = block.task.taps;
  const std::size_t plane = block.task.plane;
  const std::size_t* const offsets = block.task.offsets + pass * taps * kVectors;
  const std::uint32_t* pixels = block.pixels;
  V32 sums[kCount][kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) {
    const V32 term = hn::Load(d, block.terms + (pass * kVectors + v) * lanes);
    for (std::size_t c = 0; c < kCount; ++c) {
      sums[c][v] = hn::Add(term, hn::Set(d, block.task.channels[first + c].constant));
    }
  }
  for (std::size_t group = block.task.groups; group > 0; --group, pixels += plane) {
    const std::size_t* offset = offsets;
    for (std::size_t tap = taps; tap > 0; --tap, offset += kVectors, weights += kCount) {
      V32 packed[kVectors];
      for (std::size_t v = 0; v < kVectors; ++v) {
        packed[v] = hn::LoadU(d, reinterpret_cast<const std::int32_t*>(pixels + offset[v]));
      }
      for (std::size_t c = 0; c < kCount; ++c) {
        const V32 weight = hn::Set(d, weights[c]);
        for (std::size_t v = 0; v < kVectors; ++v) {
          sums[c][v] = AddProducts<kGroup>(sums[c][v], packed[v], weight);
        }
      }
    }
  }
  for (std::size_t c = 0; c < kCount; ++c) {
    if (block.task.max_pool) {
      V32 best = pass > 0 ? hn::Max(sums[c][0], hn::Load(d, tile + c * lanes)) : sums[c][0];
      for (std::size_t v = 1; v < kVectors; ++v) {
        best = hn::Max(best, sums[c][v]);
      }
      hn::Store(best, d, tile + c * lanes);
    } else {
      for (std::size_t v = 0; v < kVectors; ++v) {
        hn::Store(sums[c][v], d, tile + (c * kVectors + v) * lanes);
      }
    }
  }
}
