// SPDX-License-Identifier: Apache-2.0
//
// Activations and arithmetic. Everything with one operand becomes a scalar function.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "compiler/onnx/import.h"
#include "compiler/onnx/pieces.h"

namespace kpu::compiler {
namespace {

using F = Function;
using Op = FunctionOp;

F number(float x) { return F::constant({x}); }
F times(const F& f, const F& g) { return F::combine(Op::kMul, f, g); }
F plus(const F& f, const F& g) { return F::combine(Op::kAdd, f, g); }

void give_function(Call& call, const F& function) { call.give(Elementwise{function}, {call.in()}); }

template <FunctionOp op>
void one(Call& call) {
  give_function(call, F().then(op));
}

void relu(Call& call) { give_function(call, F::relu()); }

/// A bound that is an attribute up to opset 10 and an input after it.
float bound(Call& call, std::size_t input, const char* attribute, float missing) {
  if (call.opset() < 11) return call.real(attribute, missing);
  if (!call.has(input)) return missing;
  const Tensor& value = call.constant(input, attribute);
  if (value.size() != 1) throw Error(fmt::format("{}: expected a scalar", attribute));
  return value.data[0];
}

void clip(Call& call) {
  constexpr float kMost = std::numeric_limits<float>::max();
  const float low = bound(call, 1, "min", -kMost), high = bound(call, 2, "max", kMost);
  F function;
  if (low > -kMost) function = F::combine(Op::kMax, function, number(low));
  if (high < kMost) function = F::combine(Op::kMin, function, number(high));
  give_function(call, function);
}

void leaky(Call& call) { give_function(call, F::leaky({call.real("alpha", 0.01f)})); }

void prelu(Call& call) {
  const Tensor& slope = call.constant(1, "slope");
  const bool for_channels =
      call.rank() > 1 && static_cast<std::int64_t>(slope.size()) == call.dims()[1];
  if (slope.size() != 1 && !for_channels) {
    throw Error(fmt::format("slope of shape {}: expected one, or one for each channel",
                            dims_text(slope.dims)));
  }
  give_function(call, F::leaky(slope.data));
}

void hard_sigmoid(Call& call) {
  give_function(call, F::hard_sigmoid(call.real("alpha", 0.2f), call.real("beta", 0.5f)));
}

void hard_swish(Call& call) { give_function(call, times(F(), F::hard_sigmoid(1.f / 6, 0.5f))); }

void swish(Call& call) {
  const float alpha = call.real("alpha", 1);
  give_function(call, times(F(), F::compose(F::sigmoid(), times(F(), number(alpha)))));
}

void mish(Call& call) { give_function(call, times(F(), F().then(Op::kSoftplus).then(Op::kTanh))); }

void gelu(Call& call) {
  const std::string kind = call.text("approximate", "none");
  F inner = times(F(), number(std::sqrt(0.5f)));
  if (kind == "tanh") {
    const F cube = times(times(F(), F()), F());
    inner = times(plus(F(), times(cube, number(0.044715f))), number(0.7978845608f));
  } else if (kind != "none") {
    throw Error(fmt::format("approximate='{}': expected none or tanh", kind));
  }
  const F gate = plus(inner.then(kind == "tanh" ? Op::kTanh : Op::kErf), number(1));
  give_function(call, times(times(F(), number(0.5f)), gate));
}

/// x above 0; scale * alpha * (exp(x / width) - 1) below.
void exponential(Call& call, float alpha, float scale, float width) {
  const F grown = F::compose(F().then(Op::kExp), times(F(), number(1 / width)));
  const F below = times(plus(grown, number(-1)), number(scale * alpha));
  give_function(call, F::select(F(), times(F(), number(scale)), below));
}

void elu(Call& call) { exponential(call, call.real("alpha", 1), 1, 1); }
void celu(Call& call) {
  const float alpha = call.real("alpha", 1);
  exponential(call, alpha, 1, alpha);
}
void selu(Call& call) {
  const float alpha = call.real("alpha", 1.67326319217681884765625f);
  exponential(call, alpha, call.real("gamma", 1.05070102214813232421875f), 1);
}

void softsign(Call& call) {
  give_function(call, F::combine(Op::kDiv, F(), plus(F().then(Op::kAbs), number(1))));
}

void reciprocal(Call& call) { give_function(call, F::combine(Op::kDiv, number(1), F())); }

/// Whether the constant has one element for each channel of x and nothing else.
bool is_per_channel(const Tensor& constant, const Dims& x) {
  if (x.size() < 2 || x[1] < 2 || static_cast<std::int64_t>(constant.size()) != x[1]) return false;
  const std::size_t rank = constant.dims.size();
  const std::size_t behind = x.size() - 2;  // axes behind the channels
  return rank >= behind + 1 && rank <= x.size() && constant.dims[rank - 1 - behind] == x[1];
}

/// x op constant (or constant op x, if `turned`), where the constant has one value or one for each
/// channel.
ValueId with_constant(Call& call, Op op, ValueId x, const Dims& dims, std::vector<float> constant,
                      bool turned) {
  const std::size_t channels = constant.size();
  const bool sums = op == Op::kAdd || op == Op::kSub;
  if (channels > 1 && (sums || op == Op::kMul || (op == Op::kDiv && !turned))) {
    std::vector<float> scale(channels, op == Op::kSub && turned ? -1.f : 1.f), shift(channels, 0.f);
    for (std::size_t i = 0; i < channels; ++i) {
      if (op == Op::kMul) scale[i] = constant[i];
      if (op == Op::kDiv) scale[i] = 1 / constant[i];
      if (sums) shift[i] = op == Op::kSub && !turned ? -constant[i] : constant[i];
    }
    return add_channel_affine(call, x, dims, std::move(scale), std::move(shift));
  }
  const F other = F::constant(std::move(constant));
  return call.add(Elementwise{turned ? F::combine(op, other, F()) : F::combine(op, F(), other)},
                  {x});
}

template <FunctionOp op>
void arithmetic(Call& call) {
  if (call.input_count() == 1) {
    call.give(call.in());
    return;
  }
  ValueId result = call.in(0);
  Dims dims = call.dims(0);
  bool result_constant = call.is_constant(0);
  for (std::size_t i = 1; i < call.input_count(); ++i) {
    const Dims both = broadcast_dims(dims, call.dims(i));
    const auto fits = [&](const Tensor& constant, const Dims& x) {
      return both == x && (constant.size() == 1 || is_per_channel(constant, x));
    };
    if (call.is_constant(i) && !result_constant && fits(call.constant(i, ""), dims)) {
      result = with_constant(call, op, result, dims, call.constant(i, "").data, false);
    } else if (i == 1 && result_constant && !call.is_constant(1) &&
               fits(call.constant(0, ""), call.dims(1))) {
      result = with_constant(call, op, call.in(1), call.dims(1), call.constant(0, "").data, true);
    } else {
      result = call.add(Binary{op, {}}, {result, call.in(i)});
    }
    result_constant = result_constant && call.is_constant(i);
    dims = both;
  }
  call.give(result);
}

constexpr std::array kElementwiseImporters = {
    Importer{"Relu", relu},
    Importer{"Clip", clip},
    Importer{"LeakyRelu", leaky},
    Importer{"PRelu", prelu},
    Importer{"Sigmoid", one<Op::kSigmoid>},
    Importer{"Tanh", one<Op::kTanh>},
    Importer{"HardSigmoid", hard_sigmoid},
    Importer{"HardSwish", hard_swish},
    Importer{"Swish", swish},
    Importer{"Mish", mish},
    Importer{"Gelu", gelu},
    Importer{"Elu", elu},
    Importer{"Celu", celu},
    Importer{"Selu", selu},
    Importer{"Softplus", one<Op::kSoftplus>},
    Importer{"Softsign", softsign},
    Importer{"Exp", one<Op::kExp>},
    Importer{"Log", one<Op::kLog>},
    Importer{"Sqrt", one<Op::kSqrt>},
    Importer{"Abs", one<Op::kAbs>},
    Importer{"Neg", one<Op::kNeg>},
    Importer{"Erf", one<Op::kErf>},
    Importer{"Sin", one<Op::kSin>},
    Importer{"Cos", one<Op::kCos>},
    Importer{"Floor", one<Op::kFloor>},
    Importer{"Ceil", one<Op::kCeil>},
    Importer{"Round", one<Op::kRound>},
    Importer{"Sign", one<Op::kSign>},
    Importer{"Reciprocal", reciprocal},
    Importer{"Add", arithmetic<Op::kAdd>},
    Importer{"Sum", arithmetic<Op::kAdd>},
    Importer{"Sub", arithmetic<Op::kSub>},
    Importer{"Mul", arithmetic<Op::kMul>},
    Importer{"Div", arithmetic<Op::kDiv>},
    Importer{"Pow", arithmetic<Op::kPow>},
    Importer{"Min", arithmetic<Op::kMin>},
    Importer{"Max", arithmetic<Op::kMax>},
};

}  // namespace

std::span<const Importer> elementwise_importers() { return kElementwiseImporters; }

}  // namespace kpu::compiler
