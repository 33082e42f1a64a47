// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "common/error.h"
#include "golden/quantised/code_steps.h"
#include "golden/quantised/saturation.h"

namespace kpu::golden::quantised {
namespace {

void require_rising(const BatchNorm& bn, std::uint32_t channel) {
  if (bn.mul <= 0) {
    throw Error(fmt::format("channel {}: norm_mul={}: expected above 0", channel, bn.mul));
  }
}

void require_norm_fits(const BatchNorm& bn, std::int64_t bias, const Range& range,
                       std::uint32_t channel) {
  for (const std::int64_t accumulator : {range.first, range.last}) {
    const std::int64_t norm = normalize(accumulator - bias, bn);
    if (!fits_36_bits(norm)) {
      throw Error(
          fmt::format("channel {}: norm={}: expected one that fits 36 bits", channel, norm));
    }
  }
}

int code_at(const CodeSteps& steps, std::int64_t accumulator) {
  const auto reached = std::upper_bound(steps.at.begin(), steps.at.end(), accumulator);
  return steps.lowest + static_cast<int>(reached - steps.at.begin());
}

Cause cause_at(const Requantiser& rule, std::int64_t accumulator) {
  const Scales& scales = rule.scales();
  const Requantiser exact(Arithmetic::kRealEven, scales, rule.zero(), rule.lowest(),
                          rule.highest());
  const auto a = static_cast<std::int32_t>(accumulator);
  if (is_tie(accumulator, scales)) return Cause::kTie;
  if (rule(a) == exact(a)) return Cause::kMultiplier;
  const bool twice = rule.arithmetic() == Arithmetic::kFixedTwiceUp ||
                     rule.arithmetic() == Arithmetic::kFixedTwiceAway;
  return twice ? Cause::kDoubleRounding : Cause::kRule;
}

ChannelProof prove_channel(const QuantisedConv& conv, const MappedConv& mapped,
                           const CodeSteps& norm_steps, std::uint32_t channel) {
  ChannelProof proof;
  proof.accumulators = accumulator_range(conv, channel);
  proof.saturates = can_saturate(conv, channel);
  const BatchNorm& bn = mapped.layer.batch_norm[channel];
  const std::int64_t bias = conv.bias_of(channel);
  require_rising(bn, channel);
  require_norm_fits(bn, bias, proof.accumulators, channel);
  const Requantiser rule = requantiser_of(conv, channel);
  const CodeSteps wanted = steps_of(rule, proof.accumulators);
  const CodeSteps got = steps_behind(norm_steps, bn, bias, proof.accumulators);
  proof.differing = count_differences(wanted, got, proof.accumulators);
  if (proof.differing == 0) return proof;
  proof.first = proof.accumulators.last;
  for (std::size_t i = 0; i < wanted.at.size(); ++i) {
    if (wanted.at[i] == got.at[i]) continue;
    ++proof.moved_codes;
    // Differences begin where one of the two has reached the code; the largest is at such a place.
    for (const std::int64_t at : {wanted.at[i], got.at[i]}) {
      if (at > proof.accumulators.last) continue;
      const int difference = std::abs(code_at(wanted, at) - code_at(got, at));
      proof.largest = std::max(proof.largest, difference);
    }
    proof.first = std::min(proof.first, std::min(wanted.at[i], got.at[i]));
  }
  proof.first_rule = code_at(wanted, proof.first);
  proof.first_kpu = code_at(got, proof.first);
  proof.cause = cause_at(rule, proof.first);
  return proof;
}

}  // namespace

const char* to_string(Cause cause) {
  switch (cause) {
    case Cause::kNone:
      return "none";
    case Cause::kTie:
      return "tie";
    case Cause::kDoubleRounding:
      return "double rounding";
    case Cause::kRule:
      return "float32 rounding";
    case Cause::kMultiplier:
      break;
  }
  return "multiplier's precision";
}

std::int64_t Proof::differing() const {
  return std::accumulate(
      channels.begin(), channels.end(), std::int64_t{0},
      [](std::int64_t sum, const ChannelProof& channel) { return sum + channel.differing; });
}

std::int64_t Proof::accumulators() const {
  return std::accumulate(channels.begin(), channels.end(), std::int64_t{0},
                         [](std::int64_t sum, const ChannelProof& channel) {
                           return sum + channel.accumulators.count();
                         });
}

int Proof::largest() const {
  int largest = 0;
  for (const ChannelProof& channel : channels) largest = std::max(largest, channel.largest);
  return largest;
}

std::size_t Proof::saturating() const {
  return static_cast<std::size_t>(
      std::count_if(channels.begin(), channels.end(),
                    [](const ChannelProof& channel) { return channel.saturates; }));
}

std::string Proof::causes() const {
  std::string text;
  const auto add = [&](bool there, const char* name) {
    if (there) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
  };
  for (Cause cause : {Cause::kTie, Cause::kDoubleRounding, Cause::kRule, Cause::kMultiplier}) {
    add(std::any_of(channels.begin(), channels.end(),
                    [&](const ChannelProof& channel) { return channel.cause == cause; }),
        to_string(cause));
  }
  add(saturating() != 0, "saturation");
  return text;
}

std::string Proof::summary() const {
  if (saturating() != 0) {
    return fmt::format(
        "products of {} of {} channels can saturate by the rule, never on the KPU; of other "
        "accumulators {} of {} differ",
        saturating(), channels.size(), differing(), accumulators());
  }
  const auto wrong =
      std::find_if(channels.begin(), channels.end(),
                   [](const ChannelProof& channel) { return channel.differing != 0; });
  if (wrong == channels.end()) {
    return fmt::format("exact for all {} accumulators of {} channels", accumulators(),
                       channels.size());
  }
  return fmt::format(
      "{} of {} accumulators of {} channels differ, by at most {}; the first: channel {}, "
      "accumulator {}: {} by the rule, {} by the KPU ({})",
      differing(), accumulators(), channels.size(), largest(), wrong - channels.begin(),
      wrong->first, wrong->first_rule, wrong->first_kpu, to_string(wrong->cause));
}

Proof prove(const QuantisedConv& conv, const MappedConv& mapped) {
  const CodeSteps norm_steps =
      steps_of(mapped.layer.act, conv.lowest(), conv.highest(), mapped.y_offset);
  Proof proof;
  for (std::uint32_t channel = 0; channel < conv.out_channels; ++channel) {
    proof.channels.push_back(prove_channel(conv, mapped, norm_steps, channel));
  }
  return proof;
}

}  // namespace kpu::golden::quantised
