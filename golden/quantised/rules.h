// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace kpu::golden::quantised {

/// Whose arithmetic turns an accumulator (an int32 sum of products with the zero points taken off,
/// bias included) into an output code. Each was measured on the library of the version named here;
/// tests/golden/quantised compares with recorded outputs of those libraries.
enum class Rule {
  kExact,            ///< real numbers, half to even before the zero point is added
  kOnnxRuntime,      ///< QLinearConv and fused QDQ of ONNX Runtime 1.31.1
  kOnnxRuntimeAvx2,  ///< the same on x86-64 processors without VNNI: products saturate
  kOnnxReference,    ///< QLinearConv of onnx.reference 1.23.2
  kLiteRt,           ///< LiteRT 2.3.0 as it comes: the XNNPACK delegate
  kLiteRtBuiltin,    ///< LiteRT 2.3.0 without delegates, on a processor with AVX2
  kLiteRtReference,  ///< LiteRT 2.3.0, reference kernels
  kTfliteMicro,      ///< TFLite Micro, reference kernels
  kK210,             ///< no other's: what the KPU itself gives
};

/// Rule from its name: exact, onnxruntime, onnxruntime-avx2, onnx-reference, litert,
/// litert-builtin, litert-reference, tflite-micro, k210. Throws Error for any other.
Rule rule_by_name(std::string_view name);
const char* to_string(Rule rule);

/// What LiteRT's rules depend on besides the numbers.
struct RuleContext {
  bool depthwise = false;
  std::uint32_t channel = 0;   ///< output channel
  std::uint32_t channels = 1;  ///< output channels of the layer
};

/// How a value that lies between two codes becomes one of them.
enum class Arithmetic {
  kRealEven,           ///< real numbers, half to even
  kFloat32Even,        ///< float32 product, half to even
  kFloat64EvenOfCode,  ///< float64, zero point added before rounding half to even
  kFixedTwiceUp,       ///< 31-bit multiplier, two roundings, both half up
  kFixedTwiceAway,     ///< 31-bit multiplier, two roundings, the second half away from zero
};

/// The arithmetic of `rule` on a channel. kK210 counts as kRealEven, which its layer is made for.
Arithmetic arithmetic_of(Rule rule, const RuleContext& context);

/// The scales of an input, a weight and an output, as the formats store them; each finite and > 0.
struct Scales {
  float x = 1;
  float w = 1;
  float y = 1;

  /// x * w / y: codes per accumulator unit.
  double ratio() const { return double{x} * double{w} / double{y}; }
};

/// The positive multiplier `m` as integers: multiplier * 2^(exponent - 31), multiplier of 31 bits,
/// rounded half up (TFLite's QuantizeMultiplier).
struct FixedMultiplier {
  std::int32_t multiplier = 0;
  int exponent = 0;
};
FixedMultiplier fixed_multiplier(double m);

/// round(accumulator * x * w / y), ties to even, in real numbers.
std::int64_t real_even(std::int64_t accumulator, const Scales& scales);

/// Whether accumulator * x * w / y lies exactly half way between two whole numbers.
bool is_tie(std::int64_t accumulator, const Scales& scales);

/// rint(float32(accumulator) * float32(float32(x * w) / y)), within -2^24 .. 2^24.
std::int64_t float32_even(std::int32_t accumulator, const Scales& scales);

/// Two roundings of accumulator * multiplier: to 2^exponent half up, then to 1 as `away` says. A
/// positive exponent shifts the accumulator first (saturated to 32 bits) and leaves one rounding.
std::int64_t fixed_twice(std::int32_t accumulator, const FixedMultiplier& m, bool away);

/// Accumulator to code for one output channel. Each is monotone: a larger accumulator never gives a
/// smaller code, since every step (product with a positive number, rounding, addition, clamp) is.
class Requantiser {
 public:
  /// `lowest` .. `highest` are the codes that the output type and a fused activation leave.
  Requantiser(Arithmetic arithmetic, const Scales& scales, int zero, int lowest, int highest);

  int operator()(std::int32_t accumulator) const;

  Arithmetic arithmetic() const { return arithmetic_; }
  const Scales& scales() const { return scales_; }
  int zero() const { return zero_; }
  int lowest() const { return lowest_; }
  int highest() const { return highest_; }
  const FixedMultiplier& fixed() const { return fixed_; }

  /// The smallest accumulator in first .. last whose code is `code` or more; last + 1 if none is.
  std::int64_t first_with(int code, std::int64_t first, std::int64_t last) const;

 private:
  std::int64_t code_before_clamp(std::int32_t accumulator) const;

  Arithmetic arithmetic_;
  Scales scales_;
  int zero_;
  int lowest_;
  int highest_;
  FixedMultiplier fixed_;
};

/// Code of the real number `value` as an upper or lower bound of a fused activation: half to even
/// with the zero point added before (LiteRT's delegate) or after (ONNX Runtime), half away from
/// zero by LiteRT's own kernels and TFLite Micro.
int bound_code(double value, float y_scale, int y_zero, Rule rule);

}  // namespace kpu::golden::quantised
