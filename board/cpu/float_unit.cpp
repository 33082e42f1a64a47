// SPDX-License-Identifier: Apache-2.0
#include "board/cpu/float_unit.h"

#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>
#include <type_traits>

namespace kpu::board {
namespace {

using enum Kind;

template <class F>
using BitsOf = std::conditional_t<sizeof(F) == 4, std::uint32_t, std::uint64_t>;

template <class F>
constexpr int kFraction = std::numeric_limits<F>::digits - 1;
template <class F>
constexpr BitsOf<F> kSign = BitsOf<F>{1} << (sizeof(F) * 8 - 1);
template <class F>
constexpr BitsOf<F> kInfinity = static_cast<BitsOf<F>>((kSign<F> - 1) >>
                                                       kFraction<F> << kFraction<F>);
template <class F>
constexpr BitsOf<F> kQuiet = BitsOf<F>{1} << (kFraction<F> - 1);
template <class F>
constexpr BitsOf<F> kCanonicalNan = kInfinity<F> | kQuiet<F>;

template <class F>
F from_reg(std::uint64_t reg) {
  if constexpr (sizeof(F) == 4) {
    return std::bit_cast<float>(unbox(reg));
  } else {
    return std::bit_cast<double>(reg);
  }
}

template <class F>
std::uint64_t raw_reg(BitsOf<F> bits) {
  if constexpr (sizeof(F) == 4) {
    return nan_box(bits);
  } else {
    return bits;
  }
}

template <class F>
std::uint64_t to_reg(F value) {
  return raw_reg<F>(std::isnan(value) ? kCanonicalNan<F> : std::bit_cast<BitsOf<F>>(value));
}

template <class F>
bool is_signaling(F value) {
  return std::isnan(value) && (std::bit_cast<BitsOf<F>>(value) & kQuiet<F>) == 0;
}

int host_rounding(unsigned rounding) {
  switch (rounding) {
    case kRtz:
      return FE_TOWARDZERO;
    case kRdn:
      return FE_DOWNWARD;
    case kRup:
      return FE_UPWARD;
    default:
      return FE_TONEAREST;
  }
}

/// The host's rounding mode and flags for one operation; the program around it keeps its own.
class HostFloats {
 public:
  explicit HostFloats(unsigned rounding) {
    std::feholdexcept(&saved_);
    std::fesetround(host_rounding(rounding));
  }
  ~HostFloats() { std::fesetenv(&saved_); }
  HostFloats(const HostFloats&) = delete;
  HostFloats& operator=(const HostFloats&) = delete;

  std::uint32_t flags() const {
    const int raised = std::fetestexcept(FE_ALL_EXCEPT);
    return ((raised & FE_INEXACT) != 0 ? kInexact : 0u) |
           ((raised & FE_UNDERFLOW) != 0 ? kUnderflow : 0u) |
           ((raised & FE_OVERFLOW) != 0 ? kOverflow : 0u) |
           ((raised & FE_DIVBYZERO) != 0 ? kDivideByZero : 0u) |
           ((raised & FE_INVALID) != 0 ? kInvalid : 0u);
  }

 private:
  std::fenv_t saved_;
};

/// Runs `operation` on copies that the compiler can neither fold nor move. Where the only flag that
/// a normal result can raise is raised already, the host's environment is left alone.
template <class F, class Operation>
F guarded(Operation operation, F a, F b, F c, unsigned rounding, std::uint32_t& flags) {
  volatile F va = a;
  volatile F vb = b;
  volatile F vc = c;
  if (rounding == kRne && (flags & kInexact) != 0) {
    const F quick = operation(va, vb, vc);
    // Above the smallest normal number, as one that was rounded up to it has underflowed.
    if (std::abs(quick) > 2 * std::numeric_limits<F>::min() &&
        std::abs(quick) <= std::numeric_limits<F>::max() && std::isfinite(a) && std::isfinite(b) &&
        std::isfinite(c)) {
      return quick;
    }
  }
  const HostFloats host(rounding);
  volatile F result = operation(va, vb, vc);
  flags |= host.flags();
  return result;
}

template <class F>
std::uint64_t fused(F a, F b, F c, unsigned rounding, std::uint32_t& flags) {
  // Infinity times zero is invalid even where the third operand is a quiet NaN.
  if ((std::isinf(a) && b == 0) || (a == 0 && std::isinf(b))) {
    flags |= kInvalid;
    return raw_reg<F>(kCanonicalNan<F>);
  }
  return to_reg(
      guarded<F>([](F x, F y, F z) { return std::fma(x, y, z); }, a, b, c, rounding, flags));
}

template <class F>
std::uint64_t sign_inject(Kind kind, Kind first, std::uint64_t a_reg, std::uint64_t b_reg) {
  const auto a = std::bit_cast<BitsOf<F>>(from_reg<F>(a_reg));
  const auto b = std::bit_cast<BitsOf<F>>(from_reg<F>(b_reg));
  const unsigned which = static_cast<unsigned>(kind) - static_cast<unsigned>(first);
  const BitsOf<F> sign = (which == 0 ? b : which == 1 ? ~b : a ^ b) & kSign<F>;
  return raw_reg<F>(static_cast<BitsOf<F>>((a & ~kSign<F>) | sign));
}

template <class F>
std::uint64_t min_max(bool maximum, F a, F b, std::uint32_t& flags) {
  if (is_signaling(a) || is_signaling(b)) {
    flags |= kInvalid;
  }
  if (std::isnan(a) || std::isnan(b)) {
    return to_reg(std::isnan(a) ? b : a);
  }
  const bool a_less = a < b || (a == b && std::signbit(a) && !std::signbit(b));
  return to_reg(a_less != maximum ? a : b);
}

template <class F>
std::uint64_t compare(Kind kind, Kind equal, F a, F b, std::uint32_t& flags) {
  const bool unordered = std::isnan(a) || std::isnan(b);
  if (kind == equal ? is_signaling(a) || is_signaling(b) : unordered) {
    flags |= kInvalid;
  }
  if (unordered) {
    return 0;
  }
  const unsigned which = static_cast<unsigned>(kind) - static_cast<unsigned>(equal);
  return which == 0 ? a == b : which == 1 ? a < b : a <= b;
}

template <class F>
std::uint64_t classify(F value) {
  const bool negative = std::signbit(value);
  switch (std::fpclassify(value)) {
    case FP_INFINITE:
      return negative ? 1u << 0 : 1u << 7;
    case FP_NORMAL:
      return negative ? 1u << 1 : 1u << 6;
    case FP_SUBNORMAL:
      return negative ? 1u << 2 : 1u << 5;
    case FP_ZERO:
      return negative ? 1u << 3 : 1u << 4;
    default:
      return is_signaling(value) ? 1u << 8 : 1u << 9;
  }
}

template <class F>
F round_to_integer(F value, unsigned rounding) {
  switch (rounding) {
    case kRtz:
      return std::trunc(value);
    case kRdn:
      return std::floor(value);
    case kRup:
      return std::ceil(value);
    case kRmm:
      return std::round(value);
    default: {
      const F down = std::floor(value);
      const F rest = value - down;
      const bool odd = std::fmod(down, F{2}) != 0;
      return rest > F(0.5) || (rest == F(0.5) && odd) ? down + 1 : down;
    }
  }
}

/// To an integer of type I, saturating; 32-bit results are sign-extended, signed or not.
template <class I, class F>
std::uint64_t to_integer(F value, unsigned rounding, std::uint32_t& flags) {
  using Limits = std::numeric_limits<I>;
  const auto extend = [](I result) {
    return static_cast<std::uint64_t>(
        static_cast<std::int64_t>(static_cast<std::make_signed_t<I>>(result)));
  };
  if (std::isnan(value)) {
    flags |= kInvalid;
    return extend(Limits::max());
  }
  // Both limits are powers of two or zero, exact in F.
  const F end = std::ldexp(F{1}, Limits::digits);
  const F first = std::is_signed_v<I> ? -end : F{0};
  const F rounded = round_to_integer(value, rounding);
  if (rounded < first || rounded >= end) {
    flags |= kInvalid;
    return extend(rounded < first ? Limits::min() : Limits::max());
  }
  if (rounded != value) {
    flags |= kInexact;
  }
  return extend(static_cast<I>(rounded));
}

template <class F, class I>
std::uint64_t from_integer(std::uint64_t reg, unsigned rounding, std::uint32_t& flags) {
  const HostFloats host(rounding);
  volatile I value = static_cast<I>(reg);
  volatile F result = static_cast<F>(value);
  flags |= host.flags();
  return to_reg<F>(result);
}

/// Between the precisions.
template <class To, class From>
std::uint64_t convert(From value, unsigned rounding, std::uint32_t& flags) {
  const HostFloats host(rounding);
  volatile From from = value;
  volatile To result = static_cast<To>(from);
  flags |= host.flags();
  return to_reg<To>(result);
}

/// The operations of one precision, whose kinds begin with `first` (FmaddS or FmaddD).
template <class F>
std::uint64_t compute(Kind kind, Kind first, const FloatOperands& in, unsigned rounding,
                      std::uint32_t& flags) {
  const F a = from_reg<F>(in.a);
  const F b = from_reg<F>(in.b);
  const F c = from_reg<F>(in.c);
  const unsigned which = static_cast<unsigned>(kind) - static_cast<unsigned>(first);
  const auto single = static_cast<Kind>(static_cast<unsigned>(FmaddS) + which);
  const auto place = [&](Kind of_single) {
    return static_cast<Kind>(static_cast<unsigned>(of_single) - static_cast<unsigned>(FmaddS) +
                             static_cast<unsigned>(first));
  };
  switch (single) {
    case FmaddS:
      return fused<F>(a, b, c, rounding, flags);
    case FmsubS:
      return fused<F>(a, b, -c, rounding, flags);
    case FnmsubS:
      return fused<F>(-a, b, c, rounding, flags);
    case FnmaddS:
      return fused<F>(-a, b, -c, rounding, flags);
    case FaddS:
      return to_reg(guarded<F>([](F x, F y, F) { return x + y; }, a, b, F{0}, rounding, flags));
    case FsubS:
      return to_reg(guarded<F>([](F x, F y, F) { return x - y; }, a, b, F{0}, rounding, flags));
    case FmulS:
      return to_reg(guarded<F>([](F x, F y, F) { return x * y; }, a, b, F{0}, rounding, flags));
    case FdivS:
      return to_reg(guarded<F>([](F x, F y, F) { return x / y; }, a, b, F{0}, rounding, flags));
    case FsqrtS:
      return to_reg(
          guarded<F>([](F x, F, F) { return std::sqrt(x); }, a, F{0}, F{0}, rounding, flags));
    case FsgnjS:
    case FsgnjnS:
    case FsgnjxS:
      return sign_inject<F>(kind, place(FsgnjS), in.a, in.b);
    case FminS:
      return min_max<F>(false, a, b, flags);
    case FmaxS:
      return min_max<F>(true, a, b, flags);
    case FeqS:
    case FltS:
    case FleS:
      return compare<F>(kind, place(FeqS), a, b, flags);
    case FclassS:
      return classify<F>(a);
    case FcvtWS:
      return to_integer<std::int32_t>(a, rounding, flags);
    case FcvtWuS:
      return to_integer<std::uint32_t>(a, rounding, flags);
    case FcvtLS:
      return to_integer<std::int64_t>(a, rounding, flags);
    case FcvtLuS:
      return to_integer<std::uint64_t>(a, rounding, flags);
    case FcvtSW:
      return from_integer<F, std::int32_t>(in.a, rounding, flags);
    case FcvtSWu:
      return from_integer<F, std::uint32_t>(in.a, rounding, flags);
    case FcvtSL:
      return from_integer<F, std::int64_t>(in.a, rounding, flags);
    case FcvtSLu:
      return from_integer<F, std::uint64_t>(in.a, rounding, flags);
    case FmvXW:
      return sizeof(F) == 4 ? static_cast<std::uint64_t>(
                                  static_cast<std::int64_t>(static_cast<std::int32_t>(in.a)))
                            : in.a;
    default:
      return sizeof(F) == 4 ? nan_box(static_cast<std::uint32_t>(in.a)) : in.a;  // fmv.w.x
  }
}

}  // namespace

std::uint64_t compute_float(Kind kind, const FloatOperands& operands, unsigned rounding,
                            std::uint32_t& flags) {
  if (kind == FcvtSD) {
    return convert<float>(from_reg<double>(operands.a), rounding, flags);
  }
  if (kind == FcvtDS) {
    return convert<double>(from_reg<float>(operands.a), rounding, flags);
  }
  return kind < FmaddD ? compute<float>(kind, FmaddS, operands, rounding, flags)
                       : compute<double>(kind, FmaddD, operands, rounding, flags);
}

}  // namespace kpu::board
