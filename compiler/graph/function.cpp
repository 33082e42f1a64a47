// SPDX-License-Identifier: Apache-2.0
#include "compiler/graph/function.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "common/error.h"

namespace kpu::compiler {
namespace {

/// Deepest stack; a longer chain of operators is not an activation function.
constexpr std::size_t kDepth = 64;
constexpr std::size_t kMaxSteps = 512;

constexpr std::array kNames = {"x",    "",      "neg",     "abs",      "exp", "log", "sqrt",
                               "erf",  "tanh",  "sigmoid", "softplus", "sin", "cos", "floor",
                               "ceil", "round", "sign",    "+",        "-",   "*",   "/",
                               "pow",  "min",   "max",     "select"};

int values(FunctionOp op) {
  if (op <= FunctionOp::kConstant) return 0;
  if (op <= FunctionOp::kSign) return 1;
  return op == FunctionOp::kSelect ? 3 : 2;
}

float apply_one(FunctionOp op, float x) {
  switch (op) {
    case FunctionOp::kNeg:
      return -x;
    case FunctionOp::kAbs:
      return std::fabs(x);
    case FunctionOp::kExp:
      return std::exp(x);
    case FunctionOp::kLog:
      return std::log(x);
    case FunctionOp::kSqrt:
      return std::sqrt(x);
    case FunctionOp::kErf:
      return std::erf(x);
    case FunctionOp::kTanh:
      return std::tanh(x);
    case FunctionOp::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case FunctionOp::kSoftplus:
      return x > 20 ? x : std::log1p(std::exp(x));
    case FunctionOp::kSin:
      return std::sin(x);
    case FunctionOp::kCos:
      return std::cos(x);
    case FunctionOp::kFloor:
      return std::floor(x);
    case FunctionOp::kCeil:
      return std::ceil(x);
    case FunctionOp::kRound:
      return std::nearbyint(x);
    default:
      return x > 0 ? 1.f : x < 0 ? -1.f : 0.f;  // kSign
  }
}

float apply_two(FunctionOp op, float a, float b) {
  switch (op) {
    case FunctionOp::kAdd:
      return a + b;
    case FunctionOp::kSub:
      return a - b;
    case FunctionOp::kMul:
      return a * b;
    case FunctionOp::kDiv:
      return a / b;
    case FunctionOp::kPow:
      return std::pow(a, b);
    case FunctionOp::kMin:
      return std::min(a, b);
    default:
      return std::max(a, b);
  }
}

}  // namespace

Function Function::constant(std::vector<float> per_channel) {
  return Function(std::vector<Step>{{FunctionOp::kConstant, std::move(per_channel)}});
}

Function Function::relu() { return combine(FunctionOp::kMax, Function(), constant({0})); }

Function Function::clip(float low, float high) {
  return combine(FunctionOp::kMin, combine(FunctionOp::kMax, Function(), constant({low})),
                 constant({high}));
}

Function Function::leaky(std::vector<float> slopes) {
  return select(Function(), Function(),
                combine(FunctionOp::kMul, Function(), constant(std::move(slopes))));
}

Function Function::hard_sigmoid(float alpha, float beta) {
  const Function line = combine(
      FunctionOp::kAdd, combine(FunctionOp::kMul, Function(), constant({alpha})), constant({beta}));
  return compose(clip(0, 1), line);
}

Function Function::then(FunctionOp op) const {
  Function result = *this;
  result.steps_.push_back({op, {}});
  return result;
}

Function Function::combine(FunctionOp op, const Function& f, const Function& g) {
  Function result = f;
  result.steps_.insert(result.steps_.end(), g.steps_.begin(), g.steps_.end());
  return result.then(op);
}

Function Function::select(const Function& f, const Function& g, const Function& h) {
  Function result = f;
  for (const Function* part : {&g, &h}) {
    result.steps_.insert(result.steps_.end(), part->steps_.begin(), part->steps_.end());
  }
  return result.then(FunctionOp::kSelect);
}

Function Function::compose(const Function& outer, const Function& inner) {
  std::vector<Step> steps;
  for (const Step& step : outer.steps_) {
    if (step.op == FunctionOp::kArgument) {
      steps.insert(steps.end(), inner.steps_.begin(), inner.steps_.end());
    } else {
      steps.push_back(step);
    }
    if (steps.size() > kMaxSteps) {
      throw Error(
          fmt::format("chain of elementwise operators: expected at most {} steps", kMaxSteps));
    }
  }
  return Function(std::move(steps));
}

std::size_t Function::channels() const {
  std::size_t most = 1;
  for (const Step& step : steps_) {
    most = std::max(most, step.constants.size());
  }
  return most;
}

float Function::operator()(float x, std::size_t channel) const {
  std::array<float, kDepth> stack;
  std::size_t depth = 0;
  for (const Step& step : steps_) {
    switch (values(step.op)) {
      case 0:
        if (depth == kDepth) {
          throw Error(fmt::format("chain of elementwise operators: expected a stack of at most {}",
                                  kDepth));
        }
        stack[depth++] = step.op == FunctionOp::kArgument ? x
                         : step.constants.size() == 1     ? step.constants[0]
                                                          : step.constants[channel];
        break;
      case 1:
        stack[depth - 1] = apply_one(step.op, stack[depth - 1]);
        break;
      case 2:
        stack[depth - 2] = apply_two(step.op, stack[depth - 2], stack[depth - 1]);
        --depth;
        break;
      default:
        stack[depth - 3] = stack[depth - 3] > 0 ? stack[depth - 2] : stack[depth - 1];
        depth -= 2;
    }
  }
  return stack[0];
}

std::string Function::text() const {
  std::string text;
  for (const Step& step : steps_) {
    text += text.empty() ? "" : " ";
    if (step.op != FunctionOp::kConstant) {
      text += kNames[static_cast<std::size_t>(step.op)];
    } else if (step.constants.size() == 1) {
      text += fmt::format("{:.6g}", step.constants[0]);
    } else {
      text += fmt::format("[{} constants]", step.constants.size());
    }
  }
  return text;
}

}  // namespace kpu::compiler
