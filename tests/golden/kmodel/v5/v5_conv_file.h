// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/golden/kmodel/v5/v5_file.h"
#include "tests/golden/kpu/layer_fixture.h"

namespace kpu::test {

/// Offsets in the text of v5_conv_file()'s k210 function, in bytes.
inline constexpr std::size_t kV5UploadAt = 0, kV5ConvAt = 44, kV5DownloadAt = 196;

/// A v5 file whose program calls the k210 module once: upload of the layer's input, the layer, and
/// a download; or, `to_main`, the layer's output in main memory instead. AI RAM begins with the
/// input.
inline V5File v5_layer_file(LayerFixture& layer, bool to_main) {
  const golden::KpuJob job = layer.job();
  ByteList rdata;
  for (const auto& table : {job.tables.act, job.tables.batch_norm, job.tables.weights}) {
    rdata.put_all(std::vector<std::uint8_t>(table.begin(), table.end()));
  }
  const auto act_bytes = static_cast<std::uint32_t>(job.tables.act.size());
  const auto norm_bytes = static_cast<std::uint32_t>(job.tables.batch_norm.size());
  const auto weight_bytes = static_cast<std::uint32_t>(job.tables.weights.size());
  const auto range = [](int location, std::uint32_t start, std::uint32_t size) {
    return ByteList(static_cast<std::uint8_t>(location), V5File::kUint8, std::uint16_t{0}, start,
                    size)
        .bytes();
  };
  const auto in_ram = [&](const golden::ImageLayout& layout) {
    const auto line = static_cast<std::uint32_t>(kLineBytes);
    return range(64, layout.base_line * line, (layout.end_line() - layout.base_line) * line);
  };
  const auto shape = [](const golden::ImageLayout& layout) {
    return std::vector<std::uint32_t>{1, layout.channels, layout.height, layout.width};
  };
  const golden::ImageLayout in = layer.args.input_layout();
  const golden::ImageLayout out = layer.args.output_layout();
  const auto in_codes = static_cast<std::uint32_t>(in.planar_bytes());
  const auto out_codes = static_cast<std::uint32_t>(out.planar_bytes());
  ByteList text(0u);
  text.put_all(range(0, 0, in_codes)).put_all(in_ram(in)).put_all(shape(in));
  text.put(2u).put_all(range(2, act_bytes + norm_bytes, weight_bytes));
  text.put_all(range(2, act_bytes, norm_bytes)).put_all(range(2, 0, act_bytes));
  text.put_all(range(1, 0, to_main ? out_codes : 0)).put(1u);
  text.put_all(std::vector<std::uint64_t>(job.words.begin(), job.words.end()));
  if (!to_main) {
    text.put(1u).put_all(in_ram(out)).put_all(range(1, 0, out_codes)).put_all(shape(out));
  }
  StackText program;
  program.shape(0, {static_cast<std::int32_t>(in_codes)}).shape(1, {1});
  program.shape(2, {static_cast<std::int32_t>(out_codes)});
  program.buffer(0, 0).integer(4).integer(0).integer(1);
  program.buffer(1, 0).integer(4).integer(2).integer(1);
  program.tensor(0x03, 0u, std::uint16_t{1}, 1, 1);
  V5File file(V5File::kUint8, in_codes, V5File::kUint8, out_codes);
  return file.text(program).k210(rdata.bytes(), text.bytes(), in_codes, out_codes);
}

/// Such a file with a 1x1 layer that doubles six codes, 1x2x3.
inline V5File v5_conv_file(bool to_main) {
  LayerFixture layer({.height = 2, .width = 3, .src_line = 0, .dst_line = 10}, true);
  layer.weights = {2};
  return v5_layer_file(layer, to_main);
}

}  // namespace kpu::test
