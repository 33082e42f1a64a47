// SPDX-License-Identifier: Apache-2.0
//
// The convolution over all input channels: blocks of output channels at some vectors of positions.
// No include guard: kernels.cpp includes this inside its namespace, once for each target.

/// kVectors vectors of positions, at which one block of output channels after the other is
/// computed.
struct Block {
  const ConvTask& task;
  std::size_t position;
  std::size_t passes;         ///< with max_pool for each vector of positions, else one in all
  const std::int32_t* terms;  ///< what every channel adds: [vector with max_pool][pass][vector]
};

/// Pixels and terms of one pass.
struct Pass {
  const std::uint32_t* pixels;
  const std::size_t* offsets;
  const std::int32_t* terms;

  Pass(const Block& block, std::size_t vector, std::size_t pass)
      : pixels(block.task.pixels + block.position + vector * Lanes()),
        offsets(block.task.offsets + pass * block.task.taps * kVectors),
        terms(block.terms + (vector * block.passes + pass) * kVectors * Lanes()) {}
};

/// Sums of one block: [channel][vector of positions].
using Tile = std::int32_t[kBlock * kVectors * HWY_MAX_BYTES / 4];

/// Writes the outputs of the block's channels.
template <ActMode kMode>
HWY_NOINLINE void FinishTile(const ConvTask& task, const std::int32_t* tile, std::size_t first,
                             std::size_t position) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t channels = std::min(kBlock, task.out_channels - first);
  const std::size_t left = task.positions - position;
  for (std::size_t c = 0; c < channels; ++c, tile += kVectors * lanes) {
    const Finish<kMode> finish(task.channels[first + c], task.activation);
    std::uint8_t* const out = task.out + (first + c) * task.out_stride + position;
#if KPU_NARROW_FOUR
    // The list of changes has to know which of its lanes matter.
    if constexpr (kMode != ActMode::kSteps) {
      V32 outputs[kVectors];
      for (std::size_t v = 0; v < kVectors; ++v) {
        outputs[v] = finish.Outputs(hn::Load(d, tile + v * lanes), lanes);
      }
      StoreTile(Narrow(outputs[0], outputs[1], outputs[kVectors - 2], outputs[kVectors - 1]), out,
                std::min(left, kVectors * lanes));
      continue;
    }
#endif
    for (std::size_t v = 0; v < kVectors && v * lanes < left; ++v) {
      const std::size_t valid = std::min(lanes, left - v * lanes);
      const V32 outputs = finish.Outputs(hn::Load(d, tile + v * lanes), valid);
      StoreBytes(outputs, out + v * lanes, valid);
    }
  }
}

void FinishTile(const ConvTask& task, const Tile& tile, std::size_t first, std::size_t position) {
  switch (task.activation.mode) {
    case ActMode::kRelu:
      return FinishTile<ActMode::kRelu>(task, tile, first, position);
    case ActMode::kLine:
      return FinishTile<ActMode::kLine>(task, tile, first, position);
    case ActMode::kPackedTable:
      return FinishTile<ActMode::kPackedTable>(task, tile, first, position);
    case ActMode::kTable:
      return FinishTile<ActMode::kTable>(task, tile, first, position);
    case ActMode::kSteps:
      return FinishTile<ActMode::kSteps>(task, tile, first, position);
  }
}

/// What a sum of pixels adds to conv.
HWY_INLINE V32 PixelTerm(const ConvTask& task, V32 sum) {
  const D32 d;
  return hn::Add(Scale(sum, hn::Set(d, task.arg_x), task.shr_x),
                 hn::Mul(sum, hn::Set(d, task.weight_offset)));
}

#if HWY_HAVE_SCALABLE
#include "golden/fast/products_scalable-inl.h"
#else
#include "golden/fast/products-inl.h"
#endif

template <std::size_t kGroup, std::size_t kCount>
HWY_INLINE void ConvolveBlock(const Block& block, std::size_t first, const std::int32_t* weights) {
  HWY_ALIGN Tile tile;
  if (block.task.max_pool) {
    for (std::size_t vector = 0; vector < kVectors; ++vector) {
      for (std::size_t pass = 0; pass < block.passes; ++pass) {
        ConvSums<kGroup, kCount>(block, vector, pass, first, weights, tile);
      }
    }
  } else {
    ConvSums<kGroup, kCount>(block, 0, 0, first, weights, tile);
  }
  FinishTile(block.task, tile, first, block.position);
}

template <std::size_t kGroup>
void ConvolveGroups(const ConvTask& task, std::size_t begin, std::size_t end) {
  const std::size_t passes = task.max_pool ? 4 / kVectors : 1;
  HWY_ALIGN std::int32_t terms[4 * kVectors * HWY_MAX_BYTES / 4] = {};
  for (std::size_t position = begin; position < end; position += kVectors * Lanes()) {
    const Block block{.task = task, .position = position, .passes = passes, .terms = terms};
    if (task.pixel_terms) {
      std::int32_t* to = terms;
      for (std::size_t i = 0; i < (task.max_pool ? kVectors : 1) * passes; ++i) {
        PixelTerms<kGroup>(task, Pass(block, i / passes, i % passes), to);
        to += kVectors * Lanes();
      }
    }
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
