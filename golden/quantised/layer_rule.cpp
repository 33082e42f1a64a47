// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/layer_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <span>

#include "common/bits.h"
#include "common/error.h"
#include "golden/quantised/elementwise.h"

namespace kpu::golden::quantised {
namespace {

// conv * mul * y_mul has up to 77 bits.
__extension__ using Wide = __int128;

/// numerator / 2^shift, half to even, within -2^24 .. 2^24; shift up to 300.
std::int64_t nearest_even(Wide numerator, std::uint32_t shift) {
  if (numerator < 0) return -nearest_even(-numerator, shift);
  constexpr Wide kFar = Wide{1} << 24;
  if (shift > 120) return 0;
  const Wide floor = numerator >> shift;
  if (floor >= kFar) return static_cast<std::int64_t>(kFar);
  const Wide twice = 2 * (numerator - (floor << shift));
  const Wide unit = Wide{1} << shift;
  const bool up = twice > unit || (twice == unit && (floor & 1) != 0);
  return static_cast<std::int64_t>(floor) + up;
}

bool is_half(Wide numerator, std::uint32_t shift) {
  if (shift == 0 || shift > 120) return false;
  const Wide unit = Wide{1} << shift;
  return (numerator & (unit - 1)) == unit / 2;
}

int to_code(std::int64_t code) { return static_cast<int>(std::clamp<std::int64_t>(code, 0, 255)); }

/// a / b as a whole number, half to even; b > 0.
std::int64_t divide_even(std::int64_t a, std::int64_t b) {
  std::int64_t floor = a / b;
  if (a % b < 0) --floor;
  const std::int64_t twice = 2 * (a - floor * b);
  return floor + (twice > b || (twice == b && (floor & 1) != 0));
}

/// Rows and columns of a pool's window.
std::uint32_t window_size(std::uint32_t pool_type) {
  switch (pool_type) {
    case kPoolMax4:
    case kPoolMean4:
      return 4;
    case kPoolMax2:
    case kPoolMean2:
    case kPoolRightTop2:
    case kPoolMean2s1:
    case kPoolMax2s1:
      return 2;
    default:
      return 1;
  }
}

Rule require_usable(Rule rule) {
  if (rule == Rule::kOnnxRuntimeAvx2) {
    throw Error(
        "rounding=onnxruntime-avx2: expected a rule that does not depend on the weights' own zero "
        "points, which network files do not state");
  }
  return rule;
}

}  // namespace

const char* to_string(LayerCause cause) {
  switch (cause) {
    case LayerCause::kTie:
      return "tie";
    case LayerCause::kBias:
      return "whole bias";
    case LayerCause::kDoubleRounding:
      return "double rounding";
    case LayerCause::kFloat:
      return "float rounding";
    case LayerCause::kWide:
      return "beyond 32 bits";
    case LayerCause::kNorm:
      return "norm cut off";
    case LayerCause::kNegative:
      return "negative product";
    case LayerCause::kAverage:
      break;
  }
  return "average cut off";
}

void LayerByRule::add(const LayerByRule& other) {
  outputs += other.outputs;
  differing += other.differing;
  largest = std::max(largest, other.largest);
  for (const auto& [cause, count] : other.causes) causes[cause] += count;
  if (!first) first = other.first;
}

std::string LayerByRule::why() const {
  std::string text;
  for (const auto& [cause, count] : causes) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", to_string(cause), count);
  }
  return text;
}

/// One channel on one piece of the activation.
class RuleRecorder::Piece {
 public:
  Piece(const BatchNorm& bn, const Segment& segment, Arithmetic arithmetic)
      : bn_(bn),
        segment_(segment),
        shift_(bn.shift + segment.shift),
        flat_(bn.mul == 0 || segment.y_mul == 0 || shift_ > 120),
        falls_((bn.mul < 0) != (segment.y_mul < 0)),
        // Powers of two up to 2^120 and 24-bit numbers are floats.
        scales_{std::abs(static_cast<float>(bn.mul)), std::abs(static_cast<float>(segment.y_mul)),
                std::ldexp(1.F, static_cast<int>(std::min(shift_, 120U)))},
        rule_(arithmetic, flat_ ? Scales{} : scales_, segment.bias, 0, 255) {
    if (flat_) return;
    const std::int64_t add = (bn.add - segment.x_start) * (std::int64_t{1} << bn.shift);
    bias_ = divide_even(bn.mul < 0 ? -add : add, std::abs(std::int64_t{bn.mul}));
  }

  Value value(std::int64_t conv, std::int64_t norm, int kpu) const {
    if (flat_) return same_or(exact(conv), kpu, LayerCause::kNegative);
    if (rule_.arithmetic() == Arithmetic::kRealEven) {
      return same_or(exact(conv), kpu, kpu_cause(conv, norm));
    }
    const Wide accumulator = (Wide{conv} + bias_) * (falls_ ? -1 : 1);
    constexpr Wide kMost = std::numeric_limits<std::int32_t>::max();
    const auto a = static_cast<std::int32_t>(std::clamp(accumulator, -kMost, kMost));
    const int code = rule_(a);
    if (code == kpu) return {code, {}};
    if (a != accumulator) return {code, LayerCause::kWide};
    return {code, cause(conv, norm, a, code)};
  }

 private:
  static Value same_or(int code, int kpu, LayerCause cause) {
    if (code == kpu) return {code, {}};
    return {code, cause};
  }

  /// y - bias, times 2^shift_.
  Wide numerator(std::int64_t conv) const {
    const Wide add = Wide{bn_.add - segment_.x_start} * (std::int64_t{1} << bn_.shift);
    return (Wide{conv} * bn_.mul + add) * segment_.y_mul;
  }

  int exact(std::int64_t conv) const {
    return to_code(segment_.bias + nearest_even(numerator(conv), shift_));
  }

  /// Why the KPU is off the real number's nearest code.
  LayerCause kpu_cause(std::int64_t conv, std::int64_t norm) const {
    if (is_half(numerator(conv), shift_)) return LayerCause::kTie;
    const std::int64_t product = wrap_mul(wrap_sub(norm, segment_.x_start), segment_.y_mul);
    const bool asymmetric = nearest_even(product, segment_.shift) !=
                            round_shift(product, segment_.shift, Rounding::kBankers);
    return product < 0 && asymmetric ? LayerCause::kNegative : LayerCause::kNorm;
  }

  LayerCause cause(std::int64_t conv, std::int64_t norm, std::int32_t a, int code) const {
    if (code == exact(conv)) return kpu_cause(conv, norm);
    if (code == to_code(segment_.bias + real_even(a, scales_))) return LayerCause::kBias;
    if (is_tie(a, scales_)) return LayerCause::kTie;
    const bool fixed = rule_.arithmetic() == Arithmetic::kFixedTwiceUp ||
                       rule_.arithmetic() == Arithmetic::kFixedTwiceAway;
    return fixed ? LayerCause::kDoubleRounding : LayerCause::kFloat;
  }

  BatchNorm bn_;
  Segment segment_;
  std::uint32_t shift_;
  bool flat_;   ///< the code is `bias` (or next to it) whatever conv is
  bool falls_;  ///< the other engine's weights have the other sign
  Scales scales_;
  Requantiser rule_;
  std::int64_t bias_ = 0;
};

RuleRecorder::RuleRecorder(const LayerArgs& args, const LayerTables& tables,
                           const ArithOptions& arith, Rule rule)
    : args_(args), tables_(tables), arith_(arith), rule_(require_usable(rule)) {
  if (args.load_act) act_ = decode_act_table(tables.act);
}

std::vector<RuleRecorder::Value> RuleRecorder::values_of(std::uint32_t channel,
                                                         std::span<const std::int64_t> conv,
                                                         std::span<const std::int64_t> norm,
                                                         std::span<const std::uint8_t> act) const {
  std::vector<Value> values;
  values.reserve(conv.size());
  if (rule_ == Rule::kK210) {
    for (const std::uint8_t code : act) values.push_back({code, {}});
    return values;
  }
  const BatchNorm bn = decode_batch_norm(
      load_le<std::uint64_t>(tables_.batch_norm, std::size_t{channel} * kBatchNormBytes));
  const Arithmetic arithmetic =
      arithmetic_of(rule_, {args_.depthwise, channel, args_.out_channels});
  std::vector<Piece> pieces;
  for (const Segment& segment : act_) pieces.emplace_back(bn, segment, arithmetic);
  for (std::size_t i = 0; i < conv.size(); ++i) {
    const std::size_t piece = find_segment(act_, norm[i], arith_.segment_rule);
    values.push_back(pieces[piece].value(conv[i], norm[i], act[i]));
  }
  return values;
}

RuleRecorder::Value RuleRecorder::pooled(const std::vector<Value>& values, std::uint32_t row,
                                         std::uint32_t column) const {
  const std::uint32_t y = row * args_.stride();
  const std::uint32_t x = column * args_.stride();
  const std::uint32_t size = window_size(args_.pool_type);
  if (size == 1) return values[std::size_t{y} * args_.in_width + x];
  std::vector<int> codes;
  std::optional<LayerCause> cause;
  for (std::uint32_t j = y; j < y + size; ++j) {
    for (std::uint32_t i = x; i < x + size; ++i) {
      // Beyond the edge a mean repeats it; a maximum does not change by that.
      const Value& value = values[std::size_t{std::min(j, args_.in_height - 1)} * args_.in_width +
                                  std::min(i, args_.in_width - 1)];
      codes.push_back(value.code);
      if (!cause) cause = value.cause;
    }
  }
  switch (args_.pool_type) {
    case kPoolMean2:
    case kPoolMean2s1:
    case kPoolMean4:
      return {average_code(codes, {}, {}, {}, rule_), cause.value_or(LayerCause::kAverage)};
    case kPoolRightTop2:
      return values[std::size_t{y} * args_.in_width + x + 1];
    default:
      return {*std::max_element(codes.begin(), codes.end()), cause};
  }
}

void RuleRecorder::channel(std::uint32_t index, std::span<const std::int64_t> conv,
                           std::span<const std::int64_t> norm, std::span<const std::uint8_t> act) {
  const std::vector<Value> values = values_of(index, conv, norm, act);
  const std::vector<std::uint8_t> kpu =
      args_.first_stride ? std::vector<std::uint8_t>{}
                         : pool_channel(act, args_.in_height, args_.in_width, args_.pool_type);
  for (std::uint32_t row = 0; row < args_.out_height; ++row) {
    for (std::uint32_t column = 0; column < args_.out_width; ++column) {
      const int got = args_.first_stride ? act[std::size_t{2} * row * args_.in_width + 2 * column]
                                         : kpu[std::size_t{row} * args_.out_width + column];
      const Value wanted = rule_ == Rule::kK210 ? Value{got, {}} : pooled(values, row, column);
      ++result_.outputs;
      if (wanted.code == got) continue;
      const LayerCause cause = wanted.cause.value_or(LayerCause::kTie);
      ++result_.differing;
      ++result_.causes[cause];
      result_.largest = std::max(result_.largest, std::abs(wanted.code - got));
      if (!result_.first) result_.first = {index, row, column, wanted.code, got, cause};
    }
  }
}

RuleBackend::RuleBackend(const ArithOptions& options, Rule rule)
    : GoldenBackend(options), rule_(require_usable(rule)) {}

KpuLayerOutput RuleBackend::run_layer(const LayerArgs& args, const LayerTables& tables) {
  RuleRecorder recorder(args, tables, options(), rule_);
  set_recorder(&recorder);
  KpuLayerOutput output = GoldenBackend::run_layer(args, tables);
  set_recorder(nullptr);
  jobs_.push_back(recorder.result());
  return output;
}

}  // namespace kpu::golden::quantised
