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
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::V3File;

using Bytes = std::vector<std::uint8_t>;

namespace {

/// Two small KPU layers, dequantize, softmax.
Bytes kpu_file() {
  KmodelWriter writer(true);
  WriterLayer layer;
  layer.args = make_layer_args({.height = 2, .width = 2, .kernel = 3, .dst_line = 8}, true);
  layer.weights.assign(9, 1);
  layer.batch_norm.assign(1, {.mul = 1, .add = 0, .shift = 0});
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
}

TEST_CASE("the legacy format runs") {
  const auto model = load_model(v1_file());
  CHECK(model->info().format == Format::kV1);
  GoldenBackend backend;
  const RunResult result = run_network(*model, {Bytes{10, 20, 30, 40}}, backend);
  // The activation of this file is all zero segments: codes 0, so the bias.
  REQUIRE(result.outputs.at(0).size() == 16);
  CHECK(load_le<float>(result.outputs[0], 0) == -1.0f);
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
