// SPDX-License-Identifier: Apache-2.0
//
// From conv to the activation's output, in vectors. No include guard: kernels.cpp includes this
// inside its namespace, once for each target.

HWY_INLINE V32 OddLanesDown(V32 v) {
  const D32 d;
  const hn::RepartitionToWide<hn::RebindToUnsigned<D32> > du64;
  return hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(du64, v)));
}

/// Products of the odd lanes, whose fellow hn::MulEven is; all lanes of `b` are equal. No function
/// returns both: vectors whose size the machine decides (SVE) cannot be members of a pair.
HWY_INLINE V64 MulOddLanes(V32 a, V32 b) { return hn::MulEven(OddLanesDown(a), b); }

/// Back from even and odd lanes that fit 32 bits.
HWY_INLINE V32 Narrow(V64 even, V64 odd) {
  const D32 d;
  return hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
}

/// (a * b) >> shift, 0 to 31, which fits 32 bits; all lanes of `b` are equal. What a shift brings
/// in from above does not matter then, so it need not be the arithmetic one, which AVX2 has not for
/// 64 bits. Counts in every lane take one step less than one for all, where there are such shifts.
HWY_INLINE V32 Scale(V32 a, V32 b, int shift) {
  const D32 d;
  const hn::RebindToUnsigned<D64> du64;
  const auto even = hn::BitCast(du64, hn::MulEven(a, b));
  const auto odd = hn::BitCast(du64, MulOddLanes(a, b));
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
  const auto low = hn::ShiftRightSame(even, shift);
  const auto high = hn::ShiftLeftSame(odd, 32 - shift);
#else
  const auto count = static_cast<std::uint64_t>(shift);
  const auto low = hn::Shr(even, hn::Set(du64, count));
  const auto high = hn::Shl(odd, hn::Set(du64, 32 - count));
#endif
  return hn::OddEven(hn::BitCast(d, high), hn::BitCast(d, low));
}

/// The nearest whole number, ties to even, of one that fits 32 bits: hn::NearestInt in one
/// instruction on x86, where Highway's has three more for what does not fit.
HWY_INLINE V32 RoundInRange(hn::Vec<DF> v) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  return V32{_mm512_cvtps_epi32(v.raw)};
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
  return V32{_mm256_cvtps_epi32(v.raw)};
#elif HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
  return V32{_mm_cvtps_epi32(v.raw)};
#else
  return hn::NearestInt(v);
#endif
}

/// From conv to the activation's output.
template <ActMode kMode>
class Finish {
 public:
  Finish(const ChannelTerms& channel, const ActTask& task)
      : mul_(channel.mul),
        low_mask_(static_cast<std::int32_t>((1u << task.lut->shift) - 1)),
        norm_shift_(channel.shift),
        lut_shift_(
            static_cast<int>(kMode == ActMode::kSteps ? task.steps->shift : task.lut->shift)),
        add_(channel.add),
        slope_(channel.slope),
        offset_(channel.offset),
        last_(kMode == ActMode::kSteps ? task.steps->last() : task.lut->last()),
        lut_(*task.lut),
        task_(task) {}

  /// What gives the outputs when it is limited to 0 .. 255; the first `valid` of them matter.
  HWY_INLINE V32 Outputs(V32 conv, std::size_t valid) const {
    if constexpr (kMode == ActMode::kRelu) {
      return FollowRelu(conv);
    } else if constexpr (kMode == ActMode::kLine) {
      return FollowLine(conv);
    } else if constexpr (kMode == ActMode::kPackedTable) {
      return LookUpPacked(conv);
    } else if constexpr (kMode == ActMode::kSteps) {
      return FollowSteps(conv, valid);
    } else {
      return LookUp(conv);
    }
  }

 private:
  /// conv * mul >> shift of the even lanes, and of the odd ones.
  HWY_INLINE V64 ScaledEven(V32 conv) const {
    return hn::ShiftRightSame(hn::MulEven(conv, hn::Set(D32(), mul_)), norm_shift_);
  }
  HWY_INLINE V64 ScaledOdd(V32 conv) const {
    return hn::ShiftRightSame(MulOddLanes(conv, hn::Set(D32(), mul_)), norm_shift_);
  }

  /// norm less its origin, clamped to 0 .. last; both fit 32 bits.
  HWY_INLINE V32 Distance(V32 conv, std::int64_t last) const {
    const D32 d;
    const V32 norm = hn::Add(Scale(conv, hn::Set(d, mul_), norm_shift_),
                             hn::Set(d, static_cast<std::int32_t>(add_)));
    return hn::Min(hn::Max(norm, hn::Zero(d)), hn::Set(d, static_cast<std::int32_t>(last)));
  }

  /// What is rounded before the last step, because it has more than 24 bits, is far out of 0 .. 255
  /// (ActLine::fits_float).
  HWY_INLINE V32 FollowRelu(V32 conv) const {
    const V32 scaled = Scale(conv, hn::Set(D32(), mul_), norm_shift_);
    const DF df;
    return RoundInRange(
        hn::MulAdd(hn::ConvertTo(df, scaled), hn::Set(df, slope_), hn::Set(df, offset_)));
  }

  HWY_INLINE V32 FollowLine(V32 conv) const {
    const D32 d;
    const ActLine& line = *lut_.line;
    const int shift = static_cast<int>(line.shift);
    const V32 distance = Distance(conv, line.last());
    // To even: just less than a half is added, and one more if the quotient is odd.
    const V32 odd = hn::And(hn::ShiftRightSame(distance, shift), hn::Set(d, 1));
    const V32 below_half = hn::Set(d, (1 << (shift - 1)) - 1);
    const V32 rounded = hn::ShiftRightSame(hn::Add(distance, hn::Add(below_half, odd)), shift);
    return hn::Add(rounded, hn::Set(d, line.bias));
  }

  HWY_INLINE V32 LookUpPacked(V32 conv) const {
    const D32 d;
    const hn::RebindToUnsigned<D32> du;
    const V32 at = Distance(conv, last_);
    const V32 entry = hn::GatherIndex(d, lut_.packed.data(), hn::ShiftRightSame(at, lut_shift_));
    const V32 change = hn::BitCast(d, hn::ShiftRight<16>(hn::BitCast(du, entry)));
    return Choose(hn::And(at, hn::Set(d, low_mask_)), change, entry);
  }

  HWY_INLINE V32 LookUp(V32 conv) const {
    const D32 d;
    const V64 even = Clamp(ScaledEven(conv));
    const V64 odd = Clamp(ScaledOdd(conv));
    const V32 low = hn::And(Narrow(even, odd), hn::Set(d, low_mask_));
    const V32 bucket =
        Narrow(hn::ShiftRightSame(even, lut_shift_), hn::ShiftRightSame(odd, lut_shift_));
    V32 passed_bits = hn::Zero(d);  // eight for each change that lies behind
    for (std::size_t i = 0; i < lut_.most; ++i) {
      const V32 change = hn::GatherIndex(d, lut_.change[i].data(), bucket);
      passed_bits = hn::Add(passed_bits, hn::IfThenZeroElse(hn::Gt(change, low), hn::Set(d, 8)));
    }
    const V32 outputs = hn::GatherIndex(d, lut_.outputs.data(), bucket);
    return hn::And(hn::Shr(outputs, passed_bits), hn::Set(d, 0xFF));
  }

  HWY_INLINE V32 FollowSteps(V32 conv, std::size_t valid) const {
    return Narrow(Steps(ScaledEven(conv), (valid + 1) / 2), Steps(ScaledOdd(conv), valid / 2));
  }

  HWY_INLINE V64 Steps(V64 scaled, std::size_t valid) const {
    const D64 d;
    const ActSteps& steps = *task_.steps;
    constexpr std::int64_t kLimit = std::int64_t{1} << 35;
    const V64 norm = hn::Add(scaled, hn::Set(d, add_));
    const auto wide = hn::Or(hn::Gt(norm, hn::Set(d, kLimit - 1 - steps.base)),
                             hn::Lt(norm, hn::Set(d, -kLimit - steps.base)));
    if (!hn::AllFalse(d, hn::And(wide, hn::FirstN(d, std::min(valid, hn::Lanes(d)))))) {
      task_.too_wide->store(true, std::memory_order_relaxed);
    }
    const V64 at = Clamp(scaled);
    V64 step = hn::GatherIndex(d, steps.first.data(), hn::ShiftRightSame(at, lut_shift_));
    for (int i = 0; i < steps.most; ++i) {
      const V64 before = hn::GatherIndex(d, steps.before.data(), step);
      step = hn::Sub(step, hn::VecFromMask(d, hn::Gt(at, before)));
    }
    return hn::GatherIndex(d, steps.output.data(), step);
  }

  HWY_INLINE V64 Clamp(V64 v) const {
    const D64 d;
    return hn::Min(hn::Max(hn::Add(v, hn::Set(d, add_)), hn::Zero(d)), hn::Set(d, last_));
  }

  /// The low byte of `outputs` before the change, the next behind it.
  static HWY_INLINE V32 Choose(V32 low, V32 change, V32 outputs) {
    const D32 d;
    const V32 chosen = hn::IfThenElse(hn::Gt(change, low), outputs, hn::ShiftRight<8>(outputs));
    return hn::And(chosen, hn::Set(d, 0xFF));
  }

  std::int32_t mul_, low_mask_;
  int norm_shift_, lut_shift_;
  std::int64_t add_;
  float slope_, offset_;
  std::int64_t last_;
  const ActLut& lut_;
  const ActTask& task_;
};
