// SPDX-License-Identifier: Apache-2.0
#include "mutation/mutant.h"

#include <atomic>
#include <cstdlib>

namespace kpu::mutation {
namespace {

/// Starts with the environment's choice, so that unit tests can be run against a fault as they are.
std::atomic<int>& chosen() {
  static std::atomic<int> number = [] {
    const char* text = std::getenv("KPU_MUTANT");
    return text != nullptr ? std::atoi(text) : 0;
  }();
  return number;
}

}  // namespace

void set_mutant(int number) { chosen() = number; }

}  // namespace kpu::mutation

/// Called by the instrumented RTL when a machine is made.
extern "C" int kpu_mutant();
extern "C" int kpu_mutant() { return kpu::mutation::chosen(); }
