// SPDX-License-Identifier: Apache-2.0
//
// A layer of a network as another engine would compute it. A kmodel states no scales; they follow
// from its tables. On one piece of the activation a layer is, in real numbers,
//
//   y = bias + ((conv * mul / 2^norm_shift + add) - x_start) * y_mul / 2^act_shift
//
// and that is a requantisation: of the accumulator conv + B, by mul * y_mul / 2^(norm_shift +
// act_shift), to the zero point `bias`, where B = (add - x_start) * 2^norm_shift / mul as a whole
// number, as the formats store biases.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/kpu/golden_backend.h"
#include "golden/kpu/kpu_layer.h"
#include "golden/quantised/rules.h"

namespace kpu::golden::quantised {

/// Why an output of a layer differs from the rule's.
enum class LayerCause {
  kTie,             ///< the real number lies exactly half way between two codes
  kBias,            ///< the rule's bias is a whole accumulator, the KPU's has bits behind the point
  kDoubleRounding,  ///< the rule rounds twice and is off the real number's nearest code
  kFloat,           ///< the rule's floating-point product is off the real number's nearest code
  kWide,            ///< the accumulator does not fit the rule's 32 bits
  kNorm,            ///< the KPU cuts norm's bits behind the point off
  kNegative,        ///< the KPU's rounding of negative products is not symmetric
  kAverage,         ///< the KPU cuts an average's bits behind the point off
};

/// "tie", "whole bias", "double rounding", "float rounding", "beyond 32 bits", "norm cut off",
/// "negative product", "average cut off".
const char* to_string(LayerCause cause);

/// The outputs of a layer, behind pooling, that differ from the rule's.
struct LayerByRule {
  /// The first of them, channel by channel, row by row.
  struct First {
    std::uint32_t channel = 0;
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    int rule = 0;
    int kpu = 0;
    LayerCause cause = LayerCause::kTie;
  };

  std::size_t outputs = 0;
  std::size_t differing = 0;
  int largest = 0;  ///< difference, in codes
  std::map<LayerCause, std::size_t> causes;
  std::optional<First> first;

  /// Adds another batch of the same layer.
  void add(const LayerByRule& other);
  /// "tie 12, norm cut off 3"; "" if nothing differs.
  std::string why() const;
};

/// Compares one layer while the reference runs it. Pixels count as uint8 codes with zero point 0.
class RuleRecorder : public StageRecorder {
 public:
  /// The tables as the layer uses them; both must outlive the recorder. Throws Error for
  /// Rule::kOnnxRuntimeAvx2, whose products depend on weights that a kmodel does not tell apart.
  RuleRecorder(const LayerArgs& args, const LayerTables& tables, const ArithOptions& arith,
               Rule rule);

  void channel(std::uint32_t index, std::span<const std::int64_t> conv,
               std::span<const std::int64_t> norm, std::span<const std::uint8_t> act) override;

  const LayerByRule& result() const { return result_; }

 private:
  /// A value before pooling: the rule's code, and why it is not the KPU's.
  struct Value {
    int code = 0;
    std::optional<LayerCause> cause;
  };

  class Piece;

  std::vector<Value> values_of(std::uint32_t channel, std::span<const std::int64_t> conv,
                               std::span<const std::int64_t> norm,
                               std::span<const std::uint8_t> act) const;
  Value pooled(const std::vector<Value>& values, std::uint32_t row, std::uint32_t column) const;

  const LayerArgs& args_;
  const LayerTables& tables_;
  ArithOptions arith_;
  Rule rule_;
  ActTable act_{};
  LayerByRule result_;
};

/// The reference model, which compares every layer that it runs, on the layer's own input.
class RuleBackend : public GoldenBackend {
 public:
  /// Throws Error as RuleRecorder.
  RuleBackend(const ArithOptions& options, Rule rule);

  /// One entry for each job so far. Layers without an activation, all zero, have no outputs here.
  const std::vector<LayerByRule>& jobs() const { return jobs_; }

 protected:
  KpuLayerOutput run_layer(const LayerArgs& args, const LayerTables& tables) override;

 private:
  Rule rule_;
  std::vector<LayerByRule> jobs_;
};

}  // namespace kpu::golden::quantised
