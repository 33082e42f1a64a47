// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/kpu_queue.h"

namespace kpu::golden {

/// Runs the layers of a network of versions 3 and 4, one step each, in order: before a layer on the
/// CPU the KPU finishes, and what the layer stores is told to who watches. `State` has the queue
/// `kpu` and the main memory `memory`. Gives false if the queue was full before the last KPU layer.
template <class State>
bool run_steps(const std::vector<std::function<void(State&)>>& steps, const ModelInfo& info,
               State& state) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!info.layers[i].kpu) {
      state.kpu.flush();
      state.memory.watch(state.kpu.watch_of(i));
    } else if (state.kpu.full()) {
      state.kpu.flush();
      return false;
    }
    steps[i](state);
    state.memory.watch({});
  }
  state.kpu.flush();
  return true;
}

}  // namespace kpu::golden
