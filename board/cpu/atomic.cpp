// SPDX-License-Identifier: Apache-2.0
//
// The instructions of RV64A.
#include <algorithm>
#include <type_traits>

#include "board/cpu/access.h"
#include "board/cpu/hart.h"
#include "board/cpu/integer.h"

namespace kpu::board {

template <class T>
bool Hart::atomic(const Instruction& op, unsigned which) {
  const U64 address = state_.x[op.rs1];
  if (address % sizeof(T) != 0) {
    trap_ = {kStoreMisaligned, address};
    return false;
  }
  using Unsigned = std::make_unsigned_t<T>;
  const T b = static_cast<T>(state_.x[op.rs2]);
  if (which == 1) {  // sc
    const bool success = reserved_ == address;
    reserved_.reset();
    if (success && !store<T>(address, b)) {
      return false;
    }
    state_.x[op.rd] = success ? 0 : 1;
    return true;
  }
  T a = 0;
  if (!load<T>(address, a)) {
    if (which != 0) {
      trap_.cause = kStoreFault;
    }
    return false;
  }
  if (which == 0) {  // lr
    reserved_ = address;
  } else {
    const auto ua = static_cast<Unsigned>(a);
    const auto ub = static_cast<Unsigned>(b);
    T result = 0;
    switch (which) {
      case 2:
        result = b;
        break;
      case 3:
        result = static_cast<T>(ua + ub);
        break;
      case 4:
        result = a ^ b;
        break;
      case 5:
        result = a & b;
        break;
      case 6:
        result = a | b;
        break;
      case 7:
        result = std::min(a, b);
        break;
      case 8:
        result = std::max(a, b);
        break;
      case 9:
        result = static_cast<T>(std::min(ua, ub));
        break;
      default:
        result = static_cast<T>(std::max(ua, ub));
        break;
    }
    if (!store<T>(address, result)) {
      return false;
    }
  }
  state_.x[op.rd] = static_cast<U64>(S64{a});
  return true;
}

bool Hart::execute_atomic(const Instruction& op) {
  return op.kind < Kind::LrD
             ? atomic<S32>(op, static_cast<unsigned>(op.kind) - static_cast<unsigned>(Kind::LrW))
             : atomic<S64>(op, static_cast<unsigned>(op.kind) - static_cast<unsigned>(Kind::LrD));
}

}  // namespace kpu::board
