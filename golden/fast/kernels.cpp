// SPDX-License-Identifier: Apache-2.0
//
// Compiled once per target: Highway includes this file again and again.
#include "golden/fast/kernels.h"

#include <algorithm>
#include <array>

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
using DF = hn::Repartition<float, D32>;

// AVX-512 with byte products multiplies four pixels with four signed weights per lane.
#if HWY_TARGET <= HWY_AVX3_DL && HWY_ARCH_X86
constexpr bool kByteProducts = true;
#else
constexpr bool kByteProducts = false;
#endif

// As many sums as registers allow: kBlock times this.
#if HWY_HAVE_SCALABLE
constexpr std::size_t kVectors = 1;
#elif (HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86) || HWY_ARCH_ARM_A64
constexpr std::size_t kVectors = 4;
#else
constexpr std::size_t kVectors = 2;
#endif

std::size_t Lanes() { return hn::Lanes(D32()); }

/// The lower 16-bit number of each lane.
HWY_INLINE V32 LowHalf(V32 v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); }

// Not intrinsics: the compiler flags that Highway 1.0 sets for AVX3_DL miss out this one extension,
// which the run-time choice of the target does check.

/// sum + the products of the pairs of 16-bit numbers in each lane.
HWY_INLINE V32 AddPairProducts(V32 sum, V32 pixels, V32 weights) {
#if HWY_TARGET <= HWY_AVX3_DL && HWY_ARCH_X86
  asm("vpdpwssd %2, %1, %0" : "+v"(sum.raw) : "v"(pixels.raw), "v"(weights.raw));
  return sum;
#elif HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
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
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(pixels.raw), "v"(weights.raw));
    return sum;
  }
#endif
  return AddPairProducts(sum, pixels, weights);
}

#include "golden/fast/activation-inl.h"
#include "golden/fast/narrow-inl.h"

#include "golden/fast/convolve-inl.h"
#include "golden/fast/depthwise-inl.h"
#include "golden/fast/pack-inl.h"

ConvShape Shape(bool eight_bit) {
  return {.group = eight_bit && kByteProducts ? std::size_t{4} : std::size_t{2},
          .vectors = kVectors,
          .lanes = Lanes()};
}

#endif  // HWY_TARGET == HWY_SCALAR

const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace kpu::golden::fast
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kpu::golden::fast {

HWY_EXPORT(Convolve);
HWY_EXPORT(ConvolveDepthwise);
HWY_EXPORT(PackPlanes);
HWY_EXPORT(WidenPlane);
HWY_EXPORT(Shape);
HWY_EXPORT(TargetName);

ConvShape conv_shape(bool eight_bit) { return HWY_DYNAMIC_DISPATCH(Shape)(eight_bit); }

void convolve(const ConvTask& task, std::size_t begin, std::size_t end) {
  HWY_DYNAMIC_DISPATCH(Convolve)(task, begin, end);
}

void convolve_depthwise(const DepthwiseTask& task) {
  HWY_DYNAMIC_DISPATCH(ConvolveDepthwise)(task);
}

void pack_planes(const PackTask& task) { HWY_DYNAMIC_DISPATCH(PackPlanes)(task); }

void widen_plane(const ImageRows& rows, const std::uint8_t* source, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(WidenPlane)(rows, source, out);
}

std::vector<std::int64_t> targets() { return hwy::SupportedAndGeneratedTargets(); }

const char* target_name() { return HWY_DYNAMIC_DISPATCH(TargetName)(); }

}  // namespace kpu::golden::fast
#endif  // HWY_ONCE
