// SPDX-License-Identifier: Apache-2.0
//
// What is said of a refused layer: the values of the fields that the decoder looked at, counts as
// they are and not minus one, and what was expected. That the hardware gives these reasons is the
// matter of tests/rtl/machine/test_words.cpp.
#include <cstddef>

#include "common/bits.h"
#include "common/kpu_shape.h"
#include "common/layer_fields.h"
#include "driver/kpu_registers.h"
#include "driver/refusal.h"
#include "tests/support/catch2.h"

using kpu::LayerWords;
using kpu::driver::describe_refusal;

TEST_CASE("a refusal names the fields with their values and what was expected") {
  LayerWords words{};
  words[4] = 2;
  CHECK(describe_refusal(1, words) ==
        "no such kernel: kernel_type = 2: expected 0 (1x1) or 1 (3x3) (reason 1)");
  words[2] = kpu::place_bits(1023, 0, 10) | kpu::place_bits(511, 32, 10);
  CHECK(describe_refusal(14, words) ==
        "depthwise with different numbers of channels: i_ch_num = 1024, o_ch_num = 512: expected "
        "equal numbers (reason 14)");
}

TEST_CASE("every reason of the table has fields and words") {
  unsigned code = 0;
  for (const kpu::driver::RefusalReason& reason : kpu::driver::kRefusalReasons) {
    CHECK(reason.code == ++code);
    REQUIRE(reason.field_count >= 1);
    for (std::size_t i = 0; i < reason.field_count; ++i) CHECK(reason.fields[i].name != nullptr);
    CHECK_THAT(describe_refusal(code, {}), kpu::test::contains_text(reason.expected));
  }
  CHECK(describe_refusal(99, {}) == "reason 99");
}
