// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <verilated.h>

#include <cstdint>
#include <exception>
#include <memory>

#include "common/error.h"
#include "tb/clock.h"
#include "tb/coverage.h"

namespace kpu::test {

/// A Verilated module with `clk_i` and `rst_ni` as a tb::Clock; a failed assertion throws HardwareFault.
template <class Top>
class UnitClock final : public tb::Clock {
 public:
  UnitClock() {
    context_.fatalOnError(false);
    context_.randReset(2);
    top_ = std::make_unique<Top>(&context_);
  }
  ~UnitClock() override {
    if (std::uncaught_exceptions() > 0) {  // a check has failed: what do the assertions say to this cycle?
      settle();
      top_->clk_i = 1;
      top_->eval();
    }
    top_->final();
    tb::save_coverage(context_);
  }

  Top& top() { return *top_; }

  void settle() override {
    top_->clk_i = 0;
    top_->eval();
  }
  void edge() override {
    top_->clk_i = 1;
    top_->eval();
    ++cycles_;
    if (context_.gotError()) throw HardwareFault("the RTL failed an assertion (named above)");
  }
  std::uint64_t cycles() const override { return cycles_; }

  /// Two cycles of reset, with the inputs as they are.
  void reset() {
    top_->rst_ni = 0;
    tick();
    tick();
    top_->rst_ni = 1;
  }

 private:
  VerilatedContext context_;
  std::unique_ptr<Top> top_;
  std::uint64_t cycles_ = 0;
};

}  // namespace kpu::test
