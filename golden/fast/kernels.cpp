// SPDX-License-Identifier: Apache-2.0
//
// Compiled once per target: Highway includes this file again and again.
#include "golden/fast/kernels.h"

#include <algorithm>

// Byte products of AVX-512: Highway leaves the target out unless asked.
#ifndef HWY_WANT_AVX3_DL
#define HWY_WANT_AVX3_DL
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "golden/fast/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace kpu::golden::fast {
namespace HWY_NAMESPACE {

// The target without vectors has no room for the wide products: plain loops instead.
#if HWY_TARGET == HWY_SCALAR
#include "golden/fast/kernels_plain-inl.h"
#else

namespace hn = hwy::HWY_NAMESPACE;

using D32 = hn::ScalableTag<std::int32_t>;
using V32 = hn::Vec<D32>;
using D64 = hn::Repartition<std::int64_t, D32>;
using V64 = hn::Vec<D64>;
using D16 = hn::Repartition<std::int16_t, D32>;

// AVX-512 with byte products multiplies four pixels with four signed weights per lane.
#if HWY_TARGET <= HWY_AVX3_DL && HWY_ARCH_X86
constexpr bool kByteProducts = true;
#else
constexpr bool kByteProducts = false;
#endif

std::size_t Lanes() { return hn::Lanes(D32()); }

/// The lower 16-bit number of each lane.
HWY_INLINE V32 LowHalf(V32 v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); }

/// sum + the products of the pairs of 16-bit numbers in each lane.
HWY_INLINE V32 AddPairProducts(V32 sum, V32 pixels, V32 weights) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
  const D32 d;
  const D16 d16;
  V32 unused = hn::Zero(d);
  return hn::ReorderWidenMulAccumulate(d, hn::BitCast(d16, pixels), hn::BitCast(d16, weights), sum,
                                       unused);
#else
  const V32 low = hn::Mul(LowHalf(pixels), LowHalf(weights));
  const V32 high = hn::Mul(hn::ShiftRight<16>(pixels), hn::ShiftRight<16>(weights));
  return hn::Add(hn::Add(sum, low), high);
#endif
}

template <std::size_t kGroup>
HWY_INLINE V32 AddProducts(V32 sum, V32 pixels, V32 weights) {
#if HWY_TARGET <= HWY_AVX3_DL && HWY_ARCH_X86
  if constexpr (kGroup == 4) {
    // Not an intrinsic: the compiler flags that Highway sets for this target miss out this one
    // extension, which the run-time choice of the target does check.
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(pixels.raw), "v"(weights.raw));
    return sum;
  }
#endif
  return AddPairProducts(sum, pixels, weights);
}

#include "golden/fast/activation-inl.h"

#if HWY_HAVE_SCALABLE
#include "golden/fast/convolve_scalable-inl.h"
#else
#include "golden/fast/convolve-inl.h"
#endif

template <std::size_t kGroup>
void ConvolveGroups(const ConvTask& task, std::size_t begin, std::size_t end) {
  const std::size_t blocks = (task.out_channels + kBlock - 1) / kBlock;
  const std::size_t step = kVectors * Lanes();
  for (std::size_t position = begin; position < end; position += step) {
    for (std::size_t block = 0; block < blocks; ++block) {
      ConvolveBlock<kGroup>(task, block, position);
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

#include "golden/fast/depthwise-inl.h"

void ConvolveDepthwise(const DepthwiseTask& task) {
  switch (task.activation.mode) {
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

void PackPlanes(const std::uint8_t* const* planes, std::size_t group, std::uint32_t* out,
                std::size_t count) {
  const hn::ScalableTag<std::uint32_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < count; i += lanes) {
    auto packed = hn::Zero(d);
    for (std::size_t c = group; c-- > 0;) {
      const auto pixels = hn::PromoteTo(d, hn::LoadU(d8, planes[c] + i));
      packed = hn::Or(group == 4 ? hn::ShiftLeft<8>(packed) : hn::ShiftLeft<16>(packed), pixels);
    }
    hn::StoreU(packed, d, out + i);
  }
}

void AddPacked(const std::uint32_t* pixels, std::size_t group, std::int32_t* sums,
               std::size_t count) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const V32 ones = hn::Set(d, group == 4 ? 0x01010101 : 0x00010001);
  for (std::size_t i = 0; i < count; i += lanes) {
    const V32 packed = hn::LoadU(d, reinterpret_cast<const std::int32_t*>(pixels + i));
    const V32 sum = hn::LoadU(d, sums + i);
    hn::StoreU(group == 4 ? AddProducts<4>(sum, packed, ones) : AddProducts<2>(sum, packed, ones),
               d, sums + i);
  }
}

void SumPositions(const PositionTask& task) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const V32 arg_x = hn::Set(d, task.arg_x);
  const V32 weight_offset = hn::Set(d, task.weight_offset);
  for (std::size_t position = 0; position < task.positions; position += lanes) {
    V32 sum = hn::Zero(d);
    for (std::size_t tap = 0; tap < task.taps; ++tap) {
      sum = hn::Add(sum, hn::LoadU(d, task.pixel_sums + position + task.tap_offsets[tap]));
    }
    const V32 term = Scale(sum, arg_x, task.shr_x);
    hn::StoreU(hn::Add(term, hn::Mul(sum, weight_offset)), d, task.terms + position);
  }
}

void MaxPoolRows(const std::uint8_t* top, const std::uint8_t* bottom, std::uint8_t* out,
                 std::size_t columns) {
  const hn::ScalableTag<std::uint8_t> d;
  const hn::Repartition<std::uint16_t, decltype(d)> d16;
  const hn::Rebind<std::uint8_t, decltype(d16)> half;
  const std::size_t lanes = hn::Lanes(d16);
  for (std::size_t i = 0; i < columns; i += lanes) {
    const auto rows = hn::Max(hn::LoadU(d, top + 2 * i), hn::LoadU(d, bottom + 2 * i));
    const auto pairs = hn::BitCast(d16, rows);
    const auto right = hn::ShiftRight<8>(pairs);
    const auto left = hn::And(pairs, hn::Set(d16, 0xFF));
    const auto best = hn::BitCast(hn::RebindToSigned<decltype(d16)>(), hn::Max(left, right));
    hn::StoreU(hn::DemoteTo(half, best), half, out + i);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

std::size_t ConvBlock() { return kBlock; }

std::size_t ByteGroup() { return kByteProducts ? 4 : 2; }

std::size_t PositionStep() { return kVectors * Lanes(); }

const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace kpu::golden::fast
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kpu::golden::fast {

HWY_EXPORT(Convolve);
HWY_EXPORT(ConvolveDepthwise);
HWY_EXPORT(PackPlanes);
HWY_EXPORT(AddPacked);
HWY_EXPORT(SumPositions);
HWY_EXPORT(MaxPoolRows);
HWY_EXPORT(ConvBlock);
HWY_EXPORT(ByteGroup);
HWY_EXPORT(PositionStep);
HWY_EXPORT(TargetName);

ConvShape conv_shape(bool eight_bit) {
  return {.group = eight_bit ? HWY_DYNAMIC_DISPATCH(ByteGroup)() : 2,
          .block = HWY_DYNAMIC_DISPATCH(ConvBlock)()};
}

std::size_t position_step() { return HWY_DYNAMIC_DISPATCH(PositionStep)(); }

void convolve(const ConvTask& task, std::size_t begin, std::size_t end) {
  HWY_DYNAMIC_DISPATCH(Convolve)(task, begin, end);
}

void convolve_depthwise(const DepthwiseTask& task) {
  HWY_DYNAMIC_DISPATCH(ConvolveDepthwise)(task);
}

void pack_planes(const std::uint8_t* const* planes, std::size_t group, std::uint32_t* out,
                 std::size_t count) {
  HWY_DYNAMIC_DISPATCH(PackPlanes)(planes, group, out, count);
}

void add_packed(const std::uint32_t* pixels, std::size_t group, std::int32_t* sums,
                std::size_t count) {
  HWY_DYNAMIC_DISPATCH(AddPacked)(pixels, group, sums, count);
}

void sum_positions(const PositionTask& task) { HWY_DYNAMIC_DISPATCH(SumPositions)(task); }

void max_pool_rows(const std::uint8_t* top, const std::uint8_t* bottom, std::uint8_t* out,
                   std::size_t columns) {
  HWY_DYNAMIC_DISPATCH(MaxPoolRows)(top, bottom, out, columns);
}

std::vector<std::int64_t> targets() { return hwy::SupportedAndGeneratedTargets(); }

const char* target_name() { return HWY_DYNAMIC_DISPATCH(TargetName)(); }

}  // namespace kpu::golden::fast
#endif  // HWY_ONCE
