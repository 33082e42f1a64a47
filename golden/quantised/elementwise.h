// SPDX-License-Identifier: Apache-2.0
//
// Sums of two tensors of codes and averages of windows, as the engines compute them. The KPU does
// neither on codes of different scales: these are for the layers around its own.
#pragma once

#include <cstdint>
#include <span>

#include "golden/quantised/rules.h"

namespace kpu::golden::quantised {

/// Scale and zero point of one tensor; the scale is finite and above 0.
struct Affine {
  float scale = 1;
  int zero = 0;
};

/// Codes that an output has.
struct CodeRange {
  int lowest = 0;
  int highest = 255;
};

/// c = a + b: the code for the codes `a` and `b`, by `rule`.
///
///   exact, k210, onnx-reference   real numbers, half to even before the zero point is added
///   onnxruntime (QLinearAdd, on a processor with FMA)   float32; a and b are not exchangeable
///   litert (its delegate)         multipliers of 21 bits, half up
///   litert-builtin, -reference, tflite-micro   inputs with 20 more bits, multipliers of 31 bits;
///                                 the inputs rounded once by -builtin, else twice, the sum twice
class QuantisedAdd {
 public:
  QuantisedAdd(const Affine& a, const Affine& b, const Affine& c, const CodeRange& range,
               Rule rule);

  int operator()(int a, int b) const;

 private:
  std::int64_t real(int a, int b) const;
  std::int64_t float32(int a, int b) const;
  std::int64_t integer21(int a, int b) const;
  std::int64_t integer31(int a, int b) const;

  Affine a_, b_, c_;
  CodeRange range_;
  Rule rule_;
};

/// The average of the codes of a window (those inside the image), of which there is at least one,
/// in the order of rows and columns.
///
///   exact, k210, onnx-reference   real numbers, half to even before the zero point is added
///   onnxruntime (QLinearAveragePool)   float32 sum in that order, the zero point before rounding
///   litert .., tflite-micro       codes as they are, half away from zero; x and y are the same
int average_code(std::span<const int> window, const Affine& x, const Affine& y,
                 const CodeRange& range, Rule rule);

/// The average of a whole plane by ONNX Runtime's QLinearGlobalAveragePool: float32 sum of whole
/// numbers times one scale; by other rules as average_code().
int global_average_code(std::span<const int> plane, const Affine& x, const Affine& y,
                        const CodeRange& range, Rule rule);

}  // namespace kpu::golden::quantised
