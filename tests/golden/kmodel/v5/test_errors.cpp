// SPDX-License-Identifier: Apache-2.0
//
// A v5 file is untrusted: cut at every byte, and each field of the container, of the k210 module's
// instructions and of the stack program out of its range, with the message that names it. The
// extreme words of test_kmodel_errors.cpp go over such files without looking at messages.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "golden/kmodel/kmodel.h"
#include "tests/golden/kmodel/damage.h"
#include "tests/golden/kmodel/sample_files.h"
#include "tests/golden/kmodel/v5/v5_conv_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::Bytes;
using kpu::test::contains_text;
using kpu::test::load_message;
using kpu::test::StackText;
using kpu::test::v5_conv_file;
using kpu::test::v5_file;
using kpu::test::V5File;

namespace {

/// A 32-bit field, what it is set to, and what must be in the message behind its place.
struct Damage {
  std::size_t offset;
  std::uint32_t value;
  const char* expected;
};

void check_damage(const Bytes& whole, std::size_t start, const std::string& where,
                  const std::vector<Damage>& list) {
  for (const Damage& damage : list) {
    CAPTURE(where, damage.offset, damage.value);
    Bytes file = whole;
    kpu::store_le(std::span(file), start + damage.offset, damage.value);
    CHECK_THAT(load_message(file), contains_text(where + ": " + damage.expected));
  }
}

/// Where the listing has the first layer of a type.
std::size_t offset_of(const Bytes& file, const std::string& type) {
  const auto model = load_model(file);
  for (const LayerInfo& layer : model->info().layers) {
    if (layer.type == type) {
      return layer.file_offset;
    }
  }
  FAIL("no layer " << type);
  return 0;
}

constexpr std::uint32_t kHuge = 0x7FFFFFFF;

/// location | datatype << 8 of a range.
constexpr std::uint32_t place(std::uint32_t location, std::uint32_t type) {
  return location | type << 8;
}

}  // namespace

TEST_CASE("v5 files cut anywhere do not load") {
  kpu::test::check_truncations(v5_file());
  kpu::test::check_truncations(v5_conv_file(false).bytes());
}

TEST_CASE("extreme numbers anywhere in a v5 file with a KPU layer do no harm") {
  kpu::test::check_extreme_words(v5_conv_file(false).bytes());
  kpu::test::check_extreme_words(v5_conv_file(true).bytes());
}

TEST_CASE("v5 header: each field out of its range") {
  check_damage(v5_file(), 0, "kmodel v5 header",
               {{8, 24, "header_size=24: expected 32"},
                {20, 0, "entry_module=0: expected below 0"},
                {20, 0xFFFFFF, "modules=16777215: expected as many entries as the file holds"},
                {24, 5, "entry_module=5: expected below 2"},
                {28, 5, "entry_function=5: expected a function of the entry module"}});
  Bytes file = v5_file();
  kpu::store_le(std::span(file), 4, std::uint32_t{6});
  CHECK_THAT(load_message(file), contains_text("kmodel: version 6, expected 4 or 5"));
  file = v5_file();
  kpu::store_le(std::span(file), 24, std::uint32_t{1});
  CHECK_THAT(load_message(file),
             contains_text("entry module is of type 'k210', expected 'stackvm'"));
  file = v5_file();
  file[32] = 0xFF;
  CHECK_THAT(load_message(file), contains_text("entry module is of type '?tackvm'"));
}

TEST_CASE("v5 modules: each field out of its range") {
  const Bytes file = v5_file();
  check_damage(file, 32, "module 0",
               {{24, 0, "module size=0: expected 48 or more, inside the file"},
                {24, 0xFFFFFF, "module size=16777215"}});
  check_damage(file, 32, "module 0 (stackvm)",
               {{28, kHuge, "mempools=2147483647: expected as many entries as the file holds"},
                {32, 1, "shared_mempools=1: expected 0"},
                {36, kHuge, "sections=2147483647: expected as many entries as the file holds"},
                {36, 3, "section name: needs 16 bytes"},
                {40, kHuge, "functions=2147483647: expected as many entries as the file holds"},
                {52, kHuge, "mempool size=2147483647: expected 0 to 67108864"},
                // The function starts at 56.
                {56 + 4, 31, "function size=31: expected 32 or more, inside the module"},
                {56 + 4, kHuge, "function size=2147483647"},
                {56 + 24, 4000, "entrypoint=4000: expected 203 bytes inside the text of 203"},
                {56 + 28, kHuge, "entrypoint=0: expected 2147483647 bytes inside the text"}});
  check_damage(file, 32 + 56, "module 0 (stackvm) function 0",
               {{8, kHuge, "input_pool_size=2147483647: expected 0 to 67108864"},
                {8, 8, "start=0: expected 16 bytes inside the pool of 8"},
                {12, kHuge, "output_pool_size=2147483647"},
                {16, 9, "inputs=9: expected as many entries as the file holds"},
                {20, 9, "outputs=9: expected as many entries as the file holds"},
                {32, place(9, 9), "range=9: expected location 0 to 4, or 64"},
                {32, place(0, 12), "range=12: expected datatype 0 to 11"},
                {32, place(1, 9), "location=1: expected 0"},
                {36, 1, "start=1: expected 16 bytes inside the pool of 16"},
                {40, 8, "size=8: expected room for the declared shape"},
                {44, 9, "rank=9: expected 0 to 8"},
                {48, 0, "dimension=0: expected 1 to 67108864"},
                {48, 5, "size=16: expected room for the declared shape"}});
}

TEST_CASE("v5 kpu_upload and kpu_download: each field out of its range") {
  const Bytes file = v5_conv_file(false).bytes();
  const std::string where = "module 1 (k210) function 0";
  check_damage(file, offset_of(file, "kpu_upload"), where,
               {{0, 4, "opcode=4: expected 0 to 3"},
                {4, place(5, 4), "input=5: expected location 0 to 4, or 64"},
                {4, place(0, 12), "input=12: expected datatype 0 to 11"},
                {4, place(64, 4), "input=0: expected a range in main memory"},
                {8, 1, "input=1: expected 6 bytes that end within the 6 of location 0"},
                {12, 5, "input=5: expected 6 bytes"},
                {16, place(1, 4), "output=0: expected 128 bytes that end within the 6"},
                {16, place(3, 4), "output=0: expected a line of AI RAM (location 64)"},
                {20, 32, "output=32: expected a line of AI RAM (location 64)"},
                {20, 2097152, "output=2097152: expected 128 bytes that end within the 2097152"},
                {28, 0, "shape=0: expected 1 to 2097152"},
                {36, 4000000, "shape=4000000: expected 1 to 2097152"},
                {36, 40000, "shape=3: expected images that fit AI RAM"},
                {40, 4, "input=6: expected 8 bytes"}});
  check_damage(file, offset_of(file, "kpu_download"), where,
               {{4, place(3, 4), "input=640: expected a line of AI RAM (location 64)"},
                {8, 700, "input=700: expected a line of AI RAM"},
                {16, place(0, 4), "output=0: expected a location that can be written"},
                {16, place(64, 4), "output=0: expected a range in main memory"},
                {24, 5, "output=5: expected 6 bytes"},
                {40, 4, "output=6: expected 8 bytes"}});
}

TEST_CASE("v5 kpu_conv2d: each field out of its range") {
  const Bytes file = v5_conv_file(true).bytes();
  check_damage(file, offset_of(file, "kpu_conv2d"), "module 1 (k210) function 0",
               {{4, place(3, 4), "weights=1: expected 1 bytes of read-only data"},
                {8, 153, "weights=153: expected 1 bytes that end within the 153 of location 2"},
                {12, 0, "weights=0: expected 1 bytes of read-only data"},
                {24, 7, "batch_norm=7: expected 8 bytes of read-only data"},
                {36, 143, "activation=143: expected 144 bytes of read-only data"},
                {40, place(0, 4), "main_mem_output=0: expected a location that can be written"},
                {40, place(64, 4), "main_mem_output=6: expected 6 bytes of main memory"},
                {48, 5, "main_mem_output=5: expected 6 bytes of main memory"},
                {52, 0, "batches=0: expected 1 to 32768"},
                {52, 32768, "batches=32768"},
                // Its words start at 56.
                {56 + 8, kHuge, "image_src_addr=32767: image ends at line 32769"},
                {56 + 32, 0xF, "kernel_type="}});
}

TEST_CASE("v5 copy: each field out of its range") {
  const Bytes file = v5_file();
  check_damage(file, offset_of(file, "copy"), "module 1 (k210) function 0",
               {{8, 1, "input=1: expected 4 bytes that end within the 4 of location 0"},
                {16, place(0, 4), "output=0: expected a location that can be written"},
                {16, place(1, 5), "output=5: expected a datatype of the input's size"},
                {28, 0, "shape=0: expected 1 to 2097152"},
                {52, 5, "input=7: expected strides that stay in the 4 bytes of its memory"},
                {68, 5, "output=7: expected strides that stay in the 4 bytes of its memory"}});
}

TEST_CASE("v5 programs: what does not fit is named with its place in the text") {
  const auto error = [](const StackText& text) {
    V5File file(V5File::kFloat, 16, V5File::kFloat, 16);
    return load_message(file.text(text).bytes());
  };
  const auto start = [](int shapes) {
    StackText text;
    text.shape(0, {1, shapes}).shape(1, {4, 1}).shape(2, {1}).shape(3, {0, 0, 0});
    return text;
  };
  StackText large = start(5);
  large.buffer(0, 0).buffer(1, 0).tensor(0x08, 9, 0, 1, 1);
  CHECK_THAT(error(large), contains_text("20 bytes at offset 0: expected an end within"));
  StackText ranks = start(4);
  ranks.buffer(0, 0).buffer(1, 0).tensor(0x08, 9, 0, 2, 1);
  CHECK_THAT(error(ranks), contains_text("copy: 2 dimensions with 1 strides, expected as many"));
  StackText none = start(0);
  none.buffer(0, 0).buffer(1, 0).tensor(0x08, 9, 0, 1, 1);
  CHECK_THAT(error(none), contains_text("shape 1x0 with strides 4,1: expected a tensor"));
  StackText perm = start(4);
  perm.buffer(0, 0).buffer(1, 0).tensor(0x19, 9, 0, 1, 1, 2);
  CHECK_THAT(error(perm), contains_text("transpose: perm 1, expected each of 2 axes once"));
  StackText slice = start(4);
  slice.buffer(0, 0).buffer(1, 0).tensor(0x15, 9, 0, 1, 1, 3, 3, 3);
  CHECK_THAT(error(slice), contains_text("slice: begins, ends and strides of 3, 3 and 3 axes"));
  StackText resize = start(4);
  resize.integer(1).integer(-1).buffer(0, 0).buffer(1, 0).tensor(0x14, 9, 0, 1, 1, 0, 0, 0);
  CHECK_THAT(error(resize), contains_text("resize_image: shape of 2 dimensions, expected 4"));
  StackText axis = start(4);
  axis.shape(4, {2}).buffer(0, 0).buffer(1, 0).real(0).tensor(0x12, 9, 0, 1, 1, 3, 4, 1);
  CHECK_THAT(error(axis), contains_text("reduce: axis 2, expected one of 2"));
  StackText gather = start(4);
  gather.buffer(0, 0).buffer(1, 0).buffer(2, 0).tensor(0x0A, 9, 0, 0, 1, 1, 2, 2);
  CHECK_THAT(error(gather), contains_text("offset"));
  CHECK(error(StackText()) == "loaded");
}
