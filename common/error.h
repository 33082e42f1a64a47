// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace kpu {

/// Bad input of any kind: a file, an argument, a layer the hardware cannot run. (HardwareFault, below, is
/// the one kind that is not the caller's doing.)
///
/// `what()` is one line that says what is wrong, where (file, layer, field, value) and what was
/// expected. Only `main` catches it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The hardware did what no input may make it do: a layer or a transfer never ends, a word is lost, an
/// assertion of the RTL fails. `what()` says in one line what was seen, with the state of the units.
class HardwareFault : public Error {
 public:
  using Error::Error;
};

}  // namespace kpu
