// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "Vkpu_regs.h"
#include "common/kpu_shape.h"
#include "driver/kpu_registers.h"
#include "tb/axil_master.h"
#include "tests/rtl/support/unit_clock.h"

namespace kpu::test {

inline constexpr unsigned kLayers = 16;    ///< the layer FIFO holds
inline constexpr unsigned kOutWords = 16;  ///< the output FIFO holds

/// kpu_regs with a processor on its bus; core and decoder are played by the test.
class RegsBench {
 public:
  RegsBench() {
    top.arg_ready_i = 0;
    top.out_valid_i = 0;
    top.out_last_i = 0;
    clear_events();
    clock.reset();
  }

  void clear_events() {
    top.layer_done_i = 0;
    top.calc_done_i = 0;
    top.unsupported_i = 0;
    top.conv_overflow_i = 0;
    top.norm_overflow_i = 0;
    top.bus_error_i = 0;
  }
  /// One cycle with the event inputs as they are, then none.
  void pulse() {
    clock.tick();
    clear_events();
  }

  /// Pushes a layer whose word i is first + i.
  void push_layer(std::uint64_t first) {
    for (unsigned i = 0; i < kpu::kLayerWords; ++i)
      regs.write(driver::kRegLayerArgumentFifo, first + i);
  }
  /// Takes up to `count` words as the decoder would.
  std::vector<std::uint64_t> take_words(unsigned count) {
    std::vector<std::uint64_t> words;
    top.arg_ready_i = 1;
    for (int idle = 0; words.size() < count && idle < 10;) {
      clock.settle();
      if (top.arg_valid_o) {
        words.push_back(top.arg_word_o);
        idle = 0;
      } else {
        ++idle;
      }
      clock.edge();
    }
    top.arg_ready_i = 0;
    return words;
  }
  /// Offers one word of the output stream; false if it was not taken.
  bool push_out(std::uint64_t word, bool last = false) {
    top.out_valid_i = 1;
    top.out_last_i = last;
    top.out_data_i = word;
    clock.settle();
    const bool taken = top.out_ready_o;
    clock.edge();
    top.out_valid_i = 0;
    return taken;
  }
  unsigned layers() { return static_cast<unsigned>(regs.read(driver::kRegFifoLevels) & 0xFF); }
  bool irq() {
    top.eval();
    return top.irq_o;
  }

  UnitClock<Vkpu_regs> clock;
  Vkpu_regs& top = clock.top();
  tb::AxiLiteMaster regs{
      tb::AxiLitePort{&top.s_axil_awvalid_i, &top.s_axil_awready_o, &top.s_axil_awaddr_i,
                      &top.s_axil_wvalid_i, &top.s_axil_wready_o, &top.s_axil_wdata_i,
                      &top.s_axil_wstrb_i, &top.s_axil_bvalid_o, &top.s_axil_bready_i,
                      &top.s_axil_bresp_o, &top.s_axil_arvalid_i, &top.s_axil_arready_o,
                      &top.s_axil_araddr_i, &top.s_axil_rvalid_o, &top.s_axil_rready_i,
                      &top.s_axil_rdata_o, &top.s_axil_rresp_o},
      clock};
};

}  // namespace kpu::test
