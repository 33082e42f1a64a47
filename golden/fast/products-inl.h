// SPDX-License-Identifier: Apache-2.0
//
// The products of a block of output channels, summed in registers, for targets whose vectors have a
// size that the compiler knows. No include guard: convolve-inl.h includes this.

/// What the sums of pixels add to every channel at the vectors of a pass.
template <std::size_t kGroup>
HWY_INLINE void PixelTerms(const ConvTask& task, const Pass& pass, std::int32_t* terms) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const V32 ones = hn::Set(d, kGroup == 4 ? 0x01010101 : 0x00010001);
  V32 sums[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) {
    sums[v] = hn::Zero(d);
  }
  const std::uint32_t* pixels = pass.pixels;
  for (std::size_t group = task.groups; group > 0; --group, pixels += task.plane) {
    const std::size_t* offset = pass.offsets;
    for (std::size_t tap = task.taps; tap > 0; --tap, offset += kVectors) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        const auto* at = reinterpret_cast<const std::int32_t*>(pixels + offset[v]);
        sums[v] = AddProducts<kGroup>(sums[v], hn::LoadU(d, at), ones);
      }
    }
  }
  for (std::size_t v = 0; v < kVectors; ++v) {
    hn::Store(PixelTerm(task, sums[v]), d, terms + v * lanes);
  }
}

/// Puts conv of the block's channels at the vectors of a pass into `tile`; with max_pool the
/// greatest of the vectors at place `vector`, or what is there from the pass before if that is
/// more. No loop over `sums` may be left when this is compiled, nor may anything else see it: then
/// all of it is in registers.
template <std::size_t kGroup, std::size_t kCount>
HWY_INLINE void ConvSums(const Block& block, std::size_t vector, std::size_t pass,
                         std::size_t first, const std::int32_t* weights, Tile& tile) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t taps = block.task.taps;
  const std::size_t plane = block.task.plane;
  const Pass from(block, vector, pass);
  const std::uint32_t* pixels = from.pixels;
  V32 sums[kCount][kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) {
    const V32 term = hn::Load(d, from.terms + v * lanes);
    for (std::size_t c = 0; c < kCount; ++c) {
      sums[c][v] = hn::Add(term, hn::Set(d, block.task.channels[first + c].constant));
    }
  }
  for (std::size_t group = block.task.groups; group > 0; --group, pixels += plane) {
    const std::size_t* offset = from.offsets;
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
    std::int32_t* const to = tile + (c * kVectors + vector) * lanes;
    if (block.task.max_pool) {
      V32 best = pass > 0 ? hn::Max(sums[c][0], hn::Load(d, to)) : sums[c][0];
      for (std::size_t v = 1; v < kVectors; ++v) {
        best = hn::Max(best, sums[c][v]);
      }
      hn::Store(best, d, to);
    } else {
      for (std::size_t v = 0; v < kVectors; ++v) {
        hn::Store(sums[c][v], d, to + v * lanes);
      }
    }
  }
}
