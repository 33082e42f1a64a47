// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

/// The fault that is switched on in every machine of this process: the number in the environment variable
/// KPU_MUTANT, 0 for none. Called by the instrumented RTL when a machine is made.
extern "C" int kpu_mutant();
extern "C" int kpu_mutant() {
  const char* text = std::getenv("KPU_MUTANT");
  return text != nullptr ? std::atoi(text) : 0;
}
