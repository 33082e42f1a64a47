// SPDX-License-Identifier: Apache-2.0
#include "bench/bare_array.h"

#include <Vkpu_bare_array.h>
#include <fmt/format.h>
#include <verilated.h>

#include <array>
#include <cstring>
#include <random>
#include <span>

#include "common/error.h"

namespace kpu::bench {
namespace {

constexpr std::size_t kTaps = 9;
constexpr std::size_t kQuarters = 4;
constexpr std::size_t kLanes = sizeof(Vkpu_bare_array::taps_i) / kTaps;
constexpr std::size_t kLatency = 3;  // cycles from taps to their sum

/// What goes in in one cycle.
struct Window {
  std::array<std::uint8_t, kQuarters * kTaps> weights;  ///< of the next window
  std::array<std::uint8_t, kTaps * kLanes> taps;
};

/// So many that the processor cannot foresee the values, so few that they stay in its cache.
constexpr std::size_t kWindows = 16;

}  // namespace

struct BareArray::Design {
  VerilatedContext context;
  Vkpu_bare_array top{&context};
  std::array<Window, kWindows> windows;
  std::uint64_t cycles = 0;

  const Window& window(std::uint64_t cycle) const { return windows[cycle % kWindows]; }

  /// The window's data go in with an edge.
  void step() {
    const Window& w = window(cycles++);
    std::memcpy(&top.weights_i, w.weights.data(), w.weights.size());
    std::memcpy(&top.taps_i, w.taps.data(), w.taps.size());
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
  }
};

BareArray::BareArray() : design_(std::make_unique<Design>()) {
  std::mt19937 random(1);
  for (Window& window : design_->windows) {
    for (std::uint8_t& weight : window.weights) weight = static_cast<std::uint8_t>(random());
    for (std::uint8_t& tap : window.taps) tap = static_cast<std::uint8_t>(random());
  }
}

BareArray::~BareArray() { design_->top.final(); }

void BareArray::run(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) design_->step();
  if (design_->cycles <= kLatency) return;
  const std::uint64_t cycle = design_->cycles - kLatency;
  const Window& taps = design_->window(cycle);
  const Window& weights = design_->window(cycle - 1);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    std::uint32_t expected = 0;
    for (std::size_t t = 0; t < kTaps; ++t) {
      expected += std::uint32_t{taps.taps[t * kLanes + lane]} * weights.weights[lane / (kLanes / kQuarters) * kTaps + t];
    }
    std::uint32_t sum = 0;
    std::memcpy(&sum, reinterpret_cast<const std::uint8_t*>(&design_->top.sum_o) + 4 * lane, sizeof(sum));
    if (sum != expected) {
      throw Error(fmt::format("bare array, lane {}: sum {}, expected {}", lane, sum, expected));
    }
  }
}

}  // namespace kpu::bench
