// SPDX-License-Identifier: Apache-2.0
//
// A v4 file is untrusted: cut at every byte, and each field of the header, the node table and the
// bodies out of its range, with the message that names it. The extreme words of
// test_kmodel_errors.cpp go over the same file without looking at messages.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kpu/layer_args.h"
#include "tests/golden/kmodel/damage.h"
#include "tests/golden/kmodel/sample_files.h"
#include "tests/golden/kmodel/v4/v4_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::Bytes;
using kpu::test::contains_text;
using kpu::test::load_message;
using kpu::test::v4_file;
using kpu::test::V4File;

namespace {

/// A field of v4_file(), what it is set to, and what must be in the message.
struct Damage {
  std::size_t offset;  ///< in the file or, of a layer's field, in its body
  std::uint32_t value;
  const char* expected;
};

void check_damage(std::size_t start, const std::string& where, const std::vector<Damage>& list) {
  for (const Damage& damage : list) {
    CAPTURE(where, damage.offset, damage.value);
    Bytes file = v4_file();
    kpu::store_le(std::span(file), start + damage.offset, damage.value);
    CHECK_THAT(load_message(file), contains_text(where + ": " + damage.expected));
  }
}

/// The same for fields of layer `index`, which is of type `type`.
void check_layer(std::size_t index, const std::string& type, const std::vector<Damage>& list) {
  const auto model = load_model(v4_file());
  const LayerInfo& layer = model->info().layers.at(index);
  REQUIRE(layer.type == type);
  check_damage(layer.file_offset, "layer " + std::to_string(index) + " (" + type + ")", list);
}

constexpr std::uint32_t kHuge = 0x7FFFFFFF;
constexpr std::uint32_t kMinusOne = 0xFFFFFFFF;

}  // namespace

TEST_CASE("v4 files cut anywhere do not load") { kpu::test::check_truncations(v4_file()); }

TEST_CASE("up to seven bytes of a v4 file's padding may be missing at its end") {
  const std::size_t last_size = 104 + 6 * 8 + 4;  // of node 6 in the node table
  for (std::uint32_t missing : {1u, 7u, 8u}) {
    Bytes file = v4_file();
    kpu::store_le(std::span(file), last_size,
                  kpu::load_le<std::uint32_t>(file, last_size) + missing);
    CHECK(kpu::test::loads(file) == (missing <= 7));
  }
  Bytes longer = v4_file();
  longer.resize(longer.size() + 1000);
  CHECK(kpu::test::loads(longer));
}

TEST_CASE("v4 header: each field out of its range") {
  CHECK_THAT(load_message(V4File(V4File::kCode, 8).bytes()), contains_text("nodes=0: expected 1"));
  check_damage(0, "kmodel v4 header",
               {{12, 9, "target=9: expected 0 to 1"},
                {16, 0xFFFFFF, "constants: needs 16777215 bytes"},
                {20, kHuge, "main_mem=2147483647: expected 0 to 67108864"},
                {20, 100, "output=256: expected 16 bytes that end within the 104"},
                {24, 0, "nodes=0: expected 1 or more"},
                {24, kHuge, "nodes=2147483647"},
                {28, 0, "inputs=0: expected 1 or more"},
                {28, kHuge, "inputs=2147483647"},
                {32, kHuge, "outputs=2147483647"},
                {40, 7, "input=7: expected memory_type 0, 1 or 2"},
                {40, 0, "input=0: expected 8 bytes that end within the 0"},
                {44, 2, "input=2: expected datatype 0 (float32) or 1 (uint8)"},
                {48, 4095, "input=4095: expected 8 bytes that end within the 4096"},
                {52, kMinusOne, "input=0: expected 4294967295 bytes that end within the 4096"},
                {56, 0, "input shape=0: expected 1 to 67108864"},
                {60, kHuge, "input shape=2147483647"},
                {64, 100, "input shape=8: expected bytes for 800 elements"},
                {72, 3, "output=3: expected memory_type"},
                {76, 2, "output=2: expected datatype"},
                {80, 5000, "output=5000: expected 8 bytes"}});
}

TEST_CASE("v4 node table: opcodes and sizes") {
  const std::size_t table = 104;
  const auto with = [&](std::size_t offset, std::uint32_t value) {
    Bytes file = v4_file();
    kpu::store_le(std::span(file), table + offset, value);
    return load_message(file);
  };
  CHECK_THAT(with(0, 0x1234), contains_text("layer 0 (opcode 0x1234): opcode=4660: expected an"));
  CHECK_THAT(with(4, kHuge), contains_text("layer 0 (kpu_upload): body_size=2147483647: expected"));
  CHECK_THAT(with(4, 40), contains_text("layer 0 (kpu_upload): in_shape: needs 4 bytes"));
  CHECK_THAT(with(6 * 8 + 4, 0), contains_text("layer 6 (concat): out: needs 4 bytes"));
}

TEST_CASE("v4 kpu_upload: each field out of its range") {
  check_layer(0, "kpu_upload",
              {{0, 9, "in=9: expected memory_type"},
               {0, 0, "in=0: expected 8 bytes that end within the 0"},
               {4, 0, "in=0: expected datatype 1 (uint8)"},
               {8, 5000, "in=5000: expected 8 bytes"},
               {12, 0, "in=0: expected bytes for 8 elements"},
               {16, 1, "out=1: expected memory_type 2 (AI RAM)"},
               {20, 0, "out=0: expected datatype 1 (uint8)"},
               {24, 32, "out=32: expected a multiple of 64"},
               {24, 0x200000, "out=2097152: expected 256 bytes that end within the 2097152"},
               {32, 0, "in_shape=0: expected 1 to 67108864"},
               {32, 60000, "in_shape=2: expected images that fit AI RAM"},
               {36, 1025, "in_shape=2: expected images that fit AI RAM"},
               {44, 1025, "in_shape=1025: expected images that fit AI RAM"}});
}

TEST_CASE("v4 kpu_conv2d: each field out of its range") {
  check_layer(1, "kpu_conv2d",
              {{0, 9, "main_out=9: expected memory_type"},
               {0, 0, "main_out=64: expected 8 bytes that end within the 0"},
               {4, 9, "main_out=9: expected datatype"},
               {12, 4, "out=4: expected bytes for 8 elements"},
               {16, 0, "batches=0: expected 1 to 32768"},
               {16, 40000, "batches=40000: expected 1 to 32768"},
               {16, 32768, "batches=32768"},
               // Its words start at 24.
               {24 + 8, kHuge, "image_src_addr=32767: image ends at line 32769"},
               {24 + 12, kHuge, "image_dst_addr=32767: image ends at line 32769"},
               {24 + 16, 9, "para_size=9"},
               {24 + 20, 9, "load_time=1: expected 10 loads"},
               {24 + 32, 0xF, "kernel_type="},
               {24 + 36, kHuge, "bwsx_base_addr: needs 2147483647 bytes"},
               {24 + 44, kHuge, "para_start_addr: needs 2147483647 bytes"},
               {24 + 60, kHuge, "active_addr: needs 2147483647 bytes"}});
}

TEST_CASE("v4 layers on the CPU: each field out of its range") {
  check_layer(2, "dequantize",
              {{4, 0, "in=0: expected datatype 1 (uint8)"},
               {12, 4097, "in=64: expected 4097 bytes"},
               {16, 0, "out=128: expected 32 bytes that end within the 0"},
               {20, 1, "out=1: expected datatype 0 (float32)"},
               {28, 4, "out=4: expected bytes for 8 elements"}});
  check_layer(3, "conv2d",
              {{32, 0, "in_shape=0: expected 1 to"},
               {36, 3, "in=32: expected bytes for 12 elements"},
               {48, 0, "groups=0: expected 1 to 2"},
               {48, 3, "groups=3: expected 1 to 2"},
               {52, 0, "out_channels=0: expected 1 to 1048576"},
               {52, 3, "out=32: expected bytes for 12 elements"},
               {56, 0x20000, "padding_h=131072: expected -65536 to 65536"},
               {64, kHuge, "padding_w=2147483647"},
               {72, 0, "filter_h=0: expected 1 to 65536"},
               {72, 3, "filter_h=3: expected a window that fits the padded image"},
               {76, 3, "filter_w=3: expected a window that fits the padded image"},
               {80, 0, "stride_h=0"},
               {84, 0, "stride_w=0"},
               {88, 0, "dilation_h=0"},
               {92, 0x10001, "dilation_w=65537"}});
  check_layer(4, "pad",
              {{28, 0, "out=0: expected bytes for 12 elements"},
               {44, 5, "in=32: expected bytes for 10 elements"},
               {64, kHuge, "paddings=2147483647: expected -65536 to 65536"}});
  check_layer(5, "strided_slice",
              {{48, kMinusOne, "begin=4294967295: expected a slice inside axis 0 of 1"},
               {76, 9, "begin=0: expected a slice inside axis 3 of 4"},
               {80, 0, "strides=0: expected a stride that is not 0"}});
  check_layer(6, "concat",
              {{12, 0, "outer_size=1: expected blocks inside the output's 0 bytes"},
               {16, 0, "inner_size=0: expected 1 to"},
               {20, 0, "outer_size=0: expected 1 to"},
               {24, 0, "n=0: expected 1 or more inputs"},
               {24, kHuge, "n=2147483647: expected 1 or more inputs, as many as the body holds"},
               {28, 0, "input=64: expected 8 bytes that end within the 0"},
               {60, 9, "dim=9: expected blocks inside the input's 8 bytes"}});
}
