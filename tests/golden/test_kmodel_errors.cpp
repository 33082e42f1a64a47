// SPDX-License-Identifier: Apache-2.0
//
// A kmodel is untrusted: files cut at every byte, every word replaced by extreme numbers, and the
// message for each kind of damage. Under the address and undefined-behaviour sanitizers this also
// shows that no check is missing.
#include <functional>
#include <string>
#include <vector>

#include "golden/kmodel_writer.h"
#include "tests/golden/damage.h"
#include "tests/golden/v3_file.h"
#include "tests/golden/v4_file.h"
#include "tests/golden/v5_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::StackText;
using kpu::test::V3File;
using kpu::test::V4File;
using kpu::test::V5File;

using Bytes = std::vector<std::uint8_t>;

namespace {

/// Two small KPU layers, dequantize, softmax.
Bytes kpu_file() {
  KmodelWriter writer(true);
  WriterLayer layer;
  layer.args = make_layer_args({.height = 2, .width = 2, .kernel = 3, .dst_line = 8}, true);
  layer.weights.assign(9, 1);
  layer.batch_norm.assign(1, {.mul = 1, .add = 0, .shift = 0});
  for (Segment& segment : layer.act) {
    segment = {.x_start = 0, .y_mul = 1, .shift = 0, .bias = 0};
  }
  writer.add_kpu(layer);
  layer.args = make_layer_args({.height = 2, .width = 2, .src_line = 8, .dst_line = 16}, true);
  layer.weights.assign(1, 1);
  writer.add_kpu(layer);
  writer.add_dequantize(1, 0);
  writer.add_softmax();
  return writer.finish();
}

/// One layer of nearly every CPU type behind each other.
Bytes cpu_file() {
  V3File file(4);
  file.layer(1, ByteList(0u, 0u, 64u, 4u));
  file.layer(11, ByteList(64u, 128u, 4u, 1.0f, 0.0f));
  file.layer(2, ByteList(128u, 128u, 136u, 4u, 0, 1, 0, 0, 1, 0, 0, 1, 0));
  file.layer(8, ByteList(136u, 144u, 2u, 2u, 1u, 1u, 1u, 1u, 2u, 2u, 1u, 1u, 0u, 0u));
  file.layer(12, ByteList(136u, 160u, 4u, 1.0f, 0.0f));
  file.layer(24, ByteList(136u, 160u, 2u, 2u, 1.0f, 0.0f, 1.0f, 0.0f));
  file.layer(5, ByteList(160u, 192u, 2u, 2u));
  file.layer(9, ByteList(160u, 200u, 2u, 2u, 1u, 1u, 1u, 1u, 2u, 2u, 1u, 1u, 0u, 0u, 0u));
  file.layer(14, ByteList(160u, 224u, 4u));
  file.layer(15, ByteList(160u, 224u, 4u));
  file.layer(25, ByteList(160u, 224u, 4u));
  file.layer(16, ByteList(256u, 2u, 160u, 16u, 224u, 16u));
  file.layer(20, ByteList(256u, 320u, 2u, 2u, 2u));
  file.layer(22, ByteList(256u, 320u, 2u, 2u, 1u, 3u, 3u, 0u));
  file.layer(23, ByteList(136u, 400u, 2u, 2u, 1u, 3u, 3u, 0u));
  file.layer(10241, ByteList(136u, 0u, 4u));
  file.layer(10242, ByteList(400u, 500u, 4u));
  file.layer(10243, ByteList(136u, 8u, 2u, 2u, 1u));
  file.output(320, 32).output(500, 4);
  return file.bytes();
}

/// The legacy format with one layer, its tables taken from a v3 file.
Bytes v1_file() {
  const Bytes v3 = kpu_file();
  const auto model = load_model(v3);
  const KpuLayerInfo& kpu = *model->info().layers.front().kpu;
  const std::uint32_t words_at = 20 + 28;
  const std::uint32_t tables_at = words_at + 96;
  const auto weights = static_cast<std::uint32_t>(kpu.tables.weights.size());
  ByteList file(1u, 1u, 1u, 0u, words_at);
  file.put(tables_at).put(tables_at + weights).put(tables_at + weights + 8);
  file.put(1.0f).put(0.0f).put(0.5f).put(-1.0f);
  file.put_all(std::vector<std::uint64_t>(kpu.words.begin(), kpu.words.end()));
  for (const auto& table : {kpu.tables.weights, kpu.tables.batch_norm, kpu.tables.act}) {
    file.put_all(Bytes(table.begin(), table.end()));
  }
  return file.bytes();
}

/// Upload of two images, a KPU layer over both, and CPU nodes behind it.
Bytes v4_file() {
  const auto model = load_model(kpu_file());
  const KpuLayerInfo& kpu = *model->info().layers.front().kpu;
  const auto c = [](std::uint32_t start, std::uint32_t count) {
    return V4File::range(V4File::kCode, start, count);
  };
  const auto f = [](std::uint32_t start, std::uint32_t count) {
    return V4File::range(V4File::kFloat, start, count);
  };
  const auto list = [](std::span<const std::uint8_t> bytes) {
    return ByteList().put_all(Bytes(bytes.begin(), bytes.end()));
  };
  const ByteList words =
      ByteList().put_all(std::vector<std::uint64_t>(kpu.words.begin(), kpu.words.end()));
  V4File file(V4File::kCode, 8);
  file.node(0x2001, c(0, 8), ByteList(2u, 1u, 0u, 256u), ByteList(2, 1, 2, 2));
  file.node(0x2002, c(64, 8), ByteList(2, 0), words, list(kpu.tables.batch_norm),
            list(kpu.tables.act.first(kActTableBytes)), list(kpu.tables.weights));
  file.node(0x03, c(64, 8), f(128, 8), ByteList(0, 1.0f));
  file.node(0x02, f(128, 8), f(256, 8), ByteList(1, 2, 2, 2), ByteList(1, 2), ByteList(0, 0, 0, 0),
            ByteList(1, 1, 1, 1, 1, 1), ByteList(0.0f, 6.0f), ByteList(1.0f, 1.0f, 1.0f, 1.0f),
            ByteList(0.0f, 0.0f));
  file.node(0x05, f(128, 8), f(256, 12), ByteList(1, 1, 2, 4), ByteList(0, 0, 0, 0, 0, 1, 0, 0),
            ByteList(0u, 0u));
  file.node(0x0D, f(128, 8), f(256, 4), ByteList(1, 1, 2, 4), ByteList(0, 0, 0, 0),
            ByteList(1, 1, 2, 4), ByteList(1, 1, 1, 2), ByteList(0, 0, 0, 0, 0));
  file.node(0x01, c(320, 16), ByteList(1u, 1u, 2u), c(64, 8), c(0, 8), ByteList(8, 8));
  file.output(c(64, 8)).output(f(256, 4));
  return file.bytes();
}

/// A stack program with a slice, a quantization and a call of the k210 module.
Bytes v5_file() {
  StackText text;
  text.shape(0, {1, 1, 2, 2}).shape(1, {4, 4, 2, 1}).shape(2, {0, 0, 0, 0}).shape(3, {1, 1, 1, 1});
  text.buffer(0, 0).buffer(3, 0).tensor(0x15, 9, 0, 1, 1, 2, 0, 3);
  text.buffer(3, 0).buffer(3, 64).real(2).real(0).tensor(0x11, 9, 4, 0, 1, 1);
  text.buffer(3, 64).integer(4).integer(0).integer(1);
  text.buffer(1, 0).integer(4).integer(0).integer(1).tensor(0x03, 0u, std::uint16_t{1}, 1, 1);
  const auto range = [](int location, std::uint32_t size) {
    return ByteList(static_cast<std::uint8_t>(location), std::uint8_t{4}, std::uint16_t{0}, 0u,
                    size)
        .bytes();
  };
  ByteList program(0u);
  program.put_all(range(0, 4)).put_all(range(64, 128)).put(1u).put(1u).put(2u).put(2u);
  program.put(3u).put_all(range(0, 4)).put_all(range(1, 4));
  for (std::uint32_t value : {1u, 1u, 2u, 2u, 4u, 4u, 2u, 1u, 4u, 4u, 2u, 1u}) {
    program.put(value);
  }
  program.put(1u).put_all(range(64, 128)).put_all(range(1, 4)).put(1u).put(1u).put(2u).put(2u);
  V5File file(9, 16, 4, 4);
  file.text(text).k210(Bytes(8), program.bytes(), 4, 4);
  return file.bytes();
}

/// The message for a file that does not load.
std::string message(const Bytes& file) {
  try {
    load_model(file);
  } catch (const kpu::Error& error) {
    return error.what();
  }
  return "loaded";
}

/// kpu_file() with the word at `offset` replaced.
std::string message_with(std::size_t offset, std::uint32_t value) {
  Bytes file = kpu_file();
  store_le(std::span(file), offset, value);
  return message(file);
}

}  // namespace

TEST_CASE("files cut anywhere do not load") {
  kpu::test::check_truncations(kpu_file());
  kpu::test::check_truncations(cpu_file());
  kpu::test::check_truncations(v1_file());
  kpu::test::check_truncations(v5_file());
}

TEST_CASE("up to seven bytes of padding may be missing at the end") {
  const std::size_t last_size = 36 + 3 * 8 + 4;  // of layer 3 in the layer table
  for (std::uint32_t missing : {1u, 7u, 8u}) {
    Bytes file = kpu_file();
    store_le(std::span(file), last_size, load_le<std::uint32_t>(file, last_size) + missing);
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

TEST_CASE("damage in v4 and v5 files is named") {
  const auto with = [](Bytes file, std::size_t offset, std::uint32_t value) {
    store_le(std::span(file), offset, value);
    return message(file);
  };
  const Bytes v4 = v4_file();
  CHECK_THAT(with(v4, 4, 6), contains_text("version 6"));
  CHECK_THAT(with(v4, 12, 9), contains_text("target=9"));
  CHECK_THAT(with(v4, 16, 0xFFFFFF), contains_text("constants: needs 16777215 bytes"));
  CHECK_THAT(with(v4, 20, 0x7FFFFFFF), contains_text("main_mem=2147483647"));
  CHECK_THAT(with(v4, 24, 0x7FFFFFFF), contains_text("nodes=2147483647"));
  CHECK_THAT(with(v4, 28, 0x7FFFFFFF), contains_text("inputs=2147483647"));
  CHECK_THAT(with(v4, 32, 0x7FFFFFFF), contains_text("outputs=2147483647"));
  CHECK_THAT(with(v4, 40, 7), contains_text("input=7: expected memory_type"));
  CHECK_THAT(with(v4, 48, 4095), contains_text("8 bytes that end within the 4096"));
  CHECK_THAT(with(v4, 104, 0x1234), contains_text("layer 0 (opcode 0x1234): opcode=4660"));
  CHECK_THAT(with(v4, 108, 0xFFFFFF), contains_text("layer 0 (kpu_upload): body_size="));
  const Bytes v5 = v5_file();
  CHECK_THAT(with(v5, 8, 24), contains_text("header_size=24"));
  CHECK_THAT(with(v5, 20, 0xFFFFFF), contains_text("modules=16777215"));
  CHECK_THAT(with(v5, 24, 5), contains_text("entry_module=5"));
  CHECK_THAT(with(v5, 28, 5), contains_text("entry_function=5"));
  CHECK_THAT(with(v5, 32 + 24, 0xFFFFFF), contains_text("module 0: module size=16777215"));
  CHECK_THAT(with(v5, 32 + 40, 0xFFFFFF), contains_text("module 0 (stackvm): functions="));
}

TEST_CASE("the legacy format runs") {
  const auto model = load_model(v1_file());
  CHECK(model->info().format == Format::kV1);
  GoldenBackend backend;
  const RunResult result = run_network(*model, {Bytes{10, 20, 30, 40}}, backend);
  REQUIRE(result.outputs.at(0).size() == 16);
  CHECK(load_le<float>(result.outputs[0], 0) == 0.5f * 100 - 1);
  CHECK(result.kpu_layers.size() == 1);
}

TEST_CASE("damage is named with its place, field, value and expectation") {
  CHECK(message({}) == "kmodel: 0 bytes, expected at least a header");
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
  store_le(std::span(bytes), 28, std::uint32_t{15});
  CHECK_THAT(message(bytes), contains_text("layer 0 (softmax): a network starts with"));
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
  CHECK_THROWS_WITH(read_file("/nonexistent/x.kmodel"), contains_text("cannot be opened"));
  CHECK_THROWS_WITH(read_file("/"), contains_text("is a directory"));
}
