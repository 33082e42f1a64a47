// SPDX-License-Identifier: Apache-2.0
#include "compiler/graph/function.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
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

/// f(x) for a block of values.
template <class F>
void map(float* x, std::size_t count, F f) {
  for (std::size_t i = 0; i < count; ++i) x[i] = f(x[i]);
}

void apply_one(FunctionOp op, float* x, std::size_t n) {
  switch (op) {
    case FunctionOp::kNeg:
      return map(x, n, [](float v) { return -v; });
    case FunctionOp::kAbs:
      return map(x, n, [](float v) { return std::fabs(v); });
    case FunctionOp::kExp:
      return map(x, n, [](float v) { return std::exp(v); });
    case FunctionOp::kLog:
      return map(x, n, [](float v) { return std::log(v); });
    case FunctionOp::kSqrt:
      return map(x, n, [](float v) { return std::sqrt(v); });
    case FunctionOp::kErf:
      return map(x, n, [](float v) { return std::erf(v); });
    case FunctionOp::kTanh:
      return map(x, n, [](float v) { return std::tanh(v); });
    case FunctionOp::kSigmoid:
      return map(x, n, [](float v) { return 1 / (1 + std::exp(-v)); });
    case FunctionOp::kSoftplus:
      return map(x, n, [](float v) { return v > 20 ? v : std::log1p(std::exp(v)); });
    case FunctionOp::kSin:
      return map(x, n, [](float v) { return std::sin(v); });
    case FunctionOp::kCos:
      return map(x, n, [](float v) { return std::cos(v); });
    case FunctionOp::kFloor:
      return map(x, n, [](float v) { return std::floor(v); });
    case FunctionOp::kCeil:
      return map(x, n, [](float v) { return std::ceil(v); });
    case FunctionOp::kRound:
      return map(x, n, [](float v) { return std::nearbyint(v); });
    default:  // kSign
      return map(x, n, [](float v) { return v > 0 ? 1.f : v < 0 ? -1.f : 0.f; });
  }
}

/// a = f(a, b) for blocks.
template <class F>
void map(float* a, const float* b, std::size_t count, F f) {
  for (std::size_t i = 0; i < count; ++i) a[i] = f(a[i], b[i]);
}

void apply_two(FunctionOp op, float* a, const float* b, std::size_t n) {
  switch (op) {
    case FunctionOp::kAdd:
      return map(a, b, n, [](float x, float y) { return x + y; });
    case FunctionOp::kSub:
      return map(a, b, n, [](float x, float y) { return x - y; });
    case FunctionOp::kMul:
      return map(a, b, n, [](float x, float y) { return x * y; });
    case FunctionOp::kDiv:
      return map(a, b, n, [](float x, float y) { return x / y; });
    case FunctionOp::kPow:
      return map(a, b, n, [](float x, float y) { return std::pow(x, y); });
    case FunctionOp::kMin:
      return map(a, b, n, [](float x, float y) { return std::min(x, y); });
    default:
      return map(a, b, n, [](float x, float y) { return std::max(x, y); });
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

std::size_t Function::depth() const {
  std::size_t depth = 0, most = 0;
  for (const Step& step : steps_) {
    depth += 1 - values(step.op);
    most = std::max(most, depth);
  }
  if (most > kDepth) {
    throw Error(
        fmt::format("chain of elementwise operators: expected a stack of at most {}", kDepth));
  }
  return most;
}

void Function::apply(std::span<float> values_in, std::size_t channel) const {
  if (is_identity()) return;
  constexpr std::size_t kBlock = 256;
  std::vector<float> stack(depth() * std::min(kBlock, values_in.size()));
  for (std::size_t first = 0; first < values_in.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, values_in.size() - first);
    float* top = stack.data();  // behind the topmost values
    for (const Step& step : steps_) {
      switch (values(step.op)) {
        case 0:
          if (step.op == FunctionOp::kArgument) {
            std::copy_n(values_in.data() + first, count, top);
          } else {
            std::fill_n(top, count, step.constants[step.constants.size() == 1 ? 0 : channel]);
          }
          top += count;
          break;
        case 1:
          apply_one(step.op, top - count, count);
          break;
        case 2:
          top -= count;
          apply_two(step.op, top - count, top, count);
          break;
        default:
          top -= 2 * count;
          for (float *x = top - count, *end = top; x != end; ++x) {
            *x = *x > 0 ? x[count] : x[2 * count];
          }
      }
    }
    std::copy_n(stack.data(), count, values_in.data() + first);
  }
}

float Function::operator()(float x, std::size_t channel) const {
  apply({&x, 1}, channel);
  return x;
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
