// SPDX-License-Identifier: Apache-2.0
//
// The layer decoder (kpu_decode_bench.sv) with a clock: a layer's words in, how it is cut out.
#pragma once

#include <cstdint>

#include "Vkpu_decode_bench.h"
#include "common/kpu_shape.h"
#include "golden/kpu/layer_args.h"
#include "tests/rtl/support/unit_clock.h"
#include "tests/support/catch2.h"

namespace kpu::test {

class DecodeBench {
 public:
  DecodeBench() {
    top.word_valid_i = 0;
    top.ready_i = 0;
    clock_.reset();
  }

  /// Afterwards the outputs are those of this layer.
  void decode(const golden::LayerArgs& args, bool eight_bit) {
    const LayerWords words = golden::encode(args);
    top.ready_i = 1;
    clock_.tick();
    top.ready_i = 0;
    top.eight_bit_i = eight_bit;
    top.word_valid_i = 1;
    for (const std::uint64_t word : words) {
      top.word_i = word;
      clock_.settle();
      REQUIRE(top.word_ready_o);
      clock_.edge();
    }
    top.word_valid_i = 0;
    for (int cycle = 1; cycle <= 15; ++cycle) {
      clock_.settle();
      REQUIRE(top.valid_o == (cycle == 15));
      if (cycle < 15) clock_.edge();
    }
  }

 private:
  UnitClock<Vkpu_decode_bench> clock_;

 public:
  Vkpu_decode_bench& top = clock_.top();
};

}  // namespace kpu::test
