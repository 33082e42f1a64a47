// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kpu::mutation {

/// Chooses the fault that machines built from now on have; 0 is none.
void set_mutant(int number);

}  // namespace kpu::mutation
