// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace kpu::compiler {

/// Calls work(0) .. work(count - 1) from as many threads as the machine has, each index once, in
/// any order, and waits for all. What the calls compute must not depend on the order. If calls
/// throw, the exception of the lowest index is thrown once all have ended.
void for_each_index(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace kpu::compiler
