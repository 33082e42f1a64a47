// SPDX-License-Identifier: Apache-2.0
//
// A kmodel is untrusted: files cut at every byte, every word replaced by extreme numbers, and the
// message for each kind of damage in v3 files; test_kmodel_errors_v4.cpp and _v5.cpp have the
// others. Under the address and undefined-behaviour sanitizers this also shows that no check is
// missing.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/files.h"
#include "tests/golden/kmodel/damage.h"
#include "tests/golden/kmodel/sample_files.h"
#include "tests/golden/kmodel/v3/v3_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::Bytes;
using kpu::test::contains_text;
using kpu::test::cpu_file;
using kpu::test::kpu_file;
using kpu::test::load_message;
using kpu::test::v1_file;
using kpu::test::V3File;
using kpu::test::v4_file;
using kpu::test::v5_file;

namespace {

/// kpu_file() with the word at `offset` replaced.
std::string message_with(std::size_t offset, std::uint32_t value) {
  Bytes file = kpu_file();
  kpu::store_le(std::span(file), offset, value);
  return load_message(file);
}

}  // namespace

TEST_CASE("files cut anywhere do not load") {
  kpu::test::check_truncations(kpu_file());
  kpu::test::check_truncations(cpu_file());
  kpu::test::check_truncations(v1_file());
}

TEST_CASE("up to seven bytes of padding may be missing at the end") {
  const std::size_t last_size = 36 + 3 * 8 + 4;  // of layer 3 in the layer table
  for (std::uint32_t missing : {1u, 7u, 8u}) {
    Bytes file = kpu_file();
    kpu::store_le(std::span(file), last_size,
                  kpu::load_le<std::uint32_t>(file, last_size) + missing);
    CHECK(kpu::test::loads(file) == (missing <= 7));
  }
}

TEST_CASE("extreme numbers anywhere in a file do no harm") {
  kpu::test::check_extreme_words(kpu_file());
  kpu::test::check_extreme_words(cpu_file());
  kpu::test::check_extreme_words(v1_file());
  kpu::test::check_extreme_words(v4_file());
  kpu::test::check_extreme_words(v5_file());
}

TEST_CASE("the files that get damaged run whole") {
  GoldenBackend backend;
  for (const Bytes& file : {kpu_file(), cpu_file(), v4_file(), v5_file()}) {
    const auto model = load_model(file);
    const RunResult result =
        run_network(*model, {Bytes(model->info().inputs.at(0).bytes)}, backend);
    CHECK(result.outputs.size() == model->info().outputs.size());
  }
}

TEST_CASE("a v4 file runs its KPU layer over both images of a batch") {
  const auto model = load_model(v4_file());
  CHECK(model->info().kpu_layer_count() == 1);
  GoldenBackend backend;
  const RunResult result = run_network(*model, {Bytes{1, 2, 3, 4, 10, 20, 30, 40}}, backend);
  REQUIRE(result.kpu_layers.size() == 1);
  CHECK(result.kpu_layers[0].batches == 2);
  // The kernel is all ones over a 2x2 image: each pixel is the image's sum.
  CHECK(result.kpu_layers[0].output == Bytes{10, 10, 10, 10, 100, 100, 100, 100});
  CHECK(result.outputs.at(0) == result.kpu_layers[0].output);
}

TEST_CASE("the legacy format runs") {
  const auto model = load_model(v1_file());
  CHECK(model->info().format == Format::kV1);
  GoldenBackend backend;
  const RunResult result = run_network(*model, {Bytes{10, 20, 30, 40}}, backend);
  REQUIRE(result.outputs.at(0).size() == 16);
  CHECK(kpu::load_le<float>(result.outputs[0], 0) == 0.5f * 100 - 1);
  CHECK(result.kpu_layers.size() == 1);
}

TEST_CASE("damage is named with its place, field, value and expectation") {
  CHECK(load_message({}) == "kmodel: this is empty, expected a kmodel of version 1, 3, 4 or 5");
  CHECK_THAT(message_with(0, 7), contains_text("kmodel: starts with 0x00000007"));
  CHECK_THAT(message_with(8, 1), contains_text("kmodel v3 header: arch=1: expected 0 to 0"));
  CHECK_THAT(message_with(12, 0xFFFFFFFF), contains_text("layers_length=4294967295"));
  CHECK_THAT(message_with(12, 0), contains_text("layers_length=0"));
  CHECK_THAT(message_with(20, 0xFFFFFFFF), contains_text("main_mem_usage=4294967295"));
  CHECK_THAT(message_with(20, 8), contains_text("layer 2 (dequantize): out=8"));
  CHECK_THAT(message_with(24, 0x20000000), contains_text("output_count=536870912"));
  CHECK_THAT(message_with(28, 1000), contains_text("output address=1000"));
  // The layer table starts at 36: type and size of layer 0.
  CHECK_THAT(message_with(36, 3), contains_text("layer 0 (type 3): type=3"));
  CHECK_THAT(message_with(36, 12), contains_text("layer 0 (dequantize)"));
  CHECK_THAT(message_with(40, 0x10000000), contains_text("layer 0 (k210_conv): body_size="));
  // The first body starts at 68: flags, main_out, offsets of words, weights, bn, act.
  CHECK_THAT(message_with(68 + 8, 0xFFFFFFF0), contains_text("layer_off=4294967280"));
  CHECK_THAT(message_with(68 + 12, 0x7FFFFFFF), contains_text("weights_off=2147483647"));
  CHECK_THAT(message_with(68 + 16, 0x7FFFFFFF), contains_text("bn_off=2147483647"));
  CHECK_THAT(message_with(68 + 20, 0x7FFFFFFF), contains_text("act_off=2147483647"));
  // Its words follow at 96; word 4 has the kernel.
  CHECK_THAT(message_with(96 + 32, 0x0000040F),
             contains_text("layer 0 (k210_conv): kernel_type=7"));
}

TEST_CASE("a network must start with what the SDK can feed") {
  V3File file(1);
  Bytes bytes = file.bytes();
  kpu::store_le(std::span(bytes), 28, std::uint32_t{15});
  CHECK_THAT(load_message(bytes), contains_text("layer 0 (softmax): a network starts with"));
}

TEST_CASE("inputs of the wrong size are refused") {
  const auto model = load_model(kpu_file());
  GoldenBackend backend;
  CHECK_THROWS_WITH(run_network(*model, {Bytes(3)}, backend),
                    contains_text("network input 0: 3 bytes, expected 4"));
  CHECK_THROWS_WITH(run_network(*model, {}, backend), contains_text("0 inputs given"));
}

TEST_CASE("a run can stop after some KPU layers") {
  const auto model = load_model(kpu_file());
  GoldenBackend backend;
  std::size_t seen = 0;
  RunOptions options;
  options.max_kpu_layers = 1;
  options.observer = [&](const KpuLayerResult& layer) { seen += layer.index + 1; };
  const RunResult stopped = run_network(*model, {Bytes(4)}, backend, options);
  CHECK(stopped.kpu_layers.size() == 1);
  CHECK(stopped.outputs.empty());
  CHECK(seen == 1);
  options.max_kpu_layers = 2;
  CHECK(run_network(*model, {Bytes(4)}, backend, options).outputs.size() == 1);
}

TEST_CASE("files that cannot be read") {
  CHECK_THROWS_WITH(kpu::read_file("/nonexistent/x.kmodel"), contains_text("cannot be opened"));
  CHECK_THROWS_WITH(kpu::read_file("/"), contains_text("is a directory"));
}
