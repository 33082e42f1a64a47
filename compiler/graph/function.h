// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kpu::compiler {

/// Steps of a scalar function on a stack: kArgument and kConstant push, the others replace their
/// one, two or three topmost values.
enum class FunctionOp : std::uint8_t {
  kArgument,
  kConstant,
  // one value
  kNeg,
  kAbs,
  kExp,
  kLog,
  kSqrt,
  kErf,
  kTanh,
  kSigmoid,
  kSoftplus,
  kSin,
  kCos,
  kFloor,
  kCeil,
  kRound,  ///< ties to even
  kSign,
  // two values
  kAdd,
  kSub,
  kMul,
  kDiv,
  kPow,
  kMin,
  kMax,
  // three values
  kSelect,  ///< first > 0 ? second : third
};

/// A function of one real number: an activation, or a chain of elementwise operators folded into
/// one. Constants may differ from channel to channel.
class Function {
 public:
  /// The identity.
  Function() : steps_{{FunctionOp::kArgument, {}}} {}

  static Function constant(std::vector<float> per_channel);
  static Function relu();
  static Function clip(float low, float high);
  /// x above 0, slope * x below it; one slope, or one for each channel.
  static Function leaky(std::vector<float> slopes);
  static Function sigmoid() { return Function().then(FunctionOp::kSigmoid); }
  static Function hard_sigmoid(float alpha, float beta);

  /// op(f(x)), for an op of one value.
  Function then(FunctionOp op) const;
  /// op(f(x), g(x)), for an op of two values.
  static Function combine(FunctionOp op, const Function& f, const Function& g);
  /// f(x) > 0 ? g(x) : h(x).
  static Function select(const Function& f, const Function& g, const Function& h);
  /// outer(inner(x)).
  static Function compose(const Function& outer, const Function& inner);

  bool is_identity() const { return steps_.size() == 1 && steps_[0].op == FunctionOp::kArgument; }
  /// Number of channels its constants differ over; 1 if they do not.
  std::size_t channels() const;

  float operator()(float x, std::size_t channel = 0) const;
  /// Puts each value's result in its place; all are of one channel. The same as one by one.
  void apply(std::span<float> values, std::size_t channel = 0) const;

  /// The steps as text ("x 0 max"), for reports.
  std::string text() const;

 private:
  struct Step {
    FunctionOp op;
    std::vector<float> constants;
  };
  /// Most values on the stack. Throws Error if they are too many.
  std::size_t depth() const;
  explicit Function(std::vector<Step> steps) : steps_(std::move(steps)) {}

  std::vector<Step> steps_;
};

}  // namespace kpu::compiler
