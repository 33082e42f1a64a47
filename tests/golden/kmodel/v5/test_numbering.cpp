// SPDX-License-Identifier: Apache-2.0
//
// Which numbering of the tensor functions a v5 file is read with when it fits several byte for
// byte: the first whose whole trace of shapes succeeds, with nothing missing and nothing left on
// the stack.
#include <cstdint>
#include <string>
#include <vector>

#include "golden/kmodel/network.h"
#include "tests/golden/kmodel/v5/v5_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::StackText;
using kpu::test::V5File;

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;

namespace {

std::string variant(const V5File& file) { return load_model(file.bytes())->info().variant; }

}  // namespace

TEST_CASE("a numbering that decodes but whose shapes do not fit is passed over") {
  // dequantize of 1.6.0 is equal of 1.3.0 and gather_nd of 1.0.0, which take the bytes behind it as
  // operands: all decode to the last byte.
  StackText text;
  text.shape(0, {1, 2}).shape(1, {2, 1});
  text.buffer(0, 0).buffer(1, 0).real(0.5f).real(1).tensor(0x0B, 4, 9, 0, 1, 1);
  text.op(0).op(0).op(0);
  V5File file(V5File::kUint8, 2, V5File::kFloat, 8);
  file.text(text);
  CHECK(file.run(Bytes{2, 200}) == Floats{2, 101});
  CHECK_THAT(variant(file), contains_text("numbered as in 1.6.0 (fits: 1.6.0 1.8.0 1.9.0; this is "
                                          "not the compiler's version)"));
  file.release("1.3.0");
  CHECK_THROWS_WITH(file.run(Bytes{2, 200}), contains_text("equal: 0 dimensions with 2 strides") &&
                                                 contains_text("numbered as in 1.3.0"));
}

TEST_CASE("a numbering with a function that is missing is passed over") {
  // quantize of 1.1.0 is pad of 1.3.0, and random_normal's number of 1.1.0 is quantize of 1.3.0.
  StackText text;
  text.shape(0, {2}).shape(1, {1});
  text.buffer(0, 0).buffer(1, 0).real(2).real(10).tensor(0x14, 9, 4, 0, 1, 1);
  for (int i = 0; i < 9; ++i) {
    text.op(0);  // what random_normal would take
  }
  V5File file(V5File::kFloat, 8, V5File::kUint8, 2);
  file.text(text);
  CHECK(file.run_bytes(ByteList(1.0f, 3.0f).bytes()) == Bytes{12, 16});
  CHECK_THAT(variant(file), contains_text("numbered as in 1.3.0 (fits: 1.3.0 1.4.0 1.6.0"));
  file.release("1.1.0");
  CHECK_THROWS_WITH(file.run_bytes(Bytes(8)), contains_text("not implemented: random_normal"));
}

TEST_CASE("a numbering that leaves values on the stack is passed over") {
  // gru has one operand more in 1.9.0; as in 1.8.0 it would be an instruction that pushes.
  StackText text;
  text.shape(0, {1, 1, 1}).shape(1, {1, 3, 1});
  text.buffer(0, 0).buffer(2, 0).buffer(2, 12).buffer(2, 24).buffer(2, 48);
  text.buffer(3, 0).buffer(1, 0).tensor(0x27, 0, 1, 0, 1);
  V5File file(V5File::kFloat, 4, V5File::kFloat, 4);
  file.text(text).rdata(ByteList().put_all(Floats(13, 0.5f)));
  CHECK_THAT(variant(file), contains_text("numbered as in 1.9.0 (fits: 1.9.0;"));
}

TEST_CASE("where no numbering fits, the one that gets furthest is shown") {
  // random_uniform of 1.3.0 and later behind a quantize that only those have.
  StackText text;
  text.shape(0, {2}).shape(1, {1});
  text.buffer(0, 0).buffer(1, 0).real(2).real(10).tensor(0x14, 9, 4, 0, 1, 1);
  text.buffer(1, 0).tensor(0x16, 9, 0, 0.0f, 1.0f, 5.0f);
  V5File file(V5File::kFloat, 8, V5File::kUint8, 2);
  file.text(text);
  const auto model = load_model(file.bytes());
  CHECK_THAT(model->info().variant, contains_text("1.3.0 (no numbering fits"));
  CHECK_THAT(model->info().missing, contains_text("not implemented: random_uniform"));
  CHECK(model->info().layers.size() == 2);
}
