// SPDX-License-Identifier: Apache-2.0
//
// Numbers of 32 bits to bytes, limited to 0..255. No include guard: kernels.cpp includes this
// inside its namespace, once for each target.

// Where 16-bit numbers of two vectors become bytes in one instruction, which Highway 1.0 has no
// operation for.
#undef KPU_NARROW_FOUR
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
#define KPU_NARROW_FOUR 1
#else
#define KPU_NARROW_FOUR 0
#endif

/// The first `count` lanes as bytes.
HWY_INLINE void StoreBytes(V32 v, std::uint8_t* out, std::size_t count) {
  const D32 d;
  const hn::Rebind<std::uint8_t, D32> d8;
  const hn::RebindToUnsigned<D32> du;
  // Not hn::DemoteTo, which with Highway 1.0.3 on AVX2 and AVX-512 makes 0 .. 254 of 32768 ..
  // 33022.
  const V32 limited = hn::Min(hn::Max(v, hn::Zero(d)), hn::Set(d, 255));
  const auto bytes = hn::U8FromU32(hn::BitCast(du, limited));
  if (count >= hn::Lanes(d8)) {
    hn::StoreU(bytes, d8, out);
  } else {
    HWY_ALIGN std::uint8_t buffer[HWY_MAX_BYTES / 4];
    hn::Store(bytes, d8, buffer);
    std::copy_n(buffer, count, out);
  }
}

#if KPU_NARROW_FOUR
using D8 = hn::Repartition<std::uint8_t, D32>;
using V8 = hn::Vec<D8>;

#if HWY_TARGET <= HWY_AVX3
constexpr std::size_t kBlocks = 4;  // of 128 bits in a vector
HWY_INLINE V8 PackBytes(hn::Vec<D16> a, hn::Vec<D16> b) {
  return V8{_mm512_packus_epi16(a.raw, b.raw)};
}
#elif HWY_TARGET <= HWY_AVX2
constexpr std::size_t kBlocks = 2;
HWY_INLINE V8 PackBytes(hn::Vec<D16> a, hn::Vec<D16> b) {
  return V8{_mm256_packus_epi16(a.raw, b.raw)};
}
#else
constexpr std::size_t kBlocks = 1;
HWY_INLINE V8 PackBytes(hn::Vec<D16> a, hn::Vec<D16> b) {
  return V8{_mm_packus_epi16(a.raw, b.raw)};
}
#endif

/// Four vectors to bytes. Block b has four bytes of block b of each of a, b, c, d in turn.
HWY_INLINE V8 NarrowInBlocks(V32 a, V32 b, V32 c, V32 d) {
  const D16 d16;
  return PackBytes(hn::ReorderDemote2To(d16, a, b), hn::ReorderDemote2To(d16, c, d));
}

using Fours = std::array<std::int32_t, 4 * kBlocks>;

/// Four bytes at place from[i] go to place i.
HWY_INLINE V8 ShuffleFours(V8 v, const Fours& from) {
  if constexpr (kBlocks == 1) return v;
  const D32 d;
  const auto indices = hn::SetTableIndices(d, from.data());
  return hn::BitCast(D8(), hn::TableLookupLanes(hn::BitCast(d, v), indices));
}

/// Four vectors to bytes, in order.
HWY_INLINE V8 Narrow(V32 a, V32 b, V32 c, V32 d) {
  static constexpr Fours kFrom = [] {
    Fours from{};
    for (std::size_t i = 0; i < from.size(); ++i) {
      from[i] = static_cast<std::int32_t>(i % kBlocks * 4 + i / kBlocks);
    }
    return from;
  }();
  return ShuffleFours(NarrowInBlocks(a, b, c, d), kFrom);
}

/// Two pairs of vectors of even and odd positions to bytes, the positions of each pair in turn.
HWY_INLINE V8 NarrowInTurn(V32 even0, V32 odd0, V32 even1, V32 odd1) {
  static constexpr Fours kFrom = [] {
    Fours from{};
    for (std::size_t i = 0; i < from.size(); ++i) {
      const std::size_t pair = i / (2 * kBlocks), block = i / 2 % kBlocks;
      from[i] = static_cast<std::int32_t>(block * 4 + pair * 2 + i % 2);
    }
    return from;
  }();
  alignas(16) static constexpr std::uint8_t kTurns[16] = {0, 8,  1, 9,  2, 10, 3, 11,
                                                          4, 12, 5, 13, 6, 14, 7, 15};
  const V8 bytes = NarrowInBlocks(even0, even1, odd0, odd1);
  return ShuffleFours(hn::TableLookupBytes(bytes, hn::LoadDup128(D8(), kTurns)), kFrom);
}

/// The first `count` bytes of a tile, which is a vector of bytes or half of one.
HWY_INLINE void StoreTile(V8 bytes, std::uint8_t* out, std::size_t count) {
  const D8 d8;
  if (count < kVectors * Lanes()) {
    HWY_ALIGN std::uint8_t buffer[HWY_MAX_BYTES];
    hn::Store(bytes, d8, buffer);
    std::copy_n(buffer, count, out);
  } else if constexpr (kVectors == 4) {
    hn::StoreU(bytes, d8, out);
  } else {
    hn::StoreU(hn::LowerHalf(bytes), hn::Half<D8>(), out);
  }
}
#endif
