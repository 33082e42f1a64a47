// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/kmodel/sample_files.h"

#include <zip.h>

#include <cstddef>
#include <span>

#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/kmodel_writer.h"
#include "tests/golden/kmodel/v3/v3_file.h"
#include "tests/golden/kmodel/v4/v4_file.h"
#include "tests/golden/kmodel/v5/v5_file.h"

namespace kpu::test {

using golden::KmodelWriter;
using golden::KpuLayerInfo;
using golden::load_model;
using golden::make_layer_args;
using golden::Segment;
using golden::WriterLayer;

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
            list(kpu.tables.act.first(golden::kActTableBytes)), list(kpu.tables.weights));
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

Bytes word_swapped(Bytes file) {
  for (std::size_t i = 0; i + 4 <= file.size(); i += 4) {
    std::swap(file[i], file[i + 3]);
    std::swap(file[i + 1], file[i + 2]);
  }
  return file;
}

Bytes make_zip(const std::vector<std::pair<std::string, Bytes>>& files) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  for (const auto& [name, bytes] : files) {
    const zip_int64_t index =
        zip_file_add(archive, name.c_str(),
                     zip_source_buffer(archive, bytes.data(), bytes.size(), 0), ZIP_FL_OVERWRITE);
    // Equal contents give equal archives.
    zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), 0, 0x21, 0);
  }
  zip_close(archive);
  zip_source_open(target);
  zip_source_seek(target, 0, SEEK_END);
  Bytes result(static_cast<std::size_t>(zip_source_tell(target)));
  zip_source_seek(target, 0, SEEK_SET);
  zip_source_read(target, result.data(), result.size());
  zip_source_close(target);
  zip_source_free(target);
  return result;
}

Bytes text_bytes(const std::string& text) { return {text.begin(), text.end()}; }

Bytes kfpkg_file() {
  return make_zip({{"flash-list.json", text_bytes(kFlashList)},
                   {"firmware.bin", text_bytes("firmware here")},
                   {"net.kmodel", kpu_file()}});
}

}  // namespace kpu::test
