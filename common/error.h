// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace kpu {

/// Bad input of any kind: a file, an argument, a layer the hardware cannot run.
///
/// `what()` is one line that says what is wrong, where (file, layer, field, value) and what was
/// expected. Only `main` catches it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace kpu
