// SPDX-License-Identifier: Apache-2.0
//
// The convolution over all input channels: blocks of output channels at some vectors of positions.
// No include guard: kernels.cpp includes this inside its namespace, once for each target.

/// Some positions of a layer, at which one block of output channels after the other is computed.
struct Block {
  const ConvTask& task;
  const std::uint32_t* pixels;  ///< task.pixels at `position`
  std::size_t position;
  std::size_t passes;
  const std::int32_t* terms;  ///< what every channel adds: [pass][vector][position]
};

/// Sums, and what they become, of one block: [channel][position].
using Tile = std::int32_t[kBlock * kVectors * HWY_MAX_BYTES / 4];

/// Writes the outputs of one channel at kVectors whole vectors, if `vectors` are as many and that
/// is quicker so.
template <class Finisher>
HWY_INLINE bool FinishWhole(const Finisher& finish, const std::int32_t* tile, std::size_t vectors,
                            std::uint8_t* out) {
#if KPU_NARROW_FOUR
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  if (vectors != kVectors) return false;
  V32 outputs[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) {
    outputs[v] = finish.Outputs(hn::Load(d, tile + v * lanes), lanes);
  }
  const V8 bytes = Narrow(outputs[0], outputs[1], outputs[kVectors - 2], outputs[kVectors - 1]);
  if constexpr (kVectors == 4) {
    hn::StoreU(bytes, D8(), out);
  } else {
    hn::StoreU(hn::LowerHalf(bytes), hn::Half<D8>(), out);
  }
  return true;
#else
  static_cast<void>(finish), static_cast<void>(tile), static_cast<void>(vectors);
  static_cast<void>(out);
  return false;
#endif
}

/// Writes the outputs of `count` channels from sums that lie `vectors` vectors a channel in `tile`.
template <ActMode kMode>
HWY_NOINLINE void FinishTile(const ConvTask& task, const std::int32_t* tile, std::size_t first,
                             std::size_t vectors, std::size_t position) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t channels = std::min(kBlock, task.out_channels - first);
  const std::size_t left = task.positions - position;
  for (std::size_t c = 0; c < channels; ++c, tile += vectors * lanes) {
    const Finish<kMode> finish(task.channels[first + c], task.activation);
    std::uint8_t* const out = task.out + (first + c) * task.out_stride + position;
    if (vectors * lanes <= left && FinishWhole(finish, tile, vectors, out)) continue;
    for (std::size_t v = 0; v < vectors && v * lanes < left; ++v) {
      const std::size_t valid = std::min(lanes, left - v * lanes);
      const V32 outputs = finish.Outputs(hn::Load(d, tile + v * lanes), valid);
      StoreBytes(outputs, out + v * lanes, valid);
    }
  }
}

void FinishTile(const ConvTask& task, const Tile& tile, std::size_t first, std::size_t vectors,
                std::size_t position) {
  switch (task.activation.mode) {
    case ActMode::kRelu:
      return FinishTile<ActMode::kRelu>(task, tile, first, vectors, position);
    case ActMode::kLine:
      return FinishTile<ActMode::kLine>(task, tile, first, vectors, position);
    case ActMode::kPackedTable:
      return FinishTile<ActMode::kPackedTable>(task, tile, first, vectors, position);
    case ActMode::kTable:
      return FinishTile<ActMode::kTable>(task, tile, first, vectors, position);
    case ActMode::kSteps:
      return FinishTile<ActMode::kSteps>(task, tile, first, vectors, position);
  }
}

#if HWY_HAVE_SCALABLE
#include "golden/fast/products_scalable-inl.h"
#else
#include "golden/fast/products-inl.h"
#endif

/// Block::terms, from the sums of pixels.
template <std::size_t kGroup>
void PixelTerms(const ConvTask& task, std::size_t passes, const std::uint32_t* pixels,
                std::int32_t* terms) {
  const D32 d;
  const V32 ones = hn::Set(d, kGroup == 4 ? 0x01010101 : 0x00010001);
  const V32 arg_x = hn::Set(d, task.arg_x);
  const V32 weight_offset = hn::Set(d, task.weight_offset);
  for (std::size_t i = 0; i < passes * kVectors; ++i) {
    const std::size_t* const offsets =
        task.offsets + i / kVectors * task.taps * kVectors + i % kVectors;
    V32 sum = hn::Zero(d),
        other = hn::Zero(d);  // two, for the instructions do not wait for each other then
    std::size_t turn = 0;
    for (std::size_t group = 0; group < task.groups; ++group) {
      const auto* plane = reinterpret_cast<const std::int32_t*>(pixels + group * task.plane);
      for (std::size_t tap = 0; tap < task.taps; ++tap, ++turn) {
        const V32 packed = hn::LoadU(d, plane + offsets[tap * kVectors]);
        if (turn % 2 == 0) {
          sum = AddProducts<kGroup>(sum, packed, ones);
        } else {
          other = AddProducts<kGroup>(other, packed, ones);
        }
      }
    }
    sum = hn::Add(sum, other);
    const V32 term = Scale(sum, arg_x, task.shr_x);
    hn::Store(hn::Add(term, hn::Mul(sum, weight_offset)), d, terms + i * hn::Lanes(d));
  }
}

template <std::size_t kGroup, std::size_t kCount>
HWY_INLINE void ConvolveBlock(const Block& block, std::size_t first, const std::int32_t* weights) {
  HWY_ALIGN Tile tile;
  for (std::size_t pass = 0; pass < block.passes; ++pass) {
    ConvSums<kGroup, kCount>(block, pass, first, weights, tile);
  }
  FinishTile(block.task, tile, first, block.task.max_pool ? 1 : kVectors, block.position);
}

template <std::size_t kGroup>
void ConvolveGroups(const ConvTask& task, std::size_t begin, std::size_t end) {
  const std::size_t passes = task.max_pool ? 4 / kVectors : 1;
  const std::size_t step = PositionStep(task.max_pool);
  HWY_ALIGN std::int32_t terms[4 * HWY_MAX_BYTES / 4] = {};
  for (std::size_t position = begin; position < end; position += step) {
    const std::uint32_t* const pixels = task.pixels + position;
    if (task.pixel_terms) {
      PixelTerms<kGroup>(task, passes, pixels, terms);
    }
    const Block block{
        .task = task, .pixels = pixels, .position = position, .passes = passes, .terms = terms};
    const std::int32_t* weights = task.weights;
    for (std::size_t first = 0; first < task.out_channels; first += kBlock) {
      const std::size_t count = block_channels(task.out_channels - first);
      if (count == 6) {
        ConvolveBlock<kGroup, 6>(block, first, weights);
      } else if (count == 4) {
        ConvolveBlock<kGroup, 4>(block, first, weights);
      } else {
        ConvolveBlock<kGroup, 2>(block, first, weights);
      }
      weights += count * task.groups * task.taps;
    }
  }
}

void Convolve(const ConvTask& task, std::size_t begin, std::size_t end) {
  if (task.shape.group == 4) {
    ConvolveGroups<4>(task, begin, end);
  } else {
    ConvolveGroups<2>(task, begin, end);
  }
}
